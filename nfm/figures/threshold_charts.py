"""What each decision threshold does: ROC and precision-recall curves, and the confusion matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from nfm.evaluation.thresholds import ConfusionCounts, ThresholdCurve, threshold_text
from nfm.figures.echarts import grid, heading, named_axis
from nfm.figures.labels import share_limits, share_step

_POINTS = 400
_WHOLE = (0.0, 100.0)


def _share_axis(
    name: str, *, below: bool, limits: tuple[float, float] = _WHOLE, rows: bool = True
) -> dict[str, Any]:
    """Return an axis of percents.

    Args:
        name: What it shows; "(%)" is added.
        below: Whether it is the horizontal one.
        limits: Where it begins and ends, as `share_limits` gives them.
        rows: Whether its ticks have lines across the plot.

    Returns:
        An axis of an ECharts option.
    """
    return {
        "type": "value",
        **named_axis(f"{name} (%)", below=below),
        "min": limits[0],
        "max": limits[1],
        "interval": share_step(limits),
        "axisLabel": {"fontSize": 13},
        "splitLine": {"show": rows and not below},
    }


def _share_chart(
    title: str,
    note: str,
    across: str,
    up: str,
    *,
    curve: tuple[str, np.ndarray, np.ndarray],
    guessing: list[list[float]],
    mark: tuple[str, float, float] | None,
    limits: tuple[float, float] = _WHOLE,
) -> dict[str, Any]:
    """Draw a curve of shares, what guessing would give, and the place of one threshold on it.

    Args:
        title: What is shown, with its summary.
        note: What is good.
        across: Name of the horizontal axis.
        up: Name of the vertical axis.
        curve: Its name, and its points in 0..1, (m,) each; thinned to a few hundred.
        guessing: Two points in percent that end the line of guessing.
        mark: Name and place in 0..1 of the threshold; None draws none.
        limits: Ends of the vertical axis, in percent.

    Returns:
        An ECharts option, which the browser updates in place.
    """
    name, horizontal, vertical = curve
    kept = _thin(len(horizontal))
    points = np.round(100 * np.column_stack([horizontal[kept], vertical[kept]]), 2).tolist()
    series: list[dict[str, Any]] = [
        {
            "type": "line",
            "name": name,
            "data": points,
            "showSymbol": False,
            "lineStyle": {"width": 3},
            "emphasis": {"disabled": True},
            "z": 2,
        },
        {
            "type": "scatter",
            "name": "No threshold" if mark is None else mark[0],
            "data": [] if mark is None else [[round(100 * mark[1], 2), round(100 * mark[2], 2)]],
            "symbol": "diamond",
            "symbolSize": 18,
            "z": 3,
        },
        {
            "type": "line",
            "name": "Guessing",
            "data": guessing,
            "showSymbol": False,
            "lineStyle": {"width": 2, "type": "dotted"},
            "emphasis": {"disabled": True},
        },
    ]
    named = [each["name"] for each in series if each["data"]]
    shown, top = heading(title, note, named)
    return {
        **shown,
        "animation": False,
        "grid": grid(top),
        "tooltip": {"trigger": "item", "valueFormatter": "%.1f %%"},
        "xAxis": _share_axis(across, below=True),
        "yAxis": _share_axis(up, below=False, limits=limits),
        "series": series,
    }


def _thin(count: int) -> np.ndarray:
    """Return positions of at most a few hundred points, the first and the last among them."""
    return np.unique(np.linspace(0, count - 1, min(count, _POINTS)).round().astype(np.int64))


def roc_curve(threshold_curve: ThresholdCurve, threshold: float) -> dict[str, Any]:
    """Draw true against false positive rates.

    Args:
        threshold_curve: The decisions at every threshold.
        threshold: The one to mark.

    Returns:
        An ECharts option.
    """
    false_rate, true_rate = threshold_curve.roc()
    decisions = threshold_curve.at(threshold)
    mark = None
    if decisions.specificity is not None and decisions.recall is not None:
        mark = (
            f"At threshold {threshold_text(threshold)}",
            1 - decisions.specificity,
            decisions.recall,
        )
    return _share_chart(
        f"ROC: area {threshold_curve.area_under_curve:.3f}",
        "Up and left is better",
        "False positive rate: false alarms",
        "True positive rate: hits",
        curve=("This model", false_rate, true_rate),
        guessing=[[0.0, 0.0], [100.0, 100.0]],
        mark=mark,
    )


def precision_recall_curve(threshold_curve: ThresholdCurve, threshold: float) -> dict[str, Any]:
    """Draw precision against recall.

    Args:
        threshold_curve: The decisions at every threshold.
        threshold: The one to mark.

    Returns:
        An ECharts option.
    """
    recall, precision = threshold_curve.precision_recall()
    decisions = threshold_curve.at(threshold)
    mark = None
    if decisions.precision is not None and decisions.recall is not None:
        mark = (f"At threshold {threshold_text(threshold)}", decisions.recall, decisions.precision)
    share = round(
        100 * threshold_curve.positives / (threshold_curve.positives + threshold_curve.negatives), 2
    )
    return _share_chart(
        f"Average precision {threshold_curve.average_precision:.3f}",
        "Up and right is better",
        "Recall: share of the class found",
        "Precision: share correct",
        curve=("This model", recall, precision),
        guessing=[[0.0, share], [100.0, share]],
        mark=mark,
        limits=share_limits(precision, np.array([share / 100])),
    )


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
