"""A batch of pooled vectors that passes batch norm and dropout, number by number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ROWS = 6
FACTORS = 4
# The factors of a real pool differ as much: some are large, some hardly move.
_MEANS = np.array([0.0, 5.0, -2.0, 0.5])
_DEVIATIONS = np.array([1.0, 10.0, 0.3, 2.0])
_EPSILON = 1e-3


@dataclass(frozen=True, eq=False)
class BatchPass:
    """A batch on its way from the pooling to the hidden layers, float64 (rows, factors).

    Attributes:
        pooled: What the pooling gave.
        normalised: After the batch norm; None without one.
        dropped: After the dropout; None without one.
    """

    pooled: np.ndarray
    normalised: np.ndarray | None
    dropped: np.ndarray | None


def pass_batch(*, dropout: float, batch_norm: bool, training: bool, draw: int) -> BatchPass:
    """Send the batch through.

    Sources: Ioffe and Szegedy 2015, "Batch Normalization"; Srivastava et al. 2014, "Dropout".

    Args:
        dropout: Share of the numbers that are dropped, in [0, 1); 0 for no dropout.
        batch_norm: Whether to normalise each factor.
        training: Whether the net is learning, or asked.
        draw: Which random numbers decide the dropout.

    Returns:
        The batch after each step.
    """
    pooled = _MEANS + _DEVIATIONS * np.random.default_rng(7).normal(size=(ROWS, FACTORS))
    current = pooled
    normalised = dropped = None
    if batch_norm:
        # While it learns, the batch's own moments; then the averages that it kept.
        mean = pooled.mean(axis=0) if training else _MEANS
        variance = pooled.var(axis=0) if training else np.square(_DEVIATIONS)
        current = normalised = normalise(pooled, mean, variance)
    if dropout:
        noise = np.random.default_rng(draw).random(pooled.shape)
        dropped = silence(current, dropout, noise) if training else current
    return BatchPass(pooled, normalised, dropped)


def normalise(values: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Return (x − mean) / deviation of every column: batch norm before γ and β are learned."""
    return (values - mean) / np.sqrt(variance + _EPSILON)


def silence(values: np.ndarray, rate: float, noise: np.ndarray) -> np.ndarray:
    """Return x / (1 − rate) where the noise is at least the rate, else 0."""
    return values * (noise >= rate) / (1 - rate)
