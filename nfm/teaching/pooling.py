"""The bi-interaction of a few vectors, step by step, and its gradient."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

# The article's example: three fields with vectors of four factors.
EXAMPLE = ((3.0, 0.0, 1.0, 0.0), (1.0, 2.0, 3.0, 4.0), (4.0, 5.0, 6.0, 1.0))


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
    """Pool all pairs of vectors without visiting the pairs.

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
    """Multiply every pair of vectors factor by factor, as the definition says.

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
    """Return how the pooled vector changes with one field's vector.

    Each factor of the pool depends on the same factor of the vector alone, so that one number
    a factor says all. Source: He and Chua 2017, equation 9; the article's equation 5.

    Args:
        numbers: x_i of each field, float64 (n,).
        vectors: v_i of each field, float64 (n, k).
        field: i, whose vector changes.

    Returns:
        (Σ_j x_j v_j) x_i − x_i² v_i, float64 (k,).
    """
    total = pool(numbers, vectors).total
    return total * numbers[field] - np.square(numbers[field]) * vectors[field]


def pool_differences(
    numbers: np.ndarray, vectors: np.ndarray, field: int, width: float
) -> np.ndarray:
    """Measure what `pool_gradient` derives: move each factor a little both ways.

    Args:
        numbers: x_i of each field, float64 (n,).
        vectors: v_i of each field, float64 (n, k).
        field: i, whose vector is moved.
        width: h: how far, more than 0.

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
