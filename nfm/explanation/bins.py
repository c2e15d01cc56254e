"""A column divided into few groups of rows, for tables of level by level."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nfm.explanation.column_scale import ColumnScale, ReferenceColumn, shown_number

LEVELS = 12
INTERVALS = 6


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
        At most `LEVELS` levels, or `INTERVALS` ranges with about equally many rows, and a
        group of its own for missing numbers.
    """
    scale, coordinates = column.scale, column.coordinates
    levels, edges = np.empty(0), np.empty(0)
    if scale.kind == "levels":
        found, counts = np.unique(coordinates[coordinates > 0], return_counts=True)
        levels = np.sort(found[np.argsort(-counts, kind="stable")[:LEVELS]])
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
    if len(distinct) <= INTERVALS:
        return distinct[:-1]
    shares = np.arange(1, INTERVALS) / INTERVALS
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
