from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from nfm.column_formats.column_format import ColumnFormat
from nfm.column_formats.number_text import (
    decides,
    number_series,
    plain_numbers,
    thousands_mark,
)
from nfm.files.reading import read_table


def cells(*texts):
    return pa.chunked_array([list(texts)], pa.string())


def read(*texts, **column_format):
    values = number_series(
        plain_numbers(cells(*texts), ColumnFormat(type="number", **column_format))
    )
    return [None if value != value else value for value in values.astype(object)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3", 3),
        ("+3", 3),
        ("-3.5", -3.5),
        ("−0.5", -0.5),
        ("571.47-", -571.47),
        ("(987.65)", -987.65),
        ("( 1,234 )", -1234),
        ("1,234.5", 1234.5),
        ("1'234.50", 1234.5),
        ("1’234", 1234),
        ("5 715", 5715),
        ("5\u00a0715,", None),
        ("12,34,567.5", 1234567.5),
        ("1e3", 1000),
        (".5", 0.5),
        ("5.", 5),
        ("1.234.567", None),
        ("1,5", None),
        ("1_000", None),
        ("0x1F", None),
        ("1-2", None),
        ("(1", None),
        ("n.d.", None),
        ("1 2", None),
        ("–0.5", -0.5),
        ("12.-", 12),
        ("12.–", 12),
        ("12.--", 12),
        ("12-", -12),
        ("٣٤٫٥", 34.5),
        ("١٬٢٣٤", 1234),
        ("۱۲.۵", 12.5),
        ("-१२", -12),
        ("－１，２３４．５", -1234.5),
    ],
)
def test_a_number_is_read_in_any_style_with_a_decimal_point(text, number):
    assert read(text) == [number]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,5", 1.5),
        ("1.234,5", 1234.5),
        ("8,758", 8.758),
        ("1.234", 1234),
        ("−2,25", -2.25),
        ("(2,5)", -2.5),
        ("1\u00a0234,5", 1234.5),
        ("2,5e3", 2500),
        ("1.5", None),
        ("1,234,567", None),
        ("12,-", 12),
        ("1.234,--", 1234),
    ],
)
def test_a_number_is_read_with_a_decimal_comma(text, number):
    assert read(text, decimal=",") == [number]


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("42%", "%", 42),
        ("12.5 %", "%", 12.5),
        ("-3%", "%", -3),
        ("42", "%", 42),
        ("$1,234.50", "$", 1234.5),
        ("-$5", "$", -5),
        ("$-5", "$", -5),
        ("($5.25)", "$", -5.25),
        ("12 kg", "kg", 12),
        ("€ 7", "€", 7),
        ("7 USD", "€", None),
        ("12 lb", "kg", None),
        ("CHF 12.-", "CHF", 12),
        ("CHF 12.–", "CHF", 12),
        ("CHF -12.50", "CHF", -12.5),
        ("４２％", "%", 42),
    ],
)
def test_a_number_is_read_with_its_unit(text, unit, number):
    assert read(text, unit=unit) == [number]


def test_durations_are_seconds():
    texts = ("1:05:00", "0:00:30.5", "25:00:00", "2 days 01:00:00", "-0:01:00", "1:75:00", "soon")
    expected = [3900, 30.5, 90000, 176400, -60, None, None]
    assert read(*texts, unit="s", duration=True) == expected


def test_a_time_that_may_be_hours_or_minutes_is_not_read():
    """1:30 is an hour and a half, or a minute and a half."""
    texts = ("1:30", "90:15", "-1:30", "1 day 1:30", "1:30:00", "0:01:30")
    expected = [None, None, None, 91800, 5400, 90]
    assert read(*texts, unit="s", duration=True) == expected


@pytest.mark.parametrize(
    ("texts", "dtype"),
    [
        (["1", "2"], "int64"),
        (["1", None], "float64"),
        (["9007199254740993", None], "Int64"),
        (["18446744073709551615", "1"], "uint64"),
        (["18446744073709551615", None], "UInt64"),
        (["1", "2.5"], "float64"),
    ],
)
def test_whole_numbers_stay_exact(texts, dtype):
    series = number_series(pa.chunked_array([texts], pa.string()))
    assert str(series.dtype) == dtype
    numbers = [float(text) if "." in text else int(text) for text in texts if text]
    assert series.dropna().tolist() == numbers


@pytest.mark.parametrize(
    ("texts", "decimal", "certain"),
    [
        (["1,234", "5,678"], ".", False),
        (["1,234", "5,67"], ",", True),
        (["1,234.5"], ".", True),
        (["12345", "3"], ".", True),
        (["0,125"], ",", True),
        (["1.234"], ".", False),
    ],
)
def test_whether_the_cells_decide_what_points_and_commas_are(texts, decimal, certain):
    assert decides(cells(*texts), ColumnFormat(type="number", decimal=decimal)) == certain


def test_the_thousands_separator_is_found():
    assert thousands_mark(cells("1,234.5", "7"), ".") == ","
    assert thousands_mark(cells("1'234", "7"), ".") == "'"
    assert thousands_mark(cells("1.234,5"), ",") == "."
    assert thousands_mark(cells("1234.567"), ".") == ""


@pytest.mark.parametrize("cell", ["9" * 5000, "-" + "9" * 5000, "$" + "9" * 5000, "9" * 5000 + "%"])
def test_endless_numbers_are_too_large_for_any_model(cell):
    numbers = read_table(f"a,b\n{cell},1\n".encode() + b"1,2\n2,3\n" * 40)["a"]
    assert not np.isfinite(numbers.iloc[0])


def test_endless_durations_are_missing():
    durations = read_table(b"a,b\n" + b"9" * 5000 + b":01:01,1\n" + b"01:00:05,2\n" * 60)["a"]
    assert np.isnan(durations.iloc[0])
    assert durations.iloc[1] == 3605
