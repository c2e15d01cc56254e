"""Read a sheet of a workbook (.xlsx, .xls, .ods and related formats) as raw cells."""

from __future__ import annotations

import json
import pickle
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

import pandas as pd
import pyarrow as pa

from nfm.errors import ReadingError, SheetError
from nfm.files.header import (
    NUMBER,
    index_note,
    is_saved_index,
    joined_header,
    looks_like_header,
    named_like_index,
    repeats_allowed,
    repeats_note,
    spans_columns,
    unique_names,
)
from nfm.files.options import FileLimits, ReadingOptions
from nfm.files.raw_table import FileFormat, RawColumn, RawTable, typed_column
from nfm.files.unpacking import (
    Data,
    cell_too_long,
    check_declared_size,
    is_zip,
    too_many_cells,
    too_many_columns,
    too_many_rows,
    zip_members,
)
from nfm.text import counted

_SCRIPT = Path(__file__).with_name("workbook_process.py")
_MEMORY = 2 << 30
_SECONDS = 30
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OPEN_DOCUMENT = b"opendocument.spreadsheet"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_DURATION = re.compile(
    r"(-?)PT(?=\d)(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6}(?:[.,]\d{1,9})?)S)?", re.ASCII
)
_HEAD = 300

SheetRow = list[Any]
Range = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class _Sheet:
    """One sheet of a workbook.

    Attributes:
        name: Its name; None if all sheets are empty.
        names: Names of all sheets.
        rows: Rows that are not empty, without empty cells at their ends, each with its number in
            the sheet.
        merged: Merged cells: first and last row and column, counted from 0.
        left: The sheet's column in which the rows begin.
        without_result: Number of formulas, in all sheets, whose result no spreadsheet has stored.
    """

    name: str | None
    names: tuple[str, ...]
    rows: list[tuple[int, SheetRow]]
    merged: list[Range]
    left: int
    without_result: int


def read_excel(data: Data, options: ReadingOptions, limits: FileLimits) -> RawTable:
    """Read one sheet of a workbook: the one that is named, or else the first that is not empty.

    Args:
        data: The file.
        options: `sheet`, `skip_lines`, `has_header`, `header_rows` and `leave_out_index` are
            used.
        limits: The largest table that is read; checked row by row.

    Raises:
        ReadingError: The file is damaged or protected, has no such sheet, is empty, or exceeds a
            limit.
    """
    if is_zip(data):
        check_declared_size(data, limits)
    elif _ENCRYPTED in data:
        raise _fault({"error": "PasswordError"})
    sheet = _read_sheet(data, options.sheet, limits)
    rows = sheet.rows
    skip = _preamble(sheet) if options.skip_lines is None else options.skip_lines
    rows = rows[skip:]
    if not rows:
        raise ReadingError("The workbook is empty: choose a file with a header row and rows.")
    texts = [[_written(cell) for cell in row] for _, row in rows[:_HEAD]]
    upper = _spread(sheet, *rows[0]) if options.header_rows != 1 else None
    grouped = options.header_rows == 2 or _names_groups(upper, texts)
    has_header = options.has_header
    if has_header is None:
        has_header = grouped or looks_like_header(texts)
    header_rows = (2 if grouped and len(texts) > 1 else 1) if has_header else 0
    body = [row for _, row in rows[header_rows:]]
    repeated: list[int] = []
    if has_header and header_rows == 1 and options.rules != "legacy":
        numbers = [number + 1 for number, row in rows[1:] if row == rows[0][1]]
        if len(numbers) <= repeats_allowed(texts) * len(body):
            repeated = numbers
    if repeated:
        body = [row for row in body if row != rows[0][1]]
    if not body:
        message = "The sheet has a header row but no rows: choose a sheet with rows."
        raise SheetError(message, sheet.name, sheet.names)
    if len(body) > limits.rows:
        raise too_many_rows(limits)
    header = texts[0] if has_header else None
    if header_rows == 2:
        above = texts[0] if upper is None else [_written(cell) for cell in upper]
        header = joined_header(above, texts[1], spread=upper is not None)
    names, notes = unique_names(header, max(len(row) for _, row in rows))
    open_document = _OPEN_DOCUMENT in data[:200]
    columns = {
        name: _raw_column(
            [row[place] if place < len(row) else None for row in body],
            open_document=open_document,
            legacy=options.rules == "legacy",
        )
        for place, name in enumerate(names)
    }
    index = _saved_index(header, columns, options.leave_out_index)
    for name in index:
        del columns[name]
    if index:
        notes.insert(0, index_note(len(index)))
    if header_rows == 2:
        notes.insert(0, "Joined the names of two header rows.")
    notes = [*_notes_on_sheets(sheet, options), *notes]
    repairs = [*repeats_note("row", repeated), *_repairs(sheet, rows[header_rows:])]
    notes += repairs
    if data.startswith(_OLD):
        notes.append(
            "In an old Excel file, errors such as #DIV/0! cannot be distinguished from empty "
            "cells and are read as missing values. To see them, save the file as .xlsx."
        )
    used = options.model_copy(
        update={
            "sheet": sheet.name,
            "has_header": has_header,
            "header_rows": header_rows or None,
            "skip_lines": skip,
            "leave_out_index": bool(index),
        }
    )
    return RawTable(
        names=tuple(columns),
        columns=iter(columns.items()),
        options=used,
        notes=tuple(notes),
        read_as=f"Read as Excel, sheet {sheet.name!r}",
        layout="with a header row" if has_header else "without a header row",
        sheets=sheet.names,
        repairs=tuple(repairs),
    )


def _read_sheet(data: Data, wanted: str | None, limits: FileLimits) -> _Sheet:
    """Read the workbook in another process, which can fail alone if it needs too much memory."""
    request = {"memory": _MEMORY, "seconds": _SECONDS, "sheet": wanted}
    with subprocess.Popen(  # noqa: S603 (no shell, and nothing of the file on the command line)
        [sys.executable, "-I", str(_SCRIPT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            if process.stdin is None or process.stdout is None:
                raise OSError("no pipes")
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.write(data)
            process.stdin.close()
            opening = _DataOnly(process.stdout).load()
            if "error" in opening:
                raise _fault(opening)
            rows = _rows(process.stdout, limits)
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise ReadingError(
                "The workbook needs too much memory or time to read: save the sheet as CSV."
            ) from error
        finally:
            process.kill()
    if wanted is not None and wanted not in opening["sheets"]:
        raise ReadingError(f"The workbook has no sheet {wanted!r}: choose another sheet.")
    return _Sheet(
        name=opening["sheet"],
        names=tuple(opening["sheets"]),
        rows=rows,
        merged=opening["merged"],
        left=opening["left"],
        without_result=opening["without_result"],
    )


class _DataOnly(pickle.Unpickler):
    """Unpickles what the process writes: plain values and dates, nothing that could run code."""

    def find_class(self, module: str, name: str) -> Any:
        """Return one of the types that a cell may have.

        Raises:
            UnpicklingError: It is another type.
        """
        for kind in (date, datetime, time, timedelta):
            if (module, name) == (kind.__module__, kind.__name__):
                return kind
        raise pickle.UnpicklingError(f"{module}.{name} is not a cell")


def _fault(answer: dict[str, Any]) -> ReadingError:
    if answer["error"] == "PasswordError":
        return ReadingError("The workbook is protected by a password: save it without one.")
    if answer["error"] == "MemoryError":
        return ReadingError("The workbook needs too much memory to read: save the sheet as CSV.")
    if answer["error"] == "Sparse":
        return ReadingError(
            f"The sheet is nearly empty and has a cell far from the others, in row "
            f"{answer['row']:,} or in a column far to the right: delete this cell, or save the "
            "table as CSV."
        )
    if answer["error"] in ("Rows", "Texts"):
        what = (
            "A sheet has a row twice, or more rows or columns than Excel allows"
            if answer["error"] == "Rows"
            else "The workbook has many texts that no cell contains"
        )
        return ReadingError(f"{what}: save it again in Excel, or save the table as CSV.")
    return ReadingError(
        "The Excel file is damaged, or an old Excel or Office file without a sheet: save it "
        "again, or save the table as CSV."
    )


def _rows(answer: IO[bytes], limits: FileLimits) -> list[tuple[int, SheetRow]]:
    """Return the rows with their numbers; raise ReadingError if they exceed a limit."""
    rows: list[tuple[int, SheetRow]] = []
    total = 0
    # Each chunk is a pickle of its own, with its own references.
    while (chunk := _DataOnly(answer).load()) is not None:
        if isinstance(chunk, dict):
            raise _fault(chunk)
        for _, row in chunk:
            total += len(row)
            if len(row) > limits.columns:
                raise too_many_columns(len(row), limits)
            if any(isinstance(cell, str) and len(cell) > limits.cell_length for cell in row):
                raise cell_too_long(limits)
        rows += chunk
        if len(rows) > limits.rows + 2:  # two may name the columns
            raise too_many_rows(limits)
        if total > limits.cells:
            raise too_many_cells(limits)
    return rows


def _preamble(sheet: _Sheet) -> int:
    """Return how many title rows precede the first row that is about as wide as the table."""
    rows = sheet.rows
    width = max((len(row) for _, row in rows[:200]), default=0)
    for position, (_, row) in enumerate(rows[:30]):
        filled = [cell != "" for cell in row]
        if sum(filled) >= max(2, width - 1) or (len(row) == width and all(filled[1:])):
            if position:
                before = rows[position - 1 : position + _HEAD]
                texts = [[_written(cell) for cell in cells] for _, cells in before]
                if _names_groups(_spread(sheet, *before[0]), texts):
                    return position - 1
            return position
    return 0


def _spread(sheet: _Sheet, number: int, row: SheetRow) -> SheetRow | None:
    """Return a row whose merged cells repeat their value; None if none spans several columns."""
    spread = list(row)
    found = False
    for (top, first), (bottom, last) in sheet.merged:
        first, last = first - sheet.left, last - sheet.left
        if top == bottom == number and 0 <= first < min(last, len(row)) and last < 10_000:
            found = True
            spread += [""] * (last + 1 - len(spread))
            spread[first : last + 1] = [row[first]] * (last + 1 - first)
    return spread if found else None


def _names_groups(upper: SheetRow | None, texts: list[list[str]]) -> bool:
    """Return whether the first row names groups of columns, and the second the columns."""
    if len(texts) < 3:
        return False
    if upper is None:
        return spans_columns(texts)
    years = all(len(cell) == 4 for cell in texts[1] if NUMBER.fullmatch(cell))
    several = sum(bool(cell) for cell in texts[0]) > 1
    return several and years and any(texts[1])


def _notes_on_sheets(sheet: _Sheet, options: ReadingOptions) -> list[str]:
    others = [name for name in sheet.names if name != sheet.name]
    if not others or options.sheet:
        return []
    shown = ", ".join(repr(name) for name in others[:3])
    rest = f" and {counted(len(others) - 3, 'other')}" if len(others) > 3 else ""
    return [f"Did not read {counted(len(others), 'other sheet')}: {shown}{rest}."]


def _repairs(sheet: _Sheet, body: list[tuple[int, SheetRow]]) -> list[str]:
    """Name blank rows, merged cells and formulas without a result among the others."""
    found = []
    numbers = [number for number, _ in body]
    blank = numbers[-1] - numbers[0] + 1 - len(numbers)
    if blank:
        first = next(one + 1 for one, two in pairwise(numbers) if two > one + 1)
        found.append(
            f"Left out {counted(blank, 'blank row')} between the others; the first is row "
            f"{first + 1:,}."
        )
    merged = sum(top >= numbers[0] and bottom > top for (top, _), (bottom, _) in sheet.merged)
    if merged:
        found.append(
            f"{counted(merged, 'group')} of merged cells {'has' if merged == 1 else 'have'} a "
            "value in the first row only: to have it in every row, unmerge the cells and fill them."
        )
    if sheet.without_result:
        found.append(
            f"{counted(sheet.without_result, 'formula')} of the workbook "
            f"{'has' if sheet.without_result == 1 else 'have'} no result yet and "
            f"{'is' if sheet.without_result == 1 else 'are'} read as missing: open the workbook in "
            "a spreadsheet program, save it and read it again."
        )
    return found


def _saved_index(
    header: list[str] | None, columns: dict[str, RawColumn], wanted: bool | None
) -> list[str]:
    """Return the names of the first columns if pandas saved them as an index."""
    index: list[str] = []
    if header is not None and wanted is not False:
        for title, (name, column) in zip(header, columns.items(), strict=False):
            if not (named_like_index(title) if wanted else is_saved_index(title, column)):
                break
            index.append(name)
    return index if len(index) < len(columns) else []


def _raw_column(cells: list[Any], *, open_document: bool, legacy: bool) -> RawColumn:
    values = [None if cell == "" else cell for cell in cells]
    if legacy:
        return pd.Series(values, dtype="object")
    texts = [value for value in values if isinstance(value, str)]
    if open_document and texts and all(map(_DURATION.fullmatch, texts)):
        return typed_column(_duration(each) if isinstance(each, str) else each for each in values)
    if {type(value) for value in values} - {type(None)} == {str}:
        return pa.chunked_array([pa.array([value or "" for value in values], pa.string())])
    return typed_column(values)


def _duration(value: str) -> timedelta | None:
    """Parse a duration as OpenDocument writes it if it is a day or longer: PT30H05M00S."""
    found = _DURATION.fullmatch(value)
    if found is None:
        return None
    hours, minutes, seconds = (
        float((part or "0").replace(",", ".")) for part in found.groups()[1:]
    )
    return timedelta(hours=hours, minutes=minutes, seconds=seconds) * (-1 if found[1] else 1)


def _written(cell: Any) -> str:
    """Write a cell as text: whole numbers without a point, dates as ISO 8601."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, date | time):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _recognises(data: Data) -> bool:
    """Return whether a file is a workbook of Excel, new or old, or of OpenDocument."""
    if data.startswith(_OLD):
        return True
    members = zip_members(data)
    return any(name.startswith("xl/") for name in members) or (
        "content.xml" in members and _OPEN_DOCUMENT in data[:200]
    )


FORMAT = FileFormat(
    key="excel",
    name="Excel or OpenDocument",
    suffixes=(".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"),
    options=("sheet", "has_header", "header_rows", "leave_out_index", "skip_lines", "missing"),
    recognises=_recognises,
    read=read_excel,
)
