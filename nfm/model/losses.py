"""Losses and scores from logits, row weights, and the metrics of an epoch's training rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from nfm.epoch import Metrics
from nfm.errors import TrainingError
from nfm.metrics import HUBER_DELTA
from nfm.settings import RegressionLoss, Settings, Task

if TYPE_CHECKING:
    from nfm.tabular.target import Target


def row_losses(
    task: Task, logits: Any, labels: Any, regression_loss: RegressionLoss = "squared_error"
) -> tuple[Any, Any]:
    """Return the loss of every row and its gradient in closed form.

    Args:
        task: "binary": log loss, log(1 + eᶻ) − y z, gradient σ(z) − y. "multiclass":
            −log softmax(z)_y, gradient softmax(z) − onehot(y). "regression": (z − y)²,
            gradient 2 (z − y).
        logits: Float (batch, C).
        labels: Float32 (batch,), or int32 class codes (batch,) for "multiclass".
        regression_loss: With "huber", an error |z − y| above δ has the loss δ (2 |z − y| − δ) and
            the gradient ±2δ. It is twice Huber's usual loss, so that up to δ it equals the squared
            error, and learning rate and penalties keep their meaning.

    Returns:
        The losses, float (batch,), and their gradients with respect to the logits, float
        (batch, C).
    """
    if task == "multiclass":
        return tf.raw_ops.SparseSoftmaxCrossEntropyWithLogits(features=logits, labels=labels)
    outputs = logits[:, 0]
    if task == "binary":
        losses = tf.nn.softplus(outputs) - labels * outputs
        return losses, (tf.sigmoid(outputs) - labels)[:, None]
    errors = outputs - labels
    if regression_loss == "huber":
        clipped = tf.clip_by_value(errors, -HUBER_DELTA, HUBER_DELTA)
        return clipped * (2.0 * errors - clipped), 2.0 * clipped[:, None]
    return tf.square(errors), 2.0 * errors[:, None]


def row_scores(task: Task, logits: Any, labels: Any) -> Any:
    """Return the score of every row, for the accuracy or the mean absolute error.

    Args:
        task: "binary", "multiclass" or "regression".
        logits: Float (batch, C).
        labels: Float32 (batch,), or int32 class codes (batch,) for "multiclass".

    Returns:
        Float (batch,): 1 if the predicted class is correct, else 0; for "regression" the
        absolute error of the standardised target.
    """
    if task == "multiclass":
        return tf.cast(
            tf.equal(tf.argmax(logits, axis=1, output_type=tf.int32), labels), tf.float32
        )
    outputs = logits[:, 0]
    if task == "binary":
        return tf.cast(tf.equal(outputs > 0, labels > 0.5), tf.float32)
    return tf.abs(outputs - labels)


def sums_squared_errors(task: Task, settings: Settings) -> bool:
    """Return whether R² needs the squared errors besides the loss, which is another error."""
    return task == "regression" and settings.regression_loss != "squared_error"


def training_metrics(
    target: Target,
    labels: np.ndarray,
    weights: np.ndarray,
    loss_sum: float,
    score_sum: float,
    squared_error_sum: float | None = None,
) -> Metrics:
    """Return the metrics of an epoch's training rows, given the sums over them.

    Args:
        target: Gives the task, and the scale of a regression's target.
        labels: Labels of all training rows, (rows,).
        weights: Weights of the rows in the metrics, float (rows,), with mean 1.
        loss_sum: Weighted sum of the `row_losses`.
        score_sum: Weighted sum of the `row_scores`.
        squared_error_sum: Weighted sum of the squared errors of a regression; None if they are
            the losses.

    Returns:
        Loss and accuracy, or loss, MAE and R².
    """
    rows = len(labels)
    if target.task != "regression":
        return Metrics(loss=loss_sum / rows, accuracy=score_sum / rows)
    mean = np.average(labels, weights=weights)
    spread = float(np.average(np.square(labels - mean), weights=weights)) * rows
    squared = loss_sum if squared_error_sum is None else squared_error_sum
    return Metrics(
        loss=loss_sum / rows,
        mae=score_sum / rows * target.scale,
        r2=1.0 - squared / spread if spread > 0 and rows > 1 else None,
    )


def row_weights(
    settings: Settings, target: Target, labels: np.ndarray, sample_weight: np.ndarray | None
) -> np.ndarray:
    """Return the weights of the training rows, in the loss and in the metrics.

    Class weights change what the model learns, not how it is measured: validation and test rows
    have none.

    Args:
        settings: With `class_weight` "balanced", the weight of a row in the loss is multiplied
            by rows / (classes · rows of its class).
        target: Gives the task.
        labels: Labels of the training rows, (rows,).
        sample_weight: Finite weights ≥ 0, float (rows,), not all zero; None for ones.

    Returns:
        Float32 (rows, 2): weights in the loss and in the metrics. Both have mean 1, so that the
        scale of the learning rate stays the same.

    Raises:
        TrainingError: If the weights are not as described.
    """
    balanced = settings.class_weight == "balanced" and target.task != "regression"
    weights = np.ones((len(labels), 2))
    if sample_weight is not None:
        weights *= checked_weights(sample_weight, len(labels))[:, None]
    if balanced:
        counts = np.bincount(labels)
        weights[:, 0] *= len(labels) / (np.count_nonzero(counts) * np.maximum(counts, 1))[labels]
    return (weights / weights.mean(axis=0)).astype(np.float32)


def checked_weights(weights: np.ndarray, rows: int) -> np.ndarray:
    """Return row weights as float64 (rows,).

    Raises:
        TrainingError: If there isn't one weight per row, a weight is not finite or negative, or
            all are zero.
    """
    weights = np.asarray(weights, dtype=np.float64)
    if weights.shape != (rows,):
        raise TrainingError(
            f"sample_weight must have one weight for each of the {rows:,} rows; "
            f"its shape is {weights.shape}."
        )
    if not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
        raise TrainingError(
            "sample_weight must hold finite numbers that are not negative, and not only zeros."
        )
    return weights
