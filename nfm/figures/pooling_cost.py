"""Time against the number of fields, as an option of Apache ECharts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nfm.inference.lessons.pooling_cost import PoolingCost


def cost_curve(costs: Sequence[PoolingCost]) -> dict[str, Any]:
    """Draw both ways to pool on logarithmic axes, where a power of n is a straight line.

    Args:
        costs: As measured, in the order of fields.

    Returns:
        An ECharts option.
    """
    ways = {
        "Pair by pair": ([cost.pair_seconds for cost in costs], "circle", "solid"),
        "By two sums": ([cost.sum_seconds for cost in costs], "rect", "dashed"),
    }
    label = {"fontSize": 14}
    return {
        "animation": False,
        "title": {
            "text": "Time of one pooling (microseconds)",
            "left": 4,
            "top": 2,
            "textStyle": {"fontSize": 16, "fontWeight": 600},
        },
        "legend": {"left": 0, "top": 28, "textStyle": label, "itemWidth": 34},
        "grid": {"left": 8, "right": 16, "top": 66, "bottom": 4, "outerBoundsMode": "same"},
        "tooltip": {"trigger": "axis", "valueFormatter": "%.1f µs"},
        "xAxis": {
            "type": "category",
            "name": "Fields n (each step doubles)",
            "nameLocation": "middle",
            "nameGap": 28,
            "nameTextStyle": label,
            "data": [str(cost.fields) for cost in costs],
            "axisLabel": label,
        },
        "yAxis": {"type": "log", "axisLabel": label},
        "series": [
            {
                "type": "line",
                "name": name,
                "data": [round(1e6 * seconds, 2) for seconds in times],
                "symbol": symbol,
                "symbolSize": 9,
                "lineStyle": {"width": 3, "type": dash},
            }
            for name, (times, symbol, dash) in ways.items()
        ],
    }
