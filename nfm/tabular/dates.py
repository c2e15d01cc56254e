"""Dates in text: recognised, parsed, and taken apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas.api import types

from nfm.tabular.values import level_codes

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_TIME = (
    r"(?:(?:\s*T\s*|[\s,]+)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?\s*$"
)
_YEAR_FIRST = (
    r"^\s*(?P<year>\d{4})\s*[-/.年년]\s*(?P<month>\d{1,2})"
    r"(?:\s*[-/.月월]\s*(?P<day>\d{1,2}))?[月월日일]?" + _TIME
)
_COMPACT = r"^\s*(?P<year>(?:1[89]|20|21)\d{2})(?P<month>\d{2})(?P<day>\d{2})" + _TIME
_YEAR_LAST = (
    r"^\s*(?P<first>\d{1,2})(?P<separator>[-/.])(?P<last>\d{1,2})(?P=separator)"
    r"(?P<year>\d{4}|\d{2})" + _TIME
)
_DAY_NAME = r"^\s*(?:[A-Za-z]{3,9},?\s+)?"
_DAY_MONTH_NAME = (
    _DAY_NAME + r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[\s-]+(?P<name>[A-Za-z]{3,9})\.?[,\s-]+"
    r"(?P<year>\d{4}|\d{2})" + _TIME
)
_MONTH_NAME = (
    _DAY_NAME + r"(?P<name>[A-Za-z]{3,9})\.?(?:\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,)?[\s-]+"
    r"(?P<year>\d{4})" + _TIME
)
_MONTH_NAME_DAY = (
    _DAY_NAME
    + r"(?P<name>[A-Za-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?\s+(?P<year>\d{4})"
    + _TIME
)
_PATTERNS = (_YEAR_FIRST, _YEAR_LAST, _DAY_MONTH_NAME, _MONTH_NAME, _MONTH_NAME_DAY, _COMPACT)
_MONTH_NUMBERS = {
    spelling: number
    for number, month in enumerate(MONTHS, start=1)
    for spelling in (month.lower(), month[:3].lower())
} | {"sept": 9}


def parse_dates(series: pd.Series, day_first: bool | None = None) -> np.ndarray:
    """Read a column as moments.

    Understood are datetime columns and text such as 2024-03-05, 2024/3/5 14:30,
    2024-03-05T14:30:00Z, 05.03.2024, 3/5/24 2:30 PM, 5 March 2024, Mar 5, 2024, Mar 2024,
    2024年3月5日 and 20240305. The time is the one on the clock: an offset from UTC is not
    applied.

    Args:
        series: (rows,) of any dtype.
        day_first: Whether 3/5/24 is the third of May; None: as the column's values suggest.

    Returns:
        datetime64[s] (rows,), NaT where a value is missing or not a date.
    """
    if types.is_datetime64_any_dtype(series.dtype):
        if getattr(series.dt, "tz", None) is not None:
            series = series.dt.tz_localize(None)
        return series.to_numpy().astype("datetime64[s]")
    codes, levels = level_codes(series)
    return np.append(parse_date_texts(levels, day_first), np.datetime64("NaT", "s"))[codes]


def parse_date_texts(texts: np.ndarray, day_first: bool | None = None) -> np.ndarray:
    """Parse distinct texts as `parse_dates` does; datetime64[s] (levels,)."""
    moments = np.full(len(texts), np.datetime64("NaT", "s"))
    waiting = np.arange(len(texts))
    column = pd.Series(texts, dtype=object)
    for pattern in _PATTERNS:
        if not len(waiting):
            break
        parts = column.iloc[waiting].str.extract(pattern)
        found = parts["year"].notna().to_numpy()
        if not found.any():
            continue
        parts = parts[found]
        if pattern is _YEAR_LAST:
            if day_first is None:
                day_first = _day_first(parts)
            named = ("day", "month") if day_first else ("month", "day")
            parts = parts.rename(columns=dict(zip(("first", "last"), named, strict=True)))
        elif "name" in parts:
            parts = parts.assign(month=parts["name"].str.lower().map(_MONTH_NUMBERS))
        moments[waiting[found]] = _moments(parts)
        waiting = waiting[~found]
    return moments


def day_comes_first(texts: np.ndarray) -> bool | None:
    """Decide whether dates such as 3/5/24 begin with the day.

    Args:
        texts: Distinct texts of one column, objects (levels,), in the order of the rows.

    Returns:
        None where no text is of that form. Otherwise, in this order: a number beyond 12
        is the day; a number that never changes while the other does is the day (data by
        month); the order that makes the rows run forward in time; day first with dots,
        month first with other separators.
    """
    parts = pd.Series(texts, dtype=object).str.extract(_YEAR_LAST)
    parts = parts[parts["year"].notna()]
    return _day_first(parts) if len(parts) else None


def _day_first(parts: pd.DataFrame) -> bool:
    first, last = (parts[name].astype(int) for name in ("first", "last"))
    if (beyond := int((first > 12).sum()) - int((last > 12).sum())) != 0:
        return beyond > 0
    if first.nunique() > 1 >= last.nunique():
        return False
    if last.nunique() > 1 >= first.nunique():
        return True
    forward = {
        day: bool((np.diff(_moments(parts.assign(day=d, month=m)).astype(np.int64)) >= 0).all())
        for day, d, m in ((True, first, last), (False, last, first))
    }
    if len(parts) > 2 and forward[True] != forward[False]:
        return forward[True]
    return bool((parts["separator"] == ".").mean() > 0.5)


def _moments(parts: pd.DataFrame) -> np.ndarray:
    """Put years, months, days, hours, minutes, seconds together; NaT where there is no such day."""

    def part(name: str, default: float) -> np.ndarray:
        if name not in parts:
            return np.full(len(parts), default)
        return pd.to_numeric(parts[name]).astype(np.float64).fillna(default).to_numpy()

    year, month, day = part("year", 0), part("month", 0), part("day", 1)
    hour, minute, second = part("hour", 0), part("minute", 0), part("second", 0)
    year = np.where(year < 69, year + 2000, np.where(year < 100, year + 1900, year))
    if "half" in parts:
        afternoon = parts["half"].str.lower().eq("p").to_numpy()
        hour = np.where(parts["half"].notna().to_numpy(), hour % 12 + 12 * afternoon, hour)
    possible = (month >= 1) & (month <= 12) & (day >= 1) & (hour < 24)
    possible &= (minute < 60) & (second <= 60)
    months = ((year - 1970) * 12 + np.where(possible, month, 1) - 1).astype("datetime64[M]")
    lengths = (months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")
    possible &= day <= lengths.astype(np.int64)
    moments = months.astype("datetime64[s]")
    seconds = (day - 1) * 86_400 + hour * 3_600 + minute * 60 + second
    moments = moments + np.where(possible, seconds, 0).astype("timedelta64[s]")
    moments[~possible] = np.datetime64("NaT", "s")
    return moments


def day_numbers(moments: np.ndarray) -> np.ndarray:
    """Return days since 1970-01-01, with the time of day as a fraction; NaN for NaT."""
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
