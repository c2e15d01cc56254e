"""Realistic values of a column: what it may be changed to when one asks what if."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nfm.explanation.column_scale import ColumnKind, ReferenceColumn

LEVELS = 40
NUMBERS = 40


@dataclass(frozen=True, eq=False)
class CandidateValues:
    """The values that a column may take; all of them stand in training rows.

    Attributes:
        column: Its name.
        kind: What its values are.
        rows: A training row that has each value, positions in the reference data's frame (m,).
        texts: The values for people, as they are; user's text.
        coordinates: Codes or numbers, increasing, a missing number (NaN) last; float64 (m,).
        counts: Training rows of each value among the reference data's, int64 (m,).
        parts: What each value adds to the network's sums, float64 (m, width).
        complete: Whether no training value was left out.
    """

    column: str
    kind: ColumnKind
    rows: np.ndarray
    texts: tuple[str, ...]
    coordinates: np.ndarray
    counts: np.ndarray
    parts: np.ndarray
    complete: bool

    def __len__(self) -> int:
        return len(self.rows)


def candidate_values(column: ReferenceColumn) -> CandidateValues:
    """Choose the values of a column: all of them, or the most frequent levels or quantiles.

    Args:
        column: The column of the reference data.

    Returns:
        Its `LEVELS` most frequent levels in the encoder's order, "(missing)" among them, or
        up to `NUMBERS` numbers at evenly spaced quantiles, then a missing one if there was
        one. None if all its levels are too rare for a code of their own.
    """
    scale, coordinates = column.scale, column.coordinates
    known = np.flatnonzero(~np.isnan(coordinates))
    if scale.kind == "levels":
        known = known[coordinates[known] > 0]
    values, first, counts = np.unique(coordinates[known], return_index=True, return_counts=True)
    kept = np.arange(len(values))
    if scale.kind == "levels" and len(values) > LEVELS:
        kept = np.sort(np.argsort(-counts, kind="stable")[:LEVELS])
    elif len(values) > NUMBERS:
        shares = np.linspace(0, 1, NUMBERS)
        quantiles = np.quantile(scale.present, shares, method="inverted_cdf")
        kept = np.unique(np.searchsorted(values, quantiles))
    rows, chosen, counted = known[first[kept]], values[kept], counts[kept]
    missing = np.flatnonzero(np.isnan(coordinates))
    if len(missing):
        rows = np.append(rows, missing[0])
        chosen, counted = np.append(chosen, np.nan), np.append(counted, len(missing))
    return CandidateValues(
        column=scale.column,
        kind=scale.kind,
        rows=rows,
        texts=tuple(
            scale.text(value, cell)
            for value, cell in zip(chosen, column.cells.iloc[rows], strict=True)
        ),
        coordinates=chosen,
        counts=counted,
        parts=column.parts_of(rows),
        complete=len(kept) == len(values),
    )
