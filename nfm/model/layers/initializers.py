"""What weights are before training, and what their size costs."""

from __future__ import annotations

import zlib
from typing import Any

import keras
import numpy as np

from nfm.settings import Task

# Chosen on fourteen tables (docs/tuning.md).
_REGRESSION_WIDTH = 0.5


def derived_seed(seed: int, part: str) -> int:
    """Derive the seed of one part of a network from the network's seed.

    Parts that share a seed would start from the same numbers and drop the same units.

    Args:
        seed: The network's seed, not negative.
        part: A fixed name of the part, never a name from the data.

    Returns:
        A seed in 0..2³¹ − 1, the same on every machine.
    """
    mixed = np.random.SeedSequence([seed, zlib.crc32(part.encode())]).generate_state(1)[0]
    return int(mixed) & 0x7FFFFFFF


def normal_initializer(init_std: float, seed: int | None) -> Any:
    """Return an initialiser of N(0, init_std), a new one for every table; zeros for 0."""
    if init_std == 0:
        return keras.initializers.Zeros()
    return keras.initializers.RandomNormal(stddev=init_std, seed=seed)


def output_initializer(task: Task, seed: int | None) -> Any:
    """Return an initialiser of the output layer: Glorot's uniform, narrower for a regression.

    The outputs would start with a deviation of about 1, which is that of the standardised
    target; what a short training on a small table leaves of them is noise.
    """
    width = _REGRESSION_WIDTH if task == "regression" else 1.0
    return keras.initializers.VarianceScaling(width**2, "fan_avg", "uniform", seed=seed)


def l2_regularizer(l2: float) -> Any:
    """Return the regulariser that adds l2 times the squared size, or None for 0."""
    return keras.regularizers.L2(l2) if l2 else None
