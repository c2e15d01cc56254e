"""Shapley values and Shapley interaction indices of a row's columns.

In the terms of game theory: the columns are the players, and the value of a coalition (a subset
of columns) is the mean prediction with the row's values in these columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import comb
from typing import Literal

import numpy as np

from nfm.explanation.reference_data import ReferenceData, ReferenceRow

EXACT_COLUMNS = 12
PAIR_COLUMNS = 8
_FULL_SAMPLE_COLUMNS = 10
_LARGE_GAME_ROWS = 16
_PERMUTATION_PAIRS = 256
_CHUNK_FLOATS = 1 << 18  # of the sums in memory at once


@lru_cache(maxsize=16)
def membership(players: int) -> np.ndarray:
    """Return which players are in each coalition: player i is in it if bit i is set.

    Args:
        players: Number of players n.

    Returns:
        0 or 1, float64 (2^n, n); coalition 0 is empty, the last one has all players.
    """
    numbers = np.arange(1 << players)
    return ((numbers[:, None] >> np.arange(players)) & 1).astype(np.float64)


@lru_cache(maxsize=16)
def shapley_weights(players: int) -> np.ndarray:
    """Return the matrix that converts coalition values to Shapley values.

    Source: Shapley 1953, "A Value for n-Person Games": the Shapley value of i is the sum over
    coalitions S without i of |S|!(n-|S|-1)!/n! times [v(S with i) - v(S)].

    Args:
        players: Number of players n.

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
    """Return the matrix that converts coalition values to Shapley interaction indices of pairs.

    Source: Grabisch and Roubens 1999, "An axiomatic approach to the concept of interaction
    among players in cooperative games": the sum over coalitions S without i and j of
    |S|!(n-|S|-2)!/(n-1)! times [v(S, i, j) - v(S, i) - v(S, j) + v(S)].

    Args:
        players: Number of players n, at least 2.

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
        coalition_values: Value of each coalition, float64 (2^n, outputs).

    Returns:
        float64 (n, outputs); their sum is v(all players) - v(no player).
    """
    return shapley_weights(_players(coalition_values)) @ coalition_values


def shapley_interactions(coalition_values: np.ndarray) -> np.ndarray:
    """Return the Shapley interaction index of every pair of players.

    Args:
        coalition_values: Value of each coalition, float64 (2^n, outputs).

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


@dataclass(frozen=True, eq=False)
class Explanation:
    """Prediction for a row as the mean prediction plus the contributions of the columns.

    Attributes:
        columns: The columns of the model.
        texts: The row's values as text; user text.
        average: Mean prediction over the reference sample, float64 (outputs,).
        prediction: Prediction for the row, float64 (outputs,).
        contributions: Shapley value of each column, float64 (columns, outputs), in the unit of
            the prediction: 0..1 for probabilities, the unit of the target for numbers.
        standard_errors: Standard errors of the contributions, float64 (columns, outputs); None
            if they are exact.
        pairs: Shapley interaction index of each pair, float64 (columns, columns, outputs),
            symmetric, NaN for pairs that were not computed.
        method: "exact": over all subsets of columns; "sampled": estimated from random orders.
        reference_rows: Number of training rows that the row is compared with.
        description: Method and reference data, in one or two sentences.
    """

    columns: tuple[str, ...]
    texts: tuple[str, ...]
    average: np.ndarray
    prediction: np.ndarray
    contributions: np.ndarray
    standard_errors: np.ndarray | None
    pairs: np.ndarray
    method: Literal["exact", "sampled"]
    reference_rows: int
    description: str

    @property
    def error(self) -> float:
        """Difference of the sum from the prediction, due to rounding."""
        total = self.average + self.contributions.sum(axis=0)
        return float(np.abs(total - self.prediction).max())


def explain(reference: ReferenceData, row: ReferenceRow) -> Explanation:
    """Compute the Shapley values of a row's columns.

    The value of a subset of columns is the mean prediction over rows with the row's values in these
    columns and the values of a reference row in the others (interventional Shapley values;
    Lundberg and Lee 2017, "A Unified Approach to Interpreting Model Predictions"). With up to
    twelve columns they are exact. With more, they are estimated from random orders of the
    columns, each with its reverse (antithetic pairs; Mitchell et al. 2022, "Sampling Permutations
    for Shapley Value Estimation"), drawn with a fixed seed.

    Args:
        reference: The model with its reference data.
        row: The row to explain.

    Returns:
        The explanation; average and contributions add up to the prediction in both cases.
    """
    if len(reference.columns) <= EXACT_COLUMNS:
        return _exact(reference, row)
    return _sampled(reference, row)


def coalition_values(
    reference: ReferenceData, parts: np.ndarray, sample_parts: np.ndarray
) -> np.ndarray:
    """Return the mean prediction with the row's values in each subset of columns.

    Args:
        reference: The model with its reference data.
        parts: Parts of the row, float64 (n, width).
        sample_parts: Parts of the reference rows, float64 (sample, n, width).

    Returns:
        float64 (2^n, outputs), with subsets in the order of `membership`.
    """
    member = membership(len(parts))
    present = member @ parts
    others = np.ascontiguousarray(sample_parts.transpose(1, 0, 2))
    sample, width = len(sample_parts), parts.shape[1]
    others = others.reshape(len(parts), sample * width)
    result = np.empty((len(member), reference.predictions.shape[1]))
    step = max(1, _CHUNK_FLOATS // (sample * width))
    for start in range(0, len(member), step):
        chunk = slice(start, start + step)
        sums = ((1 - member[chunk]) @ others).reshape(-1, sample, width)
        sums += present[chunk, None]
        result[chunk] = reference.predictions_of_sums(sums).mean(axis=1)
    return result


def _exact(reference: ReferenceData, row: ReferenceRow) -> Explanation:
    sample_parts, note = reference.sample_parts, reference.description
    if len(reference.columns) > _FULL_SAMPLE_COLUMNS:
        step = -(-len(sample_parts) // _LARGE_GAME_ROWS)
        sample_parts = sample_parts[step // 2 :: step]
        note = (
            f"The reference data are {len(sample_parts)} of {reference.training_rows:,} training "
            "rows, evenly spaced in the order of the model's predictions."
        )
    values = coalition_values(reference, row.parts, sample_parts)
    return Explanation(
        columns=reference.columns,
        texts=row.texts,
        average=values[0],
        prediction=row.predictions,
        contributions=shapley_values(values),
        standard_errors=None,
        pairs=shapley_interactions(values),
        method="exact",
        reference_rows=len(sample_parts),
        description=f"Exact Shapley values over all {len(values):,} subsets of columns. {note}",
    )


def _sampled(reference: ReferenceData, row: ReferenceRow) -> Explanation:
    sample_parts = reference.sample_parts
    sample, count, width = sample_parts.shape
    random = np.random.default_rng(0)
    rounds = -(-_PERMUTATION_PAIRS // sample)
    estimates = np.empty((rounds * sample, count, reference.predictions.shape[1]))
    step = max(1, _CHUNK_FLOATS // (2 * (count + 1) * width))
    draws = np.tile(np.arange(sample), rounds)
    for start in range(0, len(draws), step):
        drawn = draws[start : start + step]
        orders = random.permuted(np.tile(np.arange(count), (len(drawn), 1)), axis=1)
        changes = row.parts - sample_parts[drawn]
        begins = sample_parts[drawn].sum(axis=1)
        forward = _gains(reference, begins, changes, orders)
        backward = _gains(reference, begins, changes, orders[:, ::-1])
        estimates[start : start + step] = (forward + backward) / 2
    contributions = estimates.mean(axis=0)
    errors = estimates.std(axis=0, ddof=1) / np.sqrt(len(estimates))
    return Explanation(
        columns=reference.columns,
        texts=row.texts,
        average=reference.average,
        prediction=row.predictions,
        contributions=contributions,
        standard_errors=errors,
        pairs=_pairs_of_strongest(reference, row, contributions),
        method="sampled",
        reference_rows=sample,
        description=(
            f"Estimated Shapley values from {2 * len(draws):,} random orders of the {count:,} "
            f"columns; ± is the standard error. {reference.description} Pairs are computed among "
            f"the {PAIR_COLUMNS} columns with the largest contributions, with all others as in "
            "this row."
        ),
    )


def _gains(
    reference: ReferenceData, begins: np.ndarray, changes: np.ndarray, orders: np.ndarray
) -> np.ndarray:
    """Return the change of the prediction by each column, when columns change one after the other.

    Args:
        reference: The model with its reference data.
        begins: Sums before the first change, float64 (m, width).
        changes: Changes of the columns' parts, float64 (m, n, width).
        orders: Orders of the columns, int64 (m, n).

    Returns:
        float64 (m, n, outputs).
    """
    rows = np.arange(len(orders))[:, None]
    steps = np.concatenate([begins[:, None], changes[rows, orders]], axis=1)
    predictions = reference.predictions_of_sums(np.cumsum(steps, axis=1))
    gains = np.empty((*orders.shape, predictions.shape[-1]))
    gains[rows, orders] = np.diff(predictions, axis=1)
    return gains


def _pairs_of_strongest(
    reference: ReferenceData, row: ReferenceRow, contributions: np.ndarray
) -> np.ndarray:
    """Return exact interactions of the columns with the largest contributions.

    All other columns have the row's values.
    """
    count, outputs = contributions.shape
    size = np.abs(contributions).max(axis=1)
    chosen = np.sort(np.argsort(-size, kind="stable")[:PAIR_COLUMNS])
    others = np.setdiff1d(np.arange(count), chosen)
    parts = row.parts[chosen].copy()
    sample_parts = reference.sample_parts[:, chosen].copy()
    fixed = row.parts[others].sum(axis=0)
    parts[0] += fixed
    sample_parts[:, 0] += fixed
    pairs = np.full((count, count, outputs), np.nan)
    pairs[np.ix_(chosen, chosen)] = shapley_interactions(
        coalition_values(reference, parts, sample_parts)
    )
    return pairs
