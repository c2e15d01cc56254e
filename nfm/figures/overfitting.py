"""A small net that learns by heart, as an option of Apache ECharts."""

from __future__ import annotations

from typing import Any

from nfm.inference.lessons.overfitting import Curves

# The axis stands still, so that one sees what a switch changes.
_HIGHEST = 3.2


def overfitting_curves(curves: Curves) -> dict[str, Any]:
    """Draw the loss of the rows that are learned from, and of those never seen.

    Args:
        curves: As measured.

    Returns:
        An ECharts option.
    """
    label = {"fontSize": 14}
    parts = {"Training": curves.training, "Validation": curves.validation}
    return {
        "animation": False,
        "title": {
            "text": "Log loss",
            "left": 4,
            "top": 2,
            "textStyle": {"fontSize": 16, "fontWeight": 600},
        },
        "legend": {"right": 8, "top": 2, "textStyle": label, "itemWidth": 30},
        "grid": {"left": 8, "right": 20, "top": 44, "bottom": 8, "outerBoundsMode": "same"},
        "tooltip": {"trigger": "axis", "valueFormatter": "%.3f"},
        "xAxis": {
            "type": "value",
            "name": "Step",
            "nameLocation": "middle",
            "nameGap": 28,
            "nameTextStyle": label,
            "axisLabel": label,
            "max": int(curves.steps[-1]),
            "splitLine": {"show": False},
        },
        "yAxis": {"type": "value", "min": 0, "max": _HIGHEST, "interval": 1, "axisLabel": label},
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
