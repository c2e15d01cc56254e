"""Predicted numbers against the actual ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nfm.figures.appearance import GREY, axis, layout
from nfm.figures.labels import label, titled
from nfm.figures.number_format import number

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

MOST_POINTS = 2000
_HEIGHT = 400


def predicted_against_actual(
    actual: np.ndarray, predicted: np.ndarray, name: str, unit: str = ""
) -> Figure:
    """Draw a point for each row.

    Args:
        actual: The target, (rows,).
        predicted: What the model says, (rows,).
        name: Of the target, as people wrote it.
        unit: Of the target, as people wrote it, if it has one.

    Returns:
        A figure of at most two thousand rows, chosen at random.
    """
    from plotly import graph_objects

    rows = some_rows(len(actual))
    ends = [float(min(actual.min(), predicted.min())), float(max(actual.max(), predicted.max()))]
    target, shown = label(name), label(unit)
    figure = graph_objects.Figure()
    figure.add_scatter(
        x=predicted[rows],
        y=actual[rows],
        mode="markers",
        name="A row",
        marker={"size": 7, "opacity": 0.6},
        text=[
            f"predicted {number(said, shown)}, actual {number(was, shown)}"
            for said, was in zip(predicted[rows], actual[rows], strict=True)
        ],
        hovertemplate="%{text}<extra></extra>",
    )
    figure.add_scatter(
        x=ends,
        y=ends,
        mode="lines",
        name="Exactly right",
        line={"dash": "dot", "width": 3, "color": GREY},
        hoverinfo="skip",
    )
    figure.update_layout(
        layout(
            "Predictions: near the line is good",
            _HEIGHT,
            xaxis=axis(titled(f"Predicted {target}", shown), nticks=5),
            yaxis=axis(titled(f"Actual {target}", shown), nticks=6),
            legend_lines=1,
        )
    )
    return figure


def some_rows(count: int) -> np.ndarray:
    """Return positions of the rows to draw: all, or two thousand at random."""
    if count <= MOST_POINTS:
        return np.arange(count)
    return np.sort(np.random.default_rng(0).choice(count, MOST_POINTS, replace=False))
