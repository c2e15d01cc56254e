"""Sheets of Excel workbooks (.xlsx) as tables."""

from __future__ import annotations

import datetime
import io
import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from nfm.errors import ReadingError
from nfm.tabular.cells import convert, text_series, trimmed
from nfm.tabular.dialect import looks_like_header, too_many_columns
from nfm.tabular.header import unique_names
from nfm.tabular.options import MISSING, Limits, ReadingOptions
from nfm.tabular.unpacking import Data, cell_too_long, counted, too_many_cells, too_many_rows


def read_excel(
    data: Data, options: ReadingOptions, limits: Limits
) -> tuple[pd.DataFrame, ReadingOptions, tuple[str, ...], tuple[str, ...]]:
    """Read one sheet of a workbook: the first that holds anything, unless one is named.

    Args:
        data: The file.
        options: `sheet`, `has_header`, `skip_lines`, `missing` and `decimal` are used.
        limits: Kept to row by row.

    Returns:
        The table, the options as they were used, notes, and the names of the sheets.

    Raises:
        ReadingError: The file is damaged, has no such sheet or nothing in it, or passes a limit.
    """
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
    frame, has_header, notes = _table(rows, options)
    used = options.model_copy(update={"sheet": title, "has_header": has_header, "skip_lines": skip})
    opening = (
        f"Read as Excel, sheet {title!r}, {'with' if has_header else 'without'} a header line."
    )
    others = len(sheets) - 1
    more = (
        (f"Did not read {counted(others, 'other sheet')}.",) if others and not options.sheet else ()
    )
    return frame, used, (opening, *more, *notes), tuple(sheets)


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


def _table(
    rows: list[tuple[Any, ...]], options: ReadingOptions
) -> tuple[pd.DataFrame, bool, list[str]]:
    has_header = options.has_header
    if has_header is None:
        has_header = looks_like_header([[_written(cell) for cell in row] for row in rows[:300]])
    header = [_written(cell) for cell in rows[0]] if has_header else None
    body = rows[has_header:]
    if not body:
        raise ReadingError("The sheet has a header line but no rows: choose one with rows.")
    width = max(map(len, body))
    if header is not None:
        width = max(width, len(header))
    names, notes = unique_names(header, width)
    missing = pa.array(sorted({"", *(MISSING if options.missing is None else options.missing)}))
    series: dict[str, pd.Series] = {}
    for place, name in enumerate(names):
        cells = [row[place] if place < len(row) else None for row in body]
        series[name] = _series(cells, missing, options)
    return pd.DataFrame(series), has_header, notes


def _series(cells: list[Any], missing: pa.Array, options: ReadingOptions) -> pd.Series:
    kinds = {type(cell) for cell in cells if cell is not None}
    if not kinds:
        return pd.Series(np.full(len(cells), np.nan))
    if kinds == {bool}:
        return pd.Series(cells, dtype="boolean" if None in cells else "bool")
    if kinds == {int} and None not in cells and all(abs(cell) < 2**63 for cell in cells):
        return pd.Series(cells, dtype="int64")
    if kinds <= {int, float}:
        return pd.Series(
            [float("nan") if cell is None else float(cell) for cell in cells], dtype="float64"
        )
    if kinds <= {datetime.datetime, datetime.date}:
        try:
            return pd.to_datetime(pd.Series(cells, dtype="object"))
        except (ValueError, OverflowError):
            pass
    texts = pa.chunked_array(
        [[None if cell is None else _written(cell) for cell in cells]], pa.string()
    )
    if kinds <= {str, int, float, bool}:
        bare = trimmed(texts, missing)
        return convert(texts, bare, options.decimal or ".").values
    return text_series(texts.cast(pa.large_string()))


def _written(cell: Any) -> str:
    """A cell as text: numbers as short as they are, dates as ISO 8601."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    if isinstance(cell, datetime.datetime | datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell)
