"""The functions between and after a network's layers, as in Keras, in NumPy alone."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from nfm.tabular.target import Target

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


def class_probabilities(logits: np.ndarray) -> np.ndarray:
    """Return the probability of every class.

    Args:
        logits: float64 (rows, C). A single output is the log odds of the second of two classes.

    Returns:
        float64 (rows, classes).
    """
    if logits.shape[1] > 1:
        return softmax(logits)
    return np.concatenate([sigmoid(-logits), sigmoid(logits)], axis=1)


def predictions(target: Target, logits: np.ndarray) -> np.ndarray:
    """Return a network's predictions from its logits.

    Args:
        target: The target.
        logits: Raw outputs, float64 (..., C).

    Returns:
        The probability of the positive class or of every class, or the predicted number in the
        unit of the target, float64 (..., C).
    """
    if target.task == "regression":
        return target.decode(logits)
    return sigmoid(logits) if target.task == "binary" else softmax(logits)


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
