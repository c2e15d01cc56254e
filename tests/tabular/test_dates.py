from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nfm.column_formats.legacy_reading import day_comes_first
from nfm.tabular.dates import (
    day_numbers,
    hour_codes,
    month_codes,
    parse_dates,
    weekday_codes,
)


def parse(*texts, day_first=None):
    return [str(moment) for moment in parse_dates(pd.Series(list(texts)), day_first)]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-03-05", "2024-03-05T00:00:00"),
        ("2024/3/5", "2024-03-05T00:00:00"),
        ("2024.03.05 14:30", "2024-03-05T14:30:00"),
        ("2024-03-05T14:30:15.25Z", "2024-03-05T14:30:15"),
        ("2024-03-05 14:30:15+02:00", "2024-03-05T14:30:15"),
        ("2024-03", "2024-03-01T00:00:00"),
        ("25.03.2024", "2024-03-25T00:00:00"),
        ("3/25/24 2:30 PM", "2024-03-25T14:30:00"),
        ("3/25/1999 12:05 am", "1999-03-25T00:05:00"),
        ("3/25/85", "1985-03-25T00:00:00"),
        ("5 March 2024", "2024-03-05T00:00:00"),
        ("5th Mar, 2024", "2024-03-05T00:00:00"),
        ("05-Mar-24", "2024-03-05T00:00:00"),
        ("March 5, 2024", "2024-03-05T00:00:00"),
        ("Mar 5 2024", "2024-03-05T00:00:00"),
        ("Tuesday, March 5, 2024", "2024-03-05T00:00:00"),
        ("Sept 2024", "2024-09-01T00:00:00"),
        ("2024年3月5日", "2024-03-05T00:00:00"),
        ("2024년 3월 5일", "2024-03-05T00:00:00"),
        ("20240305", "2024-03-05T00:00:00"),
        ("2024-02-29", "2024-02-29T00:00:00"),
    ],
)
def test_a_common_way_to_write_a_date_is_read(text, moment):
    assert parse(text) == [moment]


@pytest.mark.parametrize(
    "text",
    [
        "2023-02-29",
        "2024-13-01",
        "31.04.2024",
        "2024-03-05 25:00",
        "12",
        "3.14",
        "S",
        "1/2",
        "x y 3",
    ],
)
def test_what_is_no_date_is_missing(text):
    assert parse(text) == ["NaT"]


def test_missing_values_stay_missing_beside_dates():
    assert parse("2024-03-05", None, "soon") == ["2024-03-05T00:00:00", "NaT", "NaT"]


def test_a_datetime_column_is_taken_by_the_clock_of_its_zone():
    series = pd.to_datetime(pd.Series(["2024-03-05 23:30"])).dt.tz_localize("Asia/Tokyo")
    assert str(parse_dates(series)[0]) == "2024-03-05T23:30:00"


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["2024-03-05"], None),
        (["1/2/2024", "13/2/2024"], True),
        (["1/2/2024", "1/13/2024"], False),
        (["1/1/2024", "1/2/2024", "1/3/2024"], True),  # by month: the 1 is the day
        (["1/1/2024", "2/1/2024", "3/1/2024"], False),
        (["11/1/2023", "12/1/2023", "1/2/2024"], False),  # runs forward only so
        (["5/6/2024", "4/3/2023"], False),
        (["5.6.2024", "4.3.2023"], True),
    ],
)
def test_the_values_of_a_column_decide_whether_the_day_comes_first(texts, expected):
    assert day_comes_first(np.array(texts, dtype=object)) is expected


def test_the_order_of_day_and_month_can_be_given():
    assert parse("5/6/2024", day_first=True) == ["2024-06-05T00:00:00"]
    assert parse("5/6/2024", day_first=False) == ["2024-05-06T00:00:00"]


def test_parts_agree_with_pandas():
    moments = pd.Series(pd.date_range("1899-12-30 05:00", periods=500, freq="181h"))
    array = moments.to_numpy().astype("datetime64[s]")
    np.testing.assert_array_equal(month_codes(array), moments.dt.month - 1)
    np.testing.assert_array_equal(weekday_codes(array), moments.dt.day_of_week)
    np.testing.assert_array_equal(hour_codes(array), moments.dt.hour)
    days = (moments - pd.Timestamp("1970-01-01")) / pd.Timedelta("1D")
    np.testing.assert_allclose(day_numbers(array), days)


def test_parts_of_a_missing_date_are_missing():
    missing = np.array(["NaT"], dtype="datetime64[s]")
    assert np.isnan(day_numbers(missing)).all()
    assert [part(missing)[0] for part in (month_codes, weekday_codes, hour_codes)] == [-1, -1, -1]
