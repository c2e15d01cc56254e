"""SGD, Adagrad and Adam on two weights, with the formulas used in training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

Rule = Literal["sgd", "adagrad", "adam"]
PathStep = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""A function from weights and gradient to new weights; it keeps the state of its rule."""

# As in nfm.model.optimizers, which cannot be imported without TensorFlow; a test compares them.
ADAM_BETA_1 = 0.9
ADAM_BETA_2 = 0.999
ADAM_EPSILON = 1e-7
ADAGRAD_INITIAL_ACCUMULATOR = 1e-8


def make_step(rule: Rule, learning_rate: float) -> PathStep:
    """Return the update rule for one array of weights.

    Sources: Duchi, Hazan and Singer 2011 (Adagrad); Kingma and Ba 2015, section 2 (Adam).

    Args:
        rule: Name of the rule.
        learning_rate: Learning rate η.

    Returns:
        The update rule with its own state.
    """
    if rule == "sgd":
        return lambda weights, gradient: weights - learning_rate * gradient
    return (_adagrad if rule == "adagrad" else _adam)(learning_rate)


def valley_loss(weights: np.ndarray, steepness: float) -> np.ndarray:
    """Return ½ (c w₁² + w₂²), a valley that is c times as steep across as along.

    Args:
        weights: The two weights, float64 (..., 2).
        steepness: Steepness c.

    Returns:
        Loss, float64 (...).
    """
    return (steepness * np.square(weights[..., 0]) + np.square(weights[..., 1])) / 2


def valley_path(
    rule: Rule, learning_rate: float, steepness: float, start: tuple[float, float], steps: int
) -> np.ndarray:
    """Compute the path of an optimiser down the valley.

    Args:
        rule: Name of the update rule.
        learning_rate: Learning rate η.
        steepness: Steepness c of `valley_loss`.
        start: Initial weights.
        steps: Number of steps; the path ends early if a weight exceeds 1e6.

    Returns:
        Weights at the start and after each step, float64 (at most steps + 1, 2).
    """
    step = make_step(rule, learning_rate)
    slope = np.array([steepness, 1.0])
    places = [np.array(start, dtype=np.float64)]
    for _ in range(steps):
        places.append(step(places[-1], slope * places[-1]))
        if np.abs(places[-1]).max() > 1e6:
            break
    return np.stack(places)


def _adagrad(learning_rate: float) -> PathStep:
    squares: np.ndarray | float = ADAGRAD_INITIAL_ACCUMULATOR

    def step(weights: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        nonlocal squares
        squares = squares + np.square(gradient)
        return weights - learning_rate * gradient / np.sqrt(squares)

    return step


def _adam(learning_rate: float) -> PathStep:
    mean: np.ndarray | float = 0.0
    square: np.ndarray | float = 0.0
    number = 0

    def step(weights: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        nonlocal mean, square, number
        number += 1
        mean = ADAM_BETA_1 * mean + (1 - ADAM_BETA_1) * gradient
        square = ADAM_BETA_2 * square + (1 - ADAM_BETA_2) * np.square(gradient)
        correction = np.sqrt(1 - ADAM_BETA_2**number) / (1 - ADAM_BETA_1**number)
        return weights - learning_rate * correction * mean / (np.sqrt(square) + ADAM_EPSILON)

    return step
