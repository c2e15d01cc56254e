"""The loss of a regression: what it is, and what training with it changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from sklearn.metrics import mean_absolute_error, r2_score

from nfm import NFMRegressor, Settings, infer_schema, train_table
from nfm.errors import SettingsError
from nfm.model.losses import row_losses, row_scores, training_metrics
from nfm.model.training_loop import TrainingLoop
from nfm.settings import PRESETS, RegressionLoss, make_settings
from tests.model.plain_training import LAYOUT, make_table, make_target

LOSSES: tuple[RegressionLoss, ...] = ("squared_error", "huber")
PLAIN: dict[str, Any] = {"dropout": 0.0, "hidden_batch_norm": False, "rare_level_dropout": 0.0}


def train(
    regression_loss: RegressionLoss, task: Any = "regression", **settings: Any
) -> TrainingLoop:
    """Train on a small table, with validation rows."""
    made = Settings(regression_loss=regression_loss, **{"epochs": 5, "batch_size": 16, **settings})
    table, labels = make_table(50, task=task)
    others = make_table(30, task=task, seed=1)
    return TrainingLoop(LAYOUT, made, make_target(task), table, labels, validation=others)


def huber(errors: np.ndarray) -> np.ndarray:
    """Return the integral of the gradient, which is 2e, but at most 1 and at least -1."""
    steps = np.linspace(0, 1, 20_001)[:, None] * errors
    return np.trapezoid(np.clip(2 * steps, -1, 1), steps, axis=0)


def test_huber_loss_and_gradient_are_those_of_the_formula() -> None:
    errors = np.array([-3.0, -0.51, -0.5, -0.2, 0.0, 0.4, 0.5, 0.7, 20.0])
    labels = np.linspace(-2, 2, len(errors))
    logits = tf.constant((labels + errors)[:, None], tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        losses, gradient = row_losses(
            "regression", logits, tf.constant(labels, tf.float32), "huber"
        )
        total = tf.reduce_sum(losses)
    np.testing.assert_allclose(losses, huber(errors), atol=1e-4)
    np.testing.assert_allclose(losses[3:7], errors[3:7] ** 2, atol=1e-6)
    np.testing.assert_allclose(gradient[:, 0], np.clip(2 * errors, -1, 1), atol=1e-5)
    np.testing.assert_allclose(gradient, tape.gradient(total, logits), atol=1e-5)


def test_r2_of_training_rows_is_that_of_their_squared_errors() -> None:
    random = np.random.default_rng(0)
    labels = random.standard_normal(30).astype(np.float32)
    logits = (labels + random.standard_normal(30)).astype(np.float32)[:, None]
    weights = random.random(30)
    weights /= weights.mean()
    losses, _ = row_losses("regression", logits, labels, "huber")
    scores = row_scores("regression", logits, labels)
    squares = np.square(logits[:, 0] - labels)
    sums = [float(np.sum(weights * np.array(part))) for part in (losses, scores, squares)]
    metrics = training_metrics(make_target("regression"), labels, weights, *sums)
    expected = r2_score(labels, logits[:, 0], sample_weight=weights)
    assert metrics.r2 == pytest.approx(expected, rel=1e-5)
    assert metrics.loss == pytest.approx(np.average(losses, weights=weights), rel=1e-5)


@pytest.mark.parametrize("loss", LOSSES)
def test_curves_agree_with_the_predictions(loss: RegressionLoss) -> None:
    # Steps too small to change a prediction: all rows are measured with the same weights.
    training = train(loss, learning_rate=1e-9, weight_averaging=False, init_std=1.0, **PLAIN)
    epoch = next(training.epochs())
    network, scale = training.network, training.target.scale
    for metrics, (table, labels) in (
        (epoch.train, make_table(50, task="regression")),
        (epoch.validation, make_table(30, task="regression", seed=1)),
    ):
        outputs = np.array(network(table.codes, table.values))[:, 0]
        assert metrics is not None
        assert metrics.r2 == pytest.approx(r2_score(labels, outputs), abs=1e-4)
        assert metrics.mae == pytest.approx(scale * mean_absolute_error(labels, outputs), rel=1e-4)
        errors = outputs - labels
        assert np.abs(errors).max() > 0.5
        by_row = errors**2 if loss == "squared_error" else huber(errors)
        assert metrics.loss == pytest.approx(by_row.mean(), rel=1e-4)


def test_best_epoch_has_the_lowest_huber_loss_of_the_validation_rows() -> None:
    lowest = np.inf
    for epoch in train("huber", optimizer="sgd", learning_rate=0.5, epochs=15).epochs():
        assert epoch.validation is not None
        assert epoch.best == (epoch.validation.loss < lowest)
        lowest = min(lowest, epoch.validation.loss)


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_classes_are_learned_the_same_with_either_loss(task: str) -> None:
    first, second = (train(loss, task) for loss in LOSSES)
    for one, other in zip(first.epochs(), second.epochs(), strict=True):
        assert (one.train, one.validation) == (other.train, other.validation)
    weights = second.weights()
    for name, array in first.weights().items():
        np.testing.assert_array_equal(array, weights[name], err_msg=name)


def test_outliers_of_the_target_cost_less_with_the_huber_loss() -> None:
    random = np.random.default_rng(0)
    rows = random.normal(size=(1_200, 3))
    clean = 10 * rows[:, 0] + 5 * np.abs(rows[:, 1])
    target = clean + random.normal(size=len(clean))
    target[random.random(len(clean)) < 0.05] += 150
    train_rows, new = slice(0, 800), slice(800, None)
    errors = {}
    for loss in LOSSES:
        model = NFMRegressor(regression_loss=loss, epochs=40, random_state=0)
        model.fit(rows[train_rows], target[train_rows])
        errors[loss] = mean_absolute_error(clean[new], model.predict(rows[new]))
    assert errors["huber"] < 0.7 * errors["squared_error"]


def test_a_model_is_measured_by_the_loss_it_was_trained_with() -> None:
    random = np.random.default_rng(0)
    table = {"a": random.normal(size=300), "b": random.normal(size=300)}
    table["y"] = table["a"] + random.standard_t(2, 300)
    frame = pd.DataFrame(table)
    settings = Settings(regression_loss="huber", epochs=4)
    trained = train_table(frame, infer_schema(frame, "y"), settings)
    rows = frame.iloc[trained.split.validation]
    kept = trained.bundle.history[trained.bundle.best_epoch - 1]
    measured = trained.bundle.evaluate(rows, rows["y"])
    assert measured.loss == pytest.approx(kept.validation.loss, rel=1e-5)
    predicted = trained.bundle.predict(rows)
    assert measured.r2 == pytest.approx(r2_score(rows["y"], predicted))


def test_presets_keep_the_squared_error() -> None:
    assert {make_settings(preset).regression_loss for preset in PRESETS.values()} == {LOSSES[0]}


def test_another_loss_is_refused_with_those_that_exist() -> None:
    with pytest.raises(SettingsError, match="'mse': input should be 'squared_error' or 'huber'"):
        make_settings({"regression_loss": "mse"})
