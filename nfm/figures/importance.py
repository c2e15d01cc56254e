"""Bar charts of the importance of columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nfm.explanation.importance import PermutationImportance, ShapleyImportance
from nfm.figures.appearance import axis, category_axis, legend_entry, plotly_figure
from nfm.figures.labels import PredictionAxis, label, titled
from nfm.figures.number_format import number
from nfm.figures.palette import BLUE, GREY, ORANGE

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

COLUMNS = 20


def permutation_bars(found: PermutationImportance, columns: int = COLUMNS) -> Figure:
    """Draw the increase of the loss when each column is shuffled.

    Returns:
        A figure; bars are blue where the interval lies above zero, else grey: may be noise.
    """
    order = found.order[:columns]
    return _bars(
        [found.columns[place] for place in order],
        found.mean[order],
        found.intervals[order],
        found.matters[order],
        f"Increase of {label(found.unit, 40)}",
        "Which column does the model need most?",
        chance=True,
    )


def shapley_bars(
    found: ShapleyImportance, scale: PredictionAxis, output: int = 0, columns: int = COLUMNS
) -> Figure:
    """Draw the mean absolute contribution of each column to the prediction."""
    mean, margin = found.mean[:, output], found.margin[:, output]
    order = np.argsort(-mean, kind="stable")[:columns]
    ends = np.stack([np.maximum(mean - margin, 0), mean + margin], axis=1)
    return _bars(
        [found.columns[place] for place in order],
        scale.factor * mean[order],
        scale.factor * ends[order],
        np.ones(len(order), dtype=bool),
        titled("Mean |Shapley value|", scale.difference_unit),
        "Which column moves predictions most?",
    )


def _bars(
    columns: Sequence[str],
    values: np.ndarray,
    ends: np.ndarray,
    significant: np.ndarray,
    unit: str,
    title: str,
    *,
    chance: bool = False,
) -> Figure:
    """Draw bars with intervals.

    Args:
        columns: Names of the columns.
        values: Lengths of the bars, float64 (columns,).
        ends: Ends of the intervals, float64 (columns, 2).
        significant: Whether each value is more than chance, bool (columns,).
        unit: Name of the horizontal axis with its unit.
        title: Title that states what to see.
        chance: Whether the legend tells significant bars from others.
    """
    from plotly import graph_objects as go

    names = [label(column, 20) for column in columns]
    low, high = (ends.reshape(-1, 2)[:, end] for end in (0, 1))
    bars = go.Bar(
        orientation="h",
        x=values.tolist(),
        y=list(range(len(names))),
        marker={"color": [BLUE if sure else GREY for sure in significant]},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": np.maximum(high - values, 0).tolist(),
            "arrayminus": np.maximum(values - low, 0).tolist(),
            "color": ORANGE,
            "thickness": 2,
        },
        customdata=[
            [label(column), number(value), f"{number(start)} to {number(end)}"]
            for column, value, start, end in zip(columns, values, low, high, strict=True)
        ],
        showlegend=False,
        hovertemplate="%{customdata[0]}: %{customdata[1]} (%{customdata[2]})<extra></extra>",
    )
    keys = [legend_entry("95% interval", ORANGE, "line")]
    if chance and not significant.all():
        keys.insert(0, legend_entry("May be chance", GREY))
    if chance and significant.any():
        keys.insert(0, legend_entry("More than chance", BLUE))
    return plotly_figure(
        [bars, *keys],
        title,
        150 + 30 * max(2, len(names)),
        yaxis=category_axis("", names, downwards=True),
        xaxis=axis(unit, nticks=5),
        legend_lines=2,
    )
