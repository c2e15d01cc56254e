"""The ROC curve: what each further hit costs in false alarms."""

from __future__ import annotations

from typing import Any

from nfm.evaluation.thresholds import ThresholdCurve, threshold_text
from nfm.figures.rate_chart import share_chart


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
    return share_chart(
        f"ROC: area {threshold_curve.area_under_curve:.3f}",
        "Up and left is better",
        "False positive rate: false alarms",
        "True positive rate: hits",
        curve=("This model", false_rate, true_rate),
        guessing=[[0.0, 0.0], [100.0, 100.0]],
        mark=mark,
    )
