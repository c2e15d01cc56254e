"""Lamps with switches: which model can learn which wiring?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from nfm.teaching.numpy_nfm import Architecture, TrainConfig, train


@dataclass(frozen=True, eq=False)
class LearnedTruthTable:
    """What a model makes of a lamp's wiring.

    Attributes:
        probabilities: That the lamp is on, for each position of the switches, float64 (cases,).
        right: How many of the cases it gets right: above ½ where on, below where off.
        vectors: Those of "down" and "up" of each switch, float64 (2 · switches, k); None for
            a linear model.
    """

    probabilities: np.ndarray
    right: int
    vectors: np.ndarray | None


def input_rows(count: int) -> np.ndarray:
    """Return all positions of some switches, 0 down and 1 up, int64 (2^count, count)."""
    return np.array(list(product((0, 1), repeat=count)), dtype=np.int64)


def parity(count: int) -> tuple[bool, ...]:
    """Return when the lamp is on if every switch turns it over: an odd number is up."""
    return tuple(bool(up % 2) for up in input_rows(count).sum(axis=1))


def learn_truth_table(kind: Architecture, lamp: Sequence[bool], size: int = 4) -> LearnedTruthTable:
    """Train a model on every position of the switches.

    Args:
        kind: The model.
        lamp: Whether it is on, in the order of `input_rows`; 4 or 8 of them.
        size: k, length of the vectors.

    Returns:
        What it has learned.
    """
    codes = input_rows(len(lamp).bit_length() - 1)
    labels = np.array(lamp, dtype=np.float64)
    machine = train(TrainConfig(kind, size=size), codes, labels)
    probabilities = machine.probabilities(codes)
    # A model that knows nothing says ½, give or take a rounding error: that is not right.
    right = np.where(labels == 1, probabilities > 0.51, probabilities < 0.49)
    return LearnedTruthTable(probabilities, int(right.sum()), machine.weights.get("embedding"))
