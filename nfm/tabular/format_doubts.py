"""Cells of a later table that cannot be read by a column's format, or may mean other values."""

from __future__ import annotations

import datetime
import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from nfm.column_formats.column_format import DATE_ORDERS, ColumnFormat
from nfm.column_formats.date_text import (
    TIME_OF_DAY,
    UTC,
    find_offset,
    is_month,
    ordered_shapes,
    parse_texts,
)
from nfm.column_formats.duration_text import CLOCK
from nfm.column_formats.read_column import ColumnReading, arrow_texts, is_text, trimmed
from nfm.column_formats.reading_report import ColumnReport, report_column
from nfm.column_formats.typed_columns import zone_of
from nfm.files.frame_formats import frame_formats
from nfm.tabular.level_values import numbers
from nfm.tabular.numeric_field import DateField, NumericField
from nfm.text import of_rows, quote

# So many dates at midnight are dates without a time of day.
_MANY_ROWS = 10
# So many numbers are not in the range a thousand times as large by chance.
_FEWEST_BROKEN = 3
# The day, beyond 12, between year and month.
_YEAR_AND_DAY = re.compile(r"\s*\d{4}([-/.])(?:1[3-9]|2\d|3[01])\1(?:0?[1-9]|1[0-2])(?!\d)")
# Some may lie a little outside the range of the training rows.
_MOST = 0.9
# Longer dates have a day, or a time of day.
_LONGEST_MONTH = 16


def column_doubts(
    name: str, cells: pd.Series, style: ColumnFormat, reading: ColumnReading
) -> list[str]:
    """Say which cells of one column cannot be read as in training, or may mean other values.

    Args:
        name: The column's name.
        cells: Its cells before they were interpreted.
        style: The column's format.
        reading: The cells as they were read by it.
    """
    guessed = frame_formats(cells).get(name)
    return list(filter(None, format_doubts(name, cells, style, reading, guessed)))


def format_doubts(
    name: str,
    cells: pd.Series,
    style: ColumnFormat,
    reading: ColumnReading,
    guessed: ColumnFormat | None,
) -> list[str]:
    """Say which cells of a column cannot be read by its format, or may mean other values.

    Args:
        name: The column's name.
        cells: Its cells before they were interpreted, (rows,).
        style: Its format in training.
        reading: The cells as they were read by it.
        guessed: The format by which the table's own reading has read them; None if unknown.

    Returns:
        A sentence for each doubt; some may be empty.
    """
    report = report_column(cells, style, reading)
    notes = [
        report.unread_sentence(name, style, len(reading)),
        report.infinite_sentence(name, len(reading)),
    ]
    if style.type == "number":
        notes.append(_unusual_numbers(name, cells, style, guessed, report))
    if style.type == "date":
        notes.append(_unusual_dates(name, cells, style))
        if report.examples and all(_YEAR_AND_DAY.match(text) for _, text in report.examples):
            notes.append(
                f"{name!r}: dates such as {quote(report.examples[0][1])} have the day before the "
                "month. If all dates of this table have, those that could be read have day and "
                "month swapped: write the month after the year."
            )
        zone = _zone(cells) or ("" if guessed is None else guessed.time_zone)
        same = _bare_offset(zone) == _bare_offset(style.time_zone)
        if same or {zone, style.time_zone} <= UTC or _are_times_in(style.time_zone, cells, reading):
            zone = style.time_zone
        words = {"": "no time zone", "several": "several time zones"}
        here, there = (words.get(each, f"the time zone {each}") for each in (zone, style.time_zone))
        if zone and zone != style.time_zone:
            notes.append(
                f"{name!r}: the times have {here}, but in training they had {there}; each is "
                "read as a local time."
            )
        elif style.time_zone and not zone:
            timed = cells[cells.map(_has_time)]
            if len(timed):
                notes.append(
                    f"{name!r}: times such as {quote(str(timed.iloc[0]))} have {here}, but in "
                    f"training they had {there}; each is read as a local time."
                )
    absent = int(cells.isna().sum())
    if style.kept and not absent and guessed is None and not reading.values.isin(style.kept).any():
        # Blank cells of a file that was not interpreted yet.
        absent = int(reading.values.isna().sum()) - sum(reading.missing_words.values())
    if absent and not set(style.kept) <= set(() if guessed is None else guessed.kept):
        values = " and ".join(map(repr, style.kept))
        was = "was a value, but it" if len(style.kept) == 1 else "were values, but they"
        notes.append(
            f"{name!r}: {of_rows(absent, len(reading))} are missing. In training, {values} {was} "
            "may have been read as missing in this table."
        )
    if guessed is not None and guessed != style and _read_otherwise(guessed, style):
        notes.append(
            f"{name!r}: these cells were already read as {guessed.describe()}, but the model's "
            f"column is {style.describe()}. To be sure, read the file with the model "
            "(bundle.read_table)."
        )
    return notes


def _has_time(cell: object) -> bool:
    if isinstance(cell, str):
        return re.search(TIME_OF_DAY, cell) is not None
    if not isinstance(cell, datetime.datetime) or pd.isna(cell):
        return False
    return cell.time() != datetime.time()


def thousands_doubt(field: NumericField, cells: pd.Series, style: ColumnFormat) -> str:
    """Report numbers whose decimal marks stand where a thousands separator would.

    Args:
        field: The numbers of the training table: all are whole, or have a thousands separator.
        cells: The cells of a later table before they were interpreted.
        style: The column's format.
    """
    if not is_text(cells):
        limits = field.minimum, field.maximum
        return thousandths_doubt(field.column, *limits, cells) if field.whole else ""
    example = grouped_example(cells, style) if field.whole or style.thousands in (".", ",") else ""
    if not example:
        return ""
    return (
        f"{field.column!r}: {style.decimal!r} in {quote(example)} is read as the decimal mark, "
        "but could separate thousands: in training, "
        + ("all numbers were whole." if field.whole else f"{style.thousands!r} did.")
    )


def grouped_example(cells: pd.Series, style: ColumnFormat) -> str:
    """Return the first of some texts with decimal marks if these may separate thousands, else "".

    Args:
        cells: The cells of a later table before they were interpreted.
        style: The column's format.
    """
    if not is_text(cells):
        return ""
    mark = re.escape(style.decimal)
    texts = {cell for cell in cells if isinstance(cell, str) and style.decimal in cell}
    grouped = re.compile(rf"\D*[1-9]\d{{0,2}}{mark}\d{{3}}\D*")
    if not texts or not all(map(grouped.fullmatch, texts)):
        return ""
    if any(style.thousands in cell for cell in cells if style.thousands and isinstance(cell, str)):
        return ""
    return min(texts)


def boolean_doubt(name: str, minimum: float | None, maximum: float | None, cells: pd.Series) -> str:
    """Report True and False where training had numbers other than 0 and 1.

    Args:
        name: The column's name.
        minimum: Smallest number of the training table; None if it is not known.
        maximum: Largest number of the training table; None if it is not known.
        cells: The cells of a later table before they were interpreted.
    """
    if minimum is not None and maximum is not None and 0 <= minimum <= maximum <= 1:
        return ""
    if isinstance(cells.dtype, pd.CategoricalDtype):
        cells = cells.cat.categories.to_series()
    if not has_values(cells, "b", (bool, np.bool_)):
        return ""
    return (
        f"{name!r}: in training the cells were numbers, but here some are True or False; they are "
        "read as 1 and 0."
    )


def thousandths_doubt(
    name: str, minimum: float | None, maximum: float | None, cells: pd.Series
) -> str:
    """Report numbers of which a program has probably taken the thousands separators for points.

    Args:
        name: The column's name.
        minimum: Smallest number of the training table, all whole; None if it is not known.
        maximum: Largest number of the training table; None if it is not known.
        cells: The cells of a later table before they were interpreted.
    """
    if minimum is None or maximum is None or not has_values(cells, "f", float):
        return ""
    found = numbers(cells)
    found = found[np.isfinite(found)]
    broken = found[found != np.floor(found)]
    larger = np.round(1000 * found)
    if len(broken) < _FEWEST_BROKEN or not np.allclose(larger, 1000 * found, rtol=0, atol=1e-6):
        return ""
    inside = (larger >= minimum) & (larger <= maximum)
    if inside.mean() < _MOST or found.max() >= minimum:
        return ""
    return (
        f"{name!r}: all numbers, such as {broken[0]:g}, are below the training range of "
        f"{minimum:g} to {maximum:g}, where all were whole. A program may have taken "
        "a point between thousands for the decimal mark: read the file with the model "
        "(bundle.read_table)."
    )


def precision_doubt(field: DateField, cells: pd.Series, reading: ColumnReading) -> str:
    """Report dates without a time of day, or months, where training had times, or days.

    Args:
        field: The dates of the training table.
        cells: The cells of a later table before they were interpreted.
        reading: The cells as they were read.
    """
    moments = reading.values.dropna()
    if not len(moments) or moments.dtype.kind != "M":
        return ""
    texts = {cell for cell in cells if isinstance(cell, str)} if is_text(cells) else set()
    if isinstance(cells.dtype, pd.PeriodDtype):
        texts = set(cells.dropna().map(str))
    if field.has_time and (moments == moments.dt.normalize()).all():
        if len(moments) < _MANY_ROWS or any(map(_has_time, texts)):
            return ""
        return (
            f"{field.column!r}: no cell has a time of day, but in training they had one; all are "
            "read as 00:00."
        )
    if len({(day or "")[7:10] for day in (field.minimum, field.median, field.maximum)}) == 1:
        return ""  # probably months in training, too
    short = {text.strip() for text in texts if len(text) < _LONGEST_MONTH}
    if month := min(filter(is_month, short), default=""):
        return (
            f"{field.column!r}: {quote(month)} has no day of the month, but in training the dates "
            "had one; it is read as the first day."
        )
    return ""


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


def _read_otherwise(guessed: ColumnFormat, style: ColumnFormat) -> bool:
    """Return whether a table was read in a way that contradicts the model's format."""
    if style.type == "text":
        plain = not guessed.unit and guessed.decimal == "." and not guessed.thousands
        return guessed.type == "date" or (guessed.type == "number" and not plain)
    if style.type == "number":
        marks = guessed.thousands in (",", ".") or not guessed.certain
        return guessed.type == "number" and (
            (guessed.duration and bool(guessed.clock) and guessed.clock != style.clock)
            or (guessed.decimal != style.decimal and marks)
            or guessed.unit != style.unit
        )
    short_years = any(shape.endswith(("/00", ".00", "-00")) for shape in guessed.date_shapes)
    return (
        guessed.type == style.type == "date"
        and guessed.date_order is not None
        and (
            guessed.date_order != style.date_order
            or (short_years and guessed.first_year != style.first_year)
        )
    )


def _unusual_numbers(
    name: str,
    cells: pd.Series,
    style: ColumnFormat,
    guessed: ColumnFormat | None,
    report: ColumnReport,
) -> str:
    """Report numbers that are written in another way than in the training table."""
    durations = has_values(cells, "m", (datetime.timedelta, datetime.time)) or _is_arrow_time(cells)
    if not style.duration and durations:
        were = f"had the unit {style.unit!r}" if style.unit else "were plain numbers"
        return (
            f"{name!r}: these are durations, but in training the cells {were}; they are read as "
            "seconds."
        )
    read_before = guessed is not None and guessed.duration
    if style.duration and not read_before and has_values(cells, "iuf", (int, float)):
        return (
            f"{name!r}: in training the cells were durations, but here they are plain numbers; "
            "they are read as seconds."
        )
    if style.clock == "m:ss" and (
        (durations and not read_before) or _may_be_minutes(cells, guessed)
    ):
        return (
            f"{name!r}: in training the cells were minutes and seconds (m:ss), but here they are "
            "times or durations; a sheet takes 3:45 for hours and minutes."
        )
    if style.clock == "m:ss" and not style.certain and _all_have_hours(cells):
        return (
            f"{name!r}: in training the cells were read as minutes and seconds (m:ss), but here "
            "all are written h:mm:ss; if 1:30 meant hours and minutes in training, these are 60 "
            "times as large as there."
        )
    plain = not is_text(cells) or any(isinstance(cell, int | float) for cell in cells.dropna())
    if plain and not style.duration and style.unit not in ("", guessed and guessed.unit):
        if style.unit == "%":
            return (
                f"{name!r}: in training the cells were percentages such as 42%, but here some are "
                "plain numbers: 42 is read as 42%, and 0.42 as 0.42%."
            )
        return (
            f"{name!r}: in training the cells had the unit {style.unit!r}, but here some are plain "
            "numbers; they are read as if they had it."
        )
    if not is_text(cells):
        return ""
    texts = [cell.strip() if isinstance(cell, str) else "" for cell in cells]
    bare = arrow_texts(pd.Series(texts, dtype=object))
    other = "," if style.decimal == "." else "."
    grouped = pc.match_substring_regex(bare, rf"\d{re.escape(other)}\d{{3}}(?:\D|$)")
    if style.thousands != other and pc.any(grouped).as_py():
        example = bare.filter(grouped)[0].as_py()
        return (
            f"{name!r}: {other!r} in {quote(example)} is read as a thousands separator, which the "
            "training table does not have."
        )
    if report.without_unit:
        return (
            f"{name!r}: {of_rows(report.without_unit, len(cells))} have no {style.unit!r}, such "
            f"as {quote(report.without_unit_example)}; they are read as if they had it."
        )
    return ""


def _is_arrow_time(cells: pd.Series) -> bool:
    """Return whether a column has times of day or durations of Arrow."""
    kind = cells.dtype.pyarrow_dtype if isinstance(cells.dtype, pd.ArrowDtype) else None
    return kind is not None and (pa.types.is_time(kind) or pa.types.is_duration(kind))


def _all_have_hours(cells: pd.Series) -> bool:
    """Return whether all texts of a column are written h:mm:ss."""
    texts = [cell.strip() for cell in cells.dropna() if isinstance(cell, str) and cell.strip()]
    return bool(texts) and all(re.match(CLOCK, text) for text in texts)


def _may_be_minutes(cells: pd.Series, guessed: ColumnFormat | None) -> bool:
    """Return whether times that were already read with hours are whole minutes and no less.

    A sheet takes 3:45, which was meant as minutes and seconds, for hours and minutes.
    """
    if guessed is None or not guessed.duration or guessed.clock:
        return False
    seconds = numbers(cells)
    seconds = seconds[np.isfinite(seconds)]
    return len(seconds) > 0 and bool((seconds % 60 == 0).all())


def has_values(cells: pd.Series, kinds: str, types: type | tuple[type, ...]) -> bool:
    """Return whether a column has a dtype of these kinds, or any Python values of these types."""
    if cells.dtype == object:
        return any(isinstance(cell, types) for cell in cells.dropna())
    return cells.dtype.kind in kinds and bool(cells.notna().any())


def _unusual_dates(name: str, cells: pd.Series, style: ColumnFormat) -> str:
    """Report dates with other separators or another length of the year than in training."""
    if not style.date_shapes or not is_text(cells):
        return ""
    texts = list(dict.fromkeys(text.strip() for text in cells if isinstance(text, str)))
    moments = parse_texts(arrow_texts(pd.Series(texts, dtype=object)), style.date_order)
    known = {"", *style.date_shapes}
    for text, shape, moment in zip(texts, ordered_shapes(texts), moments, strict=True):
        if shape not in known and not np.isnat(moment):
            return (
                f"{name!r}: dates such as {quote(text)} are not written as in training "
                f"({style.describe_shapes()}) but read in the same order, "
                f"{DATE_ORDERS[style.date_order]}."
            )
    return ""
