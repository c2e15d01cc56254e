"""Sheets of Excel workbooks (.xlsx) as raw cells."""

from __future__ import annotations

import datetime
import io
import warnings
from collections.abc import Iterable
from typing import Any

from nfm.errors import ReadingError
from nfm.tabular.dialect import looks_like_header, too_many_columns
from nfm.tabular.file_format import FileFormat
from nfm.tabular.header import unique_names
from nfm.tabular.options import Limits, ReadingOptions
from nfm.tabular.raw_table import RawColumn, RawTable
from nfm.tabular.typed_cells import text_column, typed_column
from nfm.tabular.unpacking import (
    Data,
    cell_too_long,
    check_declared_size,
    counted,
    too_many_cells,
    too_many_rows,
    zip_members,
)


def read_excel(data: Data, options: ReadingOptions, limits: Limits) -> RawTable:
    """Read one sheet of a workbook: the first that holds anything, unless one is named.

    Args:
        data: The file.
        options: `sheet`, `has_header` and `skip_lines` are used.
        limits: Kept to row by row.

    Raises:
        ReadingError: The file is damaged, has no such sheet or nothing in it, or passes a limit.
    """
    check_declared_size(data, limits)
    from openpyxl import load_workbook  # type: ignore[import-untyped]

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
            sheets = {sheet.title: sheet for sheet in book.worksheets}
            if options.sheet is not None and options.sheet not in sheets:
                raise ReadingError(f"The workbook has no sheet {options.sheet!r}: choose another.")
            wanted = [options.sheet] if options.sheet is not None else list(sheets)
            title, rows = "", []
            for title in wanted:
                sheet = sheets[title]
                sheet.reset_dimensions()
                rows = _rows(sheet.iter_rows(values_only=True), limits)
                if rows:
                    break
            book.close()
    except ReadingError:
        raise
    except Exception as error:  # openpyxl raises whatever a damaged part of a file leads it to
        raise ReadingError("The Excel file is damaged: save it again, or as CSV.") from error
    skip = _preamble(rows) if options.skip_lines is None else options.skip_lines
    rows = rows[skip:]
    if not rows:
        raise ReadingError("The workbook is empty: choose one with a header line and rows.")
    has_header = options.has_header
    if has_header is None:
        has_header = looks_like_header([[_written(cell) for cell in row] for row in rows[:300]])
    header = [_written(cell) for cell in rows[0]] if has_header else None
    body = rows[has_header:]
    if not body:
        raise ReadingError("The sheet has a header line but no rows: choose one with rows.")
    names, notes = unique_names(header, max(map(len, rows)))
    others = len(sheets) - 1
    if others and not options.sheet:
        notes.insert(0, f"Did not read {counted(others, 'other sheet')}.")
    used = options.model_copy(update={"sheet": title, "has_header": has_header, "skip_lines": skip})
    columns = {
        name: _raw_column([row[place] if place < len(row) else None for row in body])
        for place, name in enumerate(names)
    }
    return RawTable(
        names=tuple(names),
        columns=iter(columns.items()),
        options=used,
        notes=tuple(notes),
        read_as=f"Read as Excel, sheet {title!r}",
        layout="with a header line" if has_header else "without a header line",
        sheets=tuple(sheets),
    )


def _rows(cells: Iterable[tuple[Any, ...]], limits: Limits) -> list[tuple[Any, ...]]:
    """Rows without the empty ones, cut after their last cell that holds something."""
    rows: list[tuple[Any, ...]] = []
    total = 0
    for seen, row in enumerate(cells):
        width = len(row)
        while width and (row[width - 1] is None or row[width - 1] == ""):
            width -= 1
        if width > limits.columns:
            raise too_many_columns(width, limits)
        total += width
        if len(rows) > limits.rows or seen > 2 * limits.rows:
            raise too_many_rows(limits)
        if total > limits.cells:
            raise too_many_cells(limits)
        if any(isinstance(cell, str) and len(cell) > limits.cell_length for cell in row):
            raise cell_too_long(limits)
        if width:
            rows.append(row[:width])
    return rows


def _preamble(rows: list[tuple[Any, ...]]) -> int:
    """Title rows: those before the first that is about as wide as the table."""
    width = max((len(row) for row in rows[:200]), default=0)
    for position, row in enumerate(rows[:30]):
        if sum(cell is not None for cell in row) >= max(2, width - 1):
            return position
    return 0


def _raw_column(cells: list[Any]) -> RawColumn:
    if {type(cell) for cell in cells} <= {str, type(None)} and any(cells):
        return text_column([cell or "" for cell in cells])
    return typed_column(cells)


def _written(cell: Any) -> str:
    """A cell as text: numbers as short as they are, dates as ISO 8601."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, datetime.datetime | datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell)


FORMAT = FileFormat(
    key="excel",
    name="Excel",
    suffixes=(".xlsx", ".xlsm"),
    options=("sheet", "has_header", "skip_lines", "missing"),
    recognises=lambda data: any(name.startswith("xl/") for name in zip_members(data)),
    read=read_excel,
)
