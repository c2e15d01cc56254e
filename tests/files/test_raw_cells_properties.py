"""What any table keeps when it is written to a file and its raw cells are read."""

from __future__ import annotations

import csv
import datetime
import io
import json
from typing import Any

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from nfm.files.delimited import read_delimited
from nfm.files.excel import read_excel
from nfm.files.json_lines import read_json_lines
from nfm.files.options import FileLimits, ReadingOptions
from nfm.files.parquet import read_parquet
from nfm.files.raw_table import RawTable

TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"), max_size=9
)
# XML has no such characters, and Excel no text that is empty.
SHEET_TEXT = TEXT.filter(bool).filter(lambda text: "_x" not in text and text.isprintable())
WHOLE = st.integers(-(2**63), 2**64 - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
# The largest number of a sheet is 9.99e307: the 16 digits that are written of more may be infinite.
SHEET_FLOATS = FLOATS.filter(lambda number: abs(number) < 1e308)
DAYS = st.datetimes(datetime.datetime(1900, 3, 1), datetime.datetime(2200, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0)
)
SPANS = st.integers(0, 10**7).map(lambda seconds: datetime.timedelta(seconds=seconds))
NAMES = ("one", "two", "three")


@st.composite
def tables(draw: st.DrawFn, *kinds: st.SearchStrategy[Any]) -> dict[str, list[Any]]:
    """Columns, each of one kind of cells or of all, with gaps or without."""
    rows = draw(st.integers(1, 6))
    table = {}
    for name in NAMES:
        cells = draw(st.sampled_from([*kinds, st.one_of(*kinds)]))
        if draw(st.booleans()):
            cells = st.one_of(cells, st.none())
        table[name] = draw(st.lists(cells, min_size=rows, max_size=rows))
    return table


def cells_of(raw: RawTable) -> dict[str, list[Any]]:
    """The cells by column, None where there is nothing."""
    found = {}
    for name, column in raw.columns:
        cells = column.to_pylist() if isinstance(column, pa.ChunkedArray) else column.tolist()
        found[name] = [
            None if not isinstance(cell, str) and pd.isna(cell) else cell for cell in cells
        ]
    return found


def same(found: Any, written: Any) -> bool:
    """Whether a cell is the one that was written; 1 and 1.0 are one number, 1 and True are not."""
    kinds = isinstance(found, bool), isinstance(written, bool)
    return found == written and kinds[0] == kinds[1]


def assert_same(found: dict[str, list[Any]], written: dict[str, list[Any]]) -> None:
    assert list(found) == list(written)
    for name, cells in written.items():
        assert len(found[name]) == len(cells)
        assert all(map(same, found[name], cells)), (found[name], cells)


@settings(max_examples=200)
@given(tables(TEXT), st.sampled_from(",;\t|"), st.sampled_from(["utf-8", "utf-16", "gb18030"]))
def test_cells_of_csv_are_the_text_that_was_written(table, delimiter, encoding):
    table = {name: [cell or "" for cell in cells] for name, cells in table.items()}
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerow(NAMES)
    writer.writerows(zip(*table.values(), strict=True))
    options = ReadingOptions(
        encoding=encoding, delimiter=delimiter, quote='"', escape="", has_header=True,
        header_rows=1, skip_lines=0,
    )  # fmt: skip
    raw = read_delimited(buffer.getvalue().encode(encoding), options, FileLimits())
    # Blanks around a cell belong to no value: columns that are padded with them come without.
    bare = {name: [cell.strip() for cell in cells] for name, cells in cells_of(raw).items()}
    assert_same(bare, {name: [cell.strip() for cell in cells] for name, cells in table.items()})


@settings(max_examples=200)
@given(tables(TEXT, WHOLE, FLOATS, st.booleans()))
def test_cells_of_json_lines_are_the_values_that_were_written(table):
    lines = [
        json.dumps({name: cells[row] for name, cells in table.items()})
        for row in range(len(table["one"]))
    ]
    raw = read_json_lines("\n".join(lines).encode(), ReadingOptions(), FileLimits())
    assert_same(cells_of(raw), table)


ARROW = {
    "whole": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "large": (pa.uint64(), st.integers(0, 2**64 - 1)),
    "number": (pa.float64(), FLOATS),
    "text": (pa.string(), TEXT),
    "truth": (pa.bool_(), st.booleans()),
    "day": (pa.timestamp("us"), DAYS),
    "span": (pa.duration("us"), SPANS),
}


def three_of(cells: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.one_of(st.none(), cells), min_size=3, max_size=3)


# Each file starts a process; an example has a column of every kind.
@settings(max_examples=60)
@given(st.fixed_dictionaries({name: three_of(cells) for name, (_, cells) in ARROW.items()}))
def test_cells_of_parquet_are_the_values_that_were_written(table):
    arrays = {name: pa.array(cells, ARROW[name][0]) for name, cells in table.items()}
    buffer = io.BytesIO()
    pq.write_table(pa.table(arrays), buffer)
    raw = read_parquet(buffer.getvalue(), ReadingOptions(), FileLimits())
    assert_same(cells_of(raw), table)


@settings(max_examples=25, deadline=None)
@given(tables(SHEET_TEXT, st.integers(-(2**53), 2**53), SHEET_FLOATS, st.booleans(), DAYS, SPANS))
def test_cells_of_excel_are_the_values_that_were_written(table):
    book = openpyxl.Workbook()
    book.active.append(NAMES)
    for row in zip(*table.values(), strict=True):
        book.active.append(row)
        for cell in book.active[book.active.max_row]:
            if isinstance(cell.value, str):
                cell.data_type = "s"  # also text that begins with "="
            if isinstance(cell.value, datetime.timedelta):
                cell.number_format = "[h]:mm:ss"
    # Rows without a cell are no rows of a table.
    full = [row for row in zip(*table.values(), strict=True) if any(c is not None for c in row)]
    if not full:
        return
    buffer = io.BytesIO()
    book.save(buffer)
    options = ReadingOptions(has_header=True, header_rows=1, skip_lines=0)
    raw = read_excel(buffer.getvalue(), options, FileLimits())
    found = cells_of(raw)
    assert list(found) == list(NAMES)
    for place, name in enumerate(NAMES):
        for cell, written in zip(found[name], (row[place] for row in full), strict=True):
            if isinstance(written, datetime.datetime | datetime.timedelta):
                assert abs(cell - written) < datetime.timedelta(milliseconds=1)
            elif isinstance(written, float):
                assert cell == written or abs(cell - written) <= 1e-15 * abs(written)
            else:
                assert same(None if cell == "" else cell, written), (cell, written)
