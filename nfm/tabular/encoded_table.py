"""The sizes of an encoded table, all that a network must know of the data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class EncodedShape:
    """Which fields an encoded table has, and how large each is.

    Attributes:
        categorical: Name of every categorical field, in the order of the codes' columns.
        level_counts: Number of codes of each categorical field, code 0, "(other)",
            included.
        numeric: Name of every numeric field, in the order of the values' columns.
        bin_counts: Number of ramps of each numeric field: its quantile bins if it is
            piecewise, else 1.
        has_missing: Whether a numeric field has an id of its own for a missing number
            (NaN among its values).
    """

    categorical: tuple[str, ...]
    level_counts: tuple[int, ...]
    numeric: tuple[str, ...]
    bin_counts: tuple[int, ...]
    has_missing: tuple[bool, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of all fields: categorical ones first, then numeric ones."""
        return self.categorical + self.numeric

    @property
    def level_offsets(self) -> np.ndarray:
        """Row of the one embedding table where each categorical field begins, int64 (F,)."""
        return np.cumsum((0, *self.level_counts))[:-1]

    @property
    def ramp_counts(self) -> tuple[int, ...]:
        """Rows of the numeric table that each numeric field owns: its ramps and its missing id."""
        return tuple(
            bins + missing for bins, missing in zip(self.bin_counts, self.has_missing, strict=True)
        )


@dataclass(frozen=True)
class EncodedTable:
    """Rows as the network takes them.

    Attributes:
        codes: int32 (rows, F), each within its field's `level_counts`.
        values: float32 (rows, D). Piecewise fields: the position u in 0..bins of the number
            among the quantile edges (2.25: a quarter of the way through the third bin).
            Other fields: the scaled or raw number. NaN: missing, only where the field has
            an id for it.
    """

    codes: np.ndarray
    values: np.ndarray

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, rows: np.ndarray | slice) -> EncodedTable:
        """Return some of the rows."""
        return EncodedTable(self.codes[rows], self.values[rows])
