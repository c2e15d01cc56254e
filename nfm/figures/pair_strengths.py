"""Charts of interactions: all pairs as a heat map, network and ranking, and one pair in detail."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np

from nfm.explanation.pair_strengths import LevelPairTable, PairStrengths
from nfm.figures.appearance import (
    axis,
    category_axis,
    color_bar,
    legend_entry,
    plotly_figure,
    wrapped,
)
from nfm.figures.labels import label
from nfm.figures.number_format import number, signed
from nfm.figures.palette import BLUE, DIVERGING, GREY, SEQUENTIAL
from nfm.text import counted

if TYPE_CHECKING:
    from plotly.graph_objects import Figure, Scatter


EDGES = 12


def pair_heat_map(found: PairStrengths, output: int = 0) -> Figure:
    """Draw the strength of every pair of columns as a lower triangle."""
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
    strongest = found.strongest(output, 1)
    title = "Strength of every pair"
    if strongest:
        first, second, _ = strongest[0]
        title = f"{label(first, 20)} and {label(second, 20)} interact most"
    return plotly_figure(
        map_trace,
        title,
        170 + 34 * max(3, len(below)),
        xaxis=category_axis("", before, showgrid=False),
        yaxis=category_axis("", below, downwards=True, showgrid=False),
    )


def pair_network(
    found: PairStrengths,
    output: int = 0,
    edges: int = EDGES,
    significant: Collection[tuple[str, str]] | None = None,
) -> Figure:
    """Draw the columns on a circle, with a line for each of the strongest pairs.

    Args:
        found: The strengths.
        output: Index of the output.
        edges: Maximum number of pairs.
        significant: Pairs that are more than noise, drawn in blue, all others grey and dotted;
            None if unknown.

    Returns:
        A figure; stronger pairs have thicker and more opaque lines.
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
    hidden = {"visible": False, "range": [-2.2, 2.2]}
    title = "Thicker line: stronger pair"
    legend = 0 if significant is None else 2
    vertical = {**hidden, "range": [-1.3, 1.3]}
    return plotly_figure(
        [*traces, *_pair_keys(drawn, significant, ("line", "dot"))],
        title,
        490,
        legend_lines=legend,
        xaxis=hidden,
        yaxis=vertical,
    )


def _side(angle: float) -> str:
    """Return the position of a label relative to its point: outside the circle."""
    across = np.cos(angle)
    if abs(across) < 0.3:
        return "top center" if np.sin(angle) > 0 else "bottom center"
    return "middle right" if across > 0 else "middle left"


def pair_ranking(
    found: PairStrengths,
    output: int = 0,
    count: int = 10,
    significant: Collection[tuple[str, str]] | None = None,
) -> Figure:
    """Draw the strength of the strongest pairs.

    Args:
        found: The strengths.
        output: Index of the output.
        count: Maximum number of pairs.
        significant: Pairs that are more than noise, drawn in blue, all others grey; None if
            unknown.
    """
    from plotly import graph_objects as go

    pairs = found.strongest(output, count)
    drawn = [(first, second) for first, second, _ in pairs]
    colors = [BLUE if significant is None or pair in significant else GREY for pair in drawn]
    names = [f"{label(first, 14)} × {label(second, 14)}" for first, second, _ in pairs]
    hover = [
        f"{label(first)} × {label(second)}: {number(strength)}" for first, second, strength in pairs
    ]
    bars = go.Bar(
        orientation="h",
        x=[strength for _, _, strength in pairs],
        y=list(range(len(pairs))),
        marker={"color": colors},
        customdata=hover,
        showlegend=False,
        hovertemplate="%{customdata}<extra></extra>",
    )
    return plotly_figure(
        [bars, *_pair_keys(drawn, significant)],
        "How strongly do two columns interact?",
        150 + 30 * max(2, len(names)),
        yaxis=category_axis("", names, downwards=True),
        xaxis=axis(f"Strength ({label(found.unit)})", rangemode="tozero", nticks=5),
        legend_lines=0 if significant is None else 2,
    )


def _pair_keys(
    pairs: Collection[tuple[str, str]],
    significant: Collection[tuple[str, str]] | None,
    symbols: tuple[str, str] = ("square", "square"),
) -> list[Scatter]:
    """Return the legend entries for significant pairs and others; empty if unknown.

    Args:
        pairs: The drawn pairs.
        significant: Pairs that are more than noise; None if unknown.
        symbols: Symbols of significant pairs and of others.
    """
    if significant is None:
        return []
    keys = []
    if any(pair in significant for pair in pairs):
        keys.append(legend_entry("Helps on unseen rows", BLUE, symbols[0]))
    if any(pair not in significant for pair in pairs):
        keys.append(legend_entry("Indistinguishable from noise", GREY, symbols[1]))
    return keys


def level_table(found: LevelPairTable, output: int = 0) -> Figure:
    """Draw the interaction effect of a pair of columns, level by level, with counts of rows.

    Returns:
        A heat map: blue where the pair raises the prediction, brown where it lowers it, blank where
        no training row has both levels.
    """
    from plotly import graph_objects as go

    effects = np.where(found.counts > 0, found.effect[..., output], np.nan).T
    counts = found.counts.T
    across = [label(text, 16) for text in found.first.texts]
    down = [label(text, 16) for text in found.second.texts]
    largest = float(np.nanmax(np.abs(effects))) if (counts > 0).any() else 1.0
    drawn = [[None if np.isnan(value) else float(value) for value in row] for row in effects]
    texts = [
        [
            "" if count == 0 else f"{signed(value)}<br>{counted(count, 'row')}"
            for value, count in zip(values, row, strict=True)
        ]
        for values, row in zip(effects, counts, strict=True)
    ]
    names = label(found.first.column), label(found.second.column)
    hover = [[f"{names[0]} = {x}, {names[1]} = {y}" for x in across] for y in down]
    map_trace = go.Heatmap(
        z=drawn,
        x=list(range(len(across))),
        y=list(range(len(down))),
        text=texts,
        texttemplate="%{text}" if effects.size <= 120 else None,
        customdata=hover,
        colorscale=DIVERGING,
        zmin=-largest or -1.0,
        zmax=largest or 1.0,
        hoverongaps=False,
        colorbar=color_bar(f"Effect of the pair ({label(found.unit)})"),
        hovertemplate="%{customdata}: %{text}<extra></extra>",
    )
    title = (
        f"{label(found.first.column, 14)} × {label(found.second.column, 14)}: the pair's own effect"
    )
    return plotly_figure(
        map_trace,
        title,
        170 + 44 * max(3, len(down)),
        xaxis=category_axis(names[0], across, showgrid=False),
        yaxis=category_axis(names[1], down, showgrid=False),
    )
