"""Cut delimited text into columns of text cells; repair or report ragged lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from nfm.errors import ReadingError
from nfm.files.dialect import Dialect, csv_reader
from nfm.files.options import FileLimits
from nfm.files.unpacking import Data, cell_too_long, too_many_cells, too_many_columns, too_many_rows
from nfm.text import counted

_BLOCK = 1 << 22
_BROKEN_LINES = 100_000


@dataclass(frozen=True)
class CellBlock:
    """Columns of text as they are in the file.

    Attributes:
        columns: One array of strings per column; no cell is missing yet.
        notes: What was repaired, one sentence each.
    """

    columns: list[pa.ChunkedArray]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Broken:
    """A row that has more or fewer cells than the table.

    Attributes:
        position: Its position among the rows, from 0.
        width: Number of its cells.
        text: Its text.
    """

    position: int
    width: int
    text: str


def parse(
    text: Data,
    dialect: Dialect,
    limits: FileLimits,
    *,
    leave_out_broken: bool,
    wanted: Sequence[int] | None = None,
) -> CellBlock:
    """Cut a text into columns.

    Args:
        text: UTF-8 without a byte order mark.
        dialect: How it is written.
        limits: Limits on rows, columns, cells and the length of a cell, checked while parsing.
        leave_out_broken: Whether lines with too many cells are left out; if False, they are an
            error.
        wanted: Positions of the columns that are kept; None for all.

    Raises:
        ReadingError: A limit is exceeded, a quote is not closed, a line has too many cells, or
            there are no rows.
    """
    wanted = range(dialect.width) if wanted is None else wanted
    batches, broken = _read(text, dialect, limits, wanted)
    if _has_unclosed_quote(text, dialect, batches, broken):
        return _without_quotes(text, dialect, limits, leave_out_broken, wanted)
    schema = pa.schema([(str(position), pa.string()) for position in wanted])
    table = pa.Table.from_batches(batches, schema)
    del batches
    notes: list[str] = []
    if broken:
        table, notes = _mend(table, broken, text, dialect, leave_out_broken, wanted)
    if table.num_rows == 0:
        raise ReadingError("The file has a header row but no rows: choose a file with rows.")
    return CellBlock(list(table.columns), tuple(notes))


def _read(
    text: Data, dialect: Dialect, limits: FileLimits, wanted: Sequence[int]
) -> tuple[list[pa.RecordBatch], list[_Broken]]:
    """Parse block by block, to stop early when a limit is exceeded."""
    broken: list[_Broken] = []
    refused: list[arrow_csv.InvalidRow] = []

    def collect(row: arrow_csv.InvalidRow) -> str:
        if len(broken) >= _BROKEN_LINES or row.actual_columns > limits.columns:
            refused.append(row)
            return "error"
        broken.append(_Broken(row.number - 1, row.actual_columns, row.text))
        return "skip"

    names = [str(position) for position in range(dialect.width)]
    source = pa.py_buffer(text).slice(dialect.start)
    batches, rows = [], 0
    try:
        reader = arrow_csv.open_csv(
            pa.BufferReader(source),
            read_options=arrow_csv.ReadOptions(
                column_names=names, block_size=_BLOCK, use_threads=False
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=dialect.delimiter,
                quote_char=dialect.quote or False,
                newlines_in_values=bool(dialect.quote),
                invalid_row_handler=collect,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                include_columns=[str(position) for position in wanted],
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
        for batch in reader:
            rows += batch.num_rows
            _check_size(batch, rows, rows * dialect.width, limits)
            batches.append(batch)
            # Arrow reserves the size of a whole block for each column, and releases it late.
            pa.default_memory_pool().release_unused()
    except pa.ArrowInvalid as error:
        if "Empty CSV file" in str(error):
            return batches, broken
        if refused and refused[0].actual_columns > limits.columns:
            raise too_many_columns(refused[0].actual_columns, limits) from None
        if refused:
            raise _broken_line(broken[0], text, dialect, len(broken)) from None
        raise ReadingError(
            "A row is longer than 4 MB, perhaps because a quote is opened but never closed: "
            "check the quotes, or choose another quote or delimiter."
        ) from error
    return batches, broken


def _check_size(batch: pa.RecordBatch, rows: int, cells: int, limits: FileLimits) -> None:
    if rows > limits.rows:
        raise too_many_rows(limits)
    if cells > limits.cells:
        raise too_many_cells(limits)
    for column in batch.columns:
        longest = pc.max(pc.binary_length(column)).as_py() or 0
        if longest > limits.cell_length:
            longest = pc.max(pc.utf8_length(column)).as_py()
        if longest > limits.cell_length:
            raise cell_too_long(limits)


def _has_unclosed_quote(
    text: Data, dialect: Dialect, batches: list[pa.RecordBatch], broken: list[_Broken]
) -> bool:
    """Return whether a quote is opened but never closed, so that the next rows become one cell."""
    if not dialect.quote:
        return False
    quote = dialect.quote.encode()
    if text.count(quote) % 2 == 0:
        return any("\n" in row.text or "\r" in row.text for row in broken)
    if broken and broken[-1].text.count(dialect.quote) % 2:
        return True
    last = next((batch for batch in reversed(batches) if batch.num_rows), None)
    if last is None:
        return False
    cells = [column[-1].as_py() for column in last.columns]
    return any("\n" in cell or "\r" in cell for cell in cells)


def _without_quotes(
    text: Data, dialect: Dialect, limits: FileLimits, leave_out_broken: bool, wanted: Sequence[int]
) -> CellBlock:
    """Read a text with an unclosed quote as if quotes were ordinary characters."""
    quote = dialect.quote.encode()
    lines = bytes(text[: 1 << 24]).splitlines()
    line = next((number for number, each in enumerate(lines, 1) if each.count(quote) % 2), 1)
    try:
        cells = parse(
            text,
            replace(dialect, quote=""),
            limits,
            leave_out_broken=leave_out_broken,
            wanted=wanted,
        )
        # A cell in quotes shows that the text needs its quotes.
        wrapped = any(
            pc.any(
                pc.and_(pc.starts_with(column, dialect.quote), pc.ends_with(column, dialect.quote))
            ).as_py()
            for column in cells.columns
        )
    except ReadingError:
        wrapped = True
    if wrapped:
        raise ReadingError(f"The quote on line {line:,} is not closed: close it or remove it.")
    note = f"The quote on line {line:,} is not closed, so quotes were read as ordinary characters."
    return CellBlock(cells.columns, (note, *cells.notes))


def _mend(
    table: pa.Table,
    broken: list[_Broken],
    text: Data,
    dialect: Dialect,
    leave_out: bool,
    wanted: Sequence[int],
) -> tuple[pa.Table, list[str]]:
    """Fill short rows, cut empty surplus cells, and put the rows back in their places."""
    rows, positions, surplus, filled = [], [], [], []
    after = _lines_after_table(broken, table.num_rows + len(broken), dialect)
    for row in broken[: len(broken) - after]:
        cells = _cells(row.text, dialect)
        if any(cell.strip() for cell in cells[dialect.width :]):
            surplus.append(row)
            continue
        if len(cells) < dialect.width:
            filled.append(row)
        cells += [""] * (dialect.width - len(cells))
        rows.append([cells[position] for position in wanted])
        positions.append(row.position)
    if surplus and not leave_out:
        raise _broken_line(surplus[0], text, dialect, len(surplus))
    notes = []
    if after:
        notes.append(f"Left out {counted(after, 'line')} after the table.")
    if surplus:
        notes.append(
            f"Left out {counted(len(surplus), 'line')} with more than {dialect.width:,} cells; "
            f"the first is line {_line_number(surplus[0], text, dialect):,}."
        )
    if filled:
        notes.append(
            f"Filled {counted(len(filled), 'line')} of fewer than {dialect.width:,} cells with "
            f"missing values; the first is line {_line_number(filled[0], text, dialect):,}."
        )
    if len(rows) > len(filled):
        cut = counted(len(rows) - len(filled), "line")
        notes.append(f"Removed empty cells after the last column in {cut}.")
    if not rows:
        return table, notes
    added = pa.table(
        [pa.array(column, pa.string()) for column in zip(*rows, strict=True)], schema=table.schema
    )
    whole = np.setdiff1d(
        np.arange(table.num_rows + len(broken)),
        np.array([row.position for row in broken]),
        assume_unique=True,
    )
    order = np.argsort(np.concatenate([whole, np.array(positions, dtype=np.int64)]))
    return pa.concat_tables([table, added]).take(pa.array(order)), notes


def _lines_after_table(broken: list[_Broken], total: int, dialect: Dialect) -> int:
    """Count the lines at the end that are remarks ("Total: 12 rows") or DOS's end-of-file mark."""
    count = 0
    for row in reversed(broken):
        words = row.text.split()
        remark = len(words) > 1 and dialect.width > 2
        if row.width > 1 or row.position != total - count - 1 or not (remark or words == ["\x1a"]):
            break
        count += 1
    return count


def _cells(text: str, dialect: Dialect) -> list[str]:
    reader = csv_reader(io.StringIO(text, newline=""), dialect.delimiter, dialect.quote)
    try:
        return next(reader, [])
    except csv.Error:
        raise ReadingError(
            "A line has a cell of more than 128 kB: check the quotes and the delimiter."
        ) from None


def _broken_line(row: _Broken, text: Data, dialect: Dialect, count: int) -> ReadingError:
    others = f" (and {counted(count - 1, 'more such line')})" if count > 1 else ""
    remedy = (
        "add the missing cells, or choose another delimiter"
        if row.width < dialect.width
        else "put cells that contain the delimiter in quotes, choose another delimiter, "
        "or leave out broken lines"
    )
    line = _line_number(row, text, dialect)
    return ReadingError(
        f"Line {line:,} has {counted(row.width, 'cell')} where the table has "
        f"{dialect.width:,}{others}: {remedy}."
    )


def _line_number(row: _Broken, text: Data, dialect: Dialect) -> int:
    """Return the line of the file in which a broken row begins, counted from 1."""
    line, ends = row.text.encode(), (b"\n", b"\r")
    if text.startswith(tuple(line + end for end in ends), dialect.start):
        position = dialect.start
    else:
        before = max(dialect.start - 1, 0)
        places = [text.find(mark + line + end, before) for mark in ends for end in ends]
        last = len(text) - len(line) - 1  # without a line break at its end
        position = 1 + min((place for place in places if place >= 0), default=last)
    before_it = text[:position]
    return max(before_it.count(b"\n"), before_it.count(b"\r")) + 1
