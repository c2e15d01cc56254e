"""The calibration curve: predicted probabilities against observed shares."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nfm.evaluation.calibration import CalibrationBins
from nfm.figures.appearance import axis, plotly_figure
from nfm.figures.labels import share_limits, share_step
from nfm.figures.palette import BLUE, GREY
from nfm.text import counted

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_HEIGHT = 420


def calibration_curve(bins: CalibrationBins, observed: str) -> Figure:
    """Draw the observed share against the predicted probability, bin by bin.

    Args:
        bins: Bins of rows with similar probabilities.
        observed: Name of the vertical axis, without unit, for instance "Observed share".

    Returns:
        A figure whose axes fit the data; points on the diagonal are calibrated.
    """
    from plotly import graph_objects

    across = share_limits(bins.predicted)
    up = share_limits(bins.predicted, bins.low, bins.high)
    diagonal = graph_objects.Scatter(
        x=list(across),
        y=list(across),
        mode="lines",
        name="Perfectly calibrated",
        line={"dash": "dot", "width": 2, "color": GREY},
        hoverinfo="skip",
    )
    curve = graph_objects.Scatter(
        x=100 * bins.predicted,
        y=100 * bins.observed,
        error_y={
            "type": "data",
            "array": 100 * (bins.high - bins.observed),
            "arrayminus": 100 * (bins.observed - bins.low),
            "thickness": 2,
            "width": 5,
        },
        customdata=[
            [counted(int(count), "row"), 100 * low, 100 * high]
            for count, low, high in zip(bins.counts, bins.low, bins.high, strict=True)
        ],
        mode="lines+markers",
        name="This model, 95% intervals",
        marker={"size": 9, "color": BLUE},
        line={"width": 2, "color": BLUE},
        hovertemplate=(
            "predicted %{x:.1f}%, observed %{y:.1f}%<br>%{customdata[0]}, "
            "interval %{customdata[1]:.1f} to %{customdata[2]:.1f}%<extra></extra>"
        ),
    )
    return plotly_figure(
        [diagonal, curve],
        "Calibration: dotted line is perfect",
        _HEIGHT,
        xaxis=axis("Predicted probability (%)", **_ticks(across)),
        yaxis=axis(f"{observed} (%)", **_ticks(up)),
        legend_lines=2,
    )


def _ticks(limits: tuple[float, float]) -> dict[str, Any]:
    """Return the range of an axis, with room for points at its ends, and its ticks."""
    room = 0.02 * (limits[1] - limits[0])
    return {
        "range": [limits[0] - room, limits[1] + room],
        "dtick": share_step(limits),
        "tick0": limits[0],
    }
