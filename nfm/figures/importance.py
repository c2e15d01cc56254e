"""Which columns matter most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nfm.figures.appearance import BLUE, GREY, ORANGE, axis, layout, named_axis
from nfm.figures.labels import AnswerAxis, label
from nfm.inference.explanation.importance import PermutationImportance, ShapleyImportance

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

COLUMNS = 20


def permutation_bars(found: PermutationImportance, columns: int = COLUMNS) -> Figure:
    """Draw how much the loss grows when each column is shuffled.

    Args:
        found: The increases.
        columns: How many columns at most.

    Returns:
        The figure; blue where the interval lies above zero, grey where it may be noise.
    """
    order = found.order[:columns]
    return _bars(
        [found.columns[place] for place in order],
        found.mean[order],
        found.intervals[order],
        found.matters[order],
        f"Increase of {label(found.unit, 40)}",
        "Without which column does the model get worse?",
    )


def shapley_bars(
    found: ShapleyImportance, answer: AnswerAxis, output: int = 0, columns: int = COLUMNS
) -> Figure:
    """Draw how much each column moves the answer on average, up or down.

    Args:
        found: The contributions.
        answer: How answers are drawn.
        output: Which of them.
        columns: How many columns at most.
    """
    mean, margin = found.mean[:, output], found.margin[:, output]
    order = np.argsort(-mean, kind="stable")[:columns]
    ends = np.stack([np.maximum(mean - margin, 0), mean + margin], axis=1)
    return _bars(
        [found.columns[place] for place in order],
        answer.factor * mean[order],
        answer.factor * ends[order],
        np.ones(len(order), dtype=bool),
        f"Mean |Shapley value| ({'points' if answer.unit else 'own unit'})",
        "Which column moves the answer most?",
    )


def _bars(
    columns: Sequence[str],
    values: np.ndarray,
    ends: np.ndarray,
    firm: np.ndarray,
    unit: str,
    title: str,
) -> Figure:
    from plotly import graph_objects as go

    names = [label(column, 20) for column in columns]
    low, high = (ends.reshape(-1, 2)[:, end] for end in (0, 1))
    bars = go.Bar(
        orientation="h",
        x=values.tolist(),
        y=list(range(len(names))),
        marker={"color": [BLUE if sure else GREY for sure in firm]},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": np.maximum(high - values, 0).tolist(),
            "arrayminus": np.maximum(values - low, 0).tolist(),
            "color": ORANGE,
            "thickness": 2,
        },
        customdata=[
            [label(column), f"{start:.3g} to {end:.3g}"]
            for column, start, end in zip(columns, low, high, strict=True)
        ],
        hovertemplate="%{customdata[0]}: %{x:.3~g} (%{customdata[1]})<extra></extra>",
    )
    figure = go.Figure(bars)
    vertical = named_axis("", names)
    vertical["range"] = vertical["range"][::-1]
    figure.update_layout(
        layout(title, 120 + 30 * max(2, len(names)), yaxis=vertical, xaxis=axis(unit))
    )
    return figure
