"""What models predict for a lamp, as an option of Apache ECharts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nfm.figures.echarts import grid, heading, named_axis, value_axes, write_negatives
from nfm.figures.number_format import fixed
from nfm.teaching.overfitting import Curves
from nfm.teaching.pooling import PoolingCost


def truth_table_bars(
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


def activation_bars(values: np.ndarray, title: str, axis: str) -> dict[str, Any]:
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
