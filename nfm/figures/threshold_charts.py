"""Charts of decision thresholds: ROC and precision-recall curves, and the confusion matrix."""

from __future__ import annotations

from typing import Any

import numpy as np

from nfm.evaluation.thresholds import ConfusionCounts, ThresholdCurve, threshold_text
from nfm.figures.echarts import LABELS, axis_name, chart
from nfm.figures.labels import share_limits, share_step
from nfm.figures.palette import CORRECT_CELLS, DARK_TEXT, STRONG_CELL_BORDER, WRONG_CELLS

_POINTS = 400
_WHOLE = (0.0, 100.0)


def _share_axis(name: str, *, below: bool, limits: tuple[float, float] = _WHOLE) -> dict[str, Any]:
    """Return an axis in percent.

    Args:
        name: The quantity; "(%)" is added.
        below: Whether it is the horizontal axis.
        limits: Ends of the axis in percent, as `share_limits` returns them.
    """
    return {
        "type": "value",
        **axis_name(f"{name} (%)", below=below),
        "min": limits[0],
        "max": limits[1],
        "interval": share_step(limits),
        "axisLabel": LABELS,
        "splitLine": {"show": not below},
    }


def _share_chart(
    title: str,
    note: str,
    across: str,
    up: str,
    *,
    curve: tuple[np.ndarray, np.ndarray],
    guessing: list[list[float]],
    mark: tuple[str, float, float] | None,
    limits: tuple[float, float] = _WHOLE,
) -> dict[str, Any]:
    """Draw a curve of two shares, the line of guessing, and the position of one threshold.

    Args:
        title: What is shown, with its summary.
        note: Which direction is better.
        across: Name of the horizontal axis.
        up: Name of the vertical axis.
        curve: Points of the model's curve in 0..1, (m,) each; thinned to a few hundred.
        guessing: Both ends of the line of guessing, in percent.
        mark: Name and position in 0..1 of the threshold; None draws no mark.
        limits: Ends of the vertical axis in percent.

    Returns:
        An ECharts option, which the browser updates in place.
    """
    horizontal, vertical = curve
    kept = np.linspace(0, len(horizontal) - 1, min(len(horizontal), _POINTS)).round()
    kept = np.unique(kept.astype(np.int64))
    points = np.round(100 * np.column_stack([horizontal[kept], vertical[kept]]), 2).tolist()
    series: list[dict[str, Any]] = [
        {
            "type": "line",
            "name": "This model",
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
    return chart(
        title,
        note=note,
        legend=[each["name"] for each in series if each["data"]],
        tooltip={"trigger": "item", "valueFormatter": "%.1f%%"},
        x=_share_axis(across, below=True),
        y=_share_axis(up, below=False, limits=limits),
        series=series,
    )


def roc_curve(threshold_curve: ThresholdCurve, threshold: float) -> dict[str, Any]:
    """Draw true against false positive rates."""
    decisions = threshold_curve.at(threshold)
    mark = None
    if decisions.specificity is not None and decisions.recall is not None:
        name = f"At threshold {threshold_text(threshold)}"
        mark = (name, 1 - decisions.specificity, decisions.recall)
    return _share_chart(
        f"ROC: area {threshold_curve.area_under_curve:.3f}",
        "Up and left is better",
        "False positive rate: false alarms",
        "True positive rate: hits",
        curve=threshold_curve.roc(),
        guessing=[[0.0, 0.0], [100.0, 100.0]],
        mark=mark,
    )


def precision_recall_curve(threshold_curve: ThresholdCurve, threshold: float) -> dict[str, Any]:
    """Draw precision against recall."""
    recall, precision = threshold_curve.precision_recall()
    decisions = threshold_curve.at(threshold)
    mark = None
    if decisions.precision is not None and decisions.recall is not None:
        name = f"At threshold {threshold_text(threshold)}"
        mark = (name, decisions.recall, decisions.precision)
    share = round(
        100 * threshold_curve.positives / (threshold_curve.positives + threshold_curve.negatives), 2
    )
    return _share_chart(
        f"Average precision {threshold_curve.average_precision:.3f}",
        "Up and right is better",
        "Recall: share of the class found",
        "Precision: share correct",
        curve=(recall, precision),
        guessing=[[0.0, share], [100.0, share]],
        mark=mark,
        limits=share_limits(precision, np.array([share / 100])),
    )


def decision_matrix(decisions: ConfusionCounts, names: tuple[str, str]) -> dict[str, Any]:
    """Draw the confusion matrix at a threshold.

    Args:
        decisions: The four counts.
        names: Names of the other class (or of all others) and of the class itself, not escaped:
            a canvas draws them as plain text.
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
                {"value": [across, up, count], "label": {"formatter": f"{count:,}\n{words}"}}
                for across, up, count, words in of_sort
            ],
            "label": {"show": True, "fontSize": 14, "lineHeight": 19, "color": DARK_TEXT},
            "itemStyle": {"borderWidth": 2, "borderColor": STRONG_CELL_BORDER},
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
    return chart(
        f"{decisions.right:,} of {decisions.total:,} decisions are correct",
        tooltip={"show": False},
        x=axis | axis_name("Predicted", below=True) | {"axisLabel": label},
        y=axis | axis_name("Actual", below=False, gap=28) | {"axisLabel": label | {"rotate": 90}},
        visualMap=[
            {
                "show": False,
                "seriesIndex": place,
                "dimension": 2,
                "min": 0,
                "max": max(decisions.total, 1),
                "inRange": {"color": list(colors)},
            }
            for place, colors in enumerate((CORRECT_CELLS, WRONG_CELLS))
        ],
        series=series,
    )
