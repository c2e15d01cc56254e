"""Histogram of the probabilities of one class: of its own rows, and of the others."""

from __future__ import annotations

from typing import Any

import numpy as np

from nfm.evaluation.thresholds import threshold_text
from nfm.figures.echarts import LABELS, axis_name, chart
from nfm.figures.labels import share_limits, share_step
from nfm.figures.palette import GREY

_BINS = 25
# Beyond this ratio of sizes, counts of the smaller group would be a flat line.
_MOST_UNEQUAL = 4


def score_histogram(
    positive: np.ndarray, probabilities: np.ndarray, threshold: float, names: tuple[str, str]
) -> dict[str, Any]:
    """Draw the histogram of the probabilities of rows of the class and of other rows.

    If the class is rare, the bars are percentages of each group, and the horizontal axis is
    limited to probabilities that occur.

    Args:
        positive: Whether each row belongs to the class, bool (rows,).
        probabilities: Predicted probabilities, float64 (rows,).
        threshold: The decision threshold.
        names: Names of the other class (or of all others) and of the class itself, not escaped:
            a canvas draws them as plain text.
    """
    limits = share_limits(probabilities)
    low, high = limits[0] / 100, limits[1] / 100
    edges = np.linspace(low, high, _BINS + 1)
    groups = (~positive, positive)
    sizes = [int(group.sum()) for group in groups]
    shares = min(sizes) > 0 and max(sizes) > _MOST_UNEQUAL * min(sizes)
    series: list[dict[str, Any]] = []
    for name, chosen, size in zip(names, groups, sizes, strict=True):
        counts = np.histogram(probabilities[chosen], edges)[0]
        heights = np.round(100 * counts / size, 2) if shares else counts
        # A step extends from its edge to the next; the last point only ends the last step.
        points = [
            [round(float(edge), 6), height.item()]
            for edge, height in zip(edges[:-1], heights, strict=True)
        ]
        series.append(
            {
                "type": "line",
                "name": name,
                "data": [*points, [high, heights[-1].item()]],
                "step": "end",
                "showSymbol": False,
                "lineStyle": {"width": 2, "type": "solid" if chosen is positive else "dashed"},
                "areaStyle": {"opacity": 0.3},
                "emphasis": {"disabled": True},
            }
        )
    inside = low <= threshold <= high
    cut = f"Threshold {threshold_text(threshold)}"
    series.append(
        {
            # An empty series for the legend: the line itself is a mark.
            "type": "line",
            "name": cut if inside else f"{cut} (outside the chart)",
            "data": [],
            "symbol": "none",
            "lineStyle": {"width": 2, "type": "solid", "color": GREY},
            "itemStyle": {"color": GREY},
            "markLine": {
                "symbol": "none",
                "silent": True,
                "animation": False,
                "lineStyle": {"type": "solid", "width": 2, "color": GREY},
                "label": {"show": False},
                "data": [{"xAxis": threshold}] if inside else [],
            },
        }
    )
    return chart(
        "Probabilities",
        note="Less overlap is better",
        legend=[each["name"] for each in series],
        tooltip={
            "trigger": "axis",
            "valueFormatter": "%.1f%% of its group" if shares else "%,d rows",
        },
        x={
            "type": "value",
            **axis_name("Predicted probability", below=True),
            "min": low,
            "max": high,
            "interval": share_step(limits) / 100,
            "axisLabel": LABELS,
            "splitLine": {"show": False},
        },
        y={
            "type": "value",
            **axis_name("Share of each group (%)" if shares else "Rows", below=False),
            "axisLabel": LABELS,
            **({} if shares else {"minInterval": 1}),
        },
        series=series,
    )
