from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest
import tensorflow as tf

from nfm.errors import TrainingError
from nfm.metrics import evaluate
from nfm.model.losses import row_losses, row_scores, row_weights, training_metrics
from nfm.settings import Settings, Task
from tests.model.plain_training import make_target

BALANCED = Settings(class_weight="balanced")
TASKS: tuple[Task, ...] = ("binary", "multiclass", "regression")


def draw(task: Task, rows: int = 40) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(1)
    logits = random.normal(0, 3, (rows, 3 if task == "multiclass" else 1)).astype(np.float32)
    if task == "multiclass":
        return logits, random.integers(0, 3, rows).astype(np.int32)
    labels = random.random(rows) < 0.5 if task == "binary" else random.standard_normal(rows)
    return logits, labels.astype(np.float32)


@pytest.mark.parametrize("task", TASKS)
def test_gradient_by_hand_is_that_of_the_loss(task: Task) -> None:
    logits, labels = draw(task)
    variable = tf.constant(logits)
    with tf.GradientTape() as tape:
        tape.watch(variable)
        losses, gradient = row_losses(task, variable, tf.constant(labels))
        total = tf.reduce_sum(losses)
    np.testing.assert_allclose(gradient, tape.gradient(total, variable), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("task", TASKS)
def test_metrics_of_an_epoch_are_those_of_evaluate(task: Task) -> None:
    logits, labels = draw(task)
    target = make_target(task)
    losses, _ = row_losses(task, tf.constant(logits), tf.constant(labels))
    scores = row_scores(task, tf.constant(logits), tf.constant(labels))
    weights = np.ones(len(labels), np.float32)
    sums = float(tf.reduce_sum(losses)), float(tf.reduce_sum(scores))
    metrics = training_metrics(target, labels, weights, *sums)
    expected = evaluate(target, labels.astype(int) if task == "binary" else labels, logits)
    measured = {name: value for name, value in asdict(metrics).items() if value is not None}
    assert set(measured) == (
        {"loss", "mae", "r2"} if task == "regression" else {"loss", "accuracy"}
    )
    assert measured == pytest.approx({name: getattr(expected, name) for name in measured}, rel=1e-5)


def test_a_sure_and_wrong_output_has_a_finite_loss_and_a_full_gradient() -> None:
    losses, gradient = row_losses("binary", tf.constant([[80.0]]), tf.constant([0.0]))
    assert losses.numpy() == pytest.approx([80.0])
    assert gradient.numpy().ravel() == pytest.approx([1.0])


def test_rows_count_the_same_without_weights() -> None:
    labels = np.array([0, 1, 1])
    np.testing.assert_array_equal(
        row_weights(Settings(), make_target("binary"), labels, None), np.ones((3, 2))
    )


def test_balanced_classes_weigh_the_same_in_what_is_minimised_only() -> None:
    labels = np.array([0, 0, 0, 1])
    weights = row_weights(BALANCED, make_target("binary"), labels, None)
    np.testing.assert_allclose(weights[:, 0], [2 / 3, 2 / 3, 2 / 3, 2])
    np.testing.assert_allclose(weights[:, 1], 1)


def test_a_class_that_only_validation_rows_have_does_not_shift_the_balance() -> None:
    labels = np.array([0, 0, 2, 2])
    weights = row_weights(BALANCED, make_target("multiclass"), labels, None)
    np.testing.assert_allclose(weights, 1)


def test_sample_weights_have_mean_one_and_their_ratios() -> None:
    labels = np.array([0, 1])
    weights = row_weights(Settings(), make_target("binary"), labels, np.array([30.0, 10.0]))
    np.testing.assert_allclose(weights, [[1.5, 1.5], [0.5, 0.5]])


def test_regression_has_no_classes_to_balance() -> None:
    labels = np.array([0.1, 2.0], np.float32)
    np.testing.assert_allclose(row_weights(BALANCED, make_target("regression"), labels, None), 1)


@pytest.mark.parametrize(
    "weights", [[1.0], [1.0, -1.0], [np.nan, 1.0], [np.inf, 1.0], [0.0, 0.0], [[1.0, 1.0]]]
)
def test_unusable_sample_weights_are_refused(weights: list) -> None:
    with pytest.raises(TrainingError, match="sample_weight must"):
        row_weights(Settings(), make_target("binary"), np.array([0, 1]), np.array(weights))


def test_r2_is_none_for_a_constant_target() -> None:
    labels = np.ones(3, np.float32)
    metrics = training_metrics(make_target("regression"), labels, np.ones(3), 0.3, 0.3)
    assert metrics.r2 is None
    assert metrics.mae == pytest.approx(0.2)
