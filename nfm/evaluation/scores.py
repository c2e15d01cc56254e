"""Metrics of a model with confidence intervals, and metrics of each class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from nfm.evaluation.calibration import brier_scores
from nfm.evaluation.confidence_intervals import (
    Interval,
    Statistic,
    area_under_curve_of,
    bootstrap,
    mean_of,
    percentile_interval,
    r2_of,
    wilson,
)
from nfm.evaluation.held_out import HeldOutPredictions

# With more classes, the interval of the area under the curve would take too long.
_CLASSES_WITH_INTERVAL = 20


@dataclass(frozen=True, eq=False)
class Score:
    """Value of a metric with its bootstrap samples.

    Attributes:
        value: Value on the rows; NaN if undefined.
        samples: Values on the bootstrap resamples, float64 (draws,).
        share_of: Number of rows if the metric is a share of rows; else None.
        rows: Number of rows; None if unknown.
    """

    value: float
    samples: np.ndarray = field(repr=False)
    share_of: int | None = None
    rows: int | None = None

    @property
    def interval(self) -> Interval | None:
        """The 95% interval by the bootstrap, or Wilson's interval for a share of 0 or 1.

        If every row is predicted correctly, so is every resample: the bootstrap then says
        nothing about other rows.
        """
        if self.share_of and self.value in (0.0, 1.0):
            low, high = wilson(np.array([self.value * self.share_of]), np.array([self.share_of]))
            return Interval(float(low[0]), float(high[0]))
        return percentile_interval(self.samples, self.rows)

    def minus(self, other: Score) -> Score:
        """Return the difference from another model's score on the same resamples (paired)."""
        if self.samples.shape != other.samples.shape:
            return Score(self.value - other.value, np.empty(0))
        difference = self.samples - other.samples
        return Score(self.value - other.value, difference, rows=self.rows)


def scores_of(evaluation: HeldOutPredictions) -> dict[str, Score]:
    """Compute the metrics of a model.

    Args:
        evaluation: Rows with their targets and predictions.

    Returns:
        Name to score.
        "accuracy", "auc", "log_loss" and "brier" for classes; "mae", "rmse" and "r2" for
        numbers (the first two in the target's own units). They equal scikit-learn's; "auc"
        of several classes is the macro one-vs-rest mean, and is left out where a class has
        no row or all of them.
    """
    if evaluation.is_regression:
        mean_square = mean_of(np.square(evaluation.residuals))
        statistics: dict[str, Statistic] = {
            "mae": mean_of(np.abs(evaluation.residuals)),
            "rmse": lambda weights: np.sqrt(mean_square(weights)),
            "r2": r2_of(evaluation.labels, evaluation.predictions),
        }
    else:
        statistics = {
            "accuracy": mean_of(~evaluation.is_error),
            "auc": _mean_area(evaluation),
            "log_loss": mean_of(evaluation.losses),
            "brier": mean_of(brier_scores(evaluation.labels, evaluation.predictions)),
        }
    once = np.ones((1, len(evaluation)))
    values = {name: float(statistic(once)[0]) for name, statistic in statistics.items()}
    statistics = {name: each for name, each in statistics.items() if np.isfinite(values[name])}
    quick = dict(statistics)
    if evaluation.target.class_count > _CLASSES_WITH_INTERVAL:
        quick.pop("auc", None)
    samples = bootstrap(quick, len(evaluation))
    shares = {"accuracy": len(evaluation)}
    return {
        name: Score(values[name], samples.get(name, np.empty(0)), shares.get(name), len(evaluation))
        for name in statistics
    }


def _mean_area(evaluation: HeldOutPredictions) -> Statistic:
    if evaluation.target.class_count == 2:
        return area_under_curve_of(evaluation.labels == 1, evaluation.predictions[:, 1])
    areas = [
        area_under_curve_of(evaluation.labels == code, evaluation.predictions[:, code])
        for code in range(evaluation.target.class_count)
    ]
    return lambda weights: np.mean([area(weights) for area in areas], axis=0)


def confusion_counts(evaluation: HeldOutPredictions) -> np.ndarray:
    """Return the confusion matrix.

    Args:
        evaluation: Predictions of a classifier.

    Returns:
        Number of rows by actual and predicted class, int64 (classes, classes).
    """
    size = evaluation.target.class_count
    pairs = evaluation.labels.astype(np.int64) * size + evaluation.predicted
    return np.bincount(pairs, minlength=size * size).reshape(size, size)


def class_table(evaluation: HeldOutPredictions, names: Sequence[str]) -> pd.DataFrame:
    """Return precision, recall and F1 of every class, and their means.

    Args:
        evaluation: Predictions of a classifier.
        names: What the classes are called, in their order.

    Returns:
        A table with the columns class, rows, precision, recall and f1. The last two rows are the
        mean over the classes and the mean weighted by rows. As in scikit-learn, a metric that is
        undefined, without any row to count, is 0.
    """
    counts = confusion_counts(evaluation)
    right, actual, predicted = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    metrics = pd.DataFrame(
        {
            "precision": right / np.maximum(predicted, 1),
            "recall": right / np.maximum(actual, 1),
            "f1": 2 * right / np.maximum(actual + predicted, 1),
        }
    )
    means = [
        metrics.mean(),
        pd.Series(np.average(metrics, axis=0, weights=actual), index=metrics.columns),
    ]
    table = pd.concat([metrics, pd.DataFrame(means)], ignore_index=True)
    table.insert(0, "class", [*names, "Mean over classes", "Mean over rows"])
    table.insert(1, "rows", [*actual, actual.sum(), actual.sum()])
    return table


def most_confused(counts: np.ndarray) -> tuple[int, int, int] | None:
    """Find the most frequent mistake.

    Args:
        counts: The confusion matrix, int64 (classes, classes).

    Returns:
        Code of the actual class, code of the predicted class, and number of rows; None without
        mistakes.
    """
    wrong = counts - np.diag(np.diag(counts))
    if not wrong.any():
        return None
    actual, predicted = np.unravel_index(int(wrong.argmax()), wrong.shape)
    return int(actual), int(predicted), int(wrong[actual, predicted])
