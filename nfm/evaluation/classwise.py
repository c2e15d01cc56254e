"""How a model does class by class."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nfm.evaluation.held_out import HeldOutPredictions


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
