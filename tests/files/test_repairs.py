"""What is not as in the file is said, also in Python."""

from __future__ import annotations

import datetime
import io
import warnings

import numpy as np
import openpyxl
import pandas as pd
import pytest

import nfm
from nfm.column_formats.column_format import ColumnFormat
from nfm.column_formats.read_column import read_column
from nfm.errors import ReadingWarning
from nfm.files.reading import read_raw_table, read_table_file
from nfm.tabular.encoding import Encoder
from nfm.tabular.infer_schema import infer_schema


def workbook(rows: list[list[object]], merged: tuple[str, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cells in merged:
        book.active.merge_cells(cells)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


TOWNS = [["town", "size"], *([town, size] for size in range(6) for town in ("Rome", "Bonn"))]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (workbook([*TOWNS[:4], [], [], *TOWNS[4:]]), "Left out 2 blank rows between the others; "),
        (workbook([*TOWNS[:4], [], [], *TOWNS[4:]]), "the first is row 5."),
        (workbook(TOWNS, ("A2:A4", "A6:A8")), "2 groups of merged cells have a value in the first"),
        (b"city\nRome\n\nBonn\n \nOslo\n", "Left out 2 blank lines between the others."),
        (b"town,size\nRome,1\nBonn\nOslo,2\n", "Filled 1 line of fewer than 2 cells"),
        (("town,size\n" + "Köln,1\n" * 80).encode() + b"K\xf6ln,3\n", "1 place could not be read"),
    ],
)
def test_read_table_warns_of_rows_and_cells_that_are_not_as_in_the_file(content, said):
    with pytest.warns(ReadingWarning) as found:
        nfm.read_table(content)
    assert any(said in str(one.message) for one in found)


@pytest.mark.parametrize(
    "content",
    [
        workbook([[], *TOWNS]),
        workbook([["A title"], [], *TOWNS]),
        b"city\nRome\nBonn\nOslo\n\n\n",
        b"\n\ncity\nRome\nBonn\nOslo",
    ],
)
def test_blank_rows_before_and_after_the_table_are_not_named(content):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nfm.read_table(content)


def test_rows_that_a_model_is_to_score_are_counted_too():
    table = pd.DataFrame(TOWNS[1:] * 9, columns=TOWNS[0]).assign(y=lambda f: f.index % 2)
    trained = nfm.train_table(table, nfm.infer_schema(table, "y"), nfm.Settings(epochs=1))
    with pytest.warns(ReadingWarning, match="Left out 1 blank row between the others"):
        rows = trained.bundle.read_table(workbook([*TOWNS[:3], [], *TOWNS[3:]]))
    assert len(rows) == len(TOWNS) - 1


def test_times_of_day_are_seconds_in_a_data_frame_as_in_a_parquet_file():
    times = [datetime.time(hour, 30) for hour in range(24)] * 3
    frame = pd.DataFrame({"at": times, "y": np.arange(72) % 2})
    stream = io.BytesIO()
    frame.to_parquet(stream)
    stored = nfm.read_table(stream.getvalue())
    schema = infer_schema(frame, "y")
    assert schema.column("at").kind == infer_schema(stored, "y").column("at").kind == "numeric"
    encoder = Encoder.fit(frame, schema.features, nfm.Settings())
    first, second = encoder.transform(frame), encoder.transform(stored)
    np.testing.assert_array_equal(first.values, second.values)
    # A model of an older version may have them as text.
    text = read_column(frame["at"], ColumnFormat(type="text")).values
    assert text.tolist()[:2] == ["00:30:00", "01:30:00"]


def test_lines_before_the_table_are_named_in_python():
    titled = "A report of towns\n" + "".join(f"{a},{b}\n" for a, b in TOWNS)
    with pytest.warns(ReadingWarning, match="Left out 1 line before the table, beginning with 'A"):
        assert list(nfm.read_table(titled.encode())) == ["town", "size"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nfm.read_table(b"# a comment\n" + titled.split("\n", 1)[1].encode())
    with pytest.warns(ReadingWarning, match="beginning with 'name'"):
        nfm.read_table(b"name\nSmith, John\nDoe, Jane\nLee, Ann\n")


@pytest.mark.parametrize("inner", [";", "|", "\t"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_another_delimiter_in_every_cell_of_a_column_does_not_cut_the_table(inner, count):
    cells = [inner.join(["OSL", "BER", "CDG", "LHR"][row % 2 :][: count + 1]) for row in range(40)]
    rows = "".join(f"{cell},{row / 8},{row}\n" for row, cell in enumerate(cells))
    assert list(nfm.read_table(f"route,length,y\n{rows}".encode())) == ["route", "length", "y"]


def test_a_row_of_totals_is_named_in_a_table_to_be_scored():
    content = b"g,v\n" + b"a,1\nb,2\n" * 10 + b"Total,30,\n"
    assert any("seems to have totals" in note for note in read_raw_table(content).doubts)


SHOPS = [["shop", "colour", "bought"]]
SHOPS += [[f"s{i % 7}", ("red", "blue")[i % 2], ("yes", "no")[i % 3 > 0]] for i in range(60)]
SALES = [["shop", "price", "bought"], *([f"s{i}", i / 8, "no"] for i in range(6))]


def lines(rows: list[list[object]]) -> bytes:
    return "".join(",".join(map(str, row)) + "\n" for row in rows).encode()


@pytest.mark.parametrize(
    ("content", "rows", "said"),
    [
        (lines(SHOPS * 2), 120, "Left out line 62, which repeats the header."),
        (lines(SHOPS) + b"\xef\xbb\xbf" + lines(SHOPS), 120, "line 62, which repeats"),
        (lines(SALES * 5), 30, "4 lines that repeat the header: lines 8, 15, 22 and 1 more."),
        (workbook(SHOPS * 2), 120, "Left out row 62, which repeats the header."),
        (workbook(SALES * 3), 18, "Left out 2 rows that repeat the header: rows 8, 15."),
    ],
)
def test_headers_between_joined_files_are_left_out_and_named(content, rows, said):
    with pytest.warns(ReadingWarning) as found:
        table = nfm.read_table(content)
    assert any(said in str(one.message) for one in found)
    assert table.columns[0] == "shop"
    assert len(table) == rows
    again = nfm.read_table(content, read_table_file(content).options)
    assert again.equals(table)


def test_lines_below_a_repeated_header_keep_their_numbers():
    with pytest.warns(ReadingWarning) as found:
        nfm.read_table(lines(SALES * 2) + b"s9,1\n")
    assert any("the first is line 15" in str(one.message) for one in found)


@pytest.mark.parametrize(
    ("content", "rows", "width"),
    [
        (lines([*SHOPS[1:], SHOPS[1]]), 61, 3),  # no header, and a first row that occurs again
        (lines([["a", "b"], ["c", "d"], ["a", "b"]]), 2, 2),  # not rare
        (lines([["word"], *([f"w{i}"] for i in range(60)), ["word"]]), 62, 1),
    ],
)
def test_a_first_row_that_occurs_again_without_other_signs_of_a_header_is_data(
    content, rows, width
):
    table = nfm.read_table(content)
    assert table.shape == (rows, width)


REGIONS = "".join(f"{('North', 'South')[i % 2]},{i},{i % 3}\n" for i in range(30))


@pytest.mark.parametrize(
    ("inserted", "said"),
    [
        ("North Total,3,4\n", "1 row seems to have totals of other rows ('North Total' in row 31)"),
        ("Total South,3,4\n", "('Total South' in row 31)"),
        ("Zwischensumme:,3,4\n" * 2, "2 rows seem to have totals"),
        (",Subtotal,4\n", "('Subtotal' in row 31)"),
        ("小計,3,4\n" * 5, "'小計' in row 33 and 2 more)"),
    ],
)
def test_rows_of_subtotals_are_named_and_stay(inserted, said):
    content = f"region,v,y\n{REGIONS}{inserted}{REGIONS}".encode()
    with pytest.warns(ReadingWarning) as found:
        table = nfm.read_table(content)
    assert any(said in str(one.message) for one in found)
    assert len(table) == 60 + inserted.count("\n")
    assert any(said in doubt for doubt in read_raw_table(content).doubts)


def test_subtotals_of_a_sheet_are_named():
    cells = [line.split(",") for line in ("region,v,y\n" + REGIONS).splitlines()]
    content = workbook([*cells, ["Subtotal", 1, 2], *cells[1:]])
    with pytest.warns(ReadingWarning, match="'Subtotal' in row 31"):
        nfm.read_table(content)


@pytest.mark.parametrize(
    "inserted", ["Total Recall,3,4\n", "Total,3,4\n" * 20, "East,Total,4\n", "Mean,3,4\n"]
)
def test_levels_that_are_called_total_are_no_subtotals(inserted):
    content = f"region,v,y\n{REGIONS}{inserted}{REGIONS}".encode()
    assert not any("have totals" in note for note in read_table_file(content).notes)


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"a,b,c\n1,2,3\n4,5,\n" + b",,\n" * 40, 2),
        (b"a;b\r\n1;2\r\n;\r\n ; \r\n\r\n;", 1),
        (b"a\tb\n1\t2\n3\t\n\t\n\t", 2),
        (b"a,b\n1,2\n" + b",\n" * 600_000, 1),
        (b'a,b\n1,"x\n,\n"\n,\n', 1),
    ],
)
def test_lines_of_delimiters_after_the_last_row_are_no_rows(content, rows):
    file = read_table_file(content)
    assert len(file.frame) == len(read_raw_table(content).frame) == rows
    assert any("after the last one." in note for note in file.notes)


@pytest.mark.parametrize(
    ("content", "rows"), [(b"a,b\n1,2\n,\n3,4\n", 3), (b"a,b\n,\n,\n", 2), (b"a\n1\n2\n\n", 2)]
)
def test_other_blank_lines_stay_as_they_are(content, rows):
    file = read_table_file(content)
    assert len(file.frame) == rows
    assert not any("after the last one" in note for note in file.notes)


def test_rows_of_more_cells_than_the_header_are_doubted():
    rows = "".join(f"{'uvw'[i % 3]},{60 + i % 9},{i % 7},{i % 2},{90 + i % 8}\n" for i in range(40))
    said = "The rows have 5 cells, but the line above them, 'k,c,y', has 3: if it is the header"
    with pytest.warns(ReadingWarning) as found:
        nfm.read_table(f"k,c,y\n{rows}".encode())
    assert any(said in str(one.message) for one in found)
    titled = read_table_file(f"A report of 2024\nk,a,b,c,y\n{rows}".encode())
    assert list(titled.frame) == ["k", "a", "b", "c", "y"]
    assert not any("The rows have" in note for note in titled.notes)


def test_the_broken_line_is_named_not_one_that_begins_alike():
    rows = "".join(f"{row},2{row},3\n" for row in range(1, 9))
    with pytest.warns(ReadingWarning, match="the first is line 10"):
        nfm.read_table(f"a,b,c\n{rows}1,2\n5,6,7\n".encode())
