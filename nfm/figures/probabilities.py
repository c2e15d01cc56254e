"""The probability of every class, as an option of Apache ECharts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_CLASSES = 12


def probability_bars(
    classes: Sequence[str],
    probabilities: Sequence[float],
    before: Sequence[float] | None = None,
) -> dict[str, Any]:
    """Draw a bar for every class, and a mark where the original row stood.

    Args:
        classes: Names, as text; at most the twelve most probable are drawn.
        probabilities: One for each class, in 0..1.
        before: The same for the original row; None draws no marks.

    Returns:
        An ECharts option. Its names are drawn as text on a canvas, never as HTML.
    """
    order = sorted(range(len(classes)), key=lambda index: -probabilities[index])[:_CLASSES]
    if len(classes) <= _CLASSES:
        order = list(range(len(classes)))
    series: list[dict[str, Any]] = [
        {
            "type": "bar",
            "name": "Probability",
            "data": [round(100 * float(probabilities[index]), 1) for index in order],
            "barWidth": "56%",
            "label": {"show": True, "position": "right", "formatter": "{c} %", "fontSize": 14},
            "itemStyle": {"borderRadius": 3},
        }
    ]
    if before is not None:
        series.append(
            {
                "type": "scatter",
                "name": "Original row",
                "data": [round(100 * float(before[index]), 1) for index in order],
                "symbol": "rect",
                "symbolSize": [4, 26],
            }
        )
    return {
        "animation": False,
        "grid": {"left": 4, "right": 62, "top": 4, "bottom": 4, "outerBoundsMode": "same"},
        "xAxis": {
            "type": "value",
            "min": 0,
            "max": 100,
            "axisLabel": {"show": False},
            "splitLine": {"show": False},
        },
        "yAxis": {
            "type": "category",
            "inverse": True,
            "data": [classes[index] for index in order],
            "axisTick": {"show": False},
            "axisLabel": {"fontSize": 14, "width": 120, "overflow": "truncate"},
        },
        "series": series,
    }


def bar_height(class_count: int) -> int:
    """Return the height in pixels that the bars of so many classes need."""
    return 12 + 42 * min(class_count, _CLASSES)
