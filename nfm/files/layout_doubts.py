"""Doubts about where the values of a table stand, as in reports and pivot tables."""

from __future__ import annotations

import pandas as pd

from nfm.text import counted

_FEWEST_ROWS = 10
# The share of the rows up to which a column or a part of the table has few values.
_FEW = 0.5


def layout_notes(frame: pd.DataFrame) -> list[str]:
    """Report labels of groups, and a second table beside the first.

    Args:
        frame: The table as it was read.

    Returns:
        One sentence each.
    """
    if len(frame) < _FEWEST_ROWS or frame.shape[1] < 2:
        return []
    return [*_labels_of_groups(frame), *_table_beside(frame)]


def _labels_of_groups(frame: pd.DataFrame) -> list[str]:
    """Report labels that stand only in the first row of their group, as in a pivot table.

    They are in the first column, each of them once, the first in the first row.
    """
    labels = frame.iloc[:, 0].dropna()
    few = 2 <= len(labels) <= _FEW * len(frame)
    if not few or labels.index[0] != frame.index[0] or not labels.is_unique:
        return []
    if frame.iloc[:, 1].notna().mean() <= _FEW:
        return []
    return [
        f"Column {frame.columns[0]!r} has a value in {len(labels):,} of {len(frame):,} rows, each "
        "of them once. If it also holds for the rows below, as in a pivot table, write it into "
        "every row: elsewhere it is read as missing."
    ]


def _table_beside(frame: pd.DataFrame) -> list[str]:
    """Report columns behind an empty one that have values in the first few rows only."""
    width = frame.shape[1]
    empty = [place for place in range(width) if not frame.iloc[:, place].notna().any()]
    if not empty or not 0 < (first := empty[-1]) < width - 1:
        return []
    beside = frame.iloc[:, first + 1 :].notna().any(axis=1).to_numpy()
    count = int(beside.sum())
    if count > _FEW * len(frame) or not beside[:count].all():
        return []
    return [
        f"The columns behind the empty column {frame.columns[first]!r}, such as "
        f"{frame.columns[first + 1]!r}, have values in the first {counted(count, 'row')} only. If "
        "they are a table of their own, remove them from the file."
    ]
