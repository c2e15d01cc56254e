from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from nfm.model.optimizers import SGD, Adagrad, Adam, Optimizer, make_optimizer
from nfm.settings import Settings
from tests.model.plain_training import plain_optimizer

RULES = ("adam", "adagrad", "sgd")
START = np.array([[1.0, -2.0], [0.5, 3.0], [0.0, 0.25]], np.float32)


def whole_steps(rule: Optimizer, gradients: list[np.ndarray], rate: float) -> np.ndarray:
    """Take steps with all of a table, compiled as training does, and return it."""
    table = tf.Variable(START)
    update = rule.dense_update(table)

    @tf.function(autograph=False)
    def take(gradient: tf.Tensor, number: tf.Tensor) -> None:
        update(gradient, rule.step(tf.constant(rate), number))

    for number, gradient in enumerate(gradients, 1):
        take(tf.constant(gradient), tf.constant(float(number)))
    return table.numpy()


def row_steps(
    rule: Optimizer,
    touched: list[list[int]],
    gradients: list[np.ndarray],
    rate: float,
    start: np.ndarray = START,
    dim: int = 0,
) -> np.ndarray:
    """Take steps with some rows of a table, and return it."""
    table = tf.Variable(start)
    update = rule.sparse_update(table, dim)

    @tf.function(autograph=False)
    def take(rows: tf.Tensor, gradient: tf.Tensor, number: tf.Tensor) -> None:
        update(rows, tf.gather(table, rows), gradient, rule.step(tf.constant(rate), number))

    for number, (rows, gradient) in enumerate(zip(touched, gradients, strict=True), 1):
        take(tf.constant(rows), tf.constant(gradient), tf.constant(float(number)))
    return table.numpy()


def draw_gradients(count: int) -> list[np.ndarray]:
    random = np.random.default_rng(3)
    return [random.standard_normal(START.shape).astype(np.float32) for _ in range(count)]


def test_two_steps_of_sgd_by_hand() -> None:
    gradients = [np.full_like(START, 0.5), np.full_like(START, -1.0)]
    after = whole_steps(SGD(), gradients, rate=0.1)
    np.testing.assert_allclose(after, START - 0.05 + 0.1, rtol=1e-6)


def test_two_steps_of_adagrad_by_hand() -> None:
    gradients = [np.full_like(START, 3.0), np.full_like(START, 4.0)]
    after = whole_steps(Adagrad(), gradients, rate=0.1)
    # The squares add up to 9, then to 25: steps of 0.1 · 3/3 and 0.1 · 4/5.
    np.testing.assert_allclose(after, START - 0.1 - 0.08, rtol=1e-5, atol=1e-6)


def test_two_steps_of_adam_by_hand() -> None:
    gradients = [np.full_like(START, 3.0), np.full_like(START, -1.0)]
    after = whole_steps(Adam(), gradients, rate=0.1)
    # First step, corrected for bias: m = 3, v = 9, so 0.1. Second: m = 0.9 · 0.3 − 0.1 = 0.17
    # over 1 − 0.81, v = 0.999 · 0.009 + 0.001 = 0.009991 over 1 − 0.998001.
    second = 0.1 * (0.17 / 0.19) / np.sqrt(0.009991 / 0.001999)
    np.testing.assert_allclose(after, START - 0.1 - second, rtol=1e-5, atol=1e-6)


def test_adagrad_moves_by_the_whole_rate_in_its_first_step_however_small_the_gradient() -> None:
    after = whole_steps(Adagrad(), [np.full_like(START, 0.01)], rate=0.05)
    np.testing.assert_allclose(START - after, 0.05, rtol=0.01)


@pytest.mark.parametrize("name", RULES)
def test_steps_are_those_of_keras(name: str) -> None:
    settings = Settings(optimizer=name, learning_rate=0.02)
    variable = keras.Variable(START)
    optimizer = plain_optimizer(settings)
    gradients = draw_gradients(5)
    for gradient in gradients:
        optimizer.apply([tf.constant(gradient)], [variable])
    after = whole_steps(make_optimizer(settings), gradients, rate=0.02)
    np.testing.assert_allclose(after, variable.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", RULES)
def test_rows_are_updated_as_the_whole_table_when_all_are_touched(name: str) -> None:
    rule = make_optimizer(Settings(optimizer=name))
    gradients = draw_gradients(4)
    orders = [[0, 1, 2], [2, 0, 1], [1, 2, 0], [2, 1, 0]]
    by_rows = row_steps(
        rule, orders, [g[order] for g, order in zip(gradients, orders, strict=True)], rate=0.02
    )
    whole = whole_steps(make_optimizer(Settings(optimizer=name)), gradients, rate=0.02)
    np.testing.assert_allclose(by_rows, whole, rtol=1e-6)


@pytest.mark.parametrize("name", RULES)
def test_rows_that_are_not_touched_stay_as_they_are(name: str) -> None:
    touched = [[0], [0, 2], [2]]
    gradients = [np.ones((len(rows), 2), np.float32) for rows in touched]
    after = row_steps(make_optimizer(Settings(optimizer=name)), touched, gradients, rate=0.1)
    np.testing.assert_array_equal(after[1], START[1])
    assert (after[[0, 2]] < START[[0, 2]]).all()


@pytest.mark.parametrize("name", ["adagrad", "sgd"])
def test_rows_of_adagrad_and_sgd_are_updated_as_with_gradients_of_zero_elsewhere(
    name: str,
) -> None:
    touched = [[0], [0, 2], [2]]
    gradients = [g[rows] for g, rows in zip(draw_gradients(3), touched, strict=True)]
    filled = []
    for rows, gradient in zip(touched, gradients, strict=True):
        filled.append(np.zeros_like(START))
        filled[-1][rows] = gradient
    by_rows = row_steps(make_optimizer(Settings(optimizer=name)), touched, gradients, rate=0.1)
    whole = whole_steps(make_optimizer(Settings(optimizer=name)), filled, rate=0.1)
    np.testing.assert_allclose(by_rows, whole, rtol=1e-6)


@pytest.mark.parametrize("name", RULES)
def test_a_vector_of_one_entry_is_updated_as_a_linear_weight(name: str) -> None:
    steps = [[0, 2], [2, 1], [1, 0]]
    gradients = [g[rows] for g, rows in zip(draw_gradients(3), steps, strict=True)]
    settings = Settings(optimizer=name)
    vector, weights = (
        row_steps(make_optimizer(settings), steps, gradients, rate=0.1, dim=dim) for dim in (1, 0)
    )
    np.testing.assert_array_equal(vector, weights)


def test_a_step_of_adam_on_a_row_by_hand() -> None:
    start = np.zeros((2, 4), np.float32)
    gradient = np.array([[1.0, -2.0, 2.0, 30.0]], np.float32)
    after = row_steps(Adam(), [[1]], [gradient], rate=0.1, start=start, dim=3)
    # Corrected for bias m is the gradient; the vector's v is (1 + 4 + 4) / 3, the weight's 900.
    expected = [-0.1 / np.sqrt(3), 0.2 / np.sqrt(3), -0.2 / np.sqrt(3), -0.1]
    np.testing.assert_allclose(after[1], expected, rtol=1e-5)
    np.testing.assert_array_equal(after[0], start[0])


def test_the_second_moment_of_a_vector_is_kept_from_step_to_step() -> None:
    start = np.zeros((1, 2), np.float32)
    gradients = [np.array([[3.0, 1.0]], np.float32), np.array([[0.0, -1.0]], np.float32)]
    after = row_steps(Adam(), [[0], [0]], gradients, rate=0.1, start=start, dim=2)
    # v is 0.001 · 5, then 0.999 · 0.005 + 0.001 · 0.5 = 0.005495 over 1 − 0.998001.
    first = np.array([3.0, 1.0]) / np.sqrt(5)
    second = np.array([0.9 * 0.3, 0.9 * 0.1 - 0.1]) / 0.19 / np.sqrt(0.005495 / 0.001999)
    np.testing.assert_allclose(after[0], -0.1 * (first + second), rtol=1e-5, atol=1e-6)
