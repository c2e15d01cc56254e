"""Small charts of the Learn page, as options of Apache ECharts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nfm.figures.echarts import LABELS, axis_name, chart, line, value_axes, write_negatives
from nfm.figures.number_format import fixed
from nfm.figures.palette import GREY
from nfm.teaching.overfitting import Curves
from nfm.teaching.pooling import PoolingCost

# The same for all switches, so that their effect is visible.
_HIGHEST_LOSS = 3.2


def truth_table_bars(
    cases: Sequence[str],
    lamp: Sequence[float],
    answers: Mapping[str, Sequence[float | None]],
    *,
    correct: str = "Correct answer",
) -> dict[str, Any]:
    """Draw each model's probability that the lamp is on, case by case, and the correct answer.

    Args:
        cases: Names of the cases.
        lamp: Whether the lamp is on, per case; or in which share of the rows, in 0..1.
        answers: Probability of each case in 0..1, by name of the model; None draws no bar.
        correct: Name of the marks that show the lamp.
    """
    series: list[dict[str, Any]] = [
        {
            "type": "bar",
            "name": name,
            "data": [None if share is None else round(100 * float(share), 1) for share in shares],
            "barGap": "8%",
            "barCategoryGap": "28%",
            "barMinHeight": 2,
        }
        for name, shares in answers.items()
    ]
    series.append(
        {
            "type": "scatter",
            "name": correct,
            "data": [round(100 * float(on), 1) for on in lamp],
            "symbol": "diamond",
            "symbolSize": 16,
            "z": 5,
            "itemStyle": {"color": GREY},
        }
    )
    return chart(
        "Probability that the lamp is on (%)",
        legend=[each["name"] for each in series],
        right=8,
        tooltip={"trigger": "axis", "valueFormatter": "%.1f%%"},
        x={
            "type": "category",
            "data": list(cases),
            "axisTick": {"show": False},
            "axisLabel": {"fontSize": 14, "interval": 0},
        },
        y={
            "type": "value",
            "min": 0,
            "max": 100,
            "interval": 50,
            "axisLabel": {"fontSize": 14},
        },
        series=series,
    )


def overfitting_curves(curves: Curves) -> dict[str, Any]:
    """Draw training and validation loss against the training step."""
    parts = {"Training": (curves.training, "dashed"), "Validation": (curves.validation, "solid")}
    return chart(
        "Log loss",
        legend=list(parts),
        symbol=30,
        tooltip={"trigger": "axis", "valueFormatter": "%.3f"},
        x={
            "type": "value",
            **axis_name("Step", below=True),
            "axisLabel": LABELS,
            "max": int(curves.steps[-1]),
            "splitLine": {"show": False},
        },
        y={
            "type": "value",
            "min": 0,
            "max": _HIGHEST_LOSS,
            "interval": 1,
            "axisLabel": {**LABELS, "showMaxLabel": False},
        },
        series=[
            line(
                name,
                [
                    [int(step), round(float(loss), 4)]
                    for step, loss in zip(curves.steps, losses, strict=True)
                ],
                dash=dash,
            )
            for name, (losses, dash) in parts.items()
        ],
    )


def cost_curve(costs: Sequence[PoolingCost]) -> dict[str, Any]:
    """Draw the time of both ways to pool against the number of fields.

    Both axes are logarithmic, so a power of n is a straight line.

    Args:
        costs: The measured costs, by increasing number of fields.
    """
    ways = {
        "Pair by pair": ([cost.pair_seconds for cost in costs], "circle", "solid"),
        "By two sums": ([cost.sum_seconds for cost in costs], "rect", "dashed"),
    }
    return chart(
        "Time of one pooling (microseconds)",
        legend=list(ways),
        symbol=34,
        tooltip={"trigger": "axis", "valueFormatter": "%.1f µs"},
        x={
            "type": "category",
            **axis_name("Fields n (each step doubles)", below=True),
            "data": [str(cost.fields) for cost in costs],
            "axisLabel": LABELS,
        },
        y={"type": "log", "axisLabel": LABELS},
        series=[
            line(
                name,
                [round(1e6 * seconds, 2) for seconds in times],
                dash=dash,
                symbol=symbol,
                symbolSize=9,
            )
            for name, (times, symbol, dash) in ways.items()
        ],
    )


def activation_bars(values: np.ndarray, title: str, axis: str) -> dict[str, Any]:
    """Draw the values of a layer as bars.

    Args:
        values: The values, float64 (units,).
        title: What is shown.
        axis: Name of the horizontal axis: "Unit" or "Factor".
    """
    option = chart(
        title,
        tooltip={"trigger": "axis", "valueFormatter": "%.4f"},
        x={
            "type": "category",
            **axis_name(axis, below=True),
            "data": [str(unit + 1) for unit in range(len(values))],
            "axisTick": {"show": False},
            "axisLabel": LABELS,
        },
        y=value_axes(
            min(0.0, float(values.min(initial=0.0))),
            max(0.0, float(values.max(initial=0.0))),
            {"axisLabel": LABELS},
            splits=3,
        ),
        series=[
            {
                "type": "bar",
                "name": "Value",
                "data": [round(float(value), 5) for value in values],
                "barCategoryGap": "12%",
            }
        ],
    )
    return write_negatives(option, lambda value: fixed(value, 4))
