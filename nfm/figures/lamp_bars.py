"""What models say about a lamp, as an option of Apache ECharts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def lamp_bars(
    cases: Sequence[str], lamp: Sequence[bool], answers: Mapping[str, Sequence[float]]
) -> dict[str, Any]:
    """Draw each model's probability that the lamp is on, case by case, and how it is.

    Args:
        cases: Names of the cases.
        lamp: Whether it is on in each.
        answers: Probability of each case in 0..1, by the model's name.

    Returns:
        An ECharts option.
    """
    series: list[dict[str, Any]] = [
        {
            "type": "bar",
            "name": name,
            "data": [round(100 * float(share), 1) for share in shares],
            "barGap": "8%",
            "barCategoryGap": "28%",
            "barMinHeight": 2,
        }
        for name, shares in answers.items()
    ]
    series.append(
        {
            "type": "scatter",
            "name": "How it is",
            "data": [100 if on else 0 for on in lamp],
            "symbol": "diamond",
            "symbolSize": 16,
            "z": 5,
            "itemStyle": {"color": "#7F8A96"},
        }
    )
    return {
        "animation": False,
        "title": {
            "text": "Probability that the lamp is on (%)",
            "left": 4,
            "top": 2,
            "textStyle": {"fontSize": 16, "fontWeight": 600},
        },
        "legend": {"left": 0, "top": 28, "textStyle": {"fontSize": 14}, "itemGap": 14},
        "grid": {"left": 8, "right": 8, "top": 72, "bottom": 4, "outerBoundsMode": "same"},
        "tooltip": {"trigger": "axis", "valueFormatter": "%.1f %%"},
        "xAxis": {
            "type": "category",
            "data": list(cases),
            "axisTick": {"show": False},
            "axisLabel": {"fontSize": 14, "interval": 0},
        },
        "yAxis": {
            "type": "value",
            "min": 0,
            "max": 100,
            "interval": 50,
            "axisLabel": {"fontSize": 14},
        },
        "series": series,
    }
