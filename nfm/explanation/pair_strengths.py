"""Strengths of interactions: purified effects of pairs of columns.

Raw pair terms of a model include effects of single columns. Here the effect of a pair is the
residual of the model's table, level by level, without row and column effects, weighted by the
number of training rows in each cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from nfm.explanation.column_values import Bins
from nfm.explanation.reference_data import ReferenceData

COLUMNS = 16


@dataclass(frozen=True, eq=False)
class LevelPairTable:
    """Interaction of two columns, level by level.

    Attributes:
        first: The m bins of the first column.
        second: The n bins of the second column.
        average: Mean score over the reference sample with both columns set, float64
            (m, n, outputs).
        effect: Interaction part of `average`, float64 (m, n, outputs); its sum, weighted by
            `counts`, is 0 over every bin of either column.
        counts: Number of rows of the reference data in both bins, int64 (m, n).
        unit: Unit of the score.
    """

    first: Bins
    second: Bins
    average: np.ndarray
    effect: np.ndarray
    counts: np.ndarray
    unit: str

    @property
    def strength(self) -> np.ndarray:
        """Root of the mean squared effect over training rows, float64 (outputs,)."""
        total = max(1, self.counts.sum())
        return np.sqrt(np.einsum("mn,mno->o", self.counts, np.square(self.effect)) / total)


@dataclass(frozen=True, eq=False)
class PairStrengths:
    """Strengths of all pairs of columns.

    Attributes:
        columns: Names of the columns.
        strengths: Root mean square effect of each pair, float64 (columns, columns, outputs),
            symmetric, 0 on the diagonal.
        unit: Unit of the strengths.
        left_out: Columns of the model without measured pairs.
    """

    columns: tuple[str, ...]
    strengths: np.ndarray
    unit: str
    left_out: tuple[str, ...] = ()

    def strongest(self, output: int = 0, count: int = 10) -> list[tuple[str, str, float]]:
        """Return the strongest pairs as (first, second, strength), in decreasing order.

        Args:
            output: Index of the output.
            count: Maximum number of pairs.
        """
        return [
            (self.columns[first], self.columns[second], strength)
            for first, second, strength in largest_pairs(self.strengths[..., output], count)
        ]


def largest_pairs(values: np.ndarray, count: int) -> list[tuple[int, int, float]]:
    """Return the pairs with the largest absolute values, as (first, second, value).

    Args:
        values: Value of each pair, float64 (n, n), symmetric; NaN where it is unknown.
        count: Maximum number of pairs.
    """
    first, second = np.triu_indices(len(values), 1)
    found = values[first, second]
    known = np.flatnonzero(~np.isnan(found))
    order = known[np.argsort(-np.abs(found[known]), kind="stable")[:count]]
    return [(int(first[k]), int(second[k]), float(found[k])) for k in order]


def level_pair_table(reference: ReferenceData, first: str, second: str) -> LevelPairTable:
    """Compute the interaction of two columns.

    The model's table is its mean score (log odds for two classes; the score of a class minus the
    mean over classes; the unit of the target for numbers) over the reference sample, with the two
    columns set to each pair of bins. Source of the purification: Lengerich et al. 2020, "Purifying
    Interaction Effects with the Functional ANOVA".

    Args:
        reference: The model with its reference data.
        first: Name of the first column.
        second: Name of the second column.

    Returns:
        The interaction.

    Raises:
        ValueError: If a column does not exist, or both are the same.
    """
    one, other = reference.columns.index(first), reference.columns.index(second)
    if one == other:
        raise ValueError(f"Expected two columns. Received: {first!r} twice")
    return _table(reference, one, other)


def pair_strengths(reference: ReferenceData, columns: Sequence[str] | None = None) -> PairStrengths:
    """Compute the strength of every pair of columns.

    Args:
        reference: The model with its reference data.
        columns: Names of the columns; None for all, or for the `COLUMNS` that move the prediction
            most if there are more.

    Returns:
        The strengths.

    Raises:
        ValueError: If a column does not exist.
    """
    if columns is None:
        places = _most_moving(reference)
    else:
        places = [reference.columns.index(column) for column in columns]
    outputs = reference.predictions.shape[1]
    strengths = np.zeros((len(places), len(places), outputs))
    for one, other in combinations(range(len(places)), 2):
        strength = _table(reference, places[one], places[other]).strength
        strengths[one, other] = strengths[other, one] = strength
    return PairStrengths(
        columns=tuple(reference.columns[place] for place in places),
        strengths=strengths,
        unit=score_unit(reference),
        left_out=tuple(
            column for place, column in enumerate(reference.columns) if place not in set(places)
        ),
    )


def purify(table: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Remove row and column effects from a table: weighted double-centring.

    Args:
        table: The table, float64 (m, n, outputs).
        counts: Weight of each cell, (m, n).

    Returns:
        The residual of the weighted least-squares fit by row effects plus column effects,
        float64 (m, n, outputs); its weighted sum over every row and every column is 0.
    """
    if counts.size == 0 or counts.sum() == 0:
        return np.zeros_like(table)
    weights = counts / counts.sum()
    rows, columns = table.shape[:2]
    normal = np.block(
        [[np.diag(weights.sum(axis=1)), weights], [weights.T, np.diag(weights.sum(axis=0))]]
    )
    weighted = weights[..., None] * table
    right = np.concatenate([weighted.sum(axis=1), weighted.sum(axis=0)])
    alone = np.linalg.lstsq(normal, right, rcond=None)[0]
    return table - alone[:rows, None] - alone[None, rows : rows + columns]


def score_unit(reference: ReferenceData) -> str:
    """Return the unit of scores: the target's, "log odds", or "score of the class"."""
    target = reference.bundle.target
    if target.task == "regression":
        return reference.bundle.schema.unit or target.name
    return "log odds" if target.task == "binary" else "score of the class"


def _table(reference: ReferenceData, one: int, other: int) -> LevelPairTable:
    first, second = reference.bins[one], reference.bins[other]
    rest = reference.sample_parts.sum(axis=1)
    rest = rest - reference.sample_parts[:, one] - reference.sample_parts[:, other]
    if reference.bundle.architecture.is_linear_in_pairs:
        rest = rest[:1]  # without hidden layers, other columns only add row and column effects
    # A column whose every value is (other) has no bins; then there are no cells.
    width = reference.sample_parts.shape[2]
    cells = (first.parts[:, None] + second.parts[None]).reshape(len(first) * len(second), width)
    average = np.zeros((len(cells), reference.predictions.shape[1]))
    for row in rest:
        average += _scores(reference, cells + row)
    table = average.reshape(len(first), len(second), average.shape[1]) / len(rest)
    both = (first.groups >= 0) & (second.groups >= 0)
    counts = np.zeros((len(first), len(second)), dtype=np.int64)
    np.add.at(counts, (first.groups[both], second.groups[both]), 1)
    effect = purify(table, counts)
    return LevelPairTable(first, second, table, effect, counts, score_unit(reference))


def _scores(reference: ReferenceData, sums: np.ndarray) -> np.ndarray:
    """Return log odds, centred scores of classes, or numbers in the unit of the target."""
    scores = reference.scores_of_sums(sums)
    target = reference.bundle.target
    if target.task == "multiclass":
        return scores - scores.mean(axis=-1, keepdims=True)
    return scores * target.scale if target.task == "regression" else scores


def _most_moving(reference: ReferenceData) -> list[int]:
    """Return indices of the columns whose values move the scores most, in the model's order."""
    count = len(reference.columns)
    if count <= COLUMNS:
        return list(range(count))
    moved = np.zeros(count)
    total = reference.sample_parts.sum(axis=1)
    for place, bins in enumerate(reference.bins):
        if len(bins):
            rest = (total - reference.sample_parts[:, place])[::8]
            scores = _scores(reference, rest[:, None] + bins.parts[None])
            moved[place] = scores.std(axis=1).mean()
    return sorted(np.argsort(-moved, kind="stable")[:COLUMNS].tolist())
