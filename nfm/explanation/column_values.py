"""Values of a column for explanations: candidates for what-if changes, and bins for tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nfm.explanation.column_scale import ColumnKind, ColumnScale, ReferenceColumn, shown_number

CANDIDATE_LEVELS = 40
CANDIDATE_NUMBERS = 40
BIN_LEVELS = 12
BIN_INTERVALS = 6


@dataclass(frozen=True, eq=False)
class CandidateValues:
    """Values that a column may take, all of which occur in training rows.

    Attributes:
        column: Name of the column.
        kind: Kind of its values.
        rows: Position in the reference data of a row with each value, int64 (m,).
        texts: The values as text; user text, not escaped.
        coordinates: Codes or numbers, increasing, with a missing number (NaN) last, float64 (m,).
        counts: Number of rows of the reference data with each value, int64 (m,).
        parts: Addend of each value to the network's sums, float64 (m, width).
        complete: Whether these are all training values.
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
        The `CANDIDATE_LEVELS` most frequent levels in the encoder's order, including "(missing)";
        or up to `CANDIDATE_NUMBERS` numbers at evenly spaced quantiles, and a missing one if it
        occurs. Empty if all levels are too rare for a code.
    """
    scale, coordinates = column.scale, column.coordinates
    known = np.flatnonzero(~np.isnan(coordinates))
    if scale.kind == "levels":
        known = known[coordinates[known] > 0]
    values, first, counts = np.unique(coordinates[known], return_index=True, return_counts=True)
    kept = np.arange(len(values))
    if scale.kind == "levels" and len(values) > CANDIDATE_LEVELS:
        kept = np.sort(np.argsort(-counts, kind="stable")[:CANDIDATE_LEVELS])
    elif len(values) > CANDIDATE_NUMBERS:
        shares = np.linspace(0, 1, CANDIDATE_NUMBERS)
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


@dataclass(frozen=True, eq=False)
class Bins:
    """Bins of one column: groups of rows with the same level or range of numbers.

    Attributes:
        column: Name of the column.
        texts: Names of the bins: a level, a number, or a range of numbers; user text.
        groups: Bin of each row of the reference data, int64 (rows,); -1 for none.
        rows: Position in the reference data of a typical row per bin, int64 (m,).
        parts: Addend of that row's value to the network's sums, float64 (m, width).
        edges: Upper ends of all ranges except the last, float64; empty for levels.
        levels: Codes of the bins, float64; empty for numbers.
        missing: Bin of missing numbers; -1 if there is none.
    """

    column: str
    texts: tuple[str, ...]
    groups: np.ndarray
    rows: np.ndarray
    parts: np.ndarray
    edges: np.ndarray
    levels: np.ndarray
    missing: int

    def __len__(self) -> int:
        return len(self.rows)

    def groups_of(self, coordinates: np.ndarray) -> np.ndarray:
        """Return the bins of codes or numbers (rows,), int64; -1 for none."""
        found = np.full(len(coordinates), -1)
        if len(self.levels):
            places = np.searchsorted(self.levels, coordinates).clip(0, len(self.levels) - 1)
            found = np.where(self.levels[places] == coordinates, places, -1)
        elif len(self) > (self.missing >= 0):  # it has numbers
            found = np.searchsorted(self.edges, coordinates, "left")
        return np.where(np.isnan(coordinates), self.missing, found)


def bins_of(column: ReferenceColumn) -> Bins:
    """Bin a column by its most frequent levels, by its numbers if few, or by ranges of numbers.

    Args:
        column: The column of the reference data.

    Returns:
        At most `BIN_LEVELS` levels, or `BIN_INTERVALS` ranges with about equal numbers of rows,
        and a separate bin for missing numbers.
    """
    scale, coordinates = column.scale, column.coordinates
    levels, edges = np.empty(0), np.empty(0)
    if scale.kind == "levels":
        found, counts = np.unique(coordinates[coordinates > 0], return_counts=True)
        levels = np.sort(found[np.argsort(-counts, kind="stable")[:BIN_LEVELS]])
        groups = np.full(len(coordinates), -1)
        for group, level in enumerate(levels):
            groups[coordinates == level] = group
        count = len(levels)
    else:
        edges = _edges(scale.present)
        groups = np.searchsorted(edges, coordinates, "left")
        count = len(edges) + 1 if len(scale.present) else 0
    absent = np.isnan(coordinates)
    missing = count if absent.any() else -1
    groups[absent] = missing
    count += missing >= 0
    rows = np.empty(count, dtype=int)  # the row with the middle value of each bin
    for group in range(count):
        inside = np.flatnonzero(groups == group)
        order = np.argsort(coordinates[inside], kind="stable")
        rows[group] = inside[order[(len(inside) - 1) // 2]]
    return Bins(
        column=scale.column,
        texts=tuple(
            _text(scale, coordinates[groups == group], column.cells.iloc[row])
            for group, row in enumerate(rows)
        ),
        groups=groups,
        rows=rows,
        parts=column.parts_of(rows),
        edges=edges,
        levels=levels,
        missing=missing,
    )


def _edges(present: np.ndarray) -> np.ndarray:
    """Return the upper ends of all ranges except the last."""
    distinct = np.unique(present)
    if len(distinct) <= BIN_INTERVALS:
        return distinct[:-1]
    shares = np.arange(1, BIN_INTERVALS) / BIN_INTERVALS
    ends = np.unique(np.quantile(present, shares, method="inverted_cdf"))
    return ends[ends < distinct[-1]]


def _text(scale: ColumnScale, coordinates: np.ndarray, cell: object) -> str:
    """Name a bin from its codes or numbers; `cell` is the table cell of a typical row."""
    low, high = coordinates.min(), coordinates.max()
    if scale.kind == "levels" or np.isnan(low) or low == high:
        return scale.text(coordinates[0], cell)
    if scale.kind == "date":
        days = np.array([low, high]).astype("int64").astype("datetime64[D]")
        return f"{days[0]} to {days[1]}"
    return f"{shown_number(low)} to {shown_number(high)}"
