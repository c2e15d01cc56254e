"""What the two ways to pool cost: counted, and measured on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nfm.teaching.pooling import pool

FIELD_COUNTS = (2, 4, 8, 16, 32, 64, 128, 256, 512)
_SECONDS = 0.02  # for each of the measurements, at most about


@dataclass(frozen=True)
class PoolingCost:
    """Both ways for one number of fields.

    Attributes:
        fields: n.
        pair_products: Multiplications of two numbers when every pair is visited.
        sum_products: The same for the square of the sum and the sum of squares.
        pair_seconds: Time of one pooling by pairs; the fastest of several.
        sum_seconds: Time of one pooling by sums, likewise.
    """

    fields: int
    pair_products: int
    sum_products: int
    pair_seconds: float
    sum_seconds: float

    @property
    def ratio(self) -> float:
        """How many times faster the sums are."""
        return self.pair_seconds / self.sum_seconds


def pool_by_pairs(vectors: np.ndarray) -> np.ndarray:
    """Pool by visiting every pair once.

    Args:
        vectors: float64 (n, k).

    Returns:
        float64 (k,).
    """
    pooled = np.zeros(vectors.shape[1])
    for i in range(len(vectors) - 1):
        pooled += (vectors[i] * vectors[i + 1 :]).sum(axis=0)
    return pooled


def measure(size: int, field_counts: tuple[int, ...] = FIELD_COUNTS) -> tuple[PoolingCost, ...]:
    """Pool random vectors in both ways; takes less than a second.

    Args:
        size: k, length of the vectors.
        field_counts: Numbers of fields n, 512 at most.

    Returns:
        The cost for each number of fields.
    """
    random = np.random.default_rng(0)
    costs = []
    for count in field_counts:
        vectors = random.normal(size=(count, size))
        ones = np.ones(count)
        costs.append(
            PoolingCost(
                fields=count,
                pair_products=size * count * (count - 1) // 2,
                sum_products=size * (count + 1),
                pair_seconds=_fastest(lambda: pool_by_pairs(vectors)),  # noqa: B023 - called here
                sum_seconds=_fastest(lambda: pool(ones, vectors)),  # noqa: B023 - called here
            )
        )
    return tuple(costs)


def _fastest(call: Callable[[], object]) -> float:
    """Return the shortest of several times: what disturbs only adds to it."""
    fastest = np.inf
    end = time.perf_counter() + _SECONDS
    for _ in range(50):
        start = time.perf_counter()
        call()
        now = time.perf_counter()
        fastest = min(fastest, now - start)
        if now > end:
            break
    return float(fastest)
