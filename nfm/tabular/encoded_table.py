"""An encoded table, and its shape: the sizes that a network needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class EncodedShape:
    """The fields of an encoded table and their sizes.

    Attributes:
        categorical: Names of the F categorical fields, in the order of the columns of `codes`.
        level_counts: Number of codes per categorical field, including code 0, "(other)".
        numeric: Names of the D numeric fields, in the order of the columns of `values`.
        bin_counts: Number of ramps per numeric field: its quantile bins if it is piecewise,
            else 1.
        has_missing: Whether each numeric field has an id for missing numbers (NaN in `values`).
    """

    categorical: tuple[str, ...]
    level_counts: tuple[int, ...]
    numeric: tuple[str, ...]
    bin_counts: tuple[int, ...]
    has_missing: tuple[bool, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of all fields, the categorical ones first."""
        return self.categorical + self.numeric

    @property
    def level_offsets(self) -> np.ndarray:
        """First row of each categorical field in the embedding table, int64 (F,)."""
        return np.cumsum((0, *self.level_counts))[:-1]

    @property
    def ramp_counts(self) -> tuple[int, ...]:
        """Rows of the numeric embedding table per numeric field: its ramps and its missing id."""
        return tuple(
            bins + missing for bins, missing in zip(self.bin_counts, self.has_missing, strict=True)
        )


@dataclass(frozen=True)
class EncodedTable:
    """The encoded rows that a network takes.

    Attributes:
        codes: int32 (rows, F), each less than its field's `level_counts`.
        values: float32 (rows, D). For piecewise fields, the position u of the number among the
            quantile edges, from 0 to the number of bins (2.25 is a quarter of the way through the
            third bin); for other fields, the scaled or raw number. NaN for a missing number, only
            if the field has an id for it.
    """

    codes: np.ndarray
    values: np.ndarray

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, rows: np.ndarray | slice) -> EncodedTable:
        """Return some of the rows."""
        return EncodedTable(self.codes[rows], self.values[rows])
