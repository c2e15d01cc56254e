"""The figures of an epoch, from the network's raw outputs.

They equal scikit-learn's (the tests compare them), but are computed with NumPy: importing
scikit-learn takes longer than training on a small table does, and its checks of every
argument cost more than the figures themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from nfm.epoch import Metrics

if TYPE_CHECKING:
    from nfm.settings import RegressionLoss, Task
    from nfm.tabular.target import Target

# In standard deviations of the target. Half of one is the typical error of a model with an R² of
# 0.75, so that most rows still count by their square, as with the squared error.
HUBER_DELTA: Final = 0.5


def evaluate(
    target: Target,
    labels: np.ndarray,
    outputs: np.ndarray,
    sample_weight: np.ndarray | None = None,
    regression_loss: RegressionLoss = "squared_error",
) -> Metrics:
    """Measure how well raw outputs agree with the labels.

    Args:
        target: Says the task, and the scale of a regression's target.
        labels: As `Target.encode` returns them, (rows,): class codes, or the standardised
            target.
        outputs: The network's values before any sigmoid or softmax: (rows,) or (rows, 1)
            for binary (log odds) and regression (standardised value), (rows, classes) for
            multiclass.
        sample_weight: How much each row counts, not negative, (rows,); None: all alike.
        regression_loss: Loss of a regression; MAE and R² do not depend on it.

    Returns:
        The figures of the task; the area under the curve is None where a class has no row,
        R2 where there are fewer than two rows.

    Raises:
        ValueError: If there are no rows, or labels and outputs differ in their number.
    """
    labels = np.asarray(labels).reshape(-1)
    outputs = np.asarray(outputs, dtype=np.float64)
    if len(labels) == 0 or len(labels) != len(outputs):
        raise ValueError(
            f"Expected as many outputs as labels, at least one. "
            f"Received: labels.shape={labels.shape}, outputs.shape={outputs.shape}"
        )
    weight = None if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    outputs = outputs.reshape(len(labels), -1)
    loss = _mean(losses_of_rows(target.task, labels, outputs, regression_loss), weight)
    match target.task:
        case "binary":
            positive, log_odds = labels == 1, outputs[:, 0]
            accuracy = _mean((log_odds > 0) == positive, weight)
            return Metrics(loss, accuracy, area_under_curve(positive, log_odds, weight))
        case "multiclass":
            accuracy = _mean(outputs.argmax(axis=1) == labels, weight)
            return Metrics(loss, accuracy, _mean_area(labels, outputs, weight))
        case _:
            squared_error = loss
            if regression_loss != "squared_error":
                squared_error = _mean(losses_of_rows(target.task, labels, outputs), weight)
            mae = _mean(np.abs(outputs[:, 0] - labels), weight) * target.scale
            r2 = _r2(labels.astype(np.float64), weight, squared_error)
            return Metrics(loss, mae=mae, r2=r2)


def area_under_curve(
    positive: np.ndarray, scores: np.ndarray, weight: np.ndarray | None = None
) -> float | None:
    """Return the area under the ROC curve.

    It is the share of pairs of a positive and a negative row in which the positive one has
    the higher score, ties counted half (Mann and Whitney's U).

    Args:
        positive: Whether a row is positive, bool (rows,).
        scores: The higher, the more probably positive, (rows,).
        weight: How much each row counts, (rows,); None: all alike.

    Returns:
        The area in 0..1, or None if all rows are positive or none is.
    """
    negatives = scores[~positive]
    order = np.argsort(negatives) if weight is not None else None
    negatives = np.sort(negatives) if order is None else negatives[order]
    positives = scores[positive]
    below = np.searchsorted(negatives, positives, "left")
    below_or_level = np.searchsorted(negatives, positives, "right")
    if weight is None or order is None:
        pairs = float(len(negatives) * len(positives))
        won = float(below.sum(dtype=np.int64) + below_or_level.sum(dtype=np.int64))
    else:
        lost_weight = np.append(0.0, np.cumsum(weight[~positive][order]))
        pairs = float(lost_weight[-1] * weight[positive].sum())
        won = float(weight[positive] @ (lost_weight[below] + lost_weight[below_or_level]))
    return won / (2.0 * pairs) if pairs > 0 else None


def losses_of_rows(
    task: Task,
    labels: np.ndarray,
    outputs: np.ndarray,
    regression_loss: RegressionLoss = "squared_error",
) -> np.ndarray:
    """Return the loss per row.

    Args:
        task: The task.
        labels: Labels as `Target.encode` returns them, (rows,).
        outputs: Raw outputs of the network, float64 (rows, C).
        regression_loss: Loss of a regression.

    Returns:
        Log loss in nats, or the loss of the standardised target, float64 (rows,): squared error,
        or Huber's loss, which equals it up to an error of `HUBER_DELTA`.
    """
    if task == "regression":
        errors = outputs[:, 0] - labels
        if regression_loss == "squared_error":
            return np.square(errors)
        clipped = np.clip(errors, -HUBER_DELTA, HUBER_DELTA)
        return clipped * (2.0 * errors - clipped)
    if task == "binary":
        return np.logaddexp(0.0, np.where(labels == 1, -outputs[:, 0], outputs[:, 0]))
    shifted = outputs - outputs.max(axis=1, keepdims=True)
    return np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(labels)), labels]


def _mean(values: np.ndarray, weight: np.ndarray | None) -> float:
    return float(values.mean() if weight is None else np.average(values, weights=weight))


def _mean_area(labels: np.ndarray, outputs: np.ndarray, weight: np.ndarray | None) -> float | None:
    """Return the mean of each class's area against the rest; None if a class has no row."""
    exponentials = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    probabilities = exponentials / exponentials.sum(axis=1)[:, None]
    areas: list[float] = []
    for code in range(outputs.shape[1]):
        area = area_under_curve(labels == code, probabilities[:, code], weight)
        if area is None:
            return None
        areas.append(area)
    return float(np.mean(areas))


def _r2(labels: np.ndarray, weight: np.ndarray | None, squared_error: float) -> float | None:
    """Return R² from the mean squared error; None if there are fewer than two rows."""
    if len(labels) < 2:
        return None
    spread = _mean(np.square(labels - _mean(labels, weight)), weight)
    if spread == 0.0:  # as scikit-learn: perfect or not, nothing in between
        return 1.0 if squared_error == 0.0 else 0.0
    return 1.0 - squared_error / spread
