"""A file becomes a table: CSV in any usual encoding and dialect, Parquet or Excel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from nfm.errors import ReadingError
from nfm.tabular.cells import convert, detect_decimal, trimmed
from nfm.tabular.charset import to_utf8
from nfm.tabular.delimited import parse
from nfm.tabular.dialect import Dialect, detect_dialect, too_many_columns
from nfm.tabular.header import unique_names
from nfm.tabular.options import DELIMITERS as DELIMITERS
from nfm.tabular.options import ENCODINGS as ENCODINGS
from nfm.tabular.options import MISSING, Limits, ReadingOptions
from nfm.tabular.unpacking import Data, Format, counted, load, unpack

_DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", " ": "space"}


@dataclass(frozen=True)
class TableFile:
    """A file that was read.

    Attributes:
        frame: The table. Numbers are int64 or float64, text is pandas' "str", booleans are
            bool or "boolean"; missing values are NaN.
        options: Everything as it was detected or given; reading again with them gives
            the same table.
        notes: What was detected, mended or is worth a look, one sentence each.
        format: Which kind of file it is.
        name: What the file is called, for people only.
    """

    frame: pd.DataFrame
    options: ReadingOptions
    notes: tuple[str, ...]
    format: Format
    name: str = ""


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
    data, kind, notes = unpack(load(source, limits), limits)
    if kind == "parquet":
        from nfm.tabular.parquet import read_parquet

        frame, more = read_parquet(data, limits)
    elif kind == "excel":
        from nfm.tabular.excel import read_excel

        frame, options, more = read_excel(data, options, limits)
    else:
        frame, options, more = _read_text(data, options, limits)
    return TableFile(frame, options, (*notes, *more), kind, name)


def _read_text(
    data: Data, options: ReadingOptions, limits: Limits
) -> tuple[pd.DataFrame, ReadingOptions, tuple[str, ...]]:
    text, encoding, notes = to_utf8(data, options.encoding)
    del data
    _refuse_markup(bytes(text[:2048]))
    dialect = detect_dialect(text, options, limits)
    if dialect.width > limits.columns:
        raise too_many_columns(dialect.width, limits)
    cells = parse(text, dialect, limits, leave_out_broken=options.leave_out_broken_lines)
    columns = cells.columns
    del text
    if dialect.padded:
        for position, column in enumerate(columns):
            columns[position] = pc.utf8_trim_whitespace(column)
    frame, decimal, more = to_frame(columns, dialect.header, options, dialect.delimiter)
    used = options.model_copy(
        update={
            "encoding": encoding,
            "delimiter": dialect.delimiter,
            "quote": dialect.quote,
            "decimal": decimal,
            "has_header": dialect.header is not None,
            "skip_lines": dialect.skip_lines,
            "missing": options.missing or MISSING,
        }
    )
    return frame, used, (_described(used, dialect), *notes, *cells.notes, *more)


def to_frame(
    columns: list[pa.ChunkedArray],
    header: Sequence[str] | None,
    options: ReadingOptions,
    delimiter: str,
) -> tuple[pd.DataFrame, Any, tuple[str, ...]]:
    """Turn columns of text cells into a table of numbers and text.

    Args:
        columns: Text cells; the list is emptied on the way, to spare memory.
        header: Names as they stand in the file, as many as the columns or fewer.
        options: `missing` and `decimal` are used.
        delimiter: A hint for the decimal mark.

    Returns:
        The table, its decimal mark, and notes.
    """
    notes: list[str] = []
    missing = pa.array(sorted({"", *(MISSING if options.missing is None else options.missing)}))
    if header is not None:
        header, left_out = _without_hollow(columns, header, missing)
        notes.extend(left_out)
    names, renamed = unique_names(header, len(columns))
    notes.extend(renamed)
    decimal = options.decimal or detect_decimal(
        [trimmed(column.slice(0, 20_000), missing) for column in columns], delimiter
    )
    series: dict[str, pd.Series] = {}
    columns.reverse()
    for name in names:
        cells = columns.pop()
        if pa.types.is_string(cells.type):
            bare = trimmed(cells, _missing_for(cells, missing))
        reading = convert(cells, bare, decimal, only=options.decimal is not None)
        series[name] = reading.values
        if reading.note:
            notes.append(f"Column {name!r} {reading.note}.")
        del cells, bare, reading
    return pd.DataFrame(series, copy=False), decimal, tuple(notes)


def _without_hollow(
    columns: list[pa.ChunkedArray], header: Sequence[str], missing: pa.Array
) -> tuple[list[str], list[str]]:
    """Take out the columns that have neither a name nor a single value."""
    cells = [*header, *[""] * (len(columns) - len(header))]
    hollow = [
        position
        for position, cell in enumerate(cells)
        if not cell.strip() and not len(trimmed(columns[position], missing).drop_null())
    ]
    if not hollow or len(hollow) == len(cells):
        return cells, []
    for position in reversed(hollow):
        del columns[position], cells[position]
    return cells, [f"Left out {counted(len(hollow), 'column')} without a name and values."]


def _missing_for(cells: pa.ChunkedArray, missing: pa.Array) -> pa.Array:
    """A minus sign is a value, not a missing one, in a column that holds plus signs too."""
    if pc.any(pc.equal(cells.slice(0, 20_000), "+")).as_py():
        return missing.filter(pc.not_equal(missing, "-"))
    return missing


def _described(options: ReadingOptions, dialect: Dialect) -> str:
    delimiter = _DELIMITER_NAMES.get(dialect.delimiter, repr(dialect.delimiter))
    header = "with a header line" if options.has_header else "without a header line"
    decimal = "comma" if options.decimal == "," else "point"
    skipped = (
        f", {counted(dialect.skip_lines, 'line')} before the table" if dialect.skip_lines else ""
    )
    return (
        f"Read as {options.encoding}, delimiter {delimiter}, decimal {decimal}, {header}{skipped}."
    )


def _refuse_markup(head: bytes) -> None:
    """Refuse text of other kinds that a CSV reader would take for one odd column."""
    start = head.lstrip()[:64].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        raise ReadingError("The file is a web page, not a table: download the data itself, as CSV.")
    if start.startswith((b"<?xml", b"<svg")):
        raise ReadingError("The file is XML, not a table: save the table as CSV.")
    bare = b"".join(start.split())
    if bare.startswith((b'{"', b"[{", b"[[", b'["', b"{}", b"[]")):
        raise ReadingError("The file is JSON, not a table: save the table as CSV.")
    if start.startswith((b"@relation", b"%!ps")):
        raise ReadingError("The file is ARFF or PostScript, not CSV: save the table as CSV.")
