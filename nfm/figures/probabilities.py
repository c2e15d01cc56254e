"""Bar chart of the class probabilities, as an option of Apache ECharts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nfm.figures.echarts import chart
from nfm.figures.number_format import fixed
from nfm.figures.palette import ORANGE

_CLASSES = 12
_BAR, _BEFORE = "This row", "Before the edits"


def probability_bars(
    classes: Sequence[str], probabilities: Sequence[float], before: Sequence[float] | None = None
) -> dict[str, Any]:
    """Draw a bar per class, with a mark at the probability for the original row.

    Args:
        classes: Names of the classes; the twelve most probable are drawn.
        probabilities: Probability of each class in 0..1.
        before: Probabilities for the original row; None draws no marks.

    Returns:
        An ECharts option. Names are drawn as text on a canvas, never as HTML.
    """
    order = sorted(range(len(classes)), key=lambda index: -probabilities[index])[:_CLASSES]
    if len(classes) <= _CLASSES:
        order = list(range(len(classes)))
    series: list[dict[str, Any]] = [
        {
            "type": "bar",
            "name": _BAR,
            "data": [round(100 * float(probabilities[index]), 1) for index in order],
            "barWidth": "56%",
            "itemStyle": {"borderRadius": 3},
        }
    ]
    if before is not None:
        series.append(
            {
                "type": "scatter",
                "name": _BEFORE,
                "data": [round(100 * float(before[index]), 1) for index in order],
                "symbol": "rect",
                "symbolSize": [4, 26],
                "itemStyle": {"color": ORANGE},
            }
        )
    names = {
        "type": "category",
        "inverse": True,
        "show": True,
        "axisTick": {"show": False},
        "splitLine": {"show": False},
    }
    option = chart(
        "Probability of each class",
        # The plot has the same height with and without marks: nothing jumps at an edit.
        legend=[_BAR, _BEFORE],
        size=14,
        right=8,
        x={
            "type": "value",
            "min": 0,
            "max": 100,
            "axisLabel": {"show": False},
            "splitLine": {"show": False},
        },
        y=[
            {
                **names,
                "data": [classes[index] for index in order],
                "axisLabel": {"fontSize": 14, "width": 110, "overflow": "truncate", "interval": 0},
            },
            {
                # Numbers are in a separate column: next to the bars, marks would cross them.
                **names,
                "position": "right",
                "data": [f"{fixed(100 * float(probabilities[index]), 1)}%" for index in order],
                "axisLine": {"show": False},
                "axisLabel": {"fontSize": 14, "interval": 0},
            },
        ],
        series=series,
    )
    if before is None:
        option["legend"]["data"] = [_BAR]
    return option


def bar_height(class_count: int) -> int:
    """Return the height of the chart for a number of classes, in pixels."""
    return 84 + 42 * min(class_count, _CLASSES)
