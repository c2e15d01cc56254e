"""Dates of a later table that may mean other ones than in training."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection

import numpy as np
import pandas as pd

from nfm.column_formats.column_format import DATE_ORDERS, ColumnFormat, DateOrder
from nfm.column_formats.date_text import (
    TIME_OF_DAY,
    UTC,
    find_offset,
    is_month,
    ordered_shapes,
    parse_texts,
)
from nfm.column_formats.read_column import ColumnReading
from nfm.column_formats.reading_report import ColumnReport
from nfm.column_formats.text_cells import arrow_texts, is_text, trimmed
from nfm.column_formats.typed_columns import zone_of
from nfm.tabular.numeric_field import DateField
from nfm.text import quote

# So many moments at midnight are dates without a time of day; text shows it in one row.
_FEWEST_MOMENTS = 3
# The day, beyond 12, between year and month.
_YEAR_AND_DAY = re.compile(r"\s*\d{4}([-/.])(?:1[3-9]|2\d|3[01])\1(?:0?[1-9]|1[0-2])(?!\d)")
# Longer dates have a day, or a time of day.
_LONGEST_MONTH = 16
_MONDAY = 0
# Of 5 Mar 45; dates of numbers alone are named by their shape.
_SHORT_YEAR = re.compile(r"[^\W\d_]{3}.*[\s.'’-]\d{2}\s*$")
_CENTURY = np.timedelta64(36_525, "D")
_CHANCE = 0.01
_QUARTERS = (1, 4, 7, 10)
_MOST_MONTHS = 12
_DIGITS = re.compile("[0-9]+")
# The zero, or nothing, before a day or month of one digit.
_ONE_DIGIT = re.compile(r"(?<![0-9:.])(0?)[1-9](?=[-/.])")
# So many times, of which a quarter was not between 1:00 and 12:59 in training, show the clock.
_FEWEST_HOURS = 20
_FEWEST_OTHERS = 0.25
_TWELVE_HOURS = (*range(1, 13),)
_NIGHT = (1, 2, 3, 4, 5)


def date_doubts(
    name: str,
    cells: pd.Series,
    column_format: ColumnFormat,
    reading: ColumnReading,
    guessed: ColumnFormat | None,
    report: ColumnReport,
) -> list[str]:
    """Say which dates are written in another way than in training: style, order, time zone.

    Args:
        name: The column's name.
        cells: Its cells before they were interpreted, (rows,).
        column_format: Its format in training.
        reading: The cells as they were read by it.
        guessed: The format by which the table's own reading has read them; None if unknown.
        report: What became of the cells.

    Returns:
        A sentence for each doubt; some may be empty.
    """
    notes = [_unusual_dates(name, cells, column_format)]
    if report.examples and all(_YEAR_AND_DAY.match(text) for _, text in report.examples):
        notes.append(
            f"{name!r}: dates such as {quote(report.examples[0][1])} have the day before the "
            "month. If all dates of this table have, those that could be read have day and "
            "month swapped: write the month after the year."
        )
    notes.append(_other_order(name, column_format, reading, report))
    notes.append(_swapped_days(name, cells, reading))
    zone = _zone(cells) or ("" if guessed is None else guessed.time_zone)
    same = _bare_offset(zone) == _bare_offset(column_format.time_zone)
    if (
        same
        or {zone, column_format.time_zone} <= UTC
        or _are_times_in(column_format.time_zone, cells, reading)
    ):
        zone = column_format.time_zone
    words = {"": "no time zone", "several": "several time zones"}
    here, there = (
        words.get(each, f"the time zone {each}") for each in (zone, column_format.time_zone)
    )
    if zone and zone != column_format.time_zone:
        notes.append(
            f"{name!r}: the times have {here}, but in training they had {there}; each is "
            "read as a local time."
        )
    elif column_format.time_zone and not zone:
        timed = cells[cells.map(_has_time)]
        if len(timed):
            notes.append(
                f"{name!r}: times such as {quote(str(timed.iloc[0]))} have {here}, but in "
                f"training they had {there}; each is read as a local time."
            )
    return notes


def precision_doubt(
    field: DateField,
    cells: pd.Series,
    reading: ColumnReading,
    months: Collection[int] = (),
    midnight_share: float = 0.0,
) -> str:
    """Report another precision than in training: times of day, days, months or quarters.

    Args:
        field: The dates of the training table.
        cells: The cells of a later table before they were interpreted.
        reading: The cells as they were read.
        months: The months of the training table, 1 to 12; () if they are all the same.
        midnight_share: Share of the training dates between 0:00 and 0:59.
    """
    moments = reading.values.dropna()
    if not len(moments) or moments.dtype.kind != "M":
        return ""
    texts = {cell for cell in cells if isinstance(cell, str)} if is_text(cells) else set()
    if isinstance(cells.dtype, pd.PeriodDtype):
        texts = set(cells.dropna().map(str))
    if field.has_time and (moments == moments.dt.normalize()).all():
        if any(map(_has_time, texts)) or (not texts and len(moments) < _FEWEST_MOMENTS):
            return ""
        if not texts and midnight_share ** len(moments) > _CHANCE:
            return ""
        return (
            f"{field.column!r}: no cell has a time of day, but in training they had one; all are "
            "read as 00:00."
        )
    timed = moments[moments != moments.dt.normalize()]
    if not field.has_time and len(timed):
        return (
            f"{field.column!r}: {timed.iloc[0]:%Y-%m-%d %H:%M} has a time of day, but in "
            "training no date had one. If it was midnight in another time zone, the day has "
            "changed, too."
        )
    days = {(day or "")[7:10] for day in (field.minimum, field.median, field.maximum)}
    if len(days) == 1:  # probably months in training, too
        others = moments[moments.dt.day != 1]
        if days == {"-01"} and field.minimum != field.maximum and len(others):
            return (
                f"{field.column!r}: {others.iloc[0]:%Y-%m-%d} has a day of the month, but in "
                "training the dates were months, which are read as their first day. Write months."
            )
        between = moments[~moments.dt.month.isin(_QUARTERS)]
        if months and set(months) <= set(_QUARTERS) and len(between):
            return (
                f"{field.column!r}: {between.iloc[0]:%Y-%m} is read as a month, but in training "
                "all dates were the beginnings of quarters. Write quarters such as 2024-Q3."
            )
        return ""
    ends = [day for day in (field.minimum, field.median, field.maximum) if day]
    if {np.datetime64(day[:10], "D").item().weekday() for day in ends} == {_MONDAY}:
        return ""  # probably weeks, which are read as their first day
    short = {text.strip() for text in texts if len(text) < _LONGEST_MONTH}
    if month := min(filter(is_month, short), default=""):
        return (
            f"{field.column!r}: {quote(month)} has no day of the month, but in training the dates "
            "had one; it is read as the first day."
        )
    return ""


def twelve_hour_doubt(name: str, training: np.ndarray, hours: np.ndarray) -> str:
    """Report times that are probably written on a clock of twelve hours, without am or pm.

    Args:
        name: The column's name.
        training: Hours of the day of training rows or quantiles, (n,), whole numbers.
        hours: Those of a later table, (rows,).
    """
    if len(hours) < _FEWEST_HOURS or not len(training):
        return ""
    others = 1 - np.isin(training, _TWELVE_HOURS).mean()
    # A table of mornings has neither 12 nor the hours of the night.
    if others < _FEWEST_OTHERS or not np.isin(hours, _TWELVE_HOURS).all():
        return ""
    if not (hours == _TWELVE_HOURS[-1]).any() or not np.isin(hours, _NIGHT).any():
        return ""
    return (
        f"{name!r}: all times are between 1:00 and 12:59, but in training {100 * others:.0f}% were "
        "not. If they are on a twelve-hour clock, add am and pm, or write 13:00 for 1 pm."
    )


def date_range_doubt(
    field: DateField, cells: pd.Series, column_format: ColumnFormat, values: pd.Series
) -> str:
    """Report dates outside the training range that another century or order puts inside.

    Args:
        field: The dates of the training table.
        cells: The cells of a later table before they were interpreted.
        column_format: The column's format.
        values: The cells as they were read.
    """
    if field.minimum is None or field.maximum is None or not is_text(cells):
        return ""
    earliest, latest = np.array([field.minimum, field.maximum], dtype="datetime64[s]")
    moments = values.to_numpy(dtype="datetime64[s]")
    for text, moment in zip(cells[moments > latest], moments[moments > latest], strict=True):
        before = moment - _CENTURY
        if isinstance(text, str) and _SHORT_YEAR.search(text) and earliest <= before <= latest:
            return (
                f"{field.column!r}: {quote(text)} is read as {str(moment)[:10]}, after the dates "
                "of training, among which it would be a century before. Write the year with four "
                "digits."
            )
    outside = (moments < earliest) | (moments > latest)
    # Dates after those of training are usual, dates before them are not.
    fewest = _FEWEST_MOMENTS if (moments > latest).any() else 1
    if (
        column_format.date_order is None
        or cells.nunique() < fewest
        or 2 * outside.sum() < len(cells)
    ):
        return ""
    for order, described in DATE_ORDERS.items():
        if order in (None, column_format.date_order):
            continue
        others = parse_texts(trimmed(arrow_texts(cells)), order, column_format.first_year)
        if ((others >= earliest) & (others <= latest)).all():
            example, here = cells[outside].iloc[0], DATE_ORDERS[column_format.date_order]
            return (
                f"{field.column!r}: dates such as {quote(str(example))} are outside the dates of "
                f"training if they are {here}, but all are inside if they are {described}. Check "
                "the order, and write it as in training."
            )
    return ""


def _other_order(
    name: str, column_format: ColumnFormat, reading: ColumnReading, report: ColumnReport
) -> str:
    """Report dates such as 25/03/2024 that only the other order can read: do others mean it too?"""
    others: dict[DateOrder | None, DateOrder] = {"dmy": "mdy", "mdy": "dmy"}
    other = others.get(column_format.date_order)
    if other is None or not report.examples or not reading.values.notna().any():
        return ""
    texts = pd.Series([text for _, text in report.examples], dtype=object)
    if np.isnat(parse_texts(arrow_texts(texts), other)).any():
        return ""
    here, there = DATE_ORDERS[other], DATE_ORDERS[column_format.date_order]
    return (
        f"{name!r}: dates such as {quote(texts[0])} are {here}, but in training the order was "
        f"{there}. If all dates of this table are {here}, those that could be read have day and "
        "month swapped: write them as in training."
    )


def _swapped_days(name: str, cells: pd.Series, reading: ColumnReading) -> str:
    """Report dates of which a spreadsheet has probably swapped day and month where it could.

    Read month first, 25/03/2024 is no date and stays as it is; 04/03/2024 is one, and is saved in
    another way.
    """
    if not is_text(cells):
        return ""
    could_change = (reading.values.dt.day <= _MOST_MONTHS).to_numpy()
    present = reading.values.notna().to_numpy()
    changed, kept = (
        [cell for cell in cells[present & chosen].unique() if isinstance(cell, str)]
        for chosen in (could_change, ~could_change)
    )
    if min(len(changed), len(kept)) < _FEWEST_MOMENTS:
        return ""
    marks = [{_DIGITS.sub(_width, text.strip()) for text in texts} for texts in (changed, kept)]
    zeros = [
        {found for text in texts for found in _ONE_DIGIT.findall(text)} for texts in (changed, kept)
    ]
    lost_zeros = "0" in zeros[1] and "0" not in zeros[0] and "" in zeros[0] and "" not in zeros[1]
    if marks[0] & marks[1] and not lost_zeros:
        return ""
    return (
        f"{name!r}: only dates whose day could be a month are written like {quote(changed[0])}, "
        f"the others like {quote(kept[0])}. A spreadsheet may have swapped day and month of the "
        "former: save the dates as text."
    )


def _width(digits: re.Match[str]) -> str:
    """Return "yyyy" for a year of four digits, and "d" for a day or a month."""
    return "yyyy" if len(digits[0]) == len("yyyy") else "d"


def _unusual_dates(name: str, cells: pd.Series, column_format: ColumnFormat) -> str:
    """Report dates with other separators or another length of the year than in training."""
    if not column_format.date_shapes or not is_text(cells):
        return ""
    texts = list(dict.fromkeys(text.strip() for text in cells if isinstance(text, str)))
    moments = parse_texts(arrow_texts(pd.Series(texts, dtype=object)), column_format.date_order)
    known = {"", *column_format.date_shapes}
    for text, shape, moment in zip(texts, ordered_shapes(texts), moments, strict=True):
        if shape not in known and not np.isnat(moment):
            return (
                f"{name!r}: dates such as {quote(text)} are not written as in training "
                f"({column_format.describe_shapes()}) but read in the same order, "
                f"{DATE_ORDERS[column_format.date_order]}."
            )
    return ""


def _has_time(cell: object) -> bool:
    if isinstance(cell, str):
        return re.search(TIME_OF_DAY, cell) is not None
    if not isinstance(cell, datetime.datetime) or pd.isna(cell):
        return False
    return cell.time() != datetime.time()


def _zone(cells: pd.Series) -> str:
    """Return the time zone of a column of dates; "" if it has none or no dates."""
    if isinstance(cells.dtype, pd.CategoricalDtype):
        cells = cells.cat.categories.to_series()
    zone = getattr(cells.dtype, "tz", None)
    if zone is not None:
        return str(zone)
    if not is_text(cells):
        return "" if cells.dtype != object else zone_of(cells)
    texts = pd.Series([cell if isinstance(cell, str) else None for cell in cells], dtype=object)
    return find_offset(trimmed(arrow_texts(texts)))


def _are_times_in(zone: str, cells: pd.Series, reading: ColumnReading) -> bool:
    """Return whether texts with offsets, in summer and winter, are the local times of a zone."""
    if "/" not in zone or not is_text(cells):
        return False
    moments = pd.to_datetime(cells.astype(object), utc=True, errors="coerce", format="ISO8601")
    try:
        local = moments.dt.tz_convert(zone).dt.tz_localize(None).to_numpy("datetime64[us]")
    except (KeyError, OSError, ValueError):  # the zone is not known here
        return False
    known = cells.notna().to_numpy()
    return bool((local == reading.values.to_numpy("datetime64[us]"))[known].all())


def _bare_offset(zone: str) -> str:
    """Return a time zone in the same way for +0200, +02:00 and UTC+02:00."""
    return re.sub(r"^(?:UTC|GMT)(?=[+-])", "", zone).replace(":", "")
