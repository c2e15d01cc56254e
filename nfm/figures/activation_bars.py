"""The values of a layer, a bar for each, as an option of Apache ECharts."""

from __future__ import annotations

from typing import Any

import numpy as np

from nfm.figures.echarts import grid, heading, named_axis


def unit_bars(values: np.ndarray, title: str, axis: str) -> dict[str, Any]:
    """Draw a vector as bars.

    Args:
        values: float64 (units,).
        title: What is shown.
        axis: What the bars are: "Unit" or "Factor".

    Returns:
        An ECharts option.
    """
    shown, top = heading(title)
    return {
        **shown,
        "animation": False,
        "grid": grid(top),
        "tooltip": {"trigger": "axis", "valueFormatter": "%.4f"},
        "xAxis": {
            "type": "category",
            **named_axis(axis, below=True),
            "data": [str(unit + 1) for unit in range(len(values))],
            "axisTick": {"show": False},
            "axisLabel": {"fontSize": 13},
        },
        "yAxis": {"type": "value", "axisLabel": {"fontSize": 13}, "splitNumber": 3},
        "series": [
            {
                "type": "bar",
                "name": "Value",
                "data": [round(float(value), 5) for value in values],
                "barCategoryGap": "12%",
            }
        ],
    }
