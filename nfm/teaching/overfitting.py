"""Overfitting of a small network, and the effect of dropout and batch norm, also on one batch."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from nfm.inference.activations import sigmoid
from nfm.teaching.numpy_nfm import NumpyNFM, TrainConfig

FIELDS = 5
LEVELS = 6
TRAINING_ROWS = 400
VALIDATION_ROWS = 1_000
_EVERY = 2
_PLAN = TrainConfig(
    "nfm", levels=LEVELS, size=8, hidden=32, learning_rate=0.02, steps=120, start=0.3
)
BATCH_ROWS = 6
FACTORS = 4
# Pooled factors of a real model differ as much in mean and variance.
_MEANS = np.array([0.0, 5.0, -2.0, 0.5])
_DEVIATIONS = np.array([1.0, 10.0, 0.3, 2.0])
_EPSILON = 1e-3


@dataclass(frozen=True, eq=False)
class Curves:
    """Losses over the course of training, evaluated in inference mode.

    Attributes:
        steps: Training steps of the points, int64 (points,).
        training: Mean log loss on training rows, float64 (points,).
        validation: Mean log loss on validation rows, float64 (points,).
    """

    steps: np.ndarray
    training: np.ndarray
    validation: np.ndarray

    @property
    def best(self) -> int:
        """Index of the point with the lowest validation loss."""
        return int(self.validation.argmin())


def made_up_rows() -> tuple[np.ndarray, np.ndarray]:
    """Generate random rows whose label depends on pairs of fields, with noise.

    Returns:
        Codes, int64 (rows, fields), and labels 0 or 1, float64 (rows,); training rows first.
    """
    random = np.random.default_rng(3)
    codes = random.integers(0, LEVELS, (TRAINING_ROWS + VALIDATION_ROWS, FIELDS))
    vectors = random.normal(size=(FIELDS, LEVELS, 2))
    chosen = vectors[np.arange(FIELDS), codes]
    pooled = np.square(chosen.sum(axis=1)) - np.square(chosen).sum(axis=1)
    labels = random.random(len(codes)) < sigmoid(pooled.sum(axis=1) / 2)
    return codes, labels.astype(np.float64)


def learn(dropout: float, batch_norm: bool) -> Curves:
    """Train the small network on the made-up rows.

    Args:
        dropout: Share of the pooled factors dropped in each step, in [0, 1).
        batch_norm: Whether the pooled factors are normalised.

    Returns:
        The losses; the same arguments give the same result.
    """
    codes, labels = made_up_rows()
    seen, unseen = slice(None, TRAINING_ROWS), slice(TRAINING_ROWS, None)
    plan = replace(_PLAN, dropout=dropout, batch_norm=batch_norm)
    machine = NumpyNFM(plan, FIELDS)
    points = []
    for step in range(plan.steps + 1):
        if step:
            machine.step(codes[seen], labels[seen])
        if step % _EVERY == 0:
            losses = [machine.loss(codes[rows], labels[rows]) for rows in (seen, unseen)]
            points.append((step, *losses))
    steps, training, validation = zip(*points, strict=True)
    return Curves(np.array(steps), np.array(training), np.array(validation))


@dataclass(frozen=True, eq=False)
class BatchPass:
    """A batch between pooling and hidden layers, float64 (rows, factors) each.

    Attributes:
        pooled: Output of the pooling.
        normalised: Output of batch norm; None without batch norm.
        dropped: Output of dropout; None without dropout.
    """

    pooled: np.ndarray
    normalised: np.ndarray | None
    dropped: np.ndarray | None


def pass_batch(*, dropout: float, batch_norm: bool, training: bool, draw: int) -> BatchPass:
    """Pass a fixed batch through batch norm and dropout.

    Sources: Ioffe and Szegedy 2015, "Batch Normalization"; Srivastava et al. 2014, "Dropout".

    Args:
        dropout: Share of numbers to drop, in [0, 1); 0 for no dropout.
        batch_norm: Whether to normalise each factor.
        training: Whether in training mode, else in prediction mode.
        draw: Seed of the dropout.

    Returns:
        The batch after each step.
    """
    pooled = _MEANS + _DEVIATIONS * np.random.default_rng(7).normal(size=(BATCH_ROWS, FACTORS))
    current = pooled
    normalised = dropped = None
    if batch_norm:
        # In training, the moments of the batch; in prediction, the moving averages.
        mean = pooled.mean(axis=0) if training else _MEANS
        variance = pooled.var(axis=0) if training else np.square(_DEVIATIONS)
        current = normalised = normalise(pooled, mean, variance)
    if dropout:
        noise = np.random.default_rng(draw).random(pooled.shape)
        dropped = drop(current, dropout, noise) if training else current
    return BatchPass(pooled, normalised, dropped)


def normalise(values: np.ndarray, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Return (x − mean) / deviation per column: batch norm with initial γ = 1 and β = 0.

    Args:
        values: float64 (rows, factors).
        mean: Mean per factor, float64 (factors,).
        variance: Variance per factor, float64 (factors,).
    """
    return (values - mean) / np.sqrt(variance + _EPSILON)


def drop(values: np.ndarray, rate: float, noise: np.ndarray) -> np.ndarray:
    """Return x / (1 − rate) where the noise is at least the rate, else 0: dropout.

    Args:
        values: float64 (rows, factors).
        rate: Share of numbers to drop, in [0, 1).
        noise: Uniform random numbers in [0, 1), float64 (rows, factors).
    """
    return values * (noise >= rate) / (1 - rate)
