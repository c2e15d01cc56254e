"""A file becomes a table: CSV in any usual encoding and dialect, Parquet or Excel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from nfm.errors import ReadingError
from nfm.tabular.cells import Decimal, convert, detect_decimal, trimmed
from nfm.tabular.charset import to_utf8
from nfm.tabular.delimited import Cells, parse
from nfm.tabular.dialect import Dialect, collapse_spaces, detect_dialect, too_many_columns
from nfm.tabular.header import unique_names
from nfm.tabular.options import DELIMITERS as DELIMITERS
from nfm.tabular.options import ENCODINGS as ENCODINGS
from nfm.tabular.options import MISSING, Limits, ReadingOptions
from nfm.tabular.sampling import sample_lines
from nfm.tabular.unpacking import Data, Format, counted, load, unpack

# A text of more bytes is read in several passes, a part of its columns each.
_LARGE = 8 << 20
_PASSES = 3
_HEAD_BYTES = 4 << 20
_HEAD_ROWS = 20_000
_HEAD_COLUMNS = 300
_DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", " ": "spaces"}


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
        sheets: Names of an Excel file's sheets; () of other files.
    """

    frame: pd.DataFrame
    options: ReadingOptions
    notes: tuple[str, ...]
    format: Format
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
    data, kind, notes = unpack(load(source, limits), limits)
    sheets: tuple[str, ...] = ()
    if kind == "parquet":
        from nfm.tabular.parquet import read_parquet

        frame, more = read_parquet(data, limits, sample_rows=options.sample_rows)
    elif kind == "excel":
        from nfm.tabular.excel import read_excel

        frame, options, more, sheets = read_excel(data, options, limits)
    else:
        text, encoding, replaced = to_utf8(data, options.encoding)
        del data  # the text may be a copy, and one is enough
        options = options.model_copy(update={"encoding": encoding})
        frame, options, more = _read_text(text, options, limits)
        more = (more[0], *replaced, *more[1:])
    return TableFile(frame, options, (*notes, *more), kind, name, sheets)


def _read_text(
    text: Data, options: ReadingOptions, limits: Limits
) -> tuple[pd.DataFrame, ReadingOptions, tuple[str, ...]]:
    """Read UTF-8 text; of a large one a few columns at a time, to spare memory."""
    _refuse_markup(bytes(text[:2048]))
    dialect = detect_dialect(text, options, limits)
    delimiter = dialect.delimiter
    if delimiter == " ":
        text = collapse_spaces(text)
        tabs = options.model_copy(update={"delimiter": "\t"})
        dialect = detect_dialect(text, tabs, limits)
    width, decimal = dialect.width, options.decimal
    if width > limits.columns:
        raise too_many_columns(width, limits)
    names, notes = unique_names(dialect.header, width)
    if options.sample_rows:
        text, sampled = sample_lines(text, dialect.start, width, limits)
        notes = [*sampled, *notes]
    missing = pa.array(sorted({"", *(MISSING if options.missing is None else options.missing)}))
    large = len(text) > _LARGE and text.count(b'"') % 2 == 0
    step = -(-width // _PASSES) if large else width
    if large and decimal is None:
        head = _cells(_head(text, dialect.start), dialect, options, limits)
        decimal = _detect_decimal(head, dialect, missing)
        del head  # else its cells stay until the last column is read
    series: dict[str, pd.Series] = {}
    mended: tuple[str, ...] = ()
    for first in range(0, width, step):
        wanted = range(first, min(first + step, width))
        cells = _cells(text, dialect, options, limits, wanted)
        mended = mended or cells.notes
        if decimal is None:
            decimal = _detect_decimal(cells, dialect, missing)
        for name in names[first : first + step]:
            column = cells.columns.pop(0)
            if dialect.padded:
                column = pc.utf8_trim_whitespace(column)
            series[name] = _column(column, name, decimal, missing, notes)
            del column
        pa.default_memory_pool().release_unused()
    _leave_out_hollow(series, names, dialect.header, notes)
    used = options.model_copy(
        update={
            "delimiter": delimiter,
            "quote": dialect.quote,
            "decimal": decimal,
            "has_header": dialect.header is not None,
            "skip_lines": dialect.skip_lines,
            "missing": MISSING if options.missing is None else options.missing,
        }
    )
    return pd.DataFrame(series, copy=False), used, (_described(used, dialect), *mended, *notes)


def _cells(
    text: Data,
    dialect: Dialect,
    options: ReadingOptions,
    limits: Limits,
    wanted: Sequence[int] | None = None,
) -> Cells:
    return parse(
        text, dialect, limits, leave_out_broken=options.leave_out_broken_lines, wanted=wanted
    )


def _head(text: Data, start: int) -> Data:
    """The first whole lines of a large text."""
    end = text.rfind(b"\n", start, start + _HEAD_BYTES)
    return text[: end + 1] if end > start else text


def _detect_decimal(cells: Cells, dialect: Dialect, missing: pa.Array) -> Decimal:
    some = cells.columns[:: -(-len(cells.columns) // _HEAD_COLUMNS)]
    heads = [trimmed(column.slice(0, _HEAD_ROWS), missing) for column in some]
    return detect_decimal(heads, dialect.delimiter)


def _column(
    cells: pa.ChunkedArray,
    name: str,
    decimal: Decimal,
    missing: pa.Array,
    notes: list[str],
) -> pd.Series:
    """One column as numbers, booleans or text; what is worth a note is added to the notes."""
    bare = trimmed(cells, _missing_for(cells, missing))
    reading = convert(cells, bare, decimal)
    if reading.note:
        notes.append(f"Column {name!r} {reading.note}.")
    return reading.values


def _leave_out_hollow(
    series: dict[str, pd.Series],
    names: Sequence[str],
    header: Sequence[str] | None,
    notes: list[str],
) -> None:
    """Take out the columns that have neither a name nor a single value."""
    if header is None:
        return
    nameless = [name for name, cell in zip_longest(names, header, fillvalue="") if not cell.strip()]
    hollow = [name for name in nameless if series[name].isna().all()]
    if hollow and len(hollow) < len(series):
        for name in hollow:
            del series[name]
        notes.append(f"Left out {counted(len(hollow), 'column')} without a name and values.")
    if len(nameless) > len(hollow):
        count = counted(len(nameless) - len(hollow), "column")
        notes.append(f"Called {count} without a name by position.")


def _missing_for(cells: pa.ChunkedArray, missing: pa.Array) -> pa.Array:
    """A minus sign is a value, not a missing one, in a column that holds plus signs too."""
    if pc.any(pc.equal(cells.slice(0, 20_000), "+")).as_py():
        return missing.filter(pc.not_equal(missing, "-"))
    return missing


def _described(options: ReadingOptions, dialect: Dialect) -> str:
    delimiter = _DELIMITER_NAMES.get(options.delimiter or "", repr(options.delimiter))
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
