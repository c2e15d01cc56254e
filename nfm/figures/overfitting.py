"""A small network that overfits, as an option of Apache ECharts."""

from __future__ import annotations

from typing import Any

from nfm.figures.echarts import grid, heading, named_axis
from nfm.teaching.overfitting import Curves

# The axis stands still, so that one sees what a switch changes.
_HIGHEST = 3.2


def overfitting_curves(curves: Curves) -> dict[str, Any]:
    """Draw the loss of the rows that are learned from, and of those never seen.

    Args:
        curves: As measured.

    Returns:
        An ECharts option.
    """
    label = {"fontSize": 13}
    parts = {"Training": curves.training, "Validation": curves.validation}
    shown, top = heading("Log loss", "", list(parts), symbol=30)
    return {
        "animation": False,
        **shown,
        "grid": grid(top),
        "tooltip": {"trigger": "axis", "valueFormatter": "%.3f"},
        "xAxis": {
            "type": "value",
            **named_axis("Step", below=True),
            "axisLabel": label,
            "max": int(curves.steps[-1]),
            "splitLine": {"show": False},
        },
        "yAxis": {
            "type": "value",
            "min": 0,
            "max": _HIGHEST,
            "interval": 1,
            "axisLabel": {**label, "showMaxLabel": False},
        },
        "series": [
            {
                "type": "line",
                "name": name,
                "data": [
                    [int(step), round(float(loss), 4)]
                    for step, loss in zip(curves.steps, losses, strict=True)
                ],
                "symbol": "none",
                "lineStyle": {"width": 3, "type": "dashed" if name == "Training" else "solid"},
            }
            for name, losses in parts.items()
        ],
    }
