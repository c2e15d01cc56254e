"""Packed files, Parquet, Excel, files of other kinds, and files that are too large."""

from __future__ import annotations

import datetime
import gzip
import io
import random
import zipfile

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nfm.errors import ReadingError
from nfm.files.options import FileLimits, ReadingOptions
from nfm.files.reading import read_table, read_table_file

CSV = b"a,b\n1,x\n2,y\n"


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def workbook(**sheets: list[list]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def parquet(table: pa.Table | dict) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table if isinstance(table, pa.Table) else pa.table(table), buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(CSV),
        gzip.compress(CSV[:8]) + gzip.compress(CSV[8:]),
        gzip.compress(CSV) + bytes(100),
        zipped(**{"folder/table.csv": CSV}),
        zipped(**{"table.csv": CSV, "__MACOSX/._table.csv": b"x", ".DS_Store": b"y"}),
        zipped(**{"table.csv": CSV, "readme.txt": b"hello"}),
        zipped(**{"table.csv.gz": gzip.compress(CSV)}),
    ],
    ids=["gzip", "two", "zeros", "folder", "hidden", "readme", "nested"],
)
def test_packed_files_are_unpacked_by_their_content(content):
    assert read_table(content).values.tolist() == [[1, "x"], [2, "y"]]


def test_unpacking_is_noted():
    assert read_table_file(gzip.compress(CSV)).notes[0] == "Unpacked from gzip."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(CSV)[:-12], "gzip file"),
        (b"\x1f\x8b\x08junk and more of it", "gzip file is damaged"),
        (zipped(**{"a.csv": CSV})[:-30], "zip file is damaged"),
        (b"PK\x03\x04junk", "zip file is damaged"),
        (zipped(**{"a.csv": CSV, "b.csv": CSV}), "contains 2 files"),
        (zipped(), "The zip file is empty"),
        (zipped(**{"folder/": b""}), "The zip file is empty"),
        (zipped(**{"[Content_Types].xml": b"", "word/document.xml": b""}), "Office document"),
        (zipped(**{"mimetype": b"", "content.xml": b""}), "OpenDocument"),
        (gzip.compress(gzip.compress(gzip.compress(gzip.compress(CSV)))), "several times"),
    ],
    # The bytes hold the time.
    ids=lambda value: "content" if isinstance(value, bytes) else value,
)
def test_packages_that_hold_no_single_table_are_refused(content, message):
    with pytest.raises(ReadingError, match=message):
        read_table(content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b" \r\n\t\n", "is empty"),
        (bytes(1000), "is empty"),
        (b"\xef\xbb\xbf", "no rows"),
        (b"a,b,c\n", "header row but no rows"),
        (b"<!DOCTYPE html>\n<html><body>404</body></html>", "web page"),
        (b"  <html><head>", "web page"),
        (b"<table border=1>\n<tr><td>a</td></tr>\n<tr><td>1</td></tr>\n</table>\n", "web page"),
        (b'<!-- made by a bank -->\n<META content="text/html; charset=x">\n<table>\n', "web page"),
        (b"\n<style>\ntd {color: red}\n</style>\n<div\nclass=x>\n", "web page"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><a/>", "XML"),
        (b'[{"a": 1}, {"a": 2}]', "JSON"),
        (b'{\n  "a": [1, 2]\n}', "JSON"),
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "PNG"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "old Excel"),
        (b"SQLite format 3\x00" + bytes(50), "SQLite"),
        (b"\x80\x04\x95\x10\x00\x00", "pickle"),
        (b"@relation iris\n@attribute a numeric\n", "ARFF"),
        (random.Random(1).randbytes(5000), "not text in any known encoding|binary"),
        (random.Random(2).randbytes(80), "not text in any known encoding|binary"),
        (b"PAR1 and nothing else PAR1", "Parquet file is damaged"),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(content, message):
    with pytest.raises(ReadingError, match=message) as caught:
        read_table_file(content, "table.csv")
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


SMALL = FileLimits(
    file_bytes=10_000, unpacked_bytes=50_000, rows=100, columns=20, cells=500, cell_length=1_000
)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a,b\n" + b"1,2\n" * 3000, r"limit of 10 kB.*sample"),
        (gzip.compress(b"a,b\n" + b"1,2\n" * 20_000), r"limit of 49 kB.*sample"),
        (zipped(**{"a.csv": b"a,b\n" + b"1,2\n" * 20_000}), r"limit of 49 kB.*sample"),
        (b"a,b\n" + b"1,2\n" * 101, "more than 100 rows, the limit: read a sample"),
        (b",".join([b"a"] * 21) + b"\n1,2\n", "21 columns and the limit is 20: remove"),
        (b"a,b\n1" + b"," * 30 + b"\n2,3\n", "31 columns and the limit is 20"),
        ((b",".join([b"1"] * 10) + b"\n") * 60, "more than 500 cells"),
        (b"a,b\n" + b"x" * 1001 + b",1\n", "more than 1,000 characters, the limit"),
        (workbook(s=[["a", "b"], *([[1, 2]] * 101)]), "more than 100 rows"),
        (workbook(s=[["a"] * 21]), "21 columns"),
        (workbook(s=[["a", "b"], ["x" * 1001, 1]]), "1,000 characters"),
        (parquet({"a": list(range(101))}), "more than 100 rows"),
        (parquet({f"c{i}": [1] for i in range(21)}), "21 columns"),
        (parquet({"a": ["x" * 1001]}), "1,000 characters"),
        (parquet({"a": ["x" * 900] * 90}), r"limit of 49 kB"),
    ],
)
def test_a_limit_is_named_with_a_way_out(content, message):
    with pytest.raises(ReadingError, match=message):
        read_table(content, limits=SMALL)


def test_a_file_at_the_limits_is_read():
    assert read_table(b"a,b\n" + b"1,2\n" * 100, limits=SMALL).shape == (100, 2)


def test_open_files_are_read_no_further_than_the_limit():
    class Endless:
        asked = 0

        def read(self, size: int) -> bytes:
            self.asked += size
            return b"x" * size

    source = Endless()
    with pytest.raises(ReadingError, match="larger than the limit"):
        read_table(source, limits=SMALL)
    assert source.asked == SMALL.file_bytes + 1


def test_a_bomb_is_refused_while_it_is_inflated(monkeypatch):
    bomb = gzip.compress(bytes(50_000_000))
    grown = []

    class Watched(bytearray):
        def __iadd__(self, more):
            grown.append(len(more))
            return super().__iadd__(more)

    monkeypatch.setattr("nfm.files.unpacking.bytearray", Watched, raising=False)
    with pytest.raises(ReadingError, match="Unpacked"):
        read_table(bomb, limits=FileLimits(unpacked_bytes=1_000_000))
    assert 0 < sum(grown) <= 1_000_001


@pytest.mark.parametrize("delimiter", [b",", b";", b"\t", b"|", b'"a",'])
def test_a_bomb_of_delimiters_is_refused_by_its_first_line(delimiter, monkeypatch):
    monkeypatch.setattr("nfm.files.delimited.parse", None)
    content = delimiter * (600_000 // len(delimiter)) + b"\n1,2\n"
    with pytest.raises(ReadingError, match=r"columns and the limit is 2,000|is empty"):
        read_table(b"x" + content)


def test_parquet_keeps_numbers_text_booleans_and_dates():
    day = datetime.datetime(2024, 5, 1)
    table = pa.table(
        {
            "whole": pa.array([1, 2, 3], pa.int8()),
            "gaps": pa.array([1, None, 3], pa.int64()),
            "unsigned": pa.array([1, 2, 2**64 - 1], pa.uint64()),
            "single": pa.array([1.5, None, 3], pa.float32()),
            "exact": pa.array([1, 2, 3], pa.decimal128(10, 2)),
            "word": pa.array(["x", None, "y"]),
            "level": pa.array(["u", "v", "u"]).dictionary_encode(),
            "truth": pa.array([True, False, None]),
            "day": pa.array([day, day, None], pa.timestamp("ns")),
            "date": pa.array([day.date(), day.date(), None]),
            "nothing": pa.nulls(3),
        }
    )
    frame = read_table(parquet(table))
    assert frame.dtypes.astype(str).to_dict() == {
        "whole": "int64",
        "gaps": "float64",
        "unsigned": "uint64",
        "single": "float64",
        "exact": "float64",
        "word": "str",
        "level": "str",
        "truth": "boolean",
        "day": "datetime64[s]",
        "date": "datetime64[s]",
        "nothing": "float64",
    }
    assert frame["level"].tolist() == ["u", "v", "u"]
    assert frame["day"].tolist()[:2] == [day, day]


def test_parquet_columns_of_bytes_are_left_out():
    file = read_table_file(parquet({"a": [1, 2], "bytes": [b"x", b"\xff"]}))
    assert list(file.frame.columns) == ["a"]
    assert "Left out 1 column of structures, lists of lists, or bytes: 'bytes'." in file.notes


def test_parquet_written_by_pandas_has_no_index_column():
    frame = pd.DataFrame({"a": [1, 2]}, index=["x", "y"])
    assert list(read_table(frame.to_parquet()).columns) == ["a"]


def test_excel_keeps_numbers_text_booleans_and_dates():
    day = datetime.datetime(2024, 5, 1, 12)
    content = workbook(
        data=[
            ["whole", "gaps", "word", "truth", "day", "mixed", "code", None, "whole"],
            [1, 1.5, "x", True, day, 1, "007", None, 5],
            [2, None, "?", False, day, "b", "012", None, 6],
            [3, 2, "y", True, None, 2.0, "103", "z", 7],
        ]
    )
    file = read_table_file(content)
    assert file.format == "excel"
    assert file.frame.dtypes.astype(str).to_dict() == {
        "whole": "int64",
        "gaps": "float64",
        "word": "str",
        "truth": "bool",
        "day": "datetime64[s]",
        "mixed": "str",
        "code": "str",
        "column 8": "str",
        "whole (2)": "int64",
    }
    assert file.frame["mixed"].tolist() == ["1", "b", "2"]
    assert file.frame["word"].isna().tolist() == [False, True, False]


def test_the_first_sheet_with_content_is_read_unless_one_is_named():
    content = workbook(empty=[], first=[["a", "b"], [1, 2]], second=[["c", "d"], [3, 4]])
    file = read_table_file(content)
    assert (file.options.sheet, list(file.frame.columns)) == ("first", ["a", "b"])
    assert any("other sheets" in note for note in file.notes)
    assert file.sheets == ("empty", "first", "second")
    named = read_table(content, ReadingOptions(sheet="second"))
    assert list(named.columns) == ["c", "d"]
    with pytest.raises(ReadingError, match="no sheet 'third'"):
        read_table(content, ReadingOptions(sheet="third"))


def test_titles_and_missing_headers_are_noticed_in_excel():
    rows = [["Report"], [], ["a", "b", "c"], [1, 2, 3], [4, 5, 6]]
    assert list(read_table(workbook(s=rows)).columns) == ["a", "b", "c"]
    assert read_table(workbook(s=[[1, 2], [3, 4], [5, 6]])).shape == (3, 2)


@pytest.mark.parametrize("rows", [[], [["a", "b"]]])
def test_an_empty_workbook_is_refused(rows):
    with pytest.raises(ReadingError, match=r"no rows|is empty"):
        read_table(workbook(s=rows))


def test_an_excel_bomb_is_refused_by_its_declared_size():
    content = zipped(**{"[Content_Types].xml": b"x", "xl/worksheets/sheet1.xml": bytes(10_000_000)})
    with pytest.raises(ReadingError, match="Unpacked"):
        read_table(content, limits=FileLimits(unpacked_bytes=1_000_000))


def test_infinite_numbers_of_parquet_stay_numbers():
    frame = read_table(parquet({"a": [1.0, np.inf, -np.inf]}))
    assert frame["a"].tolist() == [1.0, np.inf, -np.inf]


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_zip_file_of_another_compression_is_refused(method):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.writestr("t.csv", "a,b\n" + "1,2\n" * 100)
    with pytest.raises(ReadingError, match="compress the table again"):
        read_table(stream.getvalue())
