"""Parse dates and numbers in columns without a format, as up to commit cf2c3b7.

Do not change these rules: the rows, splits and predictions of runs from that time depend on them
(tests/golden).
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from nfm.column_formats.date_text import MONTHS, moments_of

_DOTTED = re.compile(r"^[+-]?[1-9]\d{0,2}(\.\d{3})+$")
_THOUSANDS = re.compile(r"^[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?$")
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


def parse_date_texts(texts: np.ndarray, day_first: bool | None = None) -> np.ndarray:
    """Parse distinct texts as dates.

    Args:
        texts: Objects (levels,).
        day_first: Whether 3/5/24 is the third of May; None to infer it from the texts.

    Returns:
        datetime64[s] (levels,), NaT where a text is not a date.
    """
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
        moments[waiting[found]] = moments_of(parts, ignore_zeros=True)
        waiting = waiting[~found]
    return moments


def day_comes_first(texts: np.ndarray) -> bool | None:
    """Decide whether dates such as 3/5/24 begin with the day.

    Args:
        texts: Distinct texts of one column, objects (levels,), in the order of the rows.

    Returns:
        None if no text is such a date. Otherwise the first rule that applies decides: a number
        above 12 is the day; a number that never changes while the other does is the day (monthly
        data); the order in which the rows are chronological; day first with points, month first
        with other separators.
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
    moments = {
        day: moments_of(parts.assign(day=d, month=m), ignore_zeros=True)
        for day, d, m in ((True, first, last), (False, last, first))
    }
    forward = {
        day: bool((np.diff(found).astype(np.int64) >= 0).all()) for day, found in moments.items()
    }
    if len(parts) > 2 and forward[True] != forward[False]:
        return forward[True]
    return bool((parts["separator"] == ".").mean() > 0.5)


def parse_numbers(texts: np.ndarray) -> np.ndarray:
    """Parse distinct texts as numbers.

    Commas separate thousands if all commas of the column could ("1,234"); else they are decimal
    marks ("3,5").

    Args:
        texts: Objects (levels,).

    Returns:
        float64 (levels,), NaN where a text is not a number.
    """
    found = np.array([_parse_number(text) for text in texts], dtype=np.float64)
    failed = np.flatnonzero(np.isnan(found))
    commas = [row for row in failed if "," in texts[row]]
    if not commas:
        return found
    thousands = all(_THOUSANDS.match(texts[row].strip()) for row in commas)
    for row in commas:
        text = texts[row].replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
        if thousands:
            text = text.replace(",", "")
        elif text.count(",") == 1:
            text = text.replace(".", "").replace(",", ".")
        found[row] = _parse_number(text)
    if not thousands:  # then points separate thousands: 1.234 occurs with 1.234,5
        for place, text in enumerate(texts):
            if _DOTTED.match(text.strip()):
                found[place] = _parse_number(text.replace(".", ""))
    return found


def _parse_number(text: str) -> float:
    """Parse a text as a number; NaN if it is not one."""
    if "_" in text:  # Python accepts underscores between digits, but they do not occur in data
        return np.nan
    try:
        number = float(text)
    except ValueError:
        return {"true": 1.0, "false": 0.0}.get(text, np.nan)
    return number
