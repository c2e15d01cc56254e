"""Realistic values of a column: what it may be changed to when one asks what if."""

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
    """The values that a column may take; all of them stand in training rows.

    Attributes:
        column: Its name.
        kind: What its values are.
        rows: A training row that has each value, positions in the reference data's frame (m,).
        texts: The values for people, as they are; user text.
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
        Its `CANDIDATE_LEVELS` most frequent levels in the encoder's order, "(missing)" among them,
        or up to `CANDIDATE_NUMBERS` numbers at evenly spaced quantiles, then a missing one if there
        was one. None if all its levels are too rare for a code of their own.
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
    """Groups of rows by their value in one column.

    Attributes:
        column: Its name.
        texts: The groups for people: a level, a number, or a range of numbers.
        groups: Group of each row of the reference data's frame, int64 (rows,); -1: in none.
        rows: A typical row of each group: position in the frame, int64 (m,).
        parts: What that row's value adds to the network's sums, float64 (m, width).
        edges: Upper ends of the ranges but the last, float64; empty for levels.
        levels: Codes of the groups; empty for numbers.
        missing: Group of missing numbers; -1 if there is none.
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

    def group_of(self, coordinate: float) -> int:
        """Return the group of a code or number, -1 if it is in none."""
        return int(self.groups_of(np.array([coordinate]))[0])

    def groups_of(self, coordinates: np.ndarray) -> np.ndarray:
        """Return the groups of codes or numbers (rows,), int64; -1 for those in none."""
        found = np.full(len(coordinates), -1)
        if len(self.levels):
            places = np.searchsorted(self.levels, coordinates).clip(0, len(self.levels) - 1)
            found = np.where(self.levels[places] == coordinates, places, -1)
        elif len(self) > (self.missing >= 0):  # it has numbers
            found = np.searchsorted(self.edges, coordinates, "left")
        return np.where(np.isnan(coordinates), self.missing, found)


def bins_of(column: ReferenceColumn) -> Bins:
    """Divide a column: its most frequent levels, its numbers if few, or ranges of numbers.

    Args:
        column: The column of the reference data.

    Returns:
        At most `BIN_LEVELS` levels, or `BIN_INTERVALS` ranges with about equally many rows, and a
        group of its own for missing numbers.
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
    rows = np.array([_typical(coordinates, groups, group) for group in range(count)], dtype=int)
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
    """Return the upper ends of all ranges but the last."""
    distinct = np.unique(present)
    if len(distinct) <= BIN_INTERVALS:
        return distinct[:-1]
    shares = np.arange(1, BIN_INTERVALS) / BIN_INTERVALS
    ends = np.unique(np.quantile(present, shares, method="inverted_cdf"))
    return ends[ends < distinct[-1]]


def _typical(coordinates: np.ndarray, groups: np.ndarray, group: int) -> int:
    """Return the row with the middle value of a group."""
    rows = np.flatnonzero(groups == group)
    order = np.argsort(coordinates[rows], kind="stable")
    return int(rows[order[(len(rows) - 1) // 2]])


def _text(scale: ColumnScale, coordinates: np.ndarray, cell: object) -> str:
    """Name a group with these codes or numbers, of which `cell` is one as it stands."""
    low, high = coordinates.min(), coordinates.max()
    if scale.kind == "levels" or np.isnan(low) or low == high:
        return scale.text(coordinates[0], cell)
    if scale.kind == "date":
        days = np.array([low, high]).astype("int64").astype("datetime64[D]")
        return f"{days[0]} to {days[1]}"
    return f"{shown_number(low)} to {shown_number(high)}"
