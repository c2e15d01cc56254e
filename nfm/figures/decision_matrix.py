"""The confusion matrix of one threshold: four counts, updated in place."""

from __future__ import annotations

from typing import Any

from nfm.evaluation.thresholds import ConfusionCounts
from nfm.figures.echarts import grid, heading, named_axis

# Opaque and pale, so that the dark text stands out on a light and on a dark page alike.
_RIGHT = ("#DCEBF6", "#6FAAD2")
_WRONG = ("#FBE6D8", "#E08A4A")
_TEXT = "#16202C"


def decision_matrix(decisions: ConfusionCounts, names: tuple[str, str]) -> dict[str, Any]:
    """Draw how the decisions of a threshold turned out.

    Args:
        decisions: The four counts.
        names: Of the other class, or of all others, and of the class itself, as people wrote
            them; they are drawn on a canvas, never read as HTML.

    Returns:
        An ECharts option.
    """
    cells = {
        "right": [
            (0, 0, decisions.true_negatives, "true negatives\n(correctly no)"),
            (1, 1, decisions.true_positives, "true positives\n(hits)"),
        ],
        "wrong": [
            (1, 0, decisions.false_positives, "false positives\n(false alarms)"),
            (0, 1, decisions.false_negatives, "false negatives\n(misses)"),
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
            "label": {"show": True, "fontSize": 14, "lineHeight": 19, "color": _TEXT},
            "itemStyle": {"borderWidth": 2, "borderColor": "rgba(128, 128, 128, 0.35)"},
            "emphasis": {"disabled": True},
        }
        for sort, of_sort in cells.items()
    ]
    axis: dict[str, Any] = {
        "type": "category",
        "data": list(names),
        "axisTick": {"show": False},
        "splitArea": {"show": False},
    }
    label = {"fontSize": 14, "width": 88, "overflow": "truncate", "interval": 0}
    shown, top = heading(f"{decisions.right:,} of {decisions.total:,} decisions are correct")
    return {
        **shown,
        "animation": False,
        "grid": grid(top),
        "tooltip": {"show": False},
        "xAxis": axis | named_axis("Predicted", below=True) | {"axisLabel": label},
        "yAxis": axis
        | named_axis("Actual", below=False, gap=28)
        | {"axisLabel": label | {"rotate": 90}},
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
