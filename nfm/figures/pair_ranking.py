"""The strongest pairs of columns, one bar each."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from nfm.figures.appearance import BLUE, GREY, axis, layout, named_axis
from nfm.figures.labels import label
from nfm.inference.explanation.pair_strengths import PairStrengths

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def pair_ranking(
    found: PairStrengths,
    output: int = 0,
    count: int = 10,
    firm: Collection[tuple[str, str]] | None = None,
) -> Figure:
    """Draw the strength of the strongest pairs.

    Args:
        found: The strengths.
        output: Of which answer.
        count: How many pairs at most.
        firm: Pairs that are more than noise: blue, all others grey; None if that is not known.
    """
    from plotly import graph_objects as go

    pairs = found.strongest(output, count)
    names = [f"{label(first, 14)} × {label(second, 14)}" for first, second, _ in pairs]
    hover = [
        f"{label(first)} × {label(second)}: {strength:.3g}" for first, second, strength in pairs
    ]
    bars = go.Bar(
        orientation="h",
        x=[strength for _, _, strength in pairs],
        y=list(range(len(pairs))),
        marker={"color": pair_colors([(a, b) for a, b, _ in pairs], firm)},
        customdata=hover,
        hovertemplate="%{customdata}<extra></extra>",
    )
    figure = go.Figure(bars)
    vertical = named_axis("", names)
    vertical["range"] = vertical["range"][::-1]
    figure.update_layout(
        layout(
            "How strongly do two columns act together?",
            120 + 30 * max(2, len(names)),
            yaxis=vertical,
            xaxis=axis(f"Strength ({label(found.unit)})", rangemode="tozero"),
        )
    )
    return figure


def pair_colors(
    pairs: Collection[tuple[str, str]], firm: Collection[tuple[str, str]] | None
) -> list[str]:
    """Return the colour of each pair: grey where it is not more than noise."""
    return [BLUE if firm is None or pair in firm else GREY for pair in pairs]
