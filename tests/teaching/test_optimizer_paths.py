"""The three rules, against training's kernels, Keras's optimisers, and steps by hand."""

from __future__ import annotations

import numpy as np
import pytest

from nfm.teaching import optimizer_paths
from nfm.teaching.optimizer_paths import make_step, valley_loss, valley_path

RULES = ("sgd", "adagrad", "adam")
START = np.array([0.5, -1.5, 3.0])
GRADIENTS = np.random.default_rng(2).normal(size=(25, 3))


def follow(rule: str, learning_rate: float) -> np.ndarray:
    step, weights = make_step(rule, learning_rate), START
    for gradient in GRADIENTS:
        weights = step(weights, gradient)
    return weights


@pytest.mark.parametrize("rule", RULES)
def test_the_steps_are_those_of_training(rule):
    import tensorflow as tf

    from nfm.model.optimizers import make_optimizer
    from nfm.settings import Settings

    optimizer = make_optimizer(Settings(optimizer=rule))
    variable = tf.Variable(START.astype(np.float32))
    update = optimizer.dense_update(variable)
    for number, gradient in enumerate(GRADIENTS, start=1):
        step = optimizer.step(tf.constant(0.1), tf.constant(float(number)))
        update(tf.constant(gradient.astype(np.float32)), step)
    np.testing.assert_allclose(variable.numpy(), follow(rule, 0.1), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("rule", RULES)
def test_the_steps_are_those_of_keras(rule):
    import keras

    optimizer = {
        "sgd": keras.optimizers.SGD(0.1),
        "adagrad": keras.optimizers.Adagrad(0.1, initial_accumulator_value=1e-8, epsilon=0.0),
        "adam": keras.optimizers.Adam(0.1, epsilon=1e-7),
    }[rule]
    variable = keras.Variable(START.astype(np.float32))
    optimizer.build([variable])
    for gradient in GRADIENTS:
        optimizer.apply([keras.ops.convert_to_tensor(gradient.astype(np.float32))])
    np.testing.assert_allclose(variable.numpy(), follow(rule, 0.1), rtol=1e-4, atol=1e-5)


def test_the_constants_are_those_of_training():
    from nfm.model import optimizers

    for name in ("ADAM_BETA_1", "ADAM_BETA_2", "ADAM_EPSILON", "ADAGRAD_INITIAL_ACCUMULATOR"):
        assert getattr(optimizer_paths, name) == getattr(optimizers, name)


def test_first_steps_by_hand():
    gradient = np.array([4.0, -0.01])
    assert make_step("sgd", 0.1)(np.zeros(2), gradient).tolist() == [-0.4, 0.001]
    for rule in ("adagrad", "adam"):
        moved = make_step(rule, 0.1)(np.zeros(2), gradient)
        np.testing.assert_allclose(moved, [-0.1, 0.1], rtol=1e-3)


def test_sgd_in_the_valley_by_hand():
    path = valley_path("sgd", 0.1, 5.0, (1.0, 2.0), 2)
    np.testing.assert_allclose(path, [[1, 2], [0.5, 1.8], [0.25, 1.62]])
    assert valley_loss(path, 5.0)[0] == pytest.approx((5 + 4) / 2)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_goes_down_with_a_fitting_rate(rule):
    losses = valley_loss(valley_path(rule, 0.05, 10.0, (1.0, 2.0), 300), 10.0)
    assert losses[-1] < 0.05 * losses[0]


def test_a_rate_too_large_ends_before_the_numbers_do():
    path = valley_path("sgd", 1.0, 40.0, (1.0, 2.0), 1_000)
    assert len(path) < 20
    assert np.isfinite(path).all()
