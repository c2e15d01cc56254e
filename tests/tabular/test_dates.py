from __future__ import annotations

import numpy as np
import pandas as pd

from nfm.tabular.dates import (
    day_numbers,
    hour_codes,
    month_codes,
    parse_dates,
    weekday_codes,
)


def parse(*texts, day_first=None):
    return [str(moment) for moment in parse_dates(pd.Series(list(texts)), day_first)]


def test_missing_values_stay_missing_beside_dates():
    assert parse("2024-03-05", None, "soon") == ["2024-03-05T00:00:00", "NaT", "NaT"]


def test_a_datetime_column_is_taken_by_the_clock_of_its_zone():
    series = pd.to_datetime(pd.Series(["2024-03-05 23:30"])).dt.tz_localize("Asia/Tokyo")
    assert str(parse_dates(series)[0]) == "2024-03-05T23:30:00"


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
