"""The values of a layer, a bar for each, as an option of Apache ECharts."""

from __future__ import annotations

from typing import Any

import numpy as np

from nfm.figures.echarts import grid, heading, named_axis, value_axes, write_negatives
from nfm.figures.number_format import fixed


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
    option = {
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
        "yAxis": value_axes(
            min(0.0, float(values.min(initial=0.0))),
            max(0.0, float(values.max(initial=0.0))),
            {"axisLabel": {"fontSize": 13}},
            splits=3,
        ),
        "series": [
            {
                "type": "bar",
                "name": "Value",
                "data": [round(float(value), 5) for value in values],
                "barCategoryGap": "12%",
            }
        ],
    }
    return write_negatives(option, lambda value: fixed(value, 4))
