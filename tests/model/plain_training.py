"""The training loop as anyone would write it: one step after another, with Keras alone."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from nfm.model.network import build_network
from nfm.model.weights import export_weights
from nfm.settings import Settings, Task
from nfm.tabular.encoded_table import EncodedShape, EncodedTable
from nfm.tabular.target import Target
from tests.model.drawing import make_layout

LAYOUT = make_layout((4, 3), (3, 2), (True, False))


def make_target(task: Task) -> Target:
    """Return a target of the task; three classes for multiclass."""
    if task == "regression":
        return Target(name="y", task=task, mean=5.0, scale=2.0)
    classes = (0, 1) if task == "binary" else (0, 1, 2)
    return Target(name="y", task=task, classes=classes)


def make_table(
    rows: int = 50, layout: EncodedShape = LAYOUT, task: Task = "binary", seed: int = 0
) -> tuple[EncodedTable, np.ndarray]:
    """Return random rows in which the label depends on the first columns."""
    random = np.random.default_rng(seed)
    codes = np.stack([random.integers(0, n, rows) for n in layout.level_counts], axis=1)
    columns = [random.random(rows) * bins for bins in layout.bin_counts]
    for column, may_miss in zip(columns, layout.has_missing, strict=True):
        if may_miss:
            column[random.random(rows) < 0.2] = np.nan
    values = np.stack(columns, axis=1).astype(np.float32)
    score = codes[:, 0] - codes[:, 0].mean() + np.nan_to_num(values[:, 0]) - 1
    if task == "regression":
        labels = (score + 0.1 * random.standard_normal(rows)).astype(np.float32)
    elif task == "multiclass":
        labels = np.digitize(score, [-0.7, 0.7]).astype(np.int32)
    else:
        labels = (score > 0).astype(np.int32)
    return EncodedTable(codes.astype(np.int32), values), labels


def plain_optimizer(settings: Settings) -> keras.optimizers.Optimizer:
    """Return Keras's optimiser with this package's constants."""
    rate = settings.learning_rate
    if settings.optimizer == "adam":
        return keras.optimizers.Adam(rate)
    if settings.optimizer == "adagrad":
        return keras.optimizers.Adagrad(rate, initial_accumulator_value=1e-8, epsilon=0.0)
    return keras.optimizers.SGD(rate)


def train_plainly(
    layout: EncodedShape,
    settings: Settings,
    target: Target,
    table: EncodedTable,
    labels: np.ndarray,
    weights: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """Train one epoch, in the order that `TrainingLoop` takes the rows, and return the weights.

    They are averaged where the settings say so.
    """
    network = build_network(layout, settings, target.task, target.output_count)
    variables = network.model.trainable_variables
    optimizer = plain_optimizer(settings)
    average: dict[str, np.ndarray] = {}
    rows = len(table)
    order = np.random.default_rng([settings.random_state, 0]).permutation(rows)
    ones = np.ones(rows) if weights is None else weights
    for step, begin in enumerate(range(0, rows, settings.batch_size or rows), start=1):
        batch = order[begin : begin + (settings.batch_size or rows)]
        with tf.GradientTape() as tape:
            logits = network(table.codes[batch], table.values[batch], training=True)
            losses = _losses(target.task, logits, labels[batch], settings.regression_loss)
            loss = tf.reduce_mean(losses * ones[batch].astype(np.float32))
            loss += sum(network.model.losses)
        gradients = tape.gradient(loss, [variable.value for variable in variables])
        optimizer.apply_gradients(zip(map(tf.convert_to_tensor, gradients), variables, strict=True))
        for name, array in export_weights(network).items():
            before = average.get(name, 0.0)
            average[name] = before + 4 / (step + 3) * (array - before)
    return average if settings.weight_averaging else export_weights(network)


def _losses(task: Task, logits: Any, labels: np.ndarray, regression_loss: str) -> Any:
    if task == "multiclass":
        return tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
    labels = labels[:, None].astype(np.float32)
    if task == "binary":
        return tf.nn.sigmoid_cross_entropy_with_logits(labels, logits)[:, 0]
    if regression_loss == "huber":
        return 2 * keras.losses.huber(labels, logits, delta=0.5)
    return (logits - labels)[:, 0] ** 2
