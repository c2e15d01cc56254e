"""The values of a layer, a bar for each, as an option of Apache ECharts."""

from __future__ import annotations

from typing import Any

import numpy as np


def unit_bars(values: np.ndarray, title: str, axis: str) -> dict[str, Any]:
    """Draw a vector as bars.

    Args:
        values: float64 (units,).
        title: What is shown.
        axis: What the bars are: "Unit" or "Factor".

    Returns:
        An ECharts option.
    """
    return {
        "animation": False,
        "title": {
            "text": title,
            "left": 4,
            "top": 2,
            "textStyle": {"fontSize": 16, "fontWeight": 600},
        },
        "grid": {"left": 8, "right": 12, "top": 40, "bottom": 4, "outerBoundsMode": "same"},
        "tooltip": {"trigger": "axis", "valueFormatter": "%.4f"},
        "xAxis": {
            "type": "category",
            "name": axis,
            "nameLocation": "middle",
            "nameGap": 26,
            "nameTextStyle": {"fontSize": 14},
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
