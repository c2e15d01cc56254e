"""Which columns matter most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nfm.figures.appearance import BLUE, GREY, axis, layout, named_axis
from nfm.figures.labels import AnswerAxis, label
from nfm.inference.importance import PermutationImportance, ShapleyImportance

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

COLUMNS = 20


def permutation_bars(found: PermutationImportance) -> Figure:
    """Draw how much the loss grows when each column is shuffled, with the shuffles' spread."""
    return _bars(
        found.columns,
        found.mean,
        found.deviation,
        f"Increase of the loss when shuffled ({found.unit})",
        "Without which column does the model get worse?",
    )


def shapley_bars(found: ShapleyImportance, answer: AnswerAxis, output: int = 0) -> Figure:
    """Draw how much each column moves the answer on average, up or down."""
    unit = "points" if answer.unit else "the target's unit"
    return _bars(
        found.columns,
        answer.factor * found.mean[:, output],
        None,
        f"Mean absolute contribution ({unit})",
        f"Which column moves the answer most? {answer.name}",
    )


def _bars(
    columns: Sequence[str], values: np.ndarray, errors: np.ndarray | None, unit: str, title: str
) -> Figure:
    from plotly import graph_objects as go

    order = np.argsort(-values, kind="stable")[:COLUMNS]
    names = [label(columns[place]) for place in order]
    bars = go.Bar(
        orientation="h",
        x=values[order].tolist(),
        y=list(range(len(names))),
        marker={"color": BLUE},
        error_x=None
        if errors is None
        else {"array": errors[order].tolist(), "color": GREY, "thickness": 2},
        customdata=names,
        hovertemplate="%{customdata}: %{x:.3~g}<extra></extra>",
    )
    figure = go.Figure(bars)
    vertical = named_axis("", names)
    vertical["range"] = vertical["range"][::-1]
    figure.update_layout(
        layout(title, 120 + 30 * max(2, len(names)), yaxis=vertical, xaxis=axis(unit))
    )
    return figure
