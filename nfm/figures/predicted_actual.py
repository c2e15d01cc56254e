"""Predicted numbers against the actual ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nfm.figures.appearance import GREY, axis, layout
from nfm.figures.labels import label

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST_POINTS = 2000
_HEIGHT = 380


def predicted_against_actual(actual: np.ndarray, predicted: np.ndarray, name: str) -> Figure:
    """Draw a point a row.

    Args:
        actual: The target, (rows,).
        predicted: What the model says, (rows,).
        name: Of the target, as people wrote it.

    Returns:
        A figure of at most two thousand rows, chosen at random.
    """
    from plotly import graph_objects

    rows = some_rows(len(actual))
    ends = [float(min(actual.min(), predicted.min())), float(max(actual.max(), predicted.max()))]
    figure = graph_objects.Figure()
    figure.add_scatter(
        x=predicted[rows],
        y=actual[rows],
        mode="markers",
        name="A row",
        marker={"size": 7, "opacity": 0.6},
        hovertemplate="predicted %{x:.4~g}, actual %{y:.4~g}<extra></extra>",
    )
    figure.add_scatter(
        x=ends,
        y=ends,
        mode="lines",
        name="Exactly right",
        line={"dash": "dot", "width": 3, "color": GREY},
        hoverinfo="skip",
    )
    target = label(name)
    figure.update_layout(
        layout(
            "Predicted and actual: near the dotted line is good",
            _HEIGHT,
            xaxis=axis(f"Predicted {target} (its own unit)"),
            yaxis=axis(f"Actual {target} (its own unit)"),
        )
    )
    return figure


def some_rows(count: int) -> np.ndarray:
    """Return positions of the rows to draw: all, or two thousand at random."""
    if count <= MOST_POINTS:
        return np.arange(count)
    return np.sort(np.random.default_rng(0).choice(count, MOST_POINTS, replace=False))
