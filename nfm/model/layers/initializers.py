"""Initializers, regularizers and seeds of the weights."""

from __future__ import annotations

import zlib
from typing import Any

import keras
import numpy as np

from nfm.settings import Task

# Chosen on fourteen tables (docs/explanation/tuning.md).
_REGRESSION_WIDTH = 0.5


def derived_seed(seed: int, part: str) -> int:
    """Derive the seed of one part of a network from the network's seed.

    Parts that share a seed would start from the same numbers and drop the same units.

    Args:
        seed: Seed of the network, ≥ 0.
        part: Fixed name of the part; never a name from the data.

    Returns:
        A seed from 0 to 2³¹ − 1, the same on every machine.
    """
    mixed = np.random.SeedSequence([seed, zlib.crc32(part.encode())]).generate_state(1)[0]
    return int(mixed) & 0x7FFFFFFF


def normal_initializer(init_std: float, seed: int | None) -> Any:
    """Return a new initializer of N(0, init_std²), or of zeros if `init_std` is 0."""
    if init_std == 0:
        return keras.initializers.Zeros()
    return keras.initializers.RandomNormal(stddev=init_std, seed=seed)


def output_initializer(task: Task, seed: int | None) -> Any:
    """Return the initializer of the output layer: Glorot's uniform, half as wide for a regression.

    Otherwise the initial outputs would have a standard deviation of about 1, that of the
    standardised target, and a short training on a small table would leave some of it as noise.
    """
    width = _REGRESSION_WIDTH if task == "regression" else 1.0
    return keras.initializers.VarianceScaling(width**2, "fan_avg", "uniform", seed=seed)


def l2_regularizer(l2: float) -> Any:
    """Return a regularizer that adds `l2` times the sum of squares to the loss; None for 0."""
    return keras.regularizers.L2(l2) if l2 else None
