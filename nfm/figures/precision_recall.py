"""The precision-recall curve: how reliable a yes is, for each share of rows found."""

from __future__ import annotations

from typing import Any

import numpy as np

from nfm.evaluation.thresholds import ThresholdCurve, threshold_text
from nfm.figures.rate_chart import share_chart
from nfm.figures.shares import share_limits


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
    return share_chart(
        f"Average precision {threshold_curve.average_precision:.3f}",
        "Up and right is better",
        "Recall: share of the class found",
        "Precision: share correct",
        curve=("This model", recall, precision),
        guessing=[[0.0, share], [100.0, share]],
        mark=mark,
        limits=share_limits(precision, np.array([share / 100])),
    )
