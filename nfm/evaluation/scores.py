"""The figures of an evaluation, each with its interval."""

from __future__ import annotations

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

# More classes than this: the area under the curve gets no interval, which would take too long.
_CLASSES_WITH_INTERVAL = 20


@dataclass(frozen=True, eq=False)
class Score:
    """One figure.

    Attributes:
        value: On the rows themselves; NaN where it has no meaning on them.
        samples: On every draw of the bootstrap, (draws,).
        share_of: The rows that it is a share of; None if it is none.
        rows: How many rows were measured; None if unknown.
    """

    value: float
    samples: np.ndarray = field(repr=False)
    share_of: int | None = None
    rows: int | None = None

    @property
    def interval(self) -> Interval | None:
        """The 95 % interval by the draws; Wilson's interval of a share that is 0 or 1.

        If every row is answered rightly, so is every draw of them: the draws cannot say how
        many others would be.
        """
        if self.share_of and self.value in (0.0, 1.0):
            low, high = wilson(np.array([self.value * self.share_of]), np.array([self.share_of]))
            return Interval(float(low[0]), float(high[0]))
        return percentile_interval(self.samples, self.rows)

    def minus(self, other: Score) -> Score:
        """Return the difference to another model's figure on the same rows, draw by draw."""
        if self.samples.shape != other.samples.shape:
            return Score(self.value - other.value, np.empty(0))
        difference = self.samples - other.samples
        return Score(self.value - other.value, difference, rows=self.rows)


def scores_of(evaluation: HeldOutPredictions, seed: int = 0) -> dict[str, Score]:
    """Measure a model.

    Args:
        evaluation: Rows, their target and the answers.
        seed: Of the bootstrap; equal for models that are to be compared.

    Returns:
        "accuracy", "auc", "log_loss" and "brier" for classes; "mae", "rmse" and "r2" for
        numbers (the first two in the target's own units). They equal scikit-learn's; "auc"
        of several classes is the macro one-vs-rest mean, and is left out where a class has
        no row or all of them.
    """
    statistics = _of_numbers(evaluation) if evaluation.is_regression else _of_classes(evaluation)
    once = np.ones((1, len(evaluation)))
    values = {name: float(statistic(once)[0]) for name, statistic in statistics.items()}
    statistics = {name: each for name, each in statistics.items() if np.isfinite(values[name])}
    quick = dict(statistics)
    if evaluation.target.class_count > _CLASSES_WITH_INTERVAL:
        quick.pop("auc", None)
    samples = bootstrap(quick, len(evaluation), seed)
    shares = {"accuracy": len(evaluation)}
    return {
        name: Score(values[name], samples.get(name, np.empty(0)), shares.get(name), len(evaluation))
        for name in statistics
    }


def _of_classes(evaluation: HeldOutPredictions) -> dict[str, Statistic]:
    return {
        "accuracy": mean_of(~evaluation.is_error),
        "auc": _mean_area(evaluation),
        "log_loss": mean_of(evaluation.losses),
        "brier": mean_of(brier_scores(evaluation.labels, evaluation.answers)),
    }


def _mean_area(evaluation: HeldOutPredictions) -> Statistic:
    if evaluation.target.class_count == 2:
        return area_under_curve_of(evaluation.labels == 1, evaluation.answers[:, 1])
    areas = [
        area_under_curve_of(evaluation.labels == code, evaluation.answers[:, code])
        for code in range(evaluation.target.class_count)
    ]
    return lambda weights: np.mean([area(weights) for area in areas], axis=0)


def _of_numbers(evaluation: HeldOutPredictions) -> dict[str, Statistic]:
    mean_square = mean_of(np.square(evaluation.residuals))
    return {
        "mae": mean_of(np.abs(evaluation.residuals)),
        "rmse": lambda weights: np.sqrt(mean_square(weights)),
        "r2": r2_of(evaluation.labels, evaluation.answers),
    }


def confusion_counts(evaluation: HeldOutPredictions) -> np.ndarray:
    """Count rows by their class and the most probable class.

    Args:
        evaluation: Of a model of classes.

    Returns:
        int64 (classes, classes): actual class by predicted class.
    """
    size = evaluation.target.class_count
    pairs = evaluation.labels.astype(np.int64) * size + evaluation.predicted
    return np.bincount(pairs, minlength=size * size).reshape(size, size)


def class_table(evaluation: HeldOutPredictions) -> pd.DataFrame:
    """Return a table of precision, recall and F1: one row per class, then their means.

    Args:
        evaluation: Of a model of classes.

    Returns:
        Columns class, rows, precision, recall and f1. The last two rows are the mean over
        the classes and the mean weighted by rows. As in scikit-learn, a figure without
        any row to rest on counts as 0.
    """
    counts = confusion_counts(evaluation)
    right, actual, said = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    figures = pd.DataFrame(
        {
            "precision": _divide(right, said),
            "recall": _divide(right, actual),
            "f1": _divide(2 * right, actual + said),
        }
    )
    means = [
        figures.mean(),
        pd.Series(np.average(figures, axis=0, weights=actual), index=figures.columns),
    ]
    table = pd.concat([figures, pd.DataFrame(means)], ignore_index=True)
    names = [*evaluation.target.class_names, "Mean over classes", "Mean over rows"]
    table.insert(0, "class", names)
    table.insert(1, "rows", [*actual, actual.sum(), actual.sum()])
    return table


def most_confused(counts: np.ndarray) -> tuple[int, int, int] | None:
    """Return the actual and the predicted class that are mistaken most often, and how often."""
    wrong = counts - np.diag(np.diag(counts))
    if not wrong.any():
        return None
    actual, predicted = np.unravel_index(int(wrong.argmax()), wrong.shape)
    return int(actual), int(predicted), int(wrong[actual, predicted])


def _divide(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return part / np.maximum(whole, 1)
