"""How the probabilities of two groups of rows are spread, and where the threshold cuts."""

from __future__ import annotations

from typing import Any

import numpy as np

from nfm.inference.evaluation.thresholds import threshold_text

_BINS = 25


def score_histogram(
    positive: np.ndarray, probabilities: np.ndarray, threshold: float, name: str
) -> dict[str, Any]:
    """Draw how many rows of the class and of the others got each probability.

    Args:
        positive: Whether a row is of the class, bool (rows,).
        probabilities: What the model says, (rows,).
        threshold: Where it is cut.
        name: Of the class, as people wrote it; it is drawn on a canvas, never read as HTML.

    Returns:
        An ECharts option.
    """
    edges = np.linspace(0, 1, _BINS + 1)
    series: list[dict[str, Any]] = []
    for label, chosen in ((f"Not {name}", ~positive), (name, positive)):
        counts = np.histogram(probabilities[chosen], edges)[0]
        # A step lasts from its edge to the next; the last value only ends the last step.
        points = [[round(float(edge), 2), int(count)] for edge, count in zip(edges, counts)]  # noqa: B905
        series.append(
            {
                "type": "line",
                "name": label,
                "data": [*points, [1.0, int(counts[-1])]],
                "step": "end",
                "showSymbol": False,
                "lineStyle": {"width": 2, "type": "solid" if chosen is positive else "dashed"},
                "areaStyle": {"opacity": 0.3},
                "emphasis": {"disabled": True},
            }
        )
    series[1]["markLine"] = {
        "symbol": "none",
        "silent": True,
        "animation": False,
        "lineStyle": {"type": "solid", "width": 2},
        "label": {"formatter": threshold_text(threshold), "fontSize": 14, "position": "end"},
        "data": [{"xAxis": threshold}],
    }
    return {
        "animation": False,
        "grid": {"left": 12, "right": 20, "top": 84, "bottom": 8, "outerBoundsMode": "same"},
        "title": {
            "text": "Probabilities: the less overlap, the better",
            "left": 4,
            "top": 0,
            "textStyle": {"fontSize": 15, "fontWeight": 600},
        },
        "legend": {
            "left": 4,
            "top": 30,
            "data": [each["name"] for each in series],
            "textStyle": {"fontSize": 13, "width": 130, "overflow": "truncate"},
            "itemWidth": 24,
            "itemGap": 12,
            "selectedMode": False,
        },
        "tooltip": {"trigger": "axis", "valueFormatter": "%d rows"},
        "xAxis": {
            "type": "value",
            "name": "Predicted probability",
            "nameLocation": "middle",
            "nameGap": 28,
            "nameTextStyle": {"fontSize": 14},
            "min": 0,
            "max": 1,
            "interval": 0.2,
            "axisLabel": {"fontSize": 14},
            "splitLine": {"show": False},
        },
        "yAxis": {
            "type": "value",
            "name": "Rows",
            "nameLocation": "middle",
            "nameGap": 40,
            "nameTextStyle": {"fontSize": 14},
            "minInterval": 1,
            "axisLabel": {"fontSize": 14},
        },
        "series": series,
    }
