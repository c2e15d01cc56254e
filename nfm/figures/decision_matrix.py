"""The confusion matrix of one threshold: four counts, updated in place."""

from __future__ import annotations

from typing import Any

from nfm.inference.evaluation.thresholds import Decisions

# Opaque and pale, so that the dark text stands out on a light and on a dark page alike.
_RIGHT = ("#DCEBF6", "#6FAAD2")
_WRONG = ("#FBE6D8", "#E08A4A")
_TEXT = "#16202C"


def decision_matrix(decisions: Decisions, name: str) -> dict[str, Any]:
    """Draw how the decisions of a threshold turned out.

    Args:
        decisions: The four counts.
        name: Of the class, as people wrote it; it is drawn on a canvas, never read as HTML.

    Returns:
        An ECharts option.
    """
    cells = {
        "right": [
            (0, 0, decisions.true_negatives, "rightly no"),
            (1, 1, decisions.true_positives, "hits"),
        ],
        "wrong": [
            (1, 0, decisions.false_positives, "false alarms"),
            (0, 1, decisions.false_negatives, "misses"),
        ],
    }
    series = [
        {
            "type": "heatmap",
            "name": sort,
            "data": [
                {
                    "value": [across, up, count],
                    "label": {"formatter": f"{count:,}\n{words}"},
                }
                for across, up, count, words in of_sort
            ],
            "label": {"show": True, "fontSize": 16, "lineHeight": 22, "color": _TEXT},
            "itemStyle": {"borderWidth": 2, "borderColor": "rgba(128, 128, 128, 0.35)"},
            "emphasis": {"disabled": True},
        }
        for sort, of_sort in cells.items()
    ]
    axis: dict[str, Any] = {
        "type": "category",
        "nameLocation": "middle",
        "nameTextStyle": {"fontSize": 14},
        "axisTick": {"show": False},
        "splitArea": {"show": False},
    }
    label = {"fontSize": 14, "width": 110, "overflow": "truncate"}
    return {
        "animation": False,
        "grid": {"left": 12, "right": 20, "top": 36, "bottom": 8, "outerBoundsMode": "same"},
        "title": {
            "text": f"Decisions: {decisions.right:,} of {decisions.total:,} are right",
            "left": 4,
            "top": 0,
            "textStyle": {"fontSize": 15, "fontWeight": 600},
        },
        "tooltip": {"show": False},
        "xAxis": axis
        | {
            "name": "The model says",
            "nameGap": 28,
            "data": [f"not {name}", name],
            "axisLabel": label,
        },
        "yAxis": axis
        | {
            "name": "It is",
            "nameGap": 28,
            "data": [f"not {name}", name],
            "axisLabel": label | {"rotate": 90, "width": 100},
        },
        "visualMap": [
            {
                "show": False,
                "seriesIndex": place,
                "dimension": 2,
                "min": 0,
                "max": max(decisions.total, 1),
                "inRange": {"color": list(colors)},
            }
            for place, colors in enumerate((_RIGHT, _WRONG))
        ],
        "series": series,
    }
