"""The residuals: what is left of the actual number when the predicted one is taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nfm.figures.appearance import GREY, axis, layout
from nfm.figures.labels import label
from nfm.figures.predicted_actual import some_rows

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_BINS = 30
_HEIGHT = 380


def residuals_against_predicted(actual: np.ndarray, predicted: np.ndarray, name: str) -> Figure:
    """Draw the residual of every row against its prediction.

    Args:
        actual: The target, (rows,).
        predicted: What the model says, (rows,).
        name: Of the target, as people wrote it.

    Returns:
        A figure of at most two thousand rows, chosen at random.
    """
    from plotly import graph_objects

    rows = some_rows(len(actual))
    figure = graph_objects.Figure(
        graph_objects.Scatter(
            x=predicted[rows],
            y=(actual - predicted)[rows],
            mode="markers",
            name="A row",
            marker={"size": 7, "opacity": 0.6},
            hovertemplate="predicted %{x:.4~g}, too low by %{y:.4~g}<extra></extra>",
        )
    )
    figure.add_hline(y=0, line={"dash": "dot", "width": 2, "color": GREY})
    target = label(name)
    figure.update_layout(
        layout(
            "Residuals: a cloud without shape is good",
            _HEIGHT,
            xaxis=axis(f"Predicted {target} (its own unit)"),
            yaxis=axis(f"Actual − predicted {target}"),
        )
    )
    return figure


def residual_histogram(residuals: np.ndarray, name: str) -> Figure:
    """Draw how many rows have residuals of each size.

    Args:
        residuals: Actual minus predicted, (rows,).
        name: Of the target, as people wrote it.

    Returns:
        A figure.
    """
    from plotly import graph_objects

    counts, edges = np.histogram(residuals, _BINS)
    figure = graph_objects.Figure(
        graph_objects.Bar(
            x=(edges[1:] + edges[:-1]) / 2,
            y=counts,
            width=np.diff(edges),
            name="Rows",
            customdata=np.column_stack([edges[:-1], edges[1:]]),
            hovertemplate=(
                "%{customdata[0]:.4~g} to %{customdata[1]:.4~g}: %{y} rows<extra></extra>"
            ),
        )
    )
    figure.add_vline(x=0, line={"dash": "dot", "width": 2, "color": GREY})
    figure.update_layout(
        layout(
            "Residuals: narrow and around 0 is good",
            _HEIGHT,
            xaxis=axis(f"Actual − predicted {label(name)} (its own unit)"),
            yaxis=axis("Rows"),
        )
    )
    return figure
