"""SGD, Adagrad and Adam on two weights, by the formulas that training uses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

Rule = Literal["sgd", "adagrad", "adam"]
PathStep = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Takes weights and gradient, returns the new weights; remembers what its rule needs."""

# As in nfm.model.optimizers, which cannot be imported without TensorFlow; a test compares them.
ADAM_BETA_1 = 0.9
ADAM_BETA_2 = 0.999
ADAM_EPSILON = 1e-7
ADAGRAD_INITIAL_ACCUMULATOR = 1e-8


def make_step(rule: Rule, learning_rate: float) -> PathStep:
    """Prepare a rule for one array of weights.

    Sources: Duchi, Hazan and Singer 2011 (Adagrad); Kingma and Ba 2015, section 2 (Adam).

    Args:
        rule: Which one.
        learning_rate: η.

    Returns:
        The rule.
    """
    return {"sgd": _sgd, "adagrad": _adagrad, "adam": _adam}[rule](learning_rate)


def valley_loss(weights: np.ndarray, steepness: float) -> np.ndarray:
    """Return ½ (c w₁² + w₂²), a valley that is c times as steep across as along.

    Args:
        weights: float64 (..., 2).
        steepness: c.

    Returns:
        float64 (...).
    """
    return (steepness * np.square(weights[..., 0]) + np.square(weights[..., 1])) / 2


def valley_path(
    rule: Rule, learning_rate: float, steepness: float, start: tuple[float, float], steps: int
) -> np.ndarray:
    """Walk down the valley.

    Args:
        rule: Which rule takes the steps.
        learning_rate: η.
        steepness: c of `valley_loss`.
        start: Where to begin.
        steps: How many steps to take; ends sooner once a weight is beyond 1e6.

    Returns:
        The places, the start among them, float64 (steps + 1 at most, 2).
    """
    step = make_step(rule, learning_rate)
    slope = np.array([steepness, 1.0])
    places = [np.array(start, dtype=np.float64)]
    for _ in range(steps):
        places.append(step(places[-1], slope * places[-1]))
        if np.abs(places[-1]).max() > 1e6:
            break
    return np.stack(places)


def _sgd(learning_rate: float) -> PathStep:
    return lambda weights, gradient: weights - learning_rate * gradient


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
