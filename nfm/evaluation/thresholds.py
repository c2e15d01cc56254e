"""Decision thresholds: the confusion matrix and the cost at each of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

# Rare events need thresholds far below 0.01: costs of 1 and 400 imply 0.0025.
THRESHOLD_STEP = 0.0001
THRESHOLD_DIGITS = 4


@dataclass(frozen=True)
class ConfusionCounts:
    """The confusion matrix of two classes at one threshold.

    Attributes:
        true_positives: Rows predicted positive that are positive.
        false_positives: Rows predicted positive that are negative: false alarms.
        false_negatives: Rows predicted negative that are positive: misses.
        true_negatives: Rows predicted negative that are negative.
    """

    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int

    @property
    def total(self) -> int:
        """Number of rows."""
        return self.right + self.false_positives + self.false_negatives

    @property
    def right(self) -> int:
        """Number of correct predictions."""
        return self.true_positives + self.true_negatives

    @property
    def accuracy(self) -> float:
        """Share of correct predictions."""
        return self.right / self.total

    @property
    def precision(self) -> float | None:
        """TP / (TP + FP); None if no row is predicted positive."""
        return _share(self.true_positives, self.false_positives)

    @property
    def recall(self) -> float | None:
        """TP / (TP + FN); None if no row is positive."""
        return _share(self.true_positives, self.false_negatives)

    @property
    def specificity(self) -> float | None:
        """TN / (TN + FP); None if no row is negative."""
        return _share(self.true_negatives, self.false_positives)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of precision and recall; None if no row is or is predicted positive."""
        errors = self.false_positives + self.false_negatives
        return _share(2 * self.true_positives, errors)

    def cost(self, false_alarm: float, miss: float) -> float:
        """Return the total cost of the errors.

        Args:
            false_alarm: Cost of one false positive.
            miss: Cost of one false negative.
        """
        return self.false_positives * false_alarm + self.false_negatives * miss


@dataclass(frozen=True, eq=False)
class ThresholdCurve:
    """The confusion matrix at every distinct threshold; rows at or above it are positive.

    Attributes:
        thresholds: The distinct probabilities, descending, float64 (m,).
        true_positives: True positives at each threshold, int64 (m,).
        false_positives: False positives at each threshold, int64 (m,).
        positives: Number of positive rows.
        negatives: Number of negative rows.
    """

    thresholds: np.ndarray
    true_positives: np.ndarray
    false_positives: np.ndarray
    positives: int
    negatives: int

    @classmethod
    def of(cls, positive: np.ndarray, probabilities: np.ndarray) -> ThresholdCurve:
        """Compute the confusion matrix at every threshold.

        Args:
            positive: True labels, bool (rows,).
            probabilities: Predicted probabilities of the positive class, (rows,).
        """
        order = np.argsort(-probabilities, kind="stable")
        ordered = probabilities[order]
        hits = np.cumsum(positive[order], dtype=np.int64)
        last = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True))
        true_positives = hits[last]
        positives = int(positive.sum())
        return cls(
            ordered[last],
            true_positives,
            last + 1 - true_positives,
            positives,
            len(positive) - positives,
        )

    @property
    def has_both(self) -> bool:
        """Whether there are both positive and negative rows."""
        return self.positives > 0 and self.negatives > 0

    def at(self, threshold: float) -> ConfusionCounts:
        """Return the confusion matrix; rows at or above the threshold are predicted positive."""
        place = int(np.searchsorted(-self.thresholds, -threshold, side="right")) - 1
        hits = int(self.true_positives[place]) if place >= 0 else 0
        false_alarms = int(self.false_positives[place]) if place >= 0 else 0
        return ConfusionCounts(
            hits, false_alarms, self.positives - hits, self.negatives - false_alarms
        )

    def roc(self) -> tuple[np.ndarray, np.ndarray]:
        """Return false and true positive rates from (0, 0) to (1, 1), float64 (m + 1,) each."""
        return (
            np.append(0.0, self.false_positives / max(self.negatives, 1)),
            np.append(0.0, self.true_positives / max(self.positives, 1)),
        )

    def precision_recall(self) -> tuple[np.ndarray, np.ndarray]:
        """Return recall and precision at every threshold, float64 (m,) each."""
        predicted = self.true_positives + self.false_positives
        return self.true_positives / max(self.positives, 1), self.true_positives / predicted

    @property
    def area_under_curve(self) -> float:
        """Area under the ROC curve."""
        false_rate, true_rate = self.roc()
        return float(np.trapezoid(true_rate, false_rate))

    @property
    def average_precision(self) -> float:
        """Average precision: mean of the precisions, weighted by the increase of recall."""
        recall, precision = self.precision_recall()
        return float(np.sum(np.diff(np.append(0.0, recall)) * precision))

    def cheapest(self, false_alarm: float, miss: float) -> float:
        """Return the threshold with the lowest total cost on these rows.

        Args:
            false_alarm: Cost of one false positive.
            miss: Cost of one false negative.

        Returns:
            Of all thresholds with the same predictions, the one with the fewest decimals. If
            predicting no row positive is cheapest, it is 1.0, or infinity if a row has a
            probability of 1.
        """
        costs = self.false_positives * false_alarm
        costs = costs + (self.positives - self.true_positives) * miss
        if self.positives * miss < costs.min():
            return 1.0 if self.thresholds[0] < 1 else math.inf
        place = int(costs.argmin())
        is_last = place == len(self.thresholds) - 1
        below = -math.inf if is_last else float(self.thresholds[place + 1])
        return _fewest_decimals(below, float(self.thresholds[place]))


def implied_threshold(false_alarm: float, miss: float) -> float:
    """Return the threshold at which both decisions have equal expected cost, given calibration.

    At probability p, predicting positive costs (1 - p) · false_alarm on average, predicting
    negative p · miss. Source: Elkan, C. (2001), "The foundations of cost-sensitive learning".

    Args:
        false_alarm: Cost of one false positive, at least 0.
        miss: Cost of one false negative, at least 0.

    Returns:
        The threshold in 0..1; 0.5 if both costs are 0.
    """
    total = false_alarm + miss
    return false_alarm / total if total > 0 else 0.5


def threshold_text(threshold: float) -> str:
    """Format a threshold with two to four decimals, or more if it has more."""
    for decimals in range(2, THRESHOLD_DIGITS + 1):
        if abs(threshold - round(threshold, decimals)) < 1e-9:
            return f"{threshold:.{decimals}f}"
    return f"{threshold:.6g}"


def threshold_percent(threshold: float) -> str:
    """Format a threshold in percent: "50%", "0.25%"."""
    return f"{100 * threshold:.6g}%"


def _fewest_decimals(below: float, highest: float) -> float:
    """Return the number in (below, highest] with the fewest decimals, at least two."""
    for decimals in range(2, 16):
        rounded = math.floor(highest * 10**decimals) / 10**decimals
        if below < rounded <= highest:
            return rounded
    return highest


def _share(part: int, rest: int) -> float | None:
    return part / (part + rest) if part + rest else None
