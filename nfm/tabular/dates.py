"""Read columns as dates, and compute the parts of dates."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas.api import types

from nfm.column_formats.infer_format import infer_format
from nfm.column_formats.legacy_texts import parse_date_texts
from nfm.column_formats.read_column import read_column
from nfm.tabular.level_values import level_codes

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def parse_dates(series: pd.Series, day_first: bool | None = None) -> np.ndarray:
    """Read a column as dates, with the order of day and month that is inferred from its values.

    Args:
        series: (rows,) of any dtype.
        day_first: Whether 3/5/24 is the third of May; None to infer it from the column's values.

    Returns:
        datetime64[s] (rows,), NaT where a value is missing or not a date.
    """
    column_format = infer_format(series, text_stays_text=True).with_type("date")
    if day_first is not None:
        column_format = column_format.model_copy(
            update={"date_order": "dmy" if day_first else "mdy"}
        )
    return read_column(series, column_format).values.to_numpy().astype("datetime64[s]")


def guessed_dates(series: pd.Series, day_first: bool | None = None) -> np.ndarray:
    """Return a column as dates; text is read by the legacy rules, without a column format.

    Args:
        series: (rows,) of any dtype; text only from a table stored before columns had formats.
        day_first: Whether 3/5/24 is the third of May; None to infer it from the column's values.

    Returns:
        datetime64[s] (rows,), NaT where a value is missing or not a date.
    """
    if types.is_datetime64_any_dtype(series.dtype):
        if getattr(series.dt, "tz", None) is not None:
            series = series.dt.tz_localize(None)
        return series.to_numpy().astype("datetime64[s]")
    codes, levels = level_codes(series)
    return np.append(parse_date_texts(levels, day_first), np.datetime64("NaT", "s"))[codes]


def day_numbers(moments: np.ndarray) -> np.ndarray:
    """Return days since 1970-01-01, float64 with the time of day as a fraction; NaN for NaT."""
    seconds = moments.astype("datetime64[s]").astype(np.int64) / 86_400
    return np.where(np.isnat(moments), np.nan, seconds)


def month_codes(moments: np.ndarray) -> np.ndarray:
    """Return 0 (January) to 11, int64; -1 for NaT."""
    months = moments.astype("datetime64[M]").astype(np.int64) % 12
    return np.where(np.isnat(moments), -1, months)


def weekday_codes(moments: np.ndarray) -> np.ndarray:
    """Return 0 (Monday) to 6, int64; -1 for NaT. 1970-01-01 was a Thursday."""
    days = moments.astype("datetime64[D]").astype(np.int64)
    return np.where(np.isnat(moments), -1, (days + 3) % 7)


def hour_codes(moments: np.ndarray) -> np.ndarray:
    """Return the hour of the day, 0 to 23, int64; -1 for NaT."""
    hours = moments.astype("datetime64[h]").astype(np.int64) % 24
    return np.where(np.isnat(moments), -1, hours)
