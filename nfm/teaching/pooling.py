"""Bi-interaction pooling of a few vectors: its steps, its gradient and its cost."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

# The article's example: three fields with vectors of four factors.
EXAMPLE = ((3.0, 0.0, 1.0, 0.0), (1.0, 2.0, 3.0, 4.0), (4.0, 5.0, 6.0, 1.0))
FIELD_COUNTS = (2, 4, 8, 16, 32, 64, 128, 256, 512)
_SECONDS = 0.02  # per measurement, approximately


@dataclass(frozen=True, eq=False)
class Pooling:
    """The bi-interaction with the steps of its computation, each float64 (k,).

    Attributes:
        total: Σ x_i v_i.
        square_of_sum: The square of that.
        sum_of_squares: Σ (x_i v_i)².
        pooled: Half of their difference.
    """

    total: np.ndarray
    square_of_sum: np.ndarray
    sum_of_squares: np.ndarray
    pooled: np.ndarray


def pool(numbers: np.ndarray, vectors: np.ndarray) -> Pooling:
    """Pool all pairs of vectors by two sums.

    Source: He and Chua 2017, "Neural Factorization Machines for Sparse Predictive Analytics",
    equation 4.

    Args:
        numbers: x_i of each field, float64 (n,).
        vectors: v_i of each field, float64 (n, k).

    Returns:
        The result with its steps.
    """
    scaled = numbers[:, None] * vectors
    total = scaled.sum(axis=0)
    square_of_sum = np.square(total)
    sum_of_squares = np.square(scaled).sum(axis=0)
    return Pooling(total, square_of_sum, sum_of_squares, (square_of_sum - sum_of_squares) / 2)


def pair_products(numbers: np.ndarray, vectors: np.ndarray) -> dict[tuple[int, int], np.ndarray]:
    """Multiply every pair of vectors factor by factor: the definition of the pooling.

    Source: He and Chua 2017, equation 3.

    Args:
        numbers: x_i of each field, float64 (n,).
        vectors: v_i of each field, float64 (n, k).

    Returns:
        (x_i v_i) ⊙ (x_j v_j), float64 (k,), by the pair (i, j), i < j.
    """
    scaled = numbers[:, None] * vectors
    return {(i, j): scaled[i] * scaled[j] for i, j in combinations(range(len(scaled)), 2)}


def pool_gradient(numbers: np.ndarray, vectors: np.ndarray, field: int) -> np.ndarray:
    """Return the gradient of the pooled vector with respect to one field's vector.

    Each pooled factor depends only on the same factor of the vector, so the Jacobian is diagonal
    and one number per factor suffices. Source: He and Chua 2017, equation 9; the article's
    equation 5.

    Args:
        numbers: x_i of each field, float64 (n,).
        vectors: v_i of each field, float64 (n, k).
        field: Index i of the field.

    Returns:
        (Σ_j x_j v_j) x_i − x_i² v_i, float64 (k,).
    """
    total = pool(numbers, vectors).total
    return total * numbers[field] - np.square(numbers[field]) * vectors[field]


def pool_differences(
    numbers: np.ndarray, vectors: np.ndarray, field: int, width: float
) -> np.ndarray:
    """Approximate `pool_gradient` by central differences.

    Args:
        numbers: x_i of each field, float64 (n,).
        vectors: v_i of each field, float64 (n, k).
        field: Index i of the field.
        width: Step width h, more than 0.

    Returns:
        (f(v + h) − f(v − h)) / 2h for every factor, float64 (k,).
    """
    differences = np.empty(vectors.shape[1])
    for factor in range(vectors.shape[1]):
        higher, lower = vectors.copy(), vectors.copy()
        higher[field, factor] += width
        lower[field, factor] -= width
        change = pool(numbers, higher).pooled - pool(numbers, lower).pooled
        differences[factor] = change[factor] / (2 * width)
    return differences


@dataclass(frozen=True)
class PoolingCost:
    """Cost of both ways to pool, for one number of fields.

    Attributes:
        fields: Number of fields n.
        pair_products: Number of multiplications by pairs.
        sum_products: Number of multiplications by two sums.
        pair_seconds: Time of one pooling by pairs in seconds, the fastest of several.
        sum_seconds: Time of one pooling by two sums in seconds, the fastest of several.
    """

    fields: int
    pair_products: int
    sum_products: int
    pair_seconds: float
    sum_seconds: float

    @property
    def ratio(self) -> float:
        """Ratio of both times: how many times faster the sums are."""
        return self.pair_seconds / self.sum_seconds


def pool_by_pairs(vectors: np.ndarray) -> np.ndarray:
    """Pool by visiting every pair once.

    Args:
        vectors: Vectors of the fields, float64 (n, k).

    Returns:
        The pooled vector, float64 (k,).
    """
    pooled = np.zeros(vectors.shape[1])
    for i in range(len(vectors) - 1):
        pooled += (vectors[i] * vectors[i + 1 :]).sum(axis=0)
    return pooled


def measure(size: int, field_counts: tuple[int, ...] = FIELD_COUNTS) -> tuple[PoolingCost, ...]:
    """Measure both ways to pool on random vectors, in less than a second.

    Args:
        size: Length k of the vectors.
        field_counts: Numbers of fields n, at most 512.

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
    """Return the shortest of several times in seconds: disturbances only add to it."""
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
