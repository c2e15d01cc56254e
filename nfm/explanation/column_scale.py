"""Scale of a column: distances between its values, their texts, and distances of rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from nfm.tabular.categorical_field import MISSING_LEVEL, OTHER_LEVEL, CategoricalField
from nfm.tabular.dates import day_numbers, guessed_dates
from nfm.tabular.encoded_table import EncodedTable
from nfm.tabular.encoding import Encoder
from nfm.tabular.level_values import numbers

ColumnKind = Literal["levels", "number", "date"]
_COMPARED_ROWS = 200
_COMPARED_WITH = 3_000


@dataclass(frozen=True, eq=False)
class ColumnScale:
    """Scale of one column of the model.

    Attributes:
        column: Name of the column.
        kind: Kind of its values.
        field: Field of its levels; None for numbers, dates and lists.
        places: Indices of its fields among the codes: one for levels, several for lists, none for
            numbers and dates.
        day_first: Whether dates have the day before the month; None if unknown or no dates.
        present: Training numbers (days since 1970 for dates) without missing ones, sorted,
            float64.
        spread: Interquartile range of these numbers, or their range if it is 0.
        lists: Number of each list among the reference rows, from 1 on, by the bytes of its codes.
    """

    column: str
    kind: ColumnKind
    field: CategoricalField | None
    places: tuple[int, ...]
    day_first: bool | None
    present: np.ndarray
    spread: float
    lists: Mapping[bytes, int]

    def coordinates(self, series: pd.Series, table: EncodedTable) -> np.ndarray:
        """Return the code, number of the list, or number of each row.

        Args:
            series: The column.
            table: The same rows, encoded.

        Returns:
            float64 (rows,); NaN for a missing number, 0 for a list of no reference row.
        """
        if self.kind == "levels":
            codes = np.ascontiguousarray(table.codes[:, self.places])
            if self.field is not None:
                return codes[:, 0].astype(np.float64)
            return np.array([self.lists.get(row.tobytes(), 0) for row in codes], dtype=np.float64)
        return _numbers(series, self.kind, self.day_first)

    def ranks(self, coordinates: np.ndarray) -> np.ndarray:
        """Return positions of numbers on a scale from 0 to 1 over the training numbers.

        The position is the mean of the share of training numbers below (robust to outliers) and
        the share of the training range below (large steps between few numbers stay large).
        Beyond the training range the scale continues in units of `spread`.

        Args:
            coordinates: Codes or numbers, float64 (rows,).

        Returns:
            float64 (rows,); codes and missing numbers are unchanged.
        """
        count = len(self.present)
        if self.kind == "levels" or count == 0:
            return coordinates
        below = np.searchsorted(self.present, coordinates, "left")
        upto = np.searchsorted(self.present, coordinates, "right")
        with np.errstate(invalid="ignore", over="ignore"):
            over = np.maximum(coordinates - self.present[-1], 0) / self.spread
            under = np.maximum(self.present[0] - coordinates, 0) / self.spread
            ranks = (below + upto) / (4 * count) + _share_of_range(self.present, coordinates) / 2
            ranks += np.minimum(over, 1e6) - np.minimum(under, 1e6)
        return np.where(np.isnan(coordinates), np.nan, ranks)

    def text(self, coordinate: float, cell: Any) -> str:
        """Return a value as text.

        Args:
            coordinate: Code or number of the value.
            cell: The table cell.
        """
        if self.field is not None:
            code = int(coordinate)
            if code:
                return self.field.names[code]
            return MISSING_LEVEL if _is_blank(cell) else OTHER_LEVEL
        if np.isnan(coordinate) or (self.kind == "levels" and _is_blank(cell)):
            return MISSING_LEVEL
        return shown_number(coordinate) if self.kind == "number" else str(cell)


@dataclass(frozen=True, eq=False)
class ReferenceColumn:
    """One column of the reference data, for `candidate_values` and `bins_of`.

    Attributes:
        scale: Scale of the column.
        coordinates: Code or number of each row, float64 (rows,).
        cells: Table cells, (rows,).
        parts_of: Function from positions of rows, int64 (m,), to the addends of their values to
            the network's sums, float64 (m, width).
    """

    scale: ColumnScale
    coordinates: np.ndarray
    cells: pd.Series
    parts_of: Callable[[np.ndarray], np.ndarray]


def _is_blank(cell: Any) -> bool:
    if isinstance(cell, str):
        return not cell.strip()
    return bool(pd.api.types.is_scalar(cell) and pd.isna(cell))


def shown_number(value: float) -> str:
    """Format a number with up to six significant digits; whole numbers below 1e9 in full."""
    if float(value).is_integer() and abs(value) < 1e9:
        return f"{value:.0f}"
    return f"{value:.6g}"


def scales_of(
    encoder: Encoder, frame: pd.DataFrame, table: EncodedTable
) -> tuple[tuple[ColumnScale, ...], np.ndarray]:
    """Compute the scale of every column from training rows.

    Args:
        encoder: Encoder of the model.
        frame: The training rows.
        table: The same rows, encoded.

    Returns:
        The scales in the order of the encoder's columns, and the codes or numbers of the rows,
        float64 (rows, columns).
    """
    fields: dict[str, list[int]] = {}
    for place, each in enumerate(encoder.categorical):
        fields.setdefault(each.column, []).append(place)
    lists = {listed.column for listed in encoder.lists}
    days_first = {date.column: date.day_first for date in encoder.dates}
    numeric = {field.column for field in encoder.numeric if field.part is None}
    scales, columns = [], []
    for name in encoder.columns:
        kind: ColumnKind = "levels"
        if name in numeric or name in days_first:
            kind = "number" if name in numeric else "date"
        day_first, present = days_first.get(name), np.empty(0)
        places = tuple(fields[name]) if kind == "levels" else ()
        is_list = name in lists
        field = encoder.categorical[places[0]] if places and not is_list else None
        known = _number_lists(table.codes[:, places]) if is_list else {}
        if kind != "levels":
            present = _numbers(frame[name], kind, day_first)
            present = np.sort(present[~np.isnan(present)])
        scale = ColumnScale(name, kind, field, places, day_first, present, _spread(present), known)
        scales.append(scale)
        columns.append(scale.coordinates(frame[name], table))
    return tuple(scales), np.stack(columns, axis=1)


def _number_lists(codes: np.ndarray) -> dict[bytes, int]:
    """Number the different lists, int32 (rows, fields), from 1 on."""
    different = np.unique(codes, axis=0)
    return {row.tobytes(): number for number, row in enumerate(different, start=1)}


def _numbers(series: pd.Series, kind: ColumnKind, day_first: bool | None) -> np.ndarray:
    if kind == "date":
        return day_numbers(guessed_dates(series, day_first))
    return numbers(series)


def _share_of_range(present: np.ndarray, coordinates: np.ndarray) -> np.ndarray:
    """Return the positions of numbers between the smallest and the largest one, 0..1."""
    low, high = present[0] / 2, present[-1] / 2  # halves: their difference cannot overflow
    inside = np.clip(coordinates, present[0], present[-1]) / 2
    return (inside - low) / (high - low) if high > low else np.zeros_like(inside)


def _spread(present: np.ndarray) -> float:
    """Return the interquartile range, else the range, else 1: never 0."""
    if len(present) == 0:
        return 1.0
    low, high = np.quantile(present, [0.25, 0.75])
    for spread in (high - low, present[-1] - present[0]):
        if 0 < spread < np.inf:
            return float(spread)
    return 1.0


def column_distances(
    scales: Sequence[ColumnScale], ranks: np.ndarray, other: np.ndarray
) -> np.ndarray:
    """Return the distances of rows, column by column.

    The distance of two different levels, or of a missing and a known value, is 1. That of two
    numbers within the training range is in 0..1: the mean of the share of training rows and the
    share of the training range between them.

    Args:
        scales: Scales of the n columns.
        ranks: Positions of rows by `ColumnScale.ranks`, float64 (..., n).
        other: Positions of other rows, with a shape that broadcasts.

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
    """Return the distances of training rows to their nearest other training row.

    Args:
        scales: Scales of the n columns.
        ranks: Positions of the training rows by `ColumnScale.ranks`, float64 (rows, n). Of many
            rows, 200 are compared with 3,000, both evenly spaced.

    Returns:
        Sums of the distances over columns, sorted, float64 (m,); empty for a single row.
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
