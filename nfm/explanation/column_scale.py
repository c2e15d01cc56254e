"""How a column measures distance between its values, and names them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from nfm.tabular.dates import day_numbers, guessed_dates
from nfm.tabular.encoded_table import EncodedTable
from nfm.tabular.encoding import Encoder
from nfm.tabular.fields import MISSING, OTHER, CategoricalField
from nfm.tabular.level_values import numbers

ColumnKind = Literal["levels", "number", "date"]
_COMPARED_ROWS = 200
_COMPARED_WITH = 3_000


@dataclass(frozen=True, eq=False)
class ColumnScale:
    """One column of the model, as explanations see it.

    Attributes:
        column: Its name.
        kind: What its values are.
        field: Its field, if its values are levels.
        place: The field's column among the codes, if its values are levels.
        day_first: How its dates are read, if it has dates.
        present: Sorted training numbers (days for dates), none missing, float64.
        spread: Distance between the quartiles of the numbers, or their range.
    """

    column: str
    kind: ColumnKind
    field: CategoricalField | None
    place: int
    day_first: bool | None
    present: np.ndarray
    spread: float

    def coordinates(self, series: pd.Series, table: EncodedTable) -> np.ndarray:
        """Return the code or number of each row, float64 (rows,); NaN: a missing number.

        Args:
            series: The column.
            table: The same rows, encoded.
        """
        if self.kind == "levels":
            return table.codes[:, self.place].astype(np.float64)
        return _numbers(series, self.kind, self.day_first)

    def ranks(self, coordinates: np.ndarray) -> np.ndarray:
        """Return places on a scale that runs from 0 to 1 over the training numbers.

        It is the mean of two: the share of training numbers below (so that an outlier does not
        press the others together) and the share of the range below (so that a large step among
        few numbers is large). Beyond the training numbers it goes on in units of their spread.

        Args:
            coordinates: float64 (rows,).

        Returns:
            float64 (rows,); codes and missing numbers stay as they are.
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
        """Write a value for people.

        Args:
            coordinate: Its code or number.
            cell: As it stands in the table.
        """
        if self.field is not None:
            code = int(coordinate)
            if code == 0 and not _blank(cell):
                return OTHER
            return MISSING if code == 0 else self.field.names[code]
        if np.isnan(coordinate):
            return MISSING
        return str(cell) if self.kind == "date" else shown_number(coordinate)


@dataclass(frozen=True, eq=False)
class ReferenceColumn:
    """One column of the reference data, for `candidate_values` and `bins_of`.

    Attributes:
        scale: What its values are.
        coordinates: Code or number of each row, float64 (rows,).
        cells: Its cells in the table, (rows,).
        parts_of: Returns what the values of some rows, int64 (m,), add to the network's sums,
            float64 (m, width).
    """

    scale: ColumnScale
    coordinates: np.ndarray
    cells: pd.Series
    parts_of: Callable[[np.ndarray], np.ndarray]


def shown_number(value: float) -> str:
    """Write a number with up to six significant digits, without an exponent up to a billion."""
    if float(value).is_integer() and abs(value) < 1e9:
        return f"{value:.0f}"
    return f"{value:.6g}"


def scales_of(
    encoder: Encoder, frame: pd.DataFrame, table: EncodedTable
) -> tuple[tuple[ColumnScale, ...], np.ndarray]:
    """Learn every column's scale from training rows.

    Args:
        encoder: Of the model.
        frame: The rows.
        table: The same rows, encoded.

    Returns:
        The scales in the order of the encoder's columns, and the rows' coordinates, float64
        (rows, columns).
    """
    fields = {field.column: place for place, field in enumerate(encoder.categorical)}
    days_first = {date.column: date.day_first for date in encoder.dates}
    numeric = {field.column for field in encoder.numeric if field.part is None}
    scales, columns = [], []
    for name in encoder.columns:
        kind: ColumnKind = "levels"
        if name in numeric or name in days_first:
            kind = "number" if name in numeric else "date"
        day_first = days_first.get(name)
        if kind == "levels":
            place, present, field = fields[name], np.empty(0), encoder.categorical[fields[name]]
            coordinates = table.codes[:, place].astype(np.float64)
        else:
            place, field = -1, None
            coordinates = _numbers(frame[name], kind, day_first)
            present = np.sort(coordinates[~np.isnan(coordinates)])
        scales.append(ColumnScale(name, kind, field, place, day_first, present, _spread(present)))
        columns.append(coordinates)
    return tuple(scales), np.stack(columns, axis=1)


def _numbers(series: pd.Series, kind: ColumnKind, day_first: bool | None) -> np.ndarray:
    if kind == "date":
        return day_numbers(guessed_dates(series, day_first))
    return numbers(series)


def _share_of_range(present: np.ndarray, coordinates: np.ndarray) -> np.ndarray:
    """Return where numbers lie between the smallest and the largest, 0..1."""
    low, high = present[0] / 2, present[-1] / 2  # halves: their difference cannot overflow
    inside = np.clip(coordinates, present[0], present[-1]) / 2
    return (inside - low) / (high - low) if high > low else np.zeros_like(inside)


def _spread(present: np.ndarray) -> float:
    """Return the distance between the quartiles, or the range, or 1: never 0."""
    if len(present) == 0:
        return 1.0
    low, high = np.quantile(present, [0.25, 0.75])
    for spread in (high - low, present[-1] - present[0]):
        if 0 < spread < np.inf:
            return float(spread)
    return 1.0


def _blank(cell: Any) -> bool:
    return bool(pd.isna(cell)) or (isinstance(cell, str) and not cell.strip())


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
