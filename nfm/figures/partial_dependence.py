"""Partial dependence on one column, with the ICE curves of single rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nfm.explanation.ice_curves import PartialDependence
from nfm.figures.appearance import axis, plotly_figure
from nfm.figures.labels import PredictionAxis, label
from nfm.figures.number_format import number
from nfm.figures.palette import BLUE, GREY

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def partial_dependence(found: PartialDependence, scale: PredictionAxis, output: int = 0) -> Figure:
    """Draw the partial dependence as a thick line, and the ICE curve of each row as a thin one.

    Returns:
        A figure: lines for numbers and dates, diamonds for the averages of levels; a missing
        number is drawn separately on the right.
    """
    from plotly import graph_objects as go

    choices = found.candidates
    texts = [label(text, 16) for text in choices.texts]
    if choices.kind == "number":
        texts = [
            text if np.isnan(value) else number(float(value))
            for text, value in zip(texts, choices.coordinates, strict=True)
        ]
    places, ticks = _places(found, texts)
    is_levels = choices.kind == "levels"
    curves = scale.factor * found.curves[..., output]
    known = np.flatnonzero(~np.isnan(choices.coordinates))
    joined = np.arange(len(choices)) if is_levels else known
    apart = np.setdiff1d(np.arange(len(choices)), joined)
    traces = []
    across: list[float | None] = []
    up: list[float | None] = []
    for curve in curves:
        across += [*places[joined].tolist(), None]
        up += [*curve[joined].tolist(), None]
    if len(joined):
        traces.append(
            go.Scatter(
                x=across,
                y=up,
                mode="lines",
                line={"color": GREY, "width": 1},
                opacity=0.6,
                hoverinfo="skip",
                name="Single rows",
            )
        )
    if len(apart):
        traces.append(
            go.Scatter(
                x=np.tile(places[apart], len(curves)).tolist(),
                y=curves[:, apart].reshape(-1).tolist(),
                mode="markers",
                marker={"color": GREY, "size": 5},
                opacity=0.6,
                hoverinfo="skip",
                name="Single rows",
                showlegend=not len(joined),
            )
        )
    average = scale.factor * found.average[:, output]
    for rows, mode in ((joined, "markers" if is_levels else "lines"), (apart, "markers")):
        if len(rows):
            traces.append(
                go.Scatter(
                    x=places[rows].tolist(),
                    y=average[rows].tolist(),
                    mode=mode,
                    text=[f"{texts[row]}: {scale.drawn(float(average[row]))}" for row in rows],
                    line={"color": BLUE, "width": 4},
                    marker={"color": BLUE, "size": 14, "symbol": "diamond"},
                    name="Average",
                    showlegend=rows is joined or not len(joined),
                    hovertemplate="%{text}<extra></extra>",
                )
            )
    return plotly_figure(
        traces,
        "Lines that cross show interactions",
        420,
        xaxis=axis(label(choices.column), **ticks),
        yaxis=axis(scale.title, range=None if scale.limits is None else [-2, 102]),
        legend_lines=1,
    )


def _places(found: PartialDependence, texts: list[str]) -> tuple[np.ndarray, dict]:
    """Return the position of each value on the axis, and the ticks."""
    choices = found.candidates
    if choices.kind == "levels":
        positions = np.arange(len(texts), dtype=np.float64)
        return positions, {"tickmode": "array", "tickvals": positions.tolist(), "ticktext": texts}
    places = choices.coordinates.copy()
    known = ~np.isnan(places)
    if known.all() and choices.kind == "number":
        return places, {}
    low, high = (places[known].min(), places[known].max()) if known.any() else (0.0, 1.0)
    places[~known] = high + 0.1 * ((high - low) or 1.0)
    count = int(known.sum())  # known values come first
    shown = np.unique(np.linspace(0, count - 1, min(4, count)).round().astype(np.int64))
    kept = [*shown.tolist(), *np.flatnonzero(~known).tolist()]
    ticks = {
        "tickmode": "array",
        "tickvals": [float(places[row]) for row in kept],
        "ticktext": [texts[row] for row in kept],
    }
    return places, ticks
