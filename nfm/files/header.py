"""Which rows of a table name its columns, and the names that they give."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from nfm.column_formats.missing_words import MISSING_WORDS
from nfm.files.names import unique_name
from nfm.files.raw_table import RawColumn
from nfm.text import counted

NUMBER = re.compile(
    r"[+-]?(\d+([.,]\d*)?|[.,]\d+|\d{1,3}([.,'’\u00a0\u202f ]\d{3})+([.,]\d*)?)([eE][+-]?\d+)?%?",
    re.ASCII,
)

Rows = list[list[str]]

_YEAR = re.compile(r"(1[89]|20|21)\d\d")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*")
_LENGTH = 200
_BETWEEN = " / "
_RARE = 0.05
_SAVED_INDEX = re.compile(r"(Unnamed: 0(\.\d+)*)?|__index_level_\d+__")


def looks_like_header(rows: Rows) -> bool:
    """Return whether the first of some rows names the columns.

    Each column votes. A column of numbers or dates votes for a header if its first cell is not
    one, and against it if it is. A column of text votes against it if its first cell occurs again
    below. Rows that repeat a header (see `repeats_allowed`) have no vote.

    Args:
        rows: At least one row of cells.
    """
    first = [cell.strip() for cell in rows[0]]
    if len(rows) < 2:
        return not any(NUMBER.fullmatch(cell) for cell in first)
    if len(first) > 1 and first == [str(position) for position in range(len(first))]:
        return True  # as pandas writes a table without names
    others = _other_rows(rows)
    if others and len(rows) - 1 - len(others) <= repeats_allowed(rows) * (len(rows) - 1):
        rows = [rows[0], *others]
    votes = repeated = texts = named = 0
    for position, name in enumerate(first):
        column = [row[position].strip() for row in rows[1:] if len(row) > position]
        column = [cell for cell in column if cell not in MISSING_WORDS]
        if not column:
            continue
        numbers = sum(NUMBER.fullmatch(cell) is not None for cell in column) / len(column)
        if numbers > 0.9:
            if NUMBER.fullmatch(name):
                votes -= 0 if _YEAR.fullmatch(name) else 1
            elif name not in MISSING_WORDS:
                votes += 1
                named += 1
            continue
        texts += 1
        if sum(_DATE.fullmatch(cell) is not None for cell in column) > 0.9 * len(column):
            votes += -1 if _DATE.fullmatch(name) else 1
        elif len(column) >= 3 and name in column:
            repeated += 1
    numbered = [cell for cell in first if NUMBER.fullmatch(cell)]
    counts_up = numbered == [str(place + 1) for place in range(len(numbered))]
    if named and len(numbered) >= 3 and counts_up:
        return True  # some columns are called 1, 2, 3 ...
    if votes:
        return votes > 0
    if repeated * 2 >= max(texts, 1) and repeated:
        return False
    return not all(NUMBER.fullmatch(cell) or cell in MISSING_WORDS for cell in first)


def repeats_allowed(rows: Rows) -> float:
    """Return which share of the rows may repeat the first row as headers of files that were joined.

    Args:
        rows: Rows of cells; the first may be a header.

    Returns:
        1 if columns of numbers below the first row show that it is a header. If none does, 0.05 if
        each of its cells occurs in its column in such rows only. Else 0: a row that occurs again
        is data. A table of one column, whose cells may well occur twice, also has 0.
    """
    others = _other_rows(rows)
    first = [_bare(cell) for cell in rows[0]]
    if len(first) < 2 or not others:
        return 0
    names = [name for name in first if name and not NUMBER.fullmatch(name)]
    distinct = len(names) > 1
    for place, name in enumerate(first):
        column = [row[place].strip() for row in others if len(row) > place]
        filled = [cell for cell in column if cell not in MISSING_WORDS]
        numbers = sum(NUMBER.fullmatch(cell) is not None for cell in filled)
        if name in names and name not in MISSING_WORDS and numbers > 0.9 * len(filled):
            return 1
        distinct = distinct and (not name or name not in column)
    return _RARE if distinct else 0


def repeats_note(noun: str, numbers: Sequence[int]) -> tuple[str, ...]:
    """Return a note on the lines or rows that were left out because they repeat the header.

    Args:
        noun: "line" or "row".
        numbers: Their numbers in the file, counted from 1.

    Returns:
        One sentence; () if there are none.
    """
    if not numbers:
        return ()
    shown = ", ".join(f"{number:,}" for number in numbers[:3])
    if len(numbers) == 1:
        return (f"Left out {noun} {shown}, which repeats the header.",)
    more = f" and {len(numbers) - 3:,} more" if len(numbers) > 3 else ""
    return (f"Left out {len(numbers):,} {noun}s that repeat the header: {noun}s {shown}{more}.",)


def _other_rows(rows: Rows) -> Rows:
    """Return the rows that differ from the first, apart from blanks and byte order marks.

    Args:
        rows: At least one row of cells.
    """
    first = [_bare(cell) for cell in rows[0]]
    return [
        row
        for row in rows[1:]
        if len(row) != len(first)
        or any(_bare(cell) != name for cell, name in zip(row, first, strict=True))
    ]


def _bare(cell: str) -> str:
    """Return a cell without blanks and the mark with which a file that was joined began."""
    return cell.strip().removeprefix("\ufeff").strip()


def spans_columns(rows: Rows) -> bool:
    """Return whether the first of some rows names groups of columns, and the second the columns.

    This is so if the first row has at least two names, one of them followed by empty cells above
    names in the second row; if then each column but the first has a name and all names differ;
    and if numbers begin in the third row.

    Args:
        rows: Rows of cells, the header first.
    """
    upper, lower = ([cell.strip() for cell in row] for row in rows[:2])
    body = rows[2:]
    if not body or sum(map(bool, upper)) < 2 or len(lower) > len(body[0]):
        return False
    upper += [""] * (len(lower) - len(upper))
    spans = sum(
        bool(below) and not above for above, below in zip(upper[1:], lower[1:], strict=False)
    )
    if not spans or any(NUMBER.fullmatch(cell) and not _YEAR.fullmatch(cell) for cell in lower):
        return False
    names = joined_header(upper, lower)
    numeric = sum(
        all(NUMBER.fullmatch(row[place].strip()) for row in body if len(row) > place)
        for place, below in enumerate(lower)
        if below
    )
    return all(names[1:]) and len(set(names)) == len(names) and numeric > 0


def has_descriptions(rows: Rows) -> bool:
    """Return whether the second and third of some rows are a survey's questions and their ids.

    Qualtrics writes them between the header and the answers: `{"ImportId":"QID1"}`.

    Args:
        rows: Rows of cells, the header first.
    """
    return len(rows) > 2 and all(cell.startswith('{"ImportId":') for cell in rows[2])


def unique_names(header: Sequence[str] | None, width: int) -> tuple[list[str], list[str]]:
    """Make column names of header cells; a column without a name is named by its position.

    Args:
        header: The cells; None if the file has no header row.
        width: Number of columns, at least as many as the cells.

    Returns:
        The names, all different, and a list with a note if some occurred more than once, else [].
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
    """Join names that span several columns with the columns' own names: "2023 / Q1".

    Args:
        upper: Cells of the upper header row.
        lower: Cells of the lower header row; where one is empty, the upper name is used alone.
        spread: Whether a name of several columns is repeated above each of them. If not, it is
            above the first of them and applies up to the next name.

    Returns:
        One name per column; "" where both cells are empty.
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
    """Return whether a header cell is empty or a name that pandas gives to an index."""
    return _SAVED_INDEX.fullmatch(name.strip()) is not None


def is_saved_index(name: str, column: RawColumn) -> bool:
    """Return whether a column is an index that pandas wrote before the table.

    Args:
        name: Its header cell, which must be empty or a name that pandas gives to an index.
        column: Its cells. Those of an index are different whole numbers from 0 on, in any order,
            with gaps if rows were filtered.
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
    """Say that the first columns were left out because pandas saved them as an index.

    Args:
        count: Number of these columns.
    """
    return (
        f"Left out {counted(count, 'column')} of row numbers that pandas saved as its index. "
        "To keep such a column, give it a name in the file."
    )
