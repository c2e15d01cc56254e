"""A file of any format becomes a table: its raw cells are read as numbers, dates and text."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from nfm.tabular.cells import Decimal, Reading, convert, detect_decimal, trimmed
from nfm.tabular.file_format import FileFormat
from nfm.tabular.file_formats import open_file
from nfm.tabular.options import MISSING, Limits, ReadingOptions
from nfm.tabular.raw_table import RawColumn, RawTable
from nfm.tabular.typed_cells import text_column
from nfm.tabular.unpacking import load


@dataclass(frozen=True)
class TableFile:
    """A file that was read.

    Attributes:
        frame: The table. Numbers are int64 or float64, text is pandas' "str", booleans are
            bool or "boolean"; missing values are NaN.
        options: Everything as it was detected or given; reading again with them gives
            the same table.
        notes: What was detected, mended or is worth a look, one sentence each.
        format: Key of the kind of file that it is, in `FILE_FORMATS`.
        name: What the file is called, for people only.
        sheets: Names of an Excel file's sheets; () of other files.
    """

    frame: pd.DataFrame
    options: ReadingOptions
    notes: tuple[str, ...]
    format: str
    name: str = ""
    sheets: tuple[str, ...] = ()


def read_table(
    source: Any, options: ReadingOptions | None = None, *, limits: Limits | None = None
) -> pd.DataFrame:
    """Read a table from a path, bytes or an open file.

    Args:
        source: Path, bytes, or an object with `read`; CSV, Parquet or Excel, also in gzip
            or zip. The content decides, not the name.
        options: What is known of the file; everything else is detected.
        limits: The largest file that is read.

    Returns:
        The table, as `TableFile.frame` describes it.

    Raises:
        ReadingError: The file is no table, is damaged, or is larger than a limit.
    """
    return read_table_file(source, options=options, limits=limits).frame


def read_table_file(
    source: Any,
    name: str = "",
    options: ReadingOptions | None = None,
    limits: Limits | None = None,
) -> TableFile:
    """Read a table and say how it was read.

    Args:
        source: As for `read_table`.
        name: What the file is called; it is shown, and never used to find or judge a file.
        options: What is known of the file; everything else is detected.
        limits: The largest file that is read.

    Raises:
        ReadingError: The file is no table, is damaged, or is larger than a limit.
    """
    options = options or ReadingOptions()
    limits = limits or Limits()
    data, kind, unpacked = open_file(load(source, limits), limits)
    raw = kind.read(data, options, limits)
    del data  # the reader may have made a copy, and one is enough
    missing = pa.array(sorted({"", *(MISSING if options.missing is None else options.missing)}))
    decimal = options.decimal or _detect_decimal(raw, missing)
    notes = [*unpacked, _described(raw, kind, decimal), *raw.notes]
    series: dict[str, pd.Series] = {}
    for title, column in raw.columns:
        reading = _read_column(column, decimal, missing)
        if reading.note:
            notes.append(f"Column {title!r} {reading.note}.")
        series[title] = reading.values
        del column
    used = raw.options
    if "decimal" in kind.options:
        used = used.model_copy(update={"decimal": decimal})
    frame = pd.DataFrame(series, copy=False)
    return TableFile(frame, used, tuple(notes), kind.key, name, raw.sheets)


def _detect_decimal(raw: RawTable, missing: pa.Array) -> Decimal:
    heads = [trimmed(column, missing) for column in raw.heads().values()]
    return detect_decimal(heads, raw.options.delimiter or "")


def _described(raw: RawTable, kind: FileFormat, decimal: Decimal) -> str:
    mark = "decimal comma" if decimal == "," else "decimal point"
    parts = [raw.read_as, mark if "decimal" in kind.options else "", raw.layout]
    return ", ".join(part for part in parts if part) + "."


def _read_column(column: RawColumn, decimal: Decimal, missing: pa.Array) -> Reading:
    """One column as numbers, booleans, dates or text."""
    if isinstance(column, pd.Series):
        if column.dtype in ("Int64", "UInt64"):
            return _whole_numbers(column)
        if column.dtype.kind == "m":
            return Reading(column.dt.total_seconds())
        if column.dtype != "object":
            return Reading(column)
        column = text_column(["" if cell is None else _written(cell) for cell in column])
    return convert(column, trimmed(column, _missing_for(column, missing)), decimal)


def _whole_numbers(column: pd.Series) -> Reading:
    """Whole numbers that have gaps or are large, by the same rule as in text."""
    text = pa.chunked_array([pa.array(column.astype("string"), pa.string())])
    return convert(text, text, ".")


def _written(cell: Any) -> str:
    """A cell as text, dates as ISO 8601."""
    return cell.isoformat() if isinstance(cell, datetime.datetime) else str(cell)


def _missing_for(cells: pa.ChunkedArray, missing: pa.Array) -> pa.Array:
    """A minus sign is a value, not a missing one, in a column that holds plus signs too."""
    if pc.any(pc.equal(cells.slice(0, 20_000), "+")).as_py():
        return missing.filter(pc.not_equal(missing, "-"))
    return missing
