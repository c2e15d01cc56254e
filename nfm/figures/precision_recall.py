"""The precision-recall curve: how reliable a yes is, for each share of rows found."""

from __future__ import annotations

from typing import Any

from nfm.figures.rates import share_chart
from nfm.inference.evaluation.thresholds import Sweep, threshold_text


def precision_recall_curve(sweep: Sweep, threshold: float) -> dict[str, Any]:
    """Draw precision against recall.

    Args:
        sweep: The decisions at every threshold.
        threshold: The one to mark.

    Returns:
        An ECharts option.
    """
    recall, precision = sweep.precision_recall()
    decisions = sweep.at(threshold)
    mark = None
    if decisions.precision is not None and decisions.recall is not None:
        mark = (f"At threshold {threshold_text(threshold)}", decisions.recall, decisions.precision)
    share = round(100 * sweep.positives / (sweep.positives + sweep.negatives), 2)
    return share_chart(
        f"Precision and recall, mean {sweep.average_precision:.3f}: high is better",
        "Recall: found among the rows of the class",
        "Precision: right among those found",
        curve=("This model", recall, precision),
        guessing=[[0.0, share], [100.0, share]],
        mark=mark,
    )
