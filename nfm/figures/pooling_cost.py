"""Time against the number of fields, as an option of Apache ECharts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nfm.figures.echarts import grid, heading, named_axis
from nfm.teaching.pooling_cost import PoolingCost


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
    label = {"fontSize": 13}
    shown, top = heading("Time of one pooling (microseconds)", "", list(ways), symbol=34)
    return {
        "animation": False,
        **shown,
        "grid": grid(top),
        "tooltip": {"trigger": "axis", "valueFormatter": "%.1f µs"},
        "xAxis": {
            "type": "category",
            **named_axis("Fields n (each step doubles)", below=True),
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
