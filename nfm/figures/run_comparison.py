"""Learning curves of several runs in one chart, as an option of Apache ECharts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nfm.epoch import Epoch
from nfm.figures.echarts import LABELS, axis_name, chart, line, value_axes, write_negatives
from nfm.figures.learning_curve_data import COUNTED, PERCENT, CurveMeasure, curve_points, thin
from nfm.figures.number_format import decimals_of, fixed, number
from nfm.figures.palette import FIELD_COLORS
from nfm.text import shorten

_DASHES = ("solid", "dashed", "dotted")


@dataclass(frozen=True)
class RunCurve:
    """A run in the chart.

    Attributes:
        name: Name of the run; user text.
        number: Number of the run in the workspace; it decides the colour for good.
        epochs: Its epochs in order.
    """

    name: str
    number: int
    epochs: Sequence[Epoch]


def run_color(number: int) -> str:
    """Return the colour of a run by its number, as "#RRGGBB"."""
    return FIELD_COLORS[(number - 1) % len(FIELD_COLORS)]


def run_dash(number: int) -> str:
    """Return the line style of a run by its number: runs of the same colour differ in it."""
    return _DASHES[(number - 1) // len(FIELD_COLORS) % len(_DASHES)]


def run_curves(runs: Sequence[RunCurve], measure: CurveMeasure, title: str) -> dict[str, Any]:
    """Draw one measure of several runs against the epoch.

    Args:
        runs: The runs in the order of the legend.
        measure: The measure to draw, on validation rows, or on training rows if there are none.
        title: Title, as `measure_title` returns it.
    """
    series: list[dict[str, Any]] = []
    names: list[str] = []
    for run in runs:
        shown = thin(run.epochs)
        points = _points(shown, measure)
        name = shorten(run.name)
        # The legend identifies series by their names.
        name = name if name not in names else f"{name} (no. {run.number})"
        names.append(name)
        series.append(
            line(
                name,
                points,
                dash=run_dash(run.number),
                symbol="circle" if len(points) == 1 else "none",
                symbolSize=9,
                color=run_color(run.number),
                emphasis={"disabled": True},
            )
        )
    longest = max((len(run.epochs) for run in runs), default=0)
    rows = "No epochs yet"
    if any(epoch.validation is not None for run in runs for epoch in run.epochs[:1]):
        rows = "Validation rows"
    elif longest:
        rows = "Training rows"
    largest = max((value for one in series for _, value in one["data"]), default=0.0)
    smallest = min((value for one in series for _, value in one["data"]), default=0.0)
    option = chart(
        title,
        note=rows,
        legend=names[:1],
        symbol=30,
        series=series,
        **_axes(measure, max(2, longest), smallest, largest, empty=longest == 0),
    )
    if names:
        # With many runs the legend has pages, so that it stays one line.
        option["legend"] |= {"type": "scroll", "data": names, "right": 4}
    return write_negatives(option, lambda value: fixed(value, _decimals(measure, largest)))


def describe_run_curves(runs: Sequence[RunCurve], measure: CurveMeasure, title: str) -> str:
    """Describe what the chart shows, for screen readers."""
    parts = []
    for run in runs:
        if points := _points(run.epochs, measure):
            parts.append(f"{run.name} ends at {number(points[-1][1])}")
    return f"{title} by epoch: {'; '.join(parts) or 'nothing trained yet'}"


def _points(epochs: Sequence[Epoch], measure: CurveMeasure) -> list[tuple[int, float]]:
    """Return the curve on validation rows, or on training rows if there are none."""
    return curve_points(epochs, measure, "validation") or curve_points(epochs, measure, "train")


def _decimals(measure: CurveMeasure, largest: float) -> int:
    return decimals_of(largest) if measure in COUNTED else 4


def _axes(
    measure: CurveMeasure, last: int, smallest: float, largest: float, *, empty: bool
) -> dict[str, Any]:
    """Return both axes and the tooltip.

    Args:
        measure: The drawn measure.
        last: Last epoch of the axis.
        smallest: Smallest drawn value.
        largest: Largest drawn value.
        empty: Whether there is no curve, so that the axis needs fixed limits.
    """
    percent = measure in PERCENT
    limits = {"min": 0, "max": 100 if percent else 1} if empty else {}
    reading = "%.1f%%" if percent else f"%,.{_decimals(measure, largest)}f"
    label = {**LABELS, **({"formatter": "{value}%"} if percent else {})}
    # Without a template, ECharts writes 20,000 with a comma.
    up: Any = {"type": "value", "scale": not empty, "axisLabel": label, **limits}
    if smallest < 0:
        up = value_axes(smallest, max(largest, 0.0), {"axisLabel": label}, splits=5)
    return {
        "tooltip": {"trigger": "axis", "valueFormatter": reading},
        "x": {
            "type": "value",
            **axis_name("Epoch", below=True),
            "min": 1,
            "max": last,
            "minInterval": 1,
            "axisLabel": {**LABELS, "showMaxLabel": True},
            "splitLine": {"show": False},
        },
        "y": up,
    }
