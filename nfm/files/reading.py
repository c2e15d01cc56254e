"""Read a file of any format as a table: its raw cells are read by the format of each column."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd
import pyarrow as pa

from nfm.column_formats import legacy_reading
from nfm.column_formats.column_format import ColumnFormat, DecimalMark
from nfm.column_formats.column_notes import column_notes
from nfm.column_formats.infer_format import infer_format
from nfm.column_formats.missing_words import MISSING_WORDS
from nfm.column_formats.number_text import detect_decimal
from nfm.column_formats.read_column import read_column
from nfm.column_formats.reading_report import ColumnReport, missing_sentences, report_column
from nfm.column_formats.text_cells import TrimmedText, trimmed, without_words
from nfm.column_formats.typed_columns import text_series
from nfm.errors import ReadingError, ReadingWarning, SheetError, warn
from nfm.files.charset import encoding_by_words
from nfm.files.file_formats import open_file
from nfm.files.frame_attributes import remember_formats, remember_options
from nfm.files.layout_doubts import layout_notes
from nfm.files.options import FileLimits, ReadingOptions
from nfm.files.raw_table import FileFormat, RawTable
from nfm.files.totals import RowsOfTotals
from nfm.files.unpacking import Data, load

# Options that a file is likely to share with the one that a model was trained on.
_FIRST_GUESS = ("sheet", "delimiter", "has_header", "header_rows", "leave_out_index")
_MOST_SHEETS = 4


@dataclass(frozen=True)
class TableFile:
    """A file that was read.

    Attributes:
        frame: The table. Numbers are int64 or float64 ("Int64" or "UInt64" if a float could not
            represent them exactly), text is pandas' "str", Booleans are bool or "boolean", dates
            are datetime64[s]; missing values are NaN, NA or NaT.
        options: All options, as they were given or detected. Reading the file again with them
            gives the same table.
        notes: What was detected or repaired and what to check, one sentence each.
        format: Key of the file's format in `FILE_FORMATS`.
        name: Name of the file, only to be shown.
        sheets: Names of an Excel file's sheets; () for other files.
        reports: What became of the cells of each column, by name.
        doubts: Those of the notes that question whether the file was read correctly.
        column_notes: Those of the notes that say what to check about the cells of a column.
        repairs: Those of the notes that say which rows or cells are not as in the file.
    """

    frame: pd.DataFrame
    options: ReadingOptions
    notes: tuple[str, ...]
    format: str
    name: str = ""
    sheets: tuple[str, ...] = ()
    reports: Mapping[str, ColumnReport] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    column_notes: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()

    @property
    def formats(self) -> dict[str, ColumnFormat]:
        """How each column was read, by name."""
        return dict(self.options.formats or ())


def read_table(
    source: Any, options: ReadingOptions | None = None, *, limits: FileLimits | None = None
) -> pd.DataFrame:
    """Read a table from a path, bytes or an open file.

    Args:
        source: Path, bytes, or an object with `read`: CSV, Excel, Parquet or JSON Lines, also in
            gzip or zip. The format is detected from the content, not from the name.
        options: Options that are given are used; all others are detected. Default: detect all.
        limits: The largest file that is read. Default: those of `FileLimits`.

    Returns:
        The table, with the dtypes of `TableFile.frame`. A `ReadingWarning` names rows and cells
        that are not as in the file, such as blank rows that were left out, and what to check about
        how a column was read, such as the order of day and month in 05/10/2024.

    Raises:
        ReadingError: The file is not a table, is damaged, or exceeds a limit.

    Example:
        >>> from nfm import read_table
        >>> read_table("data/titanic.csv").shape
        (891, 12)
    """
    file = read_table_file(source, options=options, limits=limits)
    for note in (*file.repairs, *file.column_notes):
        warn(note, ReadingWarning)
    return file.frame


def read_table_file(
    source: Any,
    name: str = "",
    options: ReadingOptions | None = None,
    limits: FileLimits | None = None,
) -> TableFile:
    """Read a table and report how it was read.

    Args:
        source: As for `read_table`.
        name: Name of the file; only shown, never used to find the file or its format.
        options: Options that are given are used; all others are detected. Default: detect all.
        limits: The largest file that is read. Default: those of `FileLimits`.

    Returns:
        The table, the options that were used, and notes.

    Raises:
        ReadingError: The file is not a table, is damaged, or exceeds a limit.
    """
    options = options or ReadingOptions()
    limits = limits or FileLimits()
    data, file_format, unpacked = open_file(load(source, limits), limits)
    raw = file_format.read(data, options, limits)
    del data  # the reader may have made a copy, and one in memory is enough
    if options.rules == "legacy":
        return _read_by_legacy_rules(raw, file_format, options, unpacked, name)
    decimal, is_sure = options.decimal, True
    if decimal is None:
        words = frozenset(MISSING_WORDS if options.missing is None else options.missing)
        heads = [without_words(trimmed(column), words) for column in raw.heads().values()]
        decimal, is_sure = detect_decimal(heads, raw.options.delimiter or "")
    given = dict(options.formats or ())
    series: dict[str, pd.Series] = {}
    formats: list[tuple[str, ColumnFormat]] = []
    reports: dict[str, ColumnReport] = {}
    notes: list[str] = []
    totals = RowsOfTotals()
    for title, column in raw.columns:
        cells = TrimmedText(trimmed(column)) if isinstance(column, pa.ChunkedArray) else column
        column_format = given.get(title)
        if column_format is None:
            column_format = infer_format(cells, decimal=decimal, missing=options.missing)
        reading = read_column(cells, column_format)
        totals.look(title, cells)
        reports[title] = report_column(cells, column_format, reading)
        found = column_notes(
            title, column_format, reading, reports[title], decimal, point_is_sure=is_sure
        )
        if found and title in given and column_format.type == "text":
            # What a person has chosen needs no explanation; what was detected at first does.
            detected = infer_format(cells, decimal=decimal, missing=options.missing)
            found = found if detected.type == "text" else []
        notes += found
        series[title] = reading.values
        formats.append((title, column_format))
        del column, cells, reading
    notes += totals.notes()
    used = raw.options.model_copy(update={"formats": tuple(formats)})
    if "decimal" in file_format.options:
        used = used.model_copy(update={"decimal": decimal})
    frame = pd.DataFrame(series, copy=False)
    notes += layout_notes(frame)
    remember_formats(frame, dict(formats))
    remember_options(frame, used)
    opening = [*unpacked, _described(raw, file_format, decimal), *raw.notes]
    return TableFile(
        frame,
        used,
        (*opening, *missing_sentences(reports), *notes),
        file_format.key,
        name,
        raw.sheets,
        reports,
        column_notes=tuple(notes),
        repairs=raw.repairs,
    )


def read_raw_table(
    source: Any,
    name: str = "",
    guess: ReadingOptions | None = None,
    wanted: Sequence[str] = (),
    words: Collection[str] = (),
) -> TableFile:
    """Read a file's cells without interpreting them, for a model that has a format per column.

    Args:
        source: As for `read_table`.
        name: Name of the file; only shown.
        guess: How the training table was read: its sheet, delimiter, header and index are tried
            first, then detection; its encoding is used if the file can have it. The formats of its
            columns are not used.
        wanted: Columns that the file should have. Of the ways to read it, the one with most of
            them is used.
        words: Cells that the file may have, such as the levels of a model: they show the encoding
            of a file of few rows.

    Returns:
        A file whose frame has the text of the cells if it is a text file, and typed values, or
        typed values and text, if it is a workbook or a Parquet file.

    Raises:
        ReadingError: The file is not a table, is damaged, or exceeds a limit of `FileLimits`.
    """
    limits = FileLimits()
    data, file_format, unpacked = open_file(load(source, limits), limits)
    raw = _best_guess(file_format, data, guess, frozenset(wanted), [*wanted, *words], limits)
    doubts: tuple[str, ...] = ()
    if guess is not None and guess.has_header is False and raw.options.has_header is False:
        doubts = _header_doubt(file_format, data, limits)
    del data
    series = {
        title: text_series(column) if isinstance(column, pa.ChunkedArray) else column
        for title, column in raw.columns
    }
    opening = ", ".join(part for part in (raw.read_as, raw.layout) if part) + "."
    frame = pd.DataFrame(series, copy=False)
    totals = RowsOfTotals()
    for title in frame.columns:
        totals.look(title, frame[title])
    notes = (*unpacked, opening, *doubts, *raw.notes, *totals.notes())
    doubts = (*doubts, *raw.repairs, *totals.notes())
    return TableFile(frame, raw.options, notes, file_format.key, name, raw.sheets, doubts=doubts)


def _best_guess(
    file_format: FileFormat,
    data: Data,
    guess: ReadingOptions | None,
    wanted: frozenset[str],
    words: Collection[str],
    limits: FileLimits,
) -> RawTable:
    """Read a file in the way that gives most of the wanted columns; try the guess first."""
    encoding = None
    if "encoding" in file_format.options:
        encoding = encoding_by_words(data, guess.encoding if guess else None, words)
    tries = [ReadingOptions(encoding=encoding)]
    if guess is not None:
        known = {key: getattr(guess, key) for key in _FIRST_GUESS} | {"encoding": encoding}
        tries.insert(0, ReadingOptions(**known))
        if guess.has_header is False and wanted:
            # Without a header, columns are named by position, and any file has these. So detect
            # the delimiter from the file itself; its header may also have these names.
            known["delimiter"] = None
            tries.insert(0, ReadingOptions(**known))
            tries.insert(0, ReadingOptions(**{**known, "has_header": True}))
    best, most = None, 0
    for options in tries:
        try:
            raw = file_format.read(data, options, limits)
        except ReadingError as error:  # the file is written differently: try the next way
            if options is tries[-1] and best is None:
                if isinstance(error, SheetError) and wanted:
                    other = _another_sheet(
                        file_format, data, error.sheet, error.sheets, wanted, 0, limits
                    )
                    if other is not None:
                        return other
                raise
            continue
        found = len(wanted.intersection(raw.names))
        if found == len(wanted):
            is_known = guess is not None and raw.options.sheet == guess.sheet
            return raw if is_known else _with_sheets_alike(file_format, data, raw, wanted, limits)
        if best is None or found > most or most == 0:
            best, most = raw, found
    if best is None:
        raise ReadingError("The file cannot be read as a table: save it as CSV.")
    if not best.sheets:
        return best
    sheet = best.options.sheet
    return _another_sheet(file_format, data, sheet, best.sheets, wanted, most, limits) or best


def _another_sheet(
    file_format: FileFormat,
    data: Data,
    first: str | None,
    sheets: Sequence[str],
    wanted: frozenset[str],
    most: int,
    limits: FileLimits,
) -> RawTable | None:
    """Return the sheet with most of the wanted columns, with a note.

    Args:
        file_format: The file's format.
        data: The file.
        first: Name of the sheet that has fewer.
        sheets: Names of all sheets.
        wanted: The columns of the model.
        most: Number of them that the first sheet has.
        limits: The largest table that is read.

    Returns:
        The sheet; None if no sheet has more than the first.
    """
    best, at_first = None, most
    for sheet in sheets[:_MOST_SHEETS]:
        if sheet != first and most < len(wanted):
            with contextlib.suppress(ReadingError):
                raw = file_format.read(data, ReadingOptions(sheet=sheet), limits)
                found = len(wanted.intersection(raw.names))
                if found > most:
                    best, most = raw, found
    if best is None:
        return None
    note = (
        f"The sheet {first!r} has {'fewer' if at_first else 'none'} of the model's columns, so the "
        f"sheet {best.options.sheet!r} was read."
    )
    return replace(best, notes=(note, *best.notes), repairs=(note, *best.repairs))


def _with_sheets_alike(
    file_format: FileFormat, data: Data, read: RawTable, wanted: frozenset[str], limits: FileLimits
) -> RawTable:
    """Add a note if another sheet has all wanted columns too, so that its rows are left out."""
    if not wanted:
        return read
    for sheet in read.sheets[:_MOST_SHEETS]:
        if sheet == read.options.sheet:
            continue
        with contextlib.suppress(ReadingError):
            if wanted <= {*file_format.read(data, ReadingOptions(sheet=sheet), limits).names}:
                note = (
                    f"The sheet {read.options.sheet!r} was read, but the sheet {sheet!r} has all "
                    "columns of the model too: put the rows into one sheet, or score each alone."
                )
                return replace(read, notes=(note, *read.notes), repairs=(note, *read.repairs))
    return read


def _header_doubt(file_format: FileFormat, data: Data, limits: FileLimits) -> tuple[str, ...]:
    """Return a note if the first row looks like a header."""
    with contextlib.suppress(ReadingError):
        if file_format.read(data, ReadingOptions(), limits).options.has_header:
            return (
                "The first row looks like a header row but is read as data, because the training "
                "table has no header: remove it from the file if it names the columns.",
            )
    return ()


def _described(raw: RawTable, file_format: FileFormat, decimal: DecimalMark) -> str:
    mark = "decimal comma" if decimal == "," else "decimal point"
    parts = [raw.read_as, mark if "decimal" in file_format.options else "", raw.layout]
    return ", ".join(part for part in parts if part) + "."


def _read_by_legacy_rules(
    raw: RawTable,
    file_format: FileFormat,
    options: ReadingOptions,
    unpacked: tuple[str, ...],
    name: str,
) -> TableFile:
    """Read a table as it was read before columns had formats."""
    words = legacy_reading.LEGACY_MISSING_WORDS if options.missing is None else options.missing
    missing = pa.array(sorted({"", *words}))
    decimal = options.decimal
    if decimal is None:
        heads = [legacy_reading.legacy_trimmed(column, missing) for column in raw.heads().values()]
        decimal = legacy_reading.detect_legacy_decimal(heads, raw.options.delimiter or "")
    notes = [*unpacked, _described(raw, file_format, decimal), *raw.notes]
    series: dict[str, pd.Series] = {}
    for title, column in raw.columns:
        reading = legacy_reading.read_legacy_column(column, decimal, missing)
        if reading.note:
            notes.append(f"Column {title!r} {reading.note}.")
        series[title] = reading.values
        del column
    used = raw.options
    if "decimal" in file_format.options:
        used = used.model_copy(update={"decimal": decimal})
    frame = pd.DataFrame(series, copy=False)
    remember_formats(frame, None)
    return TableFile(frame, used, tuple(notes), file_format.key, name, raw.sheets)
