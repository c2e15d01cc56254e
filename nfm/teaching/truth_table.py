"""Truth tables of a lamp with switches: which model can represent which one?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from nfm.teaching.numpy_nfm import Architecture, TrainConfig, train


@dataclass(frozen=True, eq=False)
class LearnedTruthTable:
    """A model trained on a truth table.

    Attributes:
        probabilities: Probability that the lamp is on, per input row, float64 (rows,).
        right: Number of correct rows: above ½ where on, below where off.
        vectors: Vectors of "down" and "up" of each switch, float64 (2 · switches, k); None for
            a linear model.
    """

    probabilities: np.ndarray
    right: int
    vectors: np.ndarray | None


def input_rows(count: int) -> np.ndarray:
    """Return all positions of `count` switches, 0 down and 1 up, int64 (2^count, count)."""
    return np.array(list(product((0, 1), repeat=count)), dtype=np.int64)


def position_names(count: int) -> tuple[str, ...]:
    """Name the positions in `input_rows`: "↓↑" means the first is down, the second up."""
    return tuple("".join("↓↑"[up] for up in row) for row in input_rows(count))


def parity(count: int) -> tuple[bool, ...]:
    """Return the parity truth table: the lamp is on if an odd number of switches is up."""
    return tuple(bool(up % 2) for up in input_rows(count).sum(axis=1))


def learn_truth_table(kind: Architecture, lamp: Sequence[bool]) -> LearnedTruthTable:
    """Train a model on all rows of a truth table.

    Args:
        kind: Architecture of the model.
        lamp: Whether the lamp is on, in the order of `input_rows`; 4 or 8 values.

    Returns:
        The probabilities and vectors of the trained model.
    """
    codes = input_rows(len(lamp).bit_length() - 1)
    labels = np.array(lamp, dtype=np.float64)
    machine = train(TrainConfig(kind), codes, labels)
    probabilities = machine.probabilities(codes)
    # A model without information predicts ½ up to rounding errors: that is not correct.
    right = np.where(labels == 1, probabilities > 0.51, probabilities < 0.49)
    return LearnedTruthTable(probabilities, int(right.sum()), machine.weights.get("embedding"))
