"""How far rows are apart, column by column, and how far training rows usually are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nfm.explanation.column_scale import ColumnScale

_COMPARED_ROWS = 200
_COMPARED_WITH = 3_000


def column_distances(
    scales: Sequence[ColumnScale], ranks: np.ndarray, other: np.ndarray
) -> np.ndarray:
    """Return the distance of rows in each column.

    Two levels differ by 1, a missing and a known value too, two numbers by 0..1: the mean of
    the share of training rows and the share of the training range between them.

    Args:
        scales: Of the columns (n).
        ranks: As `ColumnScale.ranks` gives them, float64 (..., n).
        other: Those of the other rows, of a shape that broadcasts with it.

    Returns:
        float64 (..., n).
    """
    levels = np.array([scale.kind == "levels" for scale in scales])
    with np.errstate(invalid="ignore"):
        apart = np.where(levels, ranks != other, np.abs(ranks - other))
    missing, other_missing = np.isnan(ranks), np.isnan(other)
    apart = np.where(missing != other_missing, 1.0, apart)
    return np.where(missing & other_missing, 0.0, apart)


def usual_distances(scales: Sequence[ColumnScale], ranks: np.ndarray) -> np.ndarray:
    """Return how far training rows are from their nearest other training row.

    Args:
        scales: Of the columns (n).
        ranks: Of the training rows, float64 (rows, n); of many, two hundred are compared with
            three thousand, evenly spaced.

    Returns:
        Sums of the columns' distances, sorted, float64 (m,); empty if there is only one row.
    """
    if len(ranks) < 2:
        return np.empty(0)
    others = ranks[_spaced(len(ranks), _COMPARED_WITH)]
    chosen = _spaced(len(others), _COMPARED_ROWS)
    nearest = np.empty(len(chosen))
    for place, row in enumerate(chosen):
        apart = column_distances(scales, others, others[row]).sum(axis=1)
        apart[row] = np.inf
        nearest[place] = apart.min()
    return np.sort(nearest)


def _spaced(count: int, most: int) -> np.ndarray:
    return np.linspace(0, count - 1, min(count, most)).astype(np.int64)
