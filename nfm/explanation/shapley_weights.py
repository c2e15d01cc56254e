"""Games of fields: the Shapley values and interactions of 2^n worths."""

from __future__ import annotations

from functools import lru_cache
from math import comb

import numpy as np


@lru_cache(maxsize=16)
def membership(players: int) -> np.ndarray:
    """Return which players are in each coalition: bit i of its number.

    Args:
        players: Their number n.

    Returns:
        float64 (2^n, n) of 0 and 1; coalition 0 is empty, the last one is everybody.
    """
    numbers = np.arange(1 << players)
    return ((numbers[:, None] >> np.arange(players)) & 1).astype(np.float64)


@lru_cache(maxsize=16)
def shapley_weights(players: int) -> np.ndarray:
    """Return the matrix that turns worths into Shapley values.

    Source: Shapley 1953, "A Value for n-Person Games": the value of i is the sum over
    coalitions S without i of |S|!(n-|S|-1)!/n! times [worth(S with i) - worth(S)].

    Args:
        players: Their number n.

    Returns:
        float64 (n, 2^n).
    """
    member = membership(players)
    sizes = member.sum(axis=1).astype(int)
    orders = np.array([1 / (players * comb(players - 1, size)) for size in range(players)])
    joined = np.where(sizes > 0, orders[sizes - 1], 0.0)[:, None]
    left = np.where(sizes < players, orders[np.minimum(sizes, players - 1)], 0.0)[:, None]
    return np.where(member == 1, joined, -left).T.copy()


@lru_cache(maxsize=16)
def interaction_weights(players: int) -> np.ndarray:
    """Return the matrix that turns worths into Shapley interaction indices of pairs.

    Source: Grabisch and Roubens 1999, "An axiomatic approach to the concept of interaction
    among players in cooperative games": the sum over coalitions S without i and j of
    |S|!(n-|S|-2)!/(n-1)! times [worth(S, i, j) - worth(S, i) - worth(S, j) + worth(S)].

    Args:
        players: Their number n, at least 2.

    Returns:
        float64 (n(n-1)/2, 2^n); pairs as `numpy.triu_indices(n, 1)` orders them.
    """
    member = membership(players)
    sizes = member.sum(axis=1).astype(int)
    orders = np.array(
        [1 / ((players - 1) * comb(players - 2, size)) for size in range(players - 1)]
    )
    first, second = np.triu_indices(players, 1)
    inside = member[:, first] + member[:, second]
    others = sizes[:, None] - inside.astype(int)
    return (orders[others] * np.where(inside == 1, -1.0, 1.0)).T.copy()


def shapley_values(coalition_values: np.ndarray) -> np.ndarray:
    """Return the Shapley value of every player.

    Args:
        coalition_values: Of all coalitions, float64 (2^n, outputs).

    Returns:
        float64 (n, outputs); they add up to worth(everybody) - worth(nobody).
    """
    return shapley_weights(_players(coalition_values)) @ coalition_values


def shapley_interactions(coalition_values: np.ndarray) -> np.ndarray:
    """Return the Shapley interaction index of every pair of players.

    Args:
        coalition_values: Of all coalitions, float64 (2^n, outputs).

    Returns:
        float64 (n, n, outputs), symmetric, 0 on the diagonal.
    """
    players = _players(coalition_values)
    result = np.zeros((players, players, coalition_values.shape[1]))
    if players > 1:
        first, second = np.triu_indices(players, 1)
        result[first, second] = interaction_weights(players) @ coalition_values
        result[second, first] = result[first, second]
    return result


def _players(coalition_values: np.ndarray) -> int:
    return len(coalition_values).bit_length() - 1
