"""Header cells become column names: none empty, none twice; and which columns have none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from nfm.files.names import unique_name
from nfm.files.raw_table import RawColumn
from nfm.text import counted

_LENGTH = 200
_BETWEEN = " / "
_SAVED_INDEX = re.compile(r"(Unnamed: 0(\.\d+)*)?|__index_level_\d+__")


def unique_names(header: Sequence[str] | None, width: int) -> tuple[list[str], list[str]]:
    """Make column names of header cells; a column without a name is called by its position.

    Args:
        header: The cells; None if the file has no header line.
        width: Number of columns, at least as many as the cells.

    Returns:
        The names, and a note if some occurred twice.
    """
    if header is None:
        return [f"column {position}" for position in range(1, width + 1)], []
    cells = [" ".join(cell.split())[:_LENGTH] for cell in header]
    cells += [""] * (width - len(cells))
    taken = set(cells) - {""}
    names: list[str] = []
    seen: set[str] = set()
    twice = 0
    for position, cell in enumerate(cells, 1):
        name = cell or unique_name(f"column {position}", taken)
        if name in seen:
            twice += 1
            name = unique_name(name, taken)
        seen.add(name)
        taken.add(name)
        names.append(name)
    return names, [f"Numbered {counted(twice, 'column name')} that occurred before."] * bool(twice)


def joined_header(upper: Sequence[str], lower: Sequence[str], *, spread: bool = False) -> list[str]:
    """Put names that span several columns before the columns' own: "2023 / Q1".

    Args:
        upper: Cells of the upper header row.
        lower: Cells of the lower one; an empty cell leaves the upper name alone.
        spread: Whether a name of several columns stands above each of them; if not, it
            stands above the first and holds on to the next name.
    """
    names: list[str] = []
    spanning = ""
    for above, below in zip_longest(upper, lower, fillvalue=""):
        above, below = above.strip(), below.strip()
        spanning = (above or ("" if spread else spanning)) if below else ""
        parts = [part for part in (spanning or above, below) if part]
        names.append(_BETWEEN.join(dict.fromkeys(parts)))
    return names


def named_like_index(name: str) -> bool:
    """Say whether a header cell is empty, or names an index as pandas does."""
    return _SAVED_INDEX.fullmatch(name.strip()) is not None


def is_saved_index(name: str, column: RawColumn) -> bool:
    """Say whether a column is the index that pandas writes before a table.

    Args:
        name: Its header cell: empty, or as pandas calls it when it reads such a file.
        column: Its cells. Those of an index are whole numbers from 0 on and differ from each
            other; they have gaps where rows were filtered, and need not be in order.
    """
    if not named_like_index(name) or not len(column):
        return False
    if isinstance(column, pa.ChunkedArray):
        if not pc.all(pc.match_substring_regex(column, r"^\d{1,15}$")).as_py():
            return False
        numbers = column.cast(pa.int64()).to_numpy()
    elif column.dtype == "int64":
        numbers = column.to_numpy()
    else:
        return False
    return bool(numbers.min() >= 0) and len(np.unique(numbers)) == len(numbers)


def index_note(count: int) -> str:
    """Say that the first columns were left out as a saved index, and how to keep them."""
    return (
        f"Left out {counted(count, 'column')} of row numbers that pandas saved as its index: "
        "give a name to a column in the file to keep it."
    )
