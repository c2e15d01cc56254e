"""Why the model says what it says about one row: Shapley values over its columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from nfm.explanation.reference_data import ReferenceData, ReferenceRow
from nfm.explanation.shapley_weights import membership, shapley_interactions, shapley_values

EXACT_COLUMNS = 12
PAIR_COLUMNS = 8
_FULL_SAMPLE_COLUMNS = 10
_LARGE_GAME_ROWS = 16
_PERMUTATION_PAIRS = 256
_CHUNK_FLOATS = 1 << 18  # of the sums that are held at once


@dataclass(frozen=True, eq=False)
class Explanation:
    """A row's answer as a sum: the average answer, and what each column adds to it.

    Attributes:
        columns: The columns of the model.
        texts: The row's values; user's text.
        average: Average answer over the reference data, float64 (outputs,).
        answer: The answer for the row, float64 (outputs,).
        contributions: What each column adds, float64 (columns, outputs), in the answer's unit:
            shares of 1 for probabilities, the target's own unit for numbers.
        standard_errors: Of the contributions, float64 (columns, outputs); None if exact.
        pairs: Shapley interaction index of each pair: how much more (or less) the two add
            together than each alone; float64 (columns, columns, outputs), symmetric, NaN for
            pairs that were not worked out.
        method: Whether all subsets of columns were looked at, or a sample.
        reference_rows: How many training rows were compared with.
        description: How it was worked out, in one or two sentences.
    """

    columns: tuple[str, ...]
    texts: tuple[str, ...]
    average: np.ndarray
    answer: np.ndarray
    contributions: np.ndarray
    standard_errors: np.ndarray | None
    pairs: np.ndarray
    method: Literal["exact", "sampled"]
    reference_rows: int
    description: str

    @property
    def error(self) -> float:
        """How far the sum is from the answer: rounding only."""
        total = self.average + self.contributions.sum(axis=0)
        return float(np.abs(total - self.answer).max())

    def strongest_pairs(self, output: int = 0, count: int = 5) -> list[tuple[int, int, float]]:
        """Return the pairs of columns with the largest interaction, as (first, second, index)."""
        first, second = np.triu_indices(len(self.columns), 1)
        values = self.pairs[first, second, output]
        known = np.flatnonzero(~np.isnan(values))
        order = known[np.argsort(-np.abs(values[known]), kind="stable")[:count]]
        return [(int(first[k]), int(second[k]), float(values[k])) for k in order]


def explain(reference: ReferenceData, row: ReferenceRow) -> Explanation:
    """Divide a row's answer among its columns.

    A subset's worth is the average answer over rows that have the row's values in the
    subset's columns and a background row's values in the others (interventional Shapley
    values; Lundberg and Lee 2017, "A Unified Approach to Interpreting Model Predictions").
    Up to twelve columns all subsets are looked at; above that orders of the columns are drawn,
    each with its reverse (antithetic pairs; Mitchell et al. 2022, "Sampling Permutations for
    Shapley Value Estimation"), always the same ones.

    Args:
        reference: The model and its background sample.
        row: The row.

    Returns:
        The explanation; its parts add up to the answer either way.
    """
    count = len(reference.columns)
    if count <= EXACT_COLUMNS:
        return _exact(reference, row)
    return _sampled(reference, row)


def coalition_values(
    reference: ReferenceData, parts: np.ndarray, sample_parts: np.ndarray
) -> np.ndarray:
    """Return the average answer for every subset of columns that has the row's values.

    Args:
        reference: The model.
        parts: Of the row, float64 (n, width).
        sample_parts: Of the reference rows, float64 (sample, n, width).

    Returns:
        float64 (2^n, outputs); subsets as `membership` numbers them.
    """
    member = membership(len(parts))
    present = member @ parts
    others = np.ascontiguousarray(sample_parts.transpose(1, 0, 2))
    sample, width = len(sample_parts), parts.shape[1]
    others = others.reshape(len(parts), sample * width)
    result = np.empty((len(member), reference.answers.shape[1]))
    step = max(1, _CHUNK_FLOATS // (sample * width))
    for start in range(0, len(member), step):
        chunk = slice(start, start + step)
        sums = ((1 - member[chunk]) @ others).reshape(-1, sample, width)
        sums += present[chunk, None]
        result[chunk] = reference.answers_of_sums(sums).mean(axis=1)
    return result


def _exact(reference: ReferenceData, row: ReferenceRow) -> Explanation:
    sample_parts, note = reference.sample_parts, reference.description
    if len(reference.columns) > _FULL_SAMPLE_COLUMNS:
        step = -(-len(sample_parts) // _LARGE_GAME_ROWS)
        sample_parts = sample_parts[step // 2 :: step]
        note = (
            f"The reference data are {len(sample_parts)} of {reference.training_rows:,} training "
            "rows, evenly spaced in the order of the model's answers."
        )
    values = coalition_values(reference, row.parts, sample_parts)
    return Explanation(
        columns=reference.columns,
        texts=row.texts,
        average=values[0],
        answer=row.answers,
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
    estimates = np.empty((rounds * sample, count, reference.answers.shape[1]))
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
        answer=row.answers,
        contributions=contributions,
        standard_errors=errors,
        pairs=_pairs_of_strongest(reference, row, contributions),
        method="sampled",
        reference_rows=sample,
        description=(
            f"Estimated Shapley values: {2 * len(draws):,} orders of the {count:,} columns were "
            f"drawn; the standard error is shown. {reference.description} Pairs: among the "
            f"{PAIR_COLUMNS} columns that add most, all others as in this row."
        ),
    )


def _gains(
    reference: ReferenceData, begins: np.ndarray, changes: np.ndarray, orders: np.ndarray
) -> np.ndarray:
    """Return what each column adds when columns change one after the other.

    Args:
        reference: The model.
        begins: Sums before the first change, (m, width).
        changes: Of each column's parts, (m, n, width).
        orders: In which order they change, (m, n).

    Returns:
        float64 (m, n, outputs).
    """
    rows = np.arange(len(orders))[:, None]
    steps = np.concatenate([begins[:, None], changes[rows, orders]], axis=1)
    answers = reference.answers_of_sums(np.cumsum(steps, axis=1))
    gains = np.empty((*orders.shape, answers.shape[-1]))
    gains[rows, orders] = np.diff(answers, axis=1)
    return gains


def _pairs_of_strongest(
    reference: ReferenceData, row: ReferenceRow, contributions: np.ndarray
) -> np.ndarray:
    """Return the exact interactions in the game of the strongest columns, others as in the row."""
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
