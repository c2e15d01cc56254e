"""Heat map of the prediction for every pair of values of two columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nfm.explanation.column_values import CandidateValues
from nfm.explanation.ice_curves import Heatmap2D
from nfm.figures.appearance import category_axis, color_bar, plotly_figure
from nfm.figures.labels import PredictionAxis, label
from nfm.figures.palette import MARK, MARK_OUTLINE, ORANGE, SEQUENTIAL
from nfm.tabular.wording import PLAIN, Wording

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

LEVELS = 16


def two_column_map(
    found: Heatmap2D, scale: PredictionAxis, output: int = 0, wording: Wording = PLAIN
) -> Figure:
    """Draw a heat map of the prediction over the values of two columns.

    Returns:
        A figure with a diamond at the row, and a dot where there are training rows.
    """
    from plotly import graph_objects as go

    across, down = _kept(found.first, found.current[0]), _kept(found.second, found.current[1])
    values = scale.factor * found.predictions[np.ix_(across, down)][..., output].T
    counts = (_gathers(found.first, across).T @ found.counts @ _gathers(found.second, down)).T
    columns = [label(wording.column(choices.column)) for choices in (found.first, found.second)]
    names = [
        [label(wording.level(choices.column, choices.texts[k]), 14) for k in kept]
        for choices, kept in ((found.first, across), (found.second, down))
    ]
    hover = [[f"{columns[0]} = {x}, {columns[1]} = {y}" for x in names[0]] for y in names[1]]
    map_trace = go.Heatmap(
        z=values.tolist(),
        x=list(range(len(across))),
        y=list(range(len(down))),
        text=hover,
        customdata=[
            [[scale.drawn(float(value)), f"{count:,}"] for value, count in zip(*line, strict=True)]
            for line in zip(values, counts, strict=True)
        ],
        colorscale=SEQUENTIAL,
        colorbar=color_bar(scale.title),
        zmin=None if scale.limits is None else scale.limits[0],
        zmax=None if scale.limits is None else scale.limits[1],
        hovertemplate="%{text}: %{customdata[0]}<br>%{customdata[1]} training rows<extra></extra>",
    )
    seen_down, seen_across = np.nonzero(counts)
    seen = go.Scatter(
        x=seen_across.tolist(),
        y=seen_down.tolist(),
        mode="markers",
        name="Training rows",
        hoverinfo="skip",
        marker={"size": 5, "color": MARK, "line": {"color": MARK_OUTLINE, "width": 1}},
    )
    own = (
        _place(found.first, across, found.current[0]),
        _place(found.second, down, found.current[1]),
    )
    here = go.Scatter(
        x=[own[0]] if None not in own else [],
        y=[own[1]] if None not in own else [],
        mode="markers",
        name=f"This {label(wording.row)}",
        hoverinfo="skip",
        marker={
            "size": 16,
            "symbol": "diamond",
            "color": ORANGE,
            "line": {"color": MARK, "width": 2},
        },
    )
    return plotly_figure(
        [map_trace, seen, here],
        "Prediction by two columns",
        200 + 22 * max(8, len(down)),
        xaxis=category_axis(columns[0], names[0]),
        yaxis=category_axis(columns[1], names[1]),
        legend_lines=1,
    )


def _kept(choices: CandidateValues, current: float) -> np.ndarray:
    """Return the positions of the values to draw: evenly thinned numbers, or frequent levels."""
    count = len(choices)
    if count <= LEVELS:
        return np.arange(count)
    if choices.kind != "levels":
        return np.unique(np.linspace(0, count - 1, LEVELS).round().astype(np.int64))
    counts = choices.counts.astype(np.float64)
    counts[choices.coordinates == current] = np.inf
    return np.sort(np.argsort(-counts, kind="stable")[:LEVELS])


def _gathers(choices: CandidateValues, kept: np.ndarray) -> np.ndarray:
    """Assign each value to a drawn one, numbers to the nearest: 0 or 1, int64 (m, kept)."""
    values, drawn = choices.coordinates, choices.coordinates[kept]
    same = (values[:, None] == drawn) | (np.isnan(values[:, None]) & np.isnan(drawn))
    known = np.flatnonzero(~np.isnan(drawn))
    if choices.kind != "levels" and len(known):
        numbers = np.flatnonzero(~np.isnan(values))
        nearest = np.abs(values[numbers, None] - drawn[known]).argmin(axis=1)
        same[numbers, known[nearest]] = True
    return same.astype(np.int64)


def _place(choices: CandidateValues, kept: np.ndarray, current: float) -> float | None:
    """Return the position of a value among the drawn ones; numbers may lie between two."""
    coordinates = choices.coordinates[kept]
    if np.isnan(current):
        missing = np.flatnonzero(np.isnan(coordinates))
        return float(missing[0]) if len(missing) else None
    known = np.flatnonzero(~np.isnan(coordinates))
    if choices.kind == "levels":
        same = np.flatnonzero(coordinates == current)
        return float(same[0]) if len(same) else None
    if len(known) == 0:
        return None
    return float(np.interp(current, coordinates[known], known))
