"""Parquet: types that carry their meaning, as raw cells."""

from __future__ import annotations

import datetime
import decimal
import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nfm.errors import ReadingError, ReadingWarning
from nfm.files.options import FileLimits, ReadingOptions
from nfm.files.parquet import read_parquet
from nfm.files.reading import read_table, read_table_file

BIG = 720575940631797000


def written(columns: dict, **options: object) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns), buffer, **options)
    return buffer.getvalue()


def column(values: pa.Array) -> pd.Series:
    """The raw cells of a column."""
    return dict(read_parquet(written({"a": values}), ReadingOptions(), FileLimits()).columns)["a"]


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (pa.array([BIG, BIG + 1]), "int64"),
        (pa.array([BIG, None, BIG + 1]), "Int64"),
        (pa.array([BIG, BIG + 1], pa.uint64()), "int64"),
        (pa.array([2**64 - 1, 2**64 - 2], pa.uint64()), "uint64"),
        (pa.array([2**64 - 1, None], pa.uint64()), "UInt64"),
        (pa.array([decimal.Decimal(BIG), None], pa.decimal128(38, 0)), "Int64"),
        (pa.array([BIG, None]).dictionary_encode(), "Int64"),
    ],
)
def test_whole_numbers_of_64_bits_stay_exact(values, dtype):
    found = column(values)
    assert str(found.dtype) == dtype
    assert [None if cell is pd.NA else cell for cell in found] == [
        None if cell is None else int(cell) for cell in values.to_pylist()
    ]


def test_ids_beside_a_missing_one_stay_apart_in_the_table():
    ids = [None, *(BIG + i % 8 for i in range(400))]
    assert read_table(written({"id": pa.array(ids)}))["id"].nunique() == 8


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "UTC", "+05:30"])
@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_a_time_zone_keeps_the_clock_of_the_data(zone, unit):
    clock = pd.Series(pd.date_range("2024-03-09 00:30", periods=48, freq="h", tz=zone))
    file = read_table_file(written({"a": pa.array(clock.dt.as_unit(unit))}))
    assert file.frame["a"].tolist() == clock.dt.tz_localize(None).tolist()
    assert file.formats["a"].time_zone == str(clock.dt.tz)


def test_dates_decimals_durations_and_times_of_day():
    day = datetime.date(2024, 5, 1)
    assert column(pa.array([day, None]))[0] == pd.Timestamp(day)
    assert column(pa.array([decimal.Decimal("1.50"), None]))[0] == 1.5
    half = column(pa.array([1500, None], pa.duration("ms")))
    assert half.dtype == "timedelta64[us]"
    assert half[0] == pd.Timedelta("1.5s")
    noon = column(pa.array([datetime.time(12, 0, 1), None]))
    assert noon[0] == pd.Timedelta("12:00:01")
    assert read_table(written({"a": pa.array([1500, 5], pa.duration("ms"))}))["a"].tolist() == [
        1.5,
        0.005,
    ]


@pytest.mark.parametrize(
    "values",
    [
        pa.array([2**62, 1], pa.duration("s")),
        pa.array([2**62, 1], pa.timestamp("ms")),
        pa.array([1, 1], pa.timestamp("us", tz="Mars/Phobos")),
    ],
)
def test_a_column_that_cannot_be_read_is_named(values):
    with pytest.raises(ReadingError, match=r"^Column 'far' of the Parquet file, of type "):
        read_table(written({"a": [1, 2], "far": values}))


def test_a_small_file_of_many_repeated_numbers_is_refused_early():
    zeros = pa.array([0] * 100_000, pa.int8())
    content = written({f"c{i}": zeros for i in range(50)})
    assert len(content) < 50_000
    with pytest.raises(ReadingError, match="limit"):
        read_table(content, limits=FileLimits(unpacked_bytes=20_000_000))


def test_the_index_that_pandas_saved_is_left_out_with_a_note():
    buffer = io.BytesIO()
    pd.DataFrame({"a": [1, 1]}, index=[5, 7]).to_parquet(buffer)
    file = read_table_file(buffer.getvalue())
    assert list(file.frame.columns) == ["a"]
    assert any("Left out 1 column of row numbers" in note for note in file.notes)
    twice = read_table_file(written({"Unnamed: 0": [5, 7], "a": [1, 1]}))
    assert list(twice.frame.columns) == ["a"]


def test_extension_types_are_read_as_what_they_store():
    file = read_table_file(
        written(
            {
                "a": [1],
                "json": pa.array(['{"x":1}'], pa.json_()),
                "id": pa.array([b"0" * 16], pa.uuid()),
            }
        )
    )
    assert file.frame["json"].tolist() == ['{"x":1}']
    assert any("Left out 1 column" in note for note in file.notes)


def test_text_that_is_not_utf_8_is_refused():
    offsets = pa.py_buffer(np.array([0, 1, 2, 3], "int32").tobytes())
    texts = pa.Array.from_buffers(pa.string(), 3, [None, offsets, pa.py_buffer(b"a\xffb")])
    lists = pa.ListArray.from_arrays(pa.array([0, 1, 2, 3], pa.int32()), texts)
    for column in (texts, lists, texts.dictionary_encode()):
        with pytest.raises(ReadingError, match="damaged"):
            read_table_file(written({"a": column, "n": [1, 2, 3]}))


def test_names_with_dots_and_columns_that_are_left_out_do_not_change_the_others():
    columns = {"a.b": [1, 2], "a": ["x", "y"], "s": [{"k": 1}, {"k": 2}], "l": [["p"], ["q", "r"]]}
    frame = read_table_file(written(columns)).frame
    assert frame["a.b"].tolist() == [1, 2]
    assert frame["a"].tolist() == ["x", "y"]
    assert frame["l"].tolist() == ['["p"]', '["q", "r"]']


def test_a_name_with_a_dot_beside_a_structure_is_read():
    table = {"a": pa.array([{"b": 1}, {"b": 2}]), "a.b": [5, 6]}
    assert read_table(written(table))["a.b"].tolist() == [5, 6]


@pytest.mark.parametrize("encoding", ["DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"])
def test_texts_that_are_stored_as_differences_are_read(encoding):
    table = {"word": ["oak", "elm", "oak"], "list": [["a"], [], ["a", "b"]]}
    content = written(table, use_dictionary=False, column_encoding={"word": encoding})
    assert read_table(content)["word"].tolist() == ["oak", "elm", "oak"]


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary()])
@pytest.mark.parametrize("use_dictionary", [True, False])
def test_bytes_that_are_text_are_read_as_text(kind, use_dictionary):
    words = pa.array([b"oak", "Öl".encode(), None, b"oak"], kind)
    content = written({"n": [1, 2, 3, 4], "word": words}, use_dictionary=use_dictionary)
    file = read_table_file(content)
    assert file.frame["word"].dropna().tolist() == ["oak", "Öl", "oak"]
    assert "Read 1 column of bytes as text: 'word'." in file.notes


@pytest.mark.parametrize("cell", [b"\xff\xd8", b"\x00\x01", b"x" * 200_000])
def test_other_bytes_and_structures_are_left_out_and_named_in_python(cell):
    content = written({"n": [1, 2], "image": [cell, b"a"], "place": [{"x": 1}, {"x": 2}]})
    said = r"Left out 2 columns of structures, lists of lists, or bytes: 'image', 'place'\."
    with pytest.warns(ReadingWarning, match=said):
        assert list(read_table(content)) == ["n"]


def test_large_columns_of_bytes_are_not_read(monkeypatch):
    monkeypatch.setattr("nfm.files.parquet._MOST_BYTES", 10)
    assert list(read_table_file(written({"n": [1], "word": [b"a long text"]})).frame) == ["n"]


def test_a_file_whose_only_columns_are_bytes_is_refused():
    with pytest.raises(ReadingError, match="no column of numbers, text or dates"):
        read_table(written({"image": [b"\xff", b"a"]}))
