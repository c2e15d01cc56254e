"""A file cut into cells, before it is decided what the cells mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

import pandas as pd
import pyarrow as pa

from nfm.files.options import ReadingOptions

# Text cells (pa.ChunkedArray of strings) stand as in the file: nothing is missing or trimmed.
# Typed cells (pd.Series) are int64, Int64, UInt64, float64, bool, boolean, datetime64,
# timedelta64, "str", or object where one column mixes kinds; then the cells are str, int,
# float, bool, datetime.datetime, datetime.timedelta or None. An Excel error is the text "#DIV/0!".
# By legacy rules the cells of a sheet are object, and times of day datetime.time.
RawColumn: TypeAlias = "pa.ChunkedArray | pd.Series"


@dataclass(frozen=True)
class RawTable:
    """The columns of a file as raw cells, and how they were found.

    Attributes:
        names: Names of the columns in the order of the file; no name occurs twice.
        columns: Name and cells of every column in this order, to be taken once. Text of many
            megabytes is cut into a part of its columns at a time, so release one column
            before you take the next.
        options: The options as they were used; `decimal` is left to who reads the cells.
        notes: What was detected, mended or is worth a look, one sentence each.
        read_as: How the file was read, up to where the decimal mark is named: "Read as utf-8,
            delimiter comma".
        layout: The rest of that sentence: "with a header line".
        heads: Gives the first cells of some of the text columns, by name, to tell by them what
            holds for the whole table, such as its decimal mark; call it before you take columns.
        sheets: Names of a workbook's sheets; () of other files.
    """

    names: tuple[str, ...]
    columns: Iterator[tuple[str, RawColumn]]
    options: ReadingOptions
    notes: tuple[str, ...]
    read_as: str
    layout: str = ""
    heads: Callable[[], dict[str, pa.ChunkedArray]] = dict
    sheets: tuple[str, ...] = ()
