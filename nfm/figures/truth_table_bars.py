"""What models predict for a lamp, as an option of Apache ECharts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nfm.figures.echarts import grid, heading


def lamp_bars(
    cases: Sequence[str], lamp: Sequence[bool], answers: Mapping[str, Sequence[float]]
) -> dict[str, Any]:
    """Draw each model's probability that the lamp is on, case by case, and the correct answer.

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
            "name": "Correct answer",
            "data": [100 if on else 0 for on in lamp],
            "symbol": "diamond",
            "symbolSize": 16,
            "z": 5,
            "itemStyle": {"color": "#7F8A96"},
        }
    )
    names = [each["name"] for each in series]
    shown, top = heading("Probability that the lamp is on (%)", "", names)
    return {
        "animation": False,
        **shown,
        "grid": grid(top, right=8),
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
