"""The strongest pairs of columns, one bar each."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from nfm.explanation.pair_strengths import PairStrengths
from nfm.figures.appearance import (
    BLUE,
    GREY,
    axis,
    layout,
    legend_entry,
    plotly_axis,
)
from nfm.figures.labels import label
from nfm.figures.number_format import number

if TYPE_CHECKING:
    from plotly.graph_objects import Figure, Scatter


def pair_ranking(
    found: PairStrengths,
    output: int = 0,
    count: int = 10,
    significant: Collection[tuple[str, str]] | None = None,
) -> Figure:
    """Draw the strength of the strongest pairs.

    Args:
        found: The strengths.
        output: Of which answer.
        count: How many pairs at most.
        significant: Pairs that are more than noise: blue, all others grey; None if that is
            not known.
    """
    from plotly import graph_objects as go

    pairs = found.strongest(output, count)
    names = [f"{label(first, 14)} × {label(second, 14)}" for first, second, _ in pairs]
    hover = [
        f"{label(first)} × {label(second)}: {number(strength)}" for first, second, strength in pairs
    ]
    bars = go.Bar(
        orientation="h",
        x=[strength for _, _, strength in pairs],
        y=list(range(len(pairs))),
        marker={"color": pair_colors([(a, b) for a, b, _ in pairs], significant)},
        customdata=hover,
        showlegend=False,
        hovertemplate="%{customdata}<extra></extra>",
    )
    figure = go.Figure([bars, *pair_keys([(a, b) for a, b, _ in pairs], significant)])
    vertical = plotly_axis("", names)
    vertical["range"] = vertical["range"][::-1]
    figure.update_layout(
        layout(
            "How strongly do two columns interact?",
            150 + 30 * max(2, len(names)),
            yaxis=vertical,
            xaxis=axis(f"Strength ({label(found.unit)})", rangemode="tozero", nticks=5),
            legend_lines=0 if significant is None else 2,
        )
    )
    return figure


def pair_keys(
    pairs: Collection[tuple[str, str]],
    significant: Collection[tuple[str, str]] | None,
    symbols: tuple[str, str] = ("square", "square"),
) -> list[Scatter]:
    """Return the legend of such pairs; none where it is not known which are noise.

    Args:
        pairs: All that are drawn.
        significant: Those that are more than noise.
        symbols: Of the pairs that are, and of those that are not.
    """
    if significant is None:
        return []
    keys = []
    if any(pair in significant for pair in pairs):
        keys.append(legend_entry("Helps on unseen rows", BLUE, symbols[0]))
    if any(pair not in significant for pair in pairs):
        keys.append(legend_entry("Not more than noise", GREY, symbols[1]))
    return keys


def pair_colors(
    pairs: Collection[tuple[str, str]], significant: Collection[tuple[str, str]] | None
) -> list[str]:
    """Return the colour of each pair: grey where it is not more than noise."""
    return [BLUE if significant is None or pair in significant else GREY for pair in pairs]
