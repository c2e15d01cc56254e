"""The functions between a network's layers, as Keras computes them, in NumPy alone."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

# Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26: the complementary
# error function of x >= 0 is exp(-x²) · t · polynomial(t), t = 1 / (1 + P x), to 1.5e-7.
_ERF_P = 0.3275911
_ERF_COEFFICIENTS = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)


def sigmoid(values: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-x)) without overflow, of the same shape and dtype."""
    small = np.exp(-np.abs(values))
    return np.where(values >= 0, 1, small) / (1 + small)


def softmax(values: np.ndarray) -> np.ndarray:
    """Return exp(x) / Σ exp(x) over the last axis without overflow."""
    exponentials = np.exp(values - values.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def relu(values: np.ndarray) -> np.ndarray:
    """Return max(x, 0)."""
    return np.maximum(values, 0)


def gelu(values: np.ndarray) -> np.ndarray:
    """Return x Φ(x), Φ the normal distribution's function: the exact form, Keras's default."""
    size = np.abs(values)
    t = 1 / (1 + _ERF_P * math.sqrt(0.5) * size)
    polynomial = np.zeros_like(t)
    for coefficient in reversed(_ERF_COEFFICIENTS):
        polynomial = (polynomial + coefficient) * t
    tail = 0.5 * polynomial * np.exp(-0.5 * np.square(values))
    return values * np.where(values >= 0, 1 - tail, tail)


ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": relu,
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "gelu": gelu,
}
