"""What a step minimises, always from logits, and what an epoch reports of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

from nfm.epoch import Metrics
from nfm.errors import TrainingError
from nfm.settings import Settings, Task

if TYPE_CHECKING:
    from nfm.tabular.target import Target


def row_losses(task: Task, logits: Any, labels: Any) -> Any:
    """Return the loss of every row.

    Args:
        task: "binary": log loss, −log σ(z) or −log(1 − σ(z)). "multiclass": −log softmax(z)_y.
            "regression": (z − y)².
        logits: Float (batch, C).
        labels: (batch,), float32, or int32 class codes for "multiclass".

    Returns:
        Float (batch,).
    """
    if task == "multiclass":
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    outputs = tf.reshape(logits, (-1,))
    if task == "binary":
        return tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=outputs)
    return tf.math.squared_difference(outputs, labels)


def row_scores(task: Task, logits: Any, labels: Any) -> Any:
    """Return the second figure of every row, float (batch,).

    It is 1 for a class that was right and 0 for one that was wrong, for "regression" the
    absolute error of the standardised target.
    """
    if task == "multiclass":
        return tf.cast(
            tf.equal(tf.argmax(logits, axis=1, output_type=tf.int32), labels), tf.float32
        )
    outputs = tf.reshape(logits, (-1,))
    if task == "binary":
        return tf.cast(tf.equal(outputs > 0, labels > 0.5), tf.float32)
    return tf.abs(outputs - labels)


def training_metrics(
    target: Target, labels: np.ndarray, loss_sum: float, score_sum: float
) -> Metrics:
    """Turn the sums over an epoch's rows into its metrics.

    Args:
        target: Says the task, and the scale of a regression's target.
        labels: Of all training rows.
        loss_sum: Sum of `row_losses`, without weights.
        score_sum: Sum of `row_scores`.

    Returns:
        Loss and accuracy, or loss, MAE and R².
    """
    rows = len(labels)
    if target.task != "regression":
        return Metrics(loss=loss_sum / rows, accuracy=score_sum / rows)
    spread = float(np.var(labels, dtype=np.float64)) * rows
    return Metrics(
        loss=loss_sum / rows,
        mae=score_sum / rows * target.scale,
        r2=1.0 - loss_sum / spread if spread > 0 and rows > 1 else None,
    )


def row_weights(
    settings: Settings, target: Target, labels: np.ndarray, sample_weight: np.ndarray | None
) -> np.ndarray | None:
    """Say how much every training row counts.

    Args:
        settings: `class_weight` "balanced" multiplies each row's weight by
            rows / (classes · rows of its class).
        target: Says the task.
        labels: Of the training rows.
        sample_weight: One finite weight ≥ 0 for each row, not all zero; None for ones.

    Returns:
        Float32 (rows,) with mean 1, so that the learning rate keeps its meaning; None if
        all rows count the same.

    Raises:
        TrainingError: If the weights are not as described.
    """
    weights = None
    if sample_weight is not None:
        weights = np.asarray(sample_weight, dtype=np.float64)
        if weights.shape != (len(labels),):
            raise TrainingError(
                f"sample_weight must have one weight for each of the {len(labels):,} training "
                f"rows; its shape is {weights.shape}."
            )
        if not np.isfinite(weights).all() or (weights < 0).any() or not weights.any():
            raise TrainingError(
                "sample_weight must hold finite numbers that are not negative, and not only zeros."
            )
    if settings.class_weight == "balanced" and target.task != "regression":
        counts = np.bincount(labels)
        balance = len(labels) / (np.count_nonzero(counts) * np.maximum(counts, 1))
        weights = balance[labels] * (1.0 if weights is None else weights)
    if weights is None:
        return None
    return (weights / weights.mean()).astype(np.float32)
