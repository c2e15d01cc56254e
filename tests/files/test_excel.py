"""Workbooks: errors, durations, merged headers, old and open formats, and hostile files."""

from __future__ import annotations

import contextlib
import datetime
import io
import pickle
import random
import re
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
import xlwt

from nfm.errors import ReadingError
from nfm.files.excel import _DataOnly, read_excel
from nfm.files.options import FileLimits, ReadingOptions
from nfm.files.reading import read_raw_table, read_table, read_table_file

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def workbook(rows: list[list[Any]], change: Callable[[Any], None] | None = None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if change is not None:
        change(book.active)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def with_parts(**parts: bytes) -> bytes:
    """A workbook of one row with other parts: `sheet1` or `sharedStrings`."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook([["a", "b"]]))) as old,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            stem = name.rsplit("/", 1)[-1].removesuffix(".xml")
            new.writestr(name, parts.pop(stem, None) or old.read(name))
        for stem, part in parts.items():
            new.writestr(f"xl/{stem}.xml", part)
    return buffer.getvalue()


def sheet(rows: bytes) -> bytes:
    return b"<worksheet " + MAIN + b"><sheetData>" + rows + b"</sheetData></worksheet>"


def open_document(*rows: str) -> bytes:
    """An .ods file of rows that stand in its own XML."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest:manifest xmlns:manifest='m'/>")
        archive.writestr(
            "content.xml",
            "<office:document-content xmlns:office='o' xmlns:table='t' xmlns:text='x' "
            "xmlns:calcext='c'><office:body><office:spreadsheet><table:table table:name='S'>"
            f"{''.join(rows)}</table:table></office:spreadsheet></office:body>"
            "</office:document-content>",
        )
    return buffer.getvalue()


def ods_row(*cells: str, repeated: int = 1) -> str:
    opening = f'<table:table-row table:number-rows-repeated="{repeated}">'
    return f"{opening}{''.join(cells)}</table:table-row>"


def ods_cell(kind: str, value: str = "", shown: str = "", more: str = "") -> str:
    name = {"float": "value", "percentage": "value"}.get(kind, f"{kind}-value")
    value = f'office:{name}="{value}"' if value or more else ""
    return (
        f'<table:table-cell office:value-type="{kind}" {value} {more}>'
        f"<text:p>{shown}</text:p></table:table-cell>"
    )


def columns(content: bytes) -> dict[str, Any]:
    """The raw columns of a workbook."""
    return dict(read_excel(content, ReadingOptions(), FileLimits()).columns)


def test_errors_are_told_from_empty_cells():
    rows = [["growth", "y"], ["#DIV/0!", 1], [None, 2], [1.5, 3], ["#N/A", 4]]
    growth = columns(workbook(rows))["growth"]
    assert growth.tolist() == ["#DIV/0!", None, 1.5, "#N/A"]


def test_durations_and_times_of_day_are_spans_of_time():
    rows = [["span", "clock"]]
    rows += [[datetime.timedelta(minutes=7 * i), datetime.time(i % 24, 5)] for i in range(300)]
    found = columns(workbook(rows))
    assert found["span"].dtype == found["clock"].dtype == "timedelta64[us]"
    assert found["span"].tolist() == [pd.Timedelta(minutes=7 * i) for i in range(300)]
    assert found["clock"][1] == pd.Timedelta("1:05:00")
    assert read_table(workbook(rows))["span"].tolist() == [420.0 * i for i in range(300)]


def test_whole_numbers_are_integers_and_text_stays_text():
    day = datetime.datetime(2024, 5, 1, 12)
    rows = [
        ["whole", "gaps", "number", "text", "mixed", "truth", "day"],
        [1, 7, 0.5, "007", 1, True, day],
        [2, None, 7, "1,234", "b", None, None],
    ]
    found = columns(workbook(rows))
    assert found["whole"].dtype == "int64"
    assert found["gaps"].dtype == "Int64"
    assert found["number"].tolist() == [0.5, 7]
    assert found["text"].to_pylist() == ["007", "1,234"]
    assert found["mixed"].tolist() == [1, "b"]
    assert str(found["truth"].dtype) == "boolean"
    assert found["day"][0] == day


def merged_header(active: Any) -> None:
    for cells in ("A1:A2", "B1:C1", "D1:E1"):
        active.merge_cells(cells)


@pytest.mark.parametrize("title", [[], [["A report"]]])
def test_merged_cells_of_two_header_rows_get_names(title):
    rows = [
        ["name", 2023, None, 2024, None],
        [None, "Q1", "Q2", "Q1", "Q2"],
        *([f"n{i}", i, i, 2, 3] for i in range(5)),
    ]

    def merge(active: Any) -> None:
        merged_header(active)
        if title:
            active.insert_rows(1)
            active["A1"] = "A report"
            active.merged_cells.ranges = set()
            for cells in ("A1:E1", "A2:A3", "B2:C2", "D2:E2"):
                active.merge_cells(cells)

    file = read_table_file(workbook(rows, merge))
    assert list(file.frame.columns) == ["name", "2023 / Q1", "2023 / Q2", "2024 / Q1", "2024 / Q2"]
    assert len(file.frame) == 5
    assert "Joined the names of two header rows." in file.notes
    again = read_table(workbook(rows, merge), file.options)
    pd.testing.assert_frame_equal(again, file.frame)


def test_a_title_merged_over_the_table_is_no_header():
    rows = [["Annual report", None, None], ["a", "b", "c"], [1, 2, 3], [4, 5, 6]]
    frame = read_table(workbook(rows, lambda active: active.merge_cells("A1:C1")))
    assert list(frame.columns) == ["a", "b", "c"]


def test_a_merged_header_over_rows_of_numbers_is_one_row():
    rows = [["id", "range", None], [1, 2, 3], [4, 5, 6], [7, 8, 9]]
    frame = read_table(workbook(rows, lambda active: active.merge_cells("B1:C1")))
    assert list(frame.columns) == ["id", "range", "column 3"]
    assert len(frame) == 3


def test_the_index_that_pandas_saved_is_left_out():
    frame = pd.DataFrame({"a": np.arange(20) % 7, "b": ["x", "y"] * 10})
    buffer = io.BytesIO()
    frame[frame.a > 3].to_excel(buffer)
    file = read_table_file(buffer.getvalue())
    assert list(file.frame.columns) == ["a", "b"]
    assert any("row numbers that pandas saved" in note for note in file.notes)
    kept = read_table(buffer.getvalue(), ReadingOptions(leave_out_index=False))
    assert list(kept.columns) == ["column 1", "a", "b"]


def test_the_sheets_that_were_not_read_are_named():
    def more(active: Any) -> None:
        for title in ("2023", "2024"):
            active.parent.create_sheet(title).append(["c"])

    notes = read_table_file(workbook([["a"], [1]], more)).notes
    assert "Did not read 2 other sheets: '2023', '2024'." in notes


@pytest.mark.parametrize(
    ("header", "known", "named"),
    [(["a", "b"], None, True), (["a"], None, False), (["a", "b"], "Sheet", False)],
)
def test_another_sheet_with_all_columns_of_a_model_is_named(header, known, named):
    def more(active: Any) -> None:
        added = active.parent.create_sheet("2024")
        for cells in (header, [3] * len(header)):
            added.append(cells)

    content = workbook([["a", "b"], [1, 2]], more)
    title = openpyxl.load_workbook(io.BytesIO(content)).sheetnames[0]
    guess = ReadingOptions(sheet=None if known is None else title)
    file = read_raw_table(content, guess=guess, wanted=("a", "b"))
    assert any("'2024' has all columns of the model too" in text for text in file.doubts) == named


@pytest.mark.parametrize(
    "first", [[["Report 2024"]], [["a", "mean"], ["x", 1.5]], [["Read me"], ["a line"]]]
)
def test_the_sheet_with_most_columns_of_a_model_is_read(first):
    def more(active: Any) -> None:
        added = active.parent.create_sheet("rows")
        for cells in (["a", "b"], ["x", 2], ["y", 3]):
            added.append(cells)

    file = read_raw_table(workbook(first, more), wanted=("a", "b"))
    assert list(file.frame.columns) == ["a", "b"]
    assert len(file.frame) == 2
    assert any("so the sheet 'rows' was read" in text for text in file.doubts)
    with pytest.raises(ReadingError, match="no rows"):
        read_raw_table(workbook([["Report 2024"]]), wanted=("a", "b"))


def test_an_old_workbook_is_read():
    book = xlwt.Workbook()
    added = book.add_sheet("S")
    for row, cells in enumerate([["n", "word", "flag"], [1, "x", True], [2.5, "ü", False]]):
        for place, cell in enumerate(cells):
            added.write(row, place, cell)
    added.write(0, 3, "day")
    dates = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    added.write(1, 3, datetime.datetime(2024, 5, 1), dates)
    buffer = io.BytesIO()
    book.save(buffer)
    file = read_table_file(buffer.getvalue())
    assert file.frame["n"].tolist() == [1, 2.5]
    assert file.frame["word"].tolist() == ["x", "ü"]
    assert file.frame["flag"].tolist() == [True, False]
    assert file.frame["day"][0] == pd.Timestamp("2024-05-01")
    assert any("cannot be distinguished from empty cells" in note for note in file.notes)


def test_an_open_document_is_read():
    word = ods_cell("string", shown="x")
    error = ods_cell("string", shown="#DIV/0!", more='calcext:value-type="error"')
    content = open_document(
        ods_row(*(ods_cell("string", shown=name) for name in "abcdef")),
        ods_row(
            ods_cell("float", "1"),
            word,
            ods_cell("time", "PT30H05M00S"),
            ods_cell("date", "2024-05-01"),
            ods_cell("percentage", "0.42", "42%"),
            error,
        ),
        ods_row(
            ods_cell("float", "2.5"),
            word,
            ods_cell("time", "PT00H00M01.5S"),
            ods_cell("date", "2024-05-02"),
            ods_cell("percentage", "0.5", "50%"),
            ods_cell("float", "3"),
        ),
        ods_row('<table:table-cell table:number-columns-repeated="16384"/>', repeated=1_048_000),
    )
    found = columns(content)
    assert found["a"].tolist() == [1, 2.5]
    assert found["b"].to_pylist() == ["x", "x"]
    assert found["c"].tolist() == [pd.Timedelta("30:05:00"), pd.Timedelta("1.5s")]
    assert found["d"].tolist() == [pd.Timestamp("2024-05-01"), pd.Timestamp("2024-05-02")]
    assert found["e"].tolist() == [0.42, 0.5]
    assert found["f"].tolist() == ["#DIV/0!", 3]


@pytest.mark.slow
def test_a_large_sheet_reads_as_written():
    frame = pd.DataFrame({"n": range(12_000), "w": [f"w{i % 9}" for i in range(12_000)]})
    buffer = io.BytesIO()
    frame.to_excel(buffer, index=False)
    pd.testing.assert_frame_equal(read_table(buffer.getvalue()), frame, check_dtype=False)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            with_parts(sheet1=sheet(b'<row r="1"><c r="A1"><v>1</v></c></row>' * 200_000)),
            "only contain repetitions",
        ),
        (
            with_parts(
                sharedStrings=b"<sst " + MAIN + b">" + b"<si><t>a</t></si>" * 1_000_000 + b"</sst>"
            ),
            "only contain repetitions",
        ),
        (
            with_parts(
                sheet1=sheet(
                    b'<row r="1"><c r="A1"><v>1</v></c></row>'
                    b'<row r="1048576"><c r="T1048576"><v>1</v></c></row>'
                )
            ),
            "nearly empty and has a cell far from the others",
        ),
        (
            with_parts(
                sheet1=sheet(
                    b'<row r="1"><c r="A1"><v>1</v></c></row>'
                    b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
                )
            ),
            "too much memory or time",
        ),
        (with_parts(sheet1=b"\x00" * 50), "is damaged"),
        (with_parts(sheet1=b"<worksheet><sheetData><row>"), "is damaged"),
        (with_parts(workbook=b"<workbook/>"), "is empty|is damaged"),
        (
            open_document(
                ods_row(ods_cell("string", shown="a")),
                ods_row(
                    '<table:table-cell table:number-columns-repeated="2000000000" '
                    'office:value-type="float" office:value="1"/>',
                ),
            ),
            "16,384 columns",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "is damaged, or an old Excel"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
            + bytes(600)
            + "EncryptedPackage".encode("utf-16-le"),
            "protected by a password",
        ),
    ],
    ids=[
        "rows",
        "strings",
        "far",
        "farther",
        "zeros",
        "cut",
        "bare",
        "repeated",
        "old",
        "password",
    ],
)
def test_a_hostile_workbook_gets_a_sentence(content, message):
    with pytest.raises(ReadingError, match=message):
        read_table(content)


@pytest.mark.slow
def test_an_old_workbook_of_many_wide_sheets_is_refused():
    book = xlwt.Workbook()
    for number in range(60):
        added = book.add_sheet(f"S{number}")
        added.write(0, 0, 1)
        added.write(65_535, 255, 1)
    buffer = io.BytesIO()
    book.save(buffer)
    with pytest.raises(ReadingError, match="too much memory or time"):
        read_table(buffer.getvalue())


def test_damaged_old_workbooks_raise_nothing_but_reading_errors():
    book = xlwt.Workbook()
    added = book.add_sheet("S")
    for row in range(20):
        added.write(row, 0, row)
        added.write(row, 1, f"w{row}")
    buffer = io.BytesIO()
    book.save(buffer)
    source = random.Random(4)
    for _ in range(15):
        content = bytearray(buffer.getvalue())
        for _ in range(8):
            content[source.randrange(len(content))] = source.randrange(256)
        with contextlib.suppress(ReadingError):
            read_table(bytes(content))


def test_the_answer_of_the_reading_process_cannot_run_anything():
    answer = io.BytesIO(pickle.dumps(print))
    with pytest.raises(pickle.UnpicklingError, match="not a cell"):
        _DataOnly(answer).load()
    day = datetime.datetime(2024, 5, 1)
    assert _DataOnly(io.BytesIO(pickle.dumps([day, 1.5, "a"]))).load() == [day, 1.5, "a"]


def test_a_hidden_sheet_is_read_only_if_no_other_is_filled():
    def hide(first: Any) -> None:
        first.title, first.sheet_state = "lists", "hidden"
        shown = first.parent.create_sheet("data")
        shown.append(["x", "y"])
        shown.append([1, 2])

    read = read_table_file(workbook([["a", "b"], [3, 4]], hide))
    assert (list(read.frame), read.options.sheet) == (["x", "y"], "data")
    assert "Did not read 1 other sheet: 'lists'." in read.notes

    def empty(first: Any) -> None:
        hide(first)
        first.parent["data"].delete_rows(1, 2)

    assert list(read_table(workbook([["a", "b"], [3, 4]], empty))) == ["a", "b"]


def test_formulas_without_a_result_are_named():
    book = openpyxl.Workbook()
    for row in [["a", "double", "y"], *([n, f"=A{n + 2}*2", n % 2] for n in range(20))]:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    file = read_table_file(stream.getvalue())
    assert file.frame["double"].isna().all()
    (note,) = [note for note in file.notes if "formula" in note]
    assert note.startswith("20 formulas of the workbook have no result yet")


def test_formulas_with_a_result_are_not_named():
    book = openpyxl.Workbook()
    for row in [["a", "double"], *([n, f"=A{n + 2}*2"] for n in range(5))]:
        book.active.append(row)
    stream, calculated = io.BytesIO(), io.BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as old, zipfile.ZipFile(calculated, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                text = re.sub(rb"</f>\s*<v\s*/>", b"</f><v>6</v>", text)
            new.writestr(name, text)
    file = read_table_file(calculated.getvalue())
    assert file.frame["double"].tolist() == [6] * 5
    assert not [note for note in file.notes if "formula" in note]
