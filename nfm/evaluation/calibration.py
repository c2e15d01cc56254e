"""Whether what has a probability of 70 % is observed seven times in ten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from nfm.evaluation.confidence_intervals import wilson

# How often calibrated probabilities are called miscalibrated.
FALSE_ALARMS = 0.01
_DRAWS = 4_000

Strategy = Literal["quantile", "uniform"]


@dataclass(frozen=True, eq=False)
class CalibrationBins:
    """Rows of similar probabilities, and how often the event was observed among them.

    Attributes:
        counts: Rows of each bin, int64 (bins,); bins without a row are left out.
        predicted: Their mean probability, float64 (bins,).
        observed: The share for which it was observed, float64 (bins,).
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
        positive: Whether the event was observed, bool (rows,).
        probabilities: Predicted probabilities, float64 (rows,).
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


@dataclass(frozen=True)
class CalibrationTest:
    """How far predicted and observed shares differ, and how far chance alone moves them.

    Attributes:
        error: The calibration error of the bins.
        error_by_chance: What it exceeds in `FALSE_ALARMS` of cases if every probability is right.
        gap: Mean predicted probability, less the observed share of all rows.
        gap_by_chance: What its size exceeds in `FALSE_ALARMS` of cases if all are right.
    """

    error: float
    error_by_chance: float
    gap: float
    gap_by_chance: float

    @property
    def is_off(self) -> bool:
        """Whether the calibration error is more than noise."""
        return self.error > self.error_by_chance

    @property
    def is_biased(self) -> bool:
        """Whether the probabilities are too high or too low on the whole, beyond noise."""
        return abs(self.gap) > self.gap_by_chance


def calibration_test(bins: CalibrationBins, seed: int = 0) -> CalibrationTest:
    """Compare the bins with what calibrated probabilities would give on as many rows.

    Outcomes are drawn many times from the bins' mean probabilities. Within a bin the
    probabilities differ a little, which makes real outcomes vary slightly less: the test is on
    the safe side.

    Args:
        bins: Of the probabilities.
        seed: Of the draws.
    """
    random = np.random.default_rng(seed)
    share = np.clip(bins.predicted, 0.0, 1.0)
    hits = random.binomial(bins.counts, share, (_DRAWS, len(share)))
    rows = bins.counts.sum()
    errors = np.abs(hits - bins.counts * share).sum(axis=1) / rows
    gaps = np.abs((hits - bins.counts * share).sum(axis=1)) / rows
    gap = float(((bins.predicted - bins.observed) * bins.counts).sum() / rows)
    return CalibrationTest(bins.error, _exceeded(errors), gap, _exceeded(gaps))


def _exceeded(values: np.ndarray) -> float:
    return float(np.quantile(values, 1 - FALSE_ALARMS, method="higher"))


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
