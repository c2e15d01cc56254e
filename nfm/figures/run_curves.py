"""Learning curves of several runs in one chart, as an option of Apache ECharts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nfm.epoch import Epoch
from nfm.figures.appearance import FIELD_COLORS
from nfm.figures.curves import PERCENT, Measure, curve_points, measure_title, thin
from nfm.figures.labels import shorten
from nfm.settings import Task

_DASHES = ("solid", "dashed", "dotted")


@dataclass(frozen=True)
class RunCurve:
    """A run as the chart needs it.

    Attributes:
        name: What the person calls it; text from outside.
        number: Counts the runs of the workspace: it decides the colour, for good.
        epochs: In order.
    """

    name: str
    number: int
    epochs: Sequence[Epoch]


def run_color(number: int) -> str:
    """Return the colour of a run, as "#RRGGBB"."""
    return FIELD_COLORS[(number - 1) % len(FIELD_COLORS)]


def run_dash(number: int) -> str:
    """Return how the line of a run is drawn: runs of the same colour differ in it."""
    return _DASHES[(number - 1) // len(FIELD_COLORS) % len(_DASHES)]


def run_curves(runs: Sequence[RunCurve], measure: Measure, task: Task) -> dict[str, Any]:
    """Draw one measure of several runs against the epoch.

    Args:
        runs: In the order of the legend.
        measure: What to draw: on the validation rows, or, without any, the training rows.
        task: Names the loss.

    Returns:
        An ECharts option.
    """
    series, names = [], []
    for run in runs:
        shown = thin(run.epochs)
        points = _points(shown, measure)
        name = shorten(run.name)
        # The legend tells series apart by their name.
        name = name if name not in names else f"{name} (no. {run.number})"
        names.append(name)
        series.append(
            {
                "type": "line",
                "name": name,
                "data": points,
                "symbol": "circle" if len(points) == 1 else "none",
                "symbolSize": 9,
                "color": run_color(run.number),
                "lineStyle": {"width": 3, "type": run_dash(run.number)},
                "emphasis": {"disabled": True},
            }
        )
    longest = max((len(run.epochs) for run in runs), default=0)
    title = measure_title(measure, task)
    if any(epoch.validation is not None for run in runs for epoch in run.epochs[:1]):
        title += ", validation rows"
    elif longest:
        title += ", training rows"
    axes = _axes(percent=measure in PERCENT, last=max(2, longest), empty=longest == 0)
    return {
        **axes,
        "animation": False,
        "grid": {"left": 8, "right": 20, "top": 76, "bottom": 8, "outerBoundsMode": "same"},
        "legend": {
            "type": "scroll",
            "left": 4,
            "top": 32,
            "data": names,
            "textStyle": {"fontSize": 14},
            "itemWidth": 30,
            "itemGap": 12,
        },
        "title": {
            "text": title,
            "left": 4,
            "top": 4,
            "textStyle": {"fontSize": 16, "fontWeight": 600},
        },
        "series": series,
    }


def describe_run_curves(runs: Sequence[RunCurve], measure: Measure, task: Task) -> str:
    """Say in words what the chart shows, for people who do not see it."""
    title = measure_title(measure, task)
    parts = []
    for run in runs:
        if points := _points(run.epochs, measure):
            parts.append(f"{run.name} ends at {points[-1][1]:.3g}")
    return f"{title} by epoch: {'; '.join(parts) or 'nothing trained yet'}"


def _points(epochs: Sequence[Epoch], measure: Measure) -> list[tuple[int, float]]:
    """Return what is drawn of a run: its validation rows, or, without any, its training rows."""
    return curve_points(epochs, measure, "validation") or curve_points(epochs, measure, "train")


def _axes(*, percent: bool, last: int, empty: bool) -> dict[str, Any]:
    """Return both axes, and how a value is read off them.

    Args:
        percent: Whether the values are percentages.
        last: Last epoch on the axis.
        empty: Whether there is no line, so that the axis must be told its limits.
    """
    limits = {"min": 0, "max": 100 if percent else 1} if empty else {}
    return {
        "tooltip": {"trigger": "axis", "valueFormatter": "%.1f %%" if percent else "%.4f"},
        "xAxis": {
            "type": "value",
            "name": "Epoch",
            "nameLocation": "middle",
            "nameGap": 26,
            "nameTextStyle": {"fontSize": 14},
            "min": 1,
            "max": last,
            "minInterval": 1,
            "axisLabel": {"fontSize": 14, "showMaxLabel": True},
            "splitLine": {"show": False},
        },
        "yAxis": {
            "type": "value",
            "scale": not empty,
            "axisLabel": {"fontSize": 14, "formatter": "{value} %" if percent else "{value}"},
            **limits,
        },
    }
