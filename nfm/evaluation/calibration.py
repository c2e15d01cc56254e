"""Calibration: whether events with a probability of 70% are observed in 70% of cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from nfm.evaluation.confidence_intervals import wilson

# False positive rate of the calibration test.
FALSE_ALARMS = 0.01
_DRAWS = 4_000

Strategy = Literal["quantile", "uniform"]


@dataclass(frozen=True, eq=False)
class CalibrationBins:
    """Bins of rows with similar probabilities, and the observed share of the event in each.

    Attributes:
        counts: Number of rows per bin, int64 (bins,); empty bins are left out.
        predicted: Mean probability per bin, float64 (bins,).
        observed: Share of rows with the event, float64 (bins,).
        low: Lower ends of the 95% intervals (Wilson) of `observed`, float64 (bins,).
        high: Upper ends of these intervals, float64 (bins,).
    """

    counts: np.ndarray
    predicted: np.ndarray
    observed: np.ndarray
    low: np.ndarray
    high: np.ndarray

    @property
    def error(self) -> float:
        """Expected calibration error: mean of |predicted - observed|, weighted by rows."""
        distance = np.abs(self.predicted - self.observed)
        return float(np.average(distance, weights=self.counts))


def calibration_bins(
    positive: np.ndarray,
    probabilities: np.ndarray,
    count: int = 10,
    strategy: Strategy = "quantile",
) -> CalibrationBins:
    """Group rows by their probability.

    Args:
        positive: Whether the event was observed, bool (rows,).
        probabilities: Predicted probabilities, float64 (rows,).
        count: Maximum number of bins.
        strategy: "quantile": bins with equal numbers of rows; "uniform": bins of equal width.
            Both as in scikit-learn's calibration_curve.

    Returns:
        The bins by increasing probability.
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
    """Difference of predicted and observed shares, and its limits under chance alone.

    Attributes:
        error: Calibration error of the bins.
        error_by_chance: Limit that the error of calibrated probabilities exceeds in
            `FALSE_ALARMS` of cases.
        gap: Mean predicted probability minus the observed share of all rows.
        gap_by_chance: Limit that |gap| of calibrated probabilities exceeds in `FALSE_ALARMS` of
            cases.
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
        """Whether the probabilities are too high or too low on average, beyond noise."""
        return abs(self.gap) > self.gap_by_chance


def calibration_test(bins: CalibrationBins) -> CalibrationTest:
    """Compare the bins with simulated outcomes of calibrated probabilities.

    Outcomes are drawn many times from the mean probability of each bin. Probabilities differ
    within a bin, so real outcomes vary slightly less: the test is conservative.

    Args:
        bins: Bins of the probabilities.

    Returns:
        The differences and their limits.
    """
    random = np.random.default_rng(0)
    share = np.clip(bins.predicted, 0.0, 1.0)
    hits = random.binomial(bins.counts, share, (_DRAWS, len(share)))
    rows = bins.counts.sum()
    errors = np.abs(hits - bins.counts * share).sum(axis=1) / rows
    gaps = np.abs((hits - bins.counts * share).sum(axis=1)) / rows
    gap = float(((bins.predicted - bins.observed) * bins.counts).sum() / rows)
    error_limit, gap_limit = (
        float(np.quantile(values, 1 - FALSE_ALARMS, method="higher")) for values in (errors, gaps)
    )
    return CalibrationTest(bins.error, error_limit, gap, gap_limit)


def brier_scores(labels: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return the Brier score of every row: the squared distance of probabilities and outcome.

    Source: Brier, G. W. (1950), "Verification of forecasts expressed in terms of probability". As
    in scikit-learn, of two classes only one is counted: 0 is perfect, 1 the worst.

    Args:
        labels: Class codes, int (rows,).
        probabilities: Predicted probabilities, float64 (rows, classes).

    Returns:
        float64 (rows,).
    """
    truth = np.eye(probabilities.shape[1])[labels]
    scores = np.square(probabilities - truth).sum(axis=1)
    return scores / 2 if probabilities.shape[1] == 2 else scores
