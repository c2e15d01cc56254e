"""Find rows that are equal in all columns, and test whether chance explains their number."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from math import exp, log, prod
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

# Equal rows are copies if there are at least this many times as many pairs as expected by chance,
# and if chance alone would cause as many in less than this share of tables.
_FACTOR = 2.0
_FALSE_ALARMS = 1e-3
# A row with a larger share of the table is a frequent case rather than a copied one, and if only
# one part contained it, the parts would not be alike.
_LARGEST_SHARE = 0.1
# Row numbers have gaps if rows were filtered; their range is at most this many times the rows.
_GAPS = 2


@dataclass(frozen=True, eq=False)
class Copies:
    """The rows of a table that are equal in all columns.

    Attributes:
        groups: int64 (rows,): equal rows have the same number, 0, 1, ... by first occurrence.
        beyond_chance: Whether there are clearly more equal rows than in a table of independent
            columns with the same frequencies.
    """

    groups: np.ndarray
    beyond_chance: bool

    @property
    def repeated(self) -> int:
        """Number of rows that are equal to at least one other."""
        sizes = np.bincount(self.groups)
        return int(sizes[sizes > 1].sum())

    @property
    def different(self) -> int:
        """Number of different rows among those that `repeated` counts."""
        return int((np.bincount(self.groups) > 1).sum())


def find_copies(frame: pd.DataFrame, target: Hashable | None = None) -> Copies:
    """Group the rows that are equal in all columns, and test whether they are copies.

    Two missing values are equal. Columns that only identify the rows (row numbers with or without
    gaps, codes that all differ) are left out, because numbering rows does not make copies
    different cases.

    The test counts pairs of equal rows. If the columns were independent, the probability that a
    pair is equal would be the product of the columns' probabilities (that two rows drawn without
    replacement have the same value), which gives an expected number of pairs. Because columns
    depend on each other, each column gives a second expectation: the number of pairs that differ
    in this column alone, times the odds of agreeing in it. Equal rows are copies if there are
    twice as many pairs as the largest of these expectations, if a Poisson variable with this mean
    is as large in less than one of a thousand tables, and if no row makes up more than a tenth of
    the table.

    Args:
        frame: The table.
        target: Name of a column that is not compared; None for none.

    Returns:
        The groups; the same table always gives the same groups. The time is proportional to the
        number of cells, and about twice as long if there are copies.
    """
    rows = len(frame)
    alone = Copies(np.arange(rows, dtype=np.int64), beyond_chance=False)
    if rows < 2:
        return alone
    pairs = rows * (rows - 1) / 2
    keys = np.zeros(rows, dtype=np.uint64)
    compared: list[tuple[int, float]] = []  # position of a column, and how often pairs agree in it
    for position, name in enumerate(frame.columns):
        if target is not None and name == target:
            continue
        codes = _codes(frame.iloc[:, position])
        counts = np.bincount(codes)
        if len(counts) == rows:
            if _names_rows(frame.iloc[:, position]):
                continue
            return alone
        if len(counts) > 1:
            compared.append((position, _pairs(counts) / pairs))
            keys += _hashed(codes, position)
    groups = _codes(pd.Series(keys))
    sizes = np.bincount(groups)
    observed = _pairs(sizes)
    if not observed or not compared or sizes.max() > max(2, _LARGEST_SHARE * rows):
        return Copies(groups, beyond_chance=False)
    beyond = _exceeds(observed, pairs * prod(agreement for _, agreement in compared))
    for position, agreement in compared:
        if not beyond:
            break
        others = keys - _hashed(_codes(frame.iloc[:, position]), position)
        elsewhere = _pairs(np.bincount(_codes(pd.Series(others)))) - observed
        beyond = _exceeds(observed, elsewhere * agreement / (1 - agreement))
    return Copies(groups, beyond)


def _codes(column: pd.Series) -> np.ndarray:
    """Number the different values of a column; all missing values get the same number."""
    values: Any = column.array
    try:
        return pd.factorize(values, use_na_sentinel=False)[0]
    except TypeError:  # lists and other values without a hash
        values = column.map(str, na_action="ignore").array
        return pd.factorize(values, use_na_sentinel=False)[0]


def _names_rows(column: pd.Series) -> bool:
    """Return whether a column whose values all differ only identifies the rows."""
    if types.is_bool_dtype(column.dtype) or column.isna().any():
        return False
    if types.is_integer_dtype(column.dtype):
        return bool(int(column.max()) - int(column.min()) < _GAPS * len(column))
    texts = all(isinstance(value, str) for value in column.array)
    return texts and not any(any(map(str.isspace, value)) for value in column.array)


def _hashed(codes: np.ndarray, position: int) -> np.ndarray:
    """Hash codes to 64 bits (splitmix64), differently for each column; uint64 (rows,).

    The sum over the columns is a row's key. Among a million different rows, two keys are equal
    with a probability of one in thirty million.
    """
    mixed = codes.astype(np.uint64) + np.uint64((position + 1) * 0x9E3779B97F4A7C15 % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))


def _pairs(counts: np.ndarray) -> float:
    """Return the number of pairs of rows within groups of these sizes."""
    return float((counts.astype(np.float64) * (counts - 1)).sum() / 2)


def _exceeds(observed: float, expected: float) -> bool:
    """Return whether there are clearly more pairs than expected."""
    if expected <= 0:
        return observed > 0
    if observed < _FACTOR * expected:
        return False
    # Chernoff's bound for the upper tail of the Poisson distribution.
    return exp(observed - expected - observed * log(observed / expected)) <= _FALSE_ALARMS


def row_keys(columns: Iterable[np.ndarray]) -> np.ndarray:
    """Hash rows of numbers: equal rows get equal keys, different rows almost surely different ones.

    Args:
        columns: The columns, each (rows,); NaN equals NaN, and -0.0 equals 0.0.

    Returns:
        uint64 (rows,).
    """
    keys: Any = np.uint64(0)
    for position, column in enumerate(columns):
        values = np.asarray(column, dtype=np.float64) + 0.0  # -0.0 becomes 0.0
        keys = keys + _hashed(np.where(np.isnan(values), np.nan, values).view(np.uint64), position)
    return keys
