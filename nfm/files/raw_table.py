"""A file cut into cells, before it is decided what the cells mean."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa

from nfm.column_formats.number_text import EXACT
from nfm.column_formats.typed_columns import TEXT_DTYPE
from nfm.files.options import FileLimits, ReadingOptions
from nfm.files.unpacking import Data

# Text cells (pa.ChunkedArray of strings) are as in the file: nothing is missing or trimmed.
# Typed cells (pd.Series) are int64, Int64, UInt64, float64, bool, boolean, datetime64,
# timedelta64, "str", or object where one column mixes types; then the cells are str, int,
# float, bool, datetime.datetime, datetime.timedelta or None. An Excel error is the text "#DIV/0!".
# By legacy rules the cells of a sheet are object, and times of day datetime.time.
RawColumn: TypeAlias = "pa.ChunkedArray | pd.Series"


@dataclass(frozen=True)
class RawTable:
    """The columns of a file as raw cells, and how the file was read.

    Attributes:
        names: Names of the columns in the order of the file, all different.
        columns: Name and cells of each column in this order; can be iterated once. A large text
            file is cut into some of its columns at a time, so release one column before you
            take the next.
        options: The options that were used. `decimal` is decided later, when the cells are read.
        notes: What was detected or repaired and what to check, one sentence each.
        read_as: How the file was read, as the beginning of a sentence: "Read as utf-8,
            delimiter comma". The decimal mark comes next.
        layout: The end of that sentence: "with a header row".
        heads: Returns the first cells of some of the text columns by name, from which properties
            of the whole table, such as its decimal mark, are detected. Call it before you iterate
            over `columns`.
        sheets: Names of a workbook's sheets; () for other files.
        repairs: Those of the notes that say which rows or cells are not as in the file.
    """

    names: tuple[str, ...]
    columns: Iterator[tuple[str, RawColumn]]
    options: ReadingOptions
    notes: tuple[str, ...]
    read_as: str
    layout: str = ""
    heads: Callable[[], dict[str, pa.ChunkedArray]] = dict
    sheets: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileFormat:
    """A kind of file that holds a table.

    Attributes:
        key: Its name in code.
        name: Its name on the screen.
        suffixes: Endings of the names of such files, with the point. They are shown, but the
            format of a file is always detected from its content.
        options: Names of the `ReadingOptions` that apply to it.
        recognises: Returns whether unpacked bytes are such a file.
        read: Cuts the bytes into raw cells. Raises ReadingError if they are damaged, hold no
            table or exceed a limit.
    """

    key: str
    name: str
    suffixes: tuple[str, ...]
    options: tuple[str, ...]
    recognises: Callable[[Data], bool]
    read: Callable[[Data, ReadingOptions, FileLimits], RawTable]


def typed_column(cells: Iterable[Any]) -> pd.Series:
    """Make a raw column of Python values, of the narrowest dtype that holds all of them exactly.

    Args:
        cells: str, int, float, bool, datetime.datetime, date, time or timedelta; None for an
            empty cell.

    Returns:
        Typed cells, as described at `RawColumn`. Whole floats become integers if all numbers are
        whole, dates become midnights, and times of day the time since midnight.
    """
    values = [_plain(cell) for cell in cells]
    kinds = {type(value) for value in values if value is not None}
    gaps = None in values
    if not kinds:
        return pd.Series(np.full(len(values), np.nan))
    if kinds == {str}:
        return pd.Series(values, dtype=TEXT_DTYPE)
    if kinds == {bool}:
        return pd.Series(values, dtype="boolean" if gaps else "bool")
    if kinds == {int}:
        whole = [value for value in values if value is not None]
        if min(whole) >= -(2**63) and max(whole) < 2**63:
            return pd.Series(values, dtype="Int64" if gaps else "int64")
        if min(whole) >= 0 and max(whole) < 2**64:
            return pd.Series(values, dtype="UInt64")
    elif kinds == {float} or (
        kinds == {int, float}
        and all(abs(value) <= EXACT for value in values if isinstance(value, int))
    ):
        numbers = [np.nan if value is None else float(value) for value in values]
        return pd.Series(numbers, dtype="float64")
    elif kinds == {datetime.datetime}:
        return pd.Series(values, dtype="datetime64[us]")
    elif kinds == {datetime.timedelta}:
        return pd.Series(values, dtype="timedelta64[us]")
    return pd.Series(values, dtype="object")


def _plain(cell: Any) -> Any:
    """Return the cell as one of the few types that a raw column may hold."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < EXACT:
        return int(cell)
    if isinstance(cell, datetime.datetime):
        return cell
    if isinstance(cell, datetime.date):
        return datetime.datetime(cell.year, cell.month, cell.day)
    if isinstance(cell, datetime.time):
        return datetime.timedelta(
            hours=cell.hour, minutes=cell.minute, seconds=cell.second, microseconds=cell.microsecond
        )
    return cell
