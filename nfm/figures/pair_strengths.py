"""Which pairs of columns act together: as a heat map and as a network."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from nfm.explanation.pair_strengths import PairStrengths
from nfm.figures.appearance import (
    BLUE,
    GREY,
    SEQUENTIAL,
    color_bar,
    layout,
    plotly_axis,
    wrapped,
)
from nfm.figures.labels import label
from nfm.figures.number_format import number
from nfm.figures.pair_ranking import pair_keys

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

EDGES = 12


def pair_heat_map(found: PairStrengths, output: int = 0) -> Figure:
    """Draw the strength of every pair of columns; each pair stands there once.

    Args:
        found: The strengths.
        output: Of which answer.
    """
    from plotly import graph_objects as go

    strengths = found.strengths[..., output].copy()
    strengths[np.triu_indices(len(strengths))] = np.nan
    names = [label(column, 20) for column in found.columns]
    below, before = names[1:], names[:-1]
    values = strengths[1:, :-1]
    drawn = [[None if np.isnan(value) else float(value) for value in row] for row in values]
    map_trace = go.Heatmap(
        z=drawn,
        x=list(range(len(before))),
        y=list(range(len(below))),
        text=[[f"{y} and {x}" for x in before] for y in below],
        texttemplate="%{z:.2f}" if len(names) <= 12 else None,
        colorscale=SEQUENTIAL,
        zmin=0,
        hoverongaps=False,
        colorbar=color_bar(f"Strength ({label(found.unit)})"),
        hovertemplate="%{text}: %{z:.3f}<extra></extra>",
    )
    figure = go.Figure(map_trace)
    strongest = found.strongest(output, 1)
    title = "Strength of every pair"
    if strongest:
        first, second, _ = strongest[0]
        title = f"{label(first, 20)} and {label(second, 20)} interact most"
    vertical = plotly_axis("", below, showgrid=False)
    vertical["range"] = vertical["range"][::-1]
    horizontal = plotly_axis("", before, showgrid=False)
    figure.update_layout(
        layout(title, 170 + 34 * max(3, len(below)), xaxis=horizontal, yaxis=vertical)
    )
    return figure


def pair_network(
    found: PairStrengths,
    output: int = 0,
    edges: int = EDGES,
    significant: Collection[tuple[str, str]] | None = None,
) -> Figure:
    """Draw columns on a circle, and a line for each of the strongest pairs.

    Args:
        found: The strengths.
        output: Of which answer.
        edges: How many pairs at most.
        significant: Pairs that are more than noise: blue, all others grey and dotted; None if
            that is not known.

    Returns:
        The figure; the stronger a pair, the thicker and the more opaque its line.
    """
    from plotly import graph_objects as go

    count = len(found.columns)
    angles = np.pi / 2 - 2 * np.pi * np.arange(count) / max(1, count)
    places = dict(zip(found.columns, zip(np.cos(angles), np.sin(angles), strict=True), strict=True))
    strongest = [pair for pair in found.strongest(output, edges) if pair[2] > 0]
    largest = max((strength for _, _, strength in strongest), default=1.0)
    traces = []
    for first, second, strength in reversed(strongest):
        (x0, y0), (x1, y1) = places[first], places[second]
        share = strength / largest
        is_significant = significant is None or (first, second) in significant
        text = f"{label(first)} and {label(second)}: {number(strength)} ({label(found.unit)})"
        traces.append(
            go.Scatter(
                x=[x0, (x0 + x1) / 2, x1],
                y=[y0, (y0 + y1) / 2, y1],
                mode="lines",
                line={
                    "color": BLUE if is_significant else GREY,
                    "width": 1 + 11 * share,
                    "dash": "solid" if is_significant else "dot",
                },
                opacity=0.25 + 0.75 * share,
                text=[text] * 3,
                showlegend=False,
                hovertemplate="%{text}<extra></extra>",
            )
        )
    traces.append(
        go.Scatter(
            x=np.cos(angles).tolist(),
            y=np.sin(angles).tolist(),
            mode="markers+text",
            marker={"size": 16, "color": GREY},
            text=[wrapped(label(column, 20), 10) for column in found.columns],
            textposition=[_side(angle) for angle in angles],
            cliponaxis=False,
            hoverinfo="skip",
            showlegend=False,
        )
    )
    drawn = [(first, second) for first, second, _ in strongest]
    figure = go.Figure([*traces, *pair_keys(drawn, significant, ("line", "dot"))])
    hidden = {"visible": False, "range": [-2.2, 2.2]}
    title = "Thicker line: stronger pair"
    legend = 0 if significant is None else 2
    vertical = {**hidden, "range": [-1.3, 1.3]}
    figure.update_layout(layout(title, 490, legend_lines=legend, xaxis=hidden, yaxis=vertical))
    return figure


def _side(angle: float) -> str:
    """Return on which side of its point a name stands: outside the circle."""
    across = np.cos(angle)
    if abs(across) < 0.3:
        return "top center" if np.sin(angle) > 0 else "bottom center"
    return "middle right" if across > 0 else "middle left"
