"""The calibration curve: observed shares against predicted probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nfm.figures.appearance import BLUE, GREY, axis, layout
from nfm.inference.evaluation.calibration import CalibrationBins

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_HEIGHT = 380


def calibration_curve(bins: CalibrationBins, came_true: str) -> Figure:
    """Draw the observed share against the predicted probability, bin by bin.

    Args:
        bins: Rows of similar probabilities.
        came_true: Name of the vertical axis, for instance "Share of rows of the class".

    Returns:
        A figure: points on the diagonal are probabilities that can be believed.
    """
    from plotly import graph_objects

    figure = graph_objects.Figure()
    figure.add_scatter(
        x=[0, 100],
        y=[0, 100],
        mode="lines",
        name="Perfectly honest",
        line={"dash": "dot", "width": 2, "color": GREY},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=100 * bins.predicted,
        y=100 * bins.observed,
        error_y={
            "type": "data",
            "array": 100 * (bins.high - bins.observed),
            "arrayminus": 100 * (bins.observed - bins.low),
            "thickness": 2,
            "width": 5,
        },
        customdata=np.column_stack([bins.counts, 100 * bins.low, 100 * bins.high]),
        mode="lines+markers",
        name="This model, with 95 % intervals",
        marker={"size": 9, "color": BLUE},
        line={"width": 2, "color": BLUE},
        hovertemplate=(
            "predicted %{x:.1f} %, observed %{y:.1f} %<br>%{customdata[0]} rows, "
            "interval %{customdata[1]:.0f} to %{customdata[2]:.0f} %<extra></extra>"
        ),
    )
    figure.update_layout(
        layout(
            "Calibration: on the dotted line, it is honest",
            _HEIGHT,
            xaxis=axis("Predicted probability (%)", range=[-2, 102], dtick=20),
            yaxis=axis(f"{came_true} (%)", range=[-2, 102], dtick=20),
        )
    )
    return figure
