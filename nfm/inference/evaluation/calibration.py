"""Whether a probability of 70 % comes true seven times in ten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from nfm.inference.evaluation.chance import wilson

Strategy = Literal["quantile", "uniform"]


@dataclass(frozen=True, eq=False)
class CalibrationBins:
    """Rows of similar probabilities, and how often it came true for them.

    Attributes:
        counts: Rows of each bin, int64 (bins,); bins without a row are left out.
        predicted: Their mean probability, float64 (bins,).
        observed: The share that came true, float64 (bins,).
        low: Lower end of that share's 95 % interval (Wilson), float64 (bins,).
        high: Upper end, float64 (bins,).
    """

    counts: np.ndarray
    predicted: np.ndarray
    observed: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def error(self) -> float:
        """Mean distance of predicted and observed, weighted by rows: the calibration error."""
        distance = np.abs(self.predicted - self.observed)
        return float(np.average(distance, weights=self.counts))


def calibration_bins(
    positive: np.ndarray,
    probabilities: np.ndarray,
    count: int = 10,
    strategy: Strategy = "quantile",
) -> CalibrationBins:
    """Gather rows by their probability.

    Args:
        positive: Whether it came true, bool (rows,).
        probabilities: What was said before, (rows,).
        count: Number of bins at most.
        strategy: "quantile": bins of equally many rows; "uniform": of equal width. Both as
            scikit-learn's calibration_curve.

    Returns:
        The bins, by growing probability.
    """
    if strategy == "quantile":
        edges = np.quantile(probabilities, np.linspace(0, 1, count + 1))
    else:
        edges = np.linspace(0.0, 1.0, count + 1)
    places = np.searchsorted(edges[1:-1], probabilities)
    totals = np.bincount(places, minlength=count)
    hits = np.bincount(places, weights=positive, minlength=count)
    sums = np.bincount(places, weights=probabilities, minlength=count)
    used = totals > 0
    totals, hits, sums = totals[used], hits[used], sums[used]
    low, high = wilson(hits, totals)
    return CalibrationBins(totals, sums / totals, hits / totals, low, high)


def brier_scores(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return the Brier score of every row: the squared distance of probability and truth.

    Brier, G. W. (1950), Verification of forecasts expressed in terms of probability. As in
    scikit-learn, two classes count once, not twice, so that 0 is perfect and 1 the worst.

    Args:
        labels: Class codes (rows,).
        probabilities: (rows, classes).

    Returns:
        float64 (rows,).
    """
    truth = np.eye(probabilities.shape[1])[labels]
    scores = np.square(probabilities - truth).sum(axis=1)
    return scores / 2 if probabilities.shape[1] == 2 else scores
