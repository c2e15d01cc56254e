"""Notes on the values of a table that is to be scored: unreadable, doubtful, unseen, missing."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from nfm.column_formats.column_format import DATE_ORDERS, ColumnFormat
from nfm.column_formats.date_text import UTC, find_offset, ordered_shapes, parse_texts
from nfm.column_formats.list_text import SEPARATORS, split_items
from nfm.column_formats.number_text import EXACT
from nfm.column_formats.read_column import ColumnReading, arrow_texts, is_text, trimmed
from nfm.column_formats.reading_report import ColumnAccount, account_for
from nfm.column_formats.typed_columns import zone_of
from nfm.files.frame_formats import frame_formats
from nfm.tabular.categorical_field import CategoricalField
from nfm.tabular.dates import guessed_dates
from nfm.tabular.encoding import Encoder
from nfm.tabular.level_values import level_codes, numbers, value_type
from nfm.tabular.list_field import YES, ListField
from nfm.tabular.numeric_field import NumericField
from nfm.text import quote

# A column of this many rows should have a value that the training table has.
_MANY_ROWS = 10


def notes_and_doubts(
    frame: pd.DataFrame, encoder: Encoder, names: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Say which values may mean other values, and which a model cannot use as they are.

    Args:
        frame: Rows before their cells are interpreted, with the encoder's columns.
        encoder: The model's encoder.
        names: The columns to check.

    Returns:
        The notes that question a value, and the other notes: sentences, each with a column's name.
    """
    readings = encoder.readings(frame)
    guessed = frame_formats(frame)
    doubts: list[str] = []
    notes: list[str] = []
    for name, style in zip(encoder.columns, encoder.formats, strict=False):
        if name in names:
            reading = readings[name]
            doubts += _format_doubts(name, frame[name], style, reading, guessed.get(name))
            notes += [
                f"{name!r}: {_of(count, len(reading))} have {word!r}, which counts as missing."
                for word, count in reading.missing_words.items()
            ]
    for field in encoder.categorical:
        if field.part is None and field.column in names:
            notes.append(_unseen(field, readings[field.column], bool(encoder.formats)))
            doubts.append(_doubtful(field, readings[field.column]))
            if encoder.formats:
                doubts += _level_doubts(field, frame[field.column], readings[field.column])
    for listed in encoder.lists:
        if listed.column in names:
            doubts.append(_doubtful_items(listed, readings[listed.column]))
            notes.append(_unknown_items(listed, readings[listed.column]))
    for number in encoder.numeric:
        if number.part is None and number.column in names:
            notes += _unfit(number, readings[number.column].values, bool(encoder.formats))
    if not encoder.formats:
        for date in encoder.dates:
            if date.column in names:
                series = frame[date.column]
                wrong = np.isnat(guessed_dates(series, date.day_first)) & series.notna().to_numpy()
                notes.append(_wrong(date.column, series, wrong, "dates"))
    return tuple(filter(None, doubts)), tuple(filter(None, notes))


def reading_warnings(
    frame: pd.DataFrame, encoder: Encoder, readings: Mapping[str, ColumnReading] | None = None
) -> tuple[str, ...]:
    """Say which cells cannot be read as in training, or may mean other values.

    Args:
        frame: Rows before their cells are interpreted, with the encoder's columns.
        encoder: The model's encoder.
        readings: What `encoder.readings` returns for these rows, if it is known; None to read
            them.

    Returns:
        The sentences of `notes_and_doubts` that question a value.
    """
    doubts: list[str] = []
    guessed = frame_formats(frame)
    fields = {field.column: field for field in encoder.categorical if field.part is None}
    lists = {listed.column: listed for listed in encoder.lists}
    if readings is None:
        readings = encoder.readings(frame)
    for name, style in zip(encoder.columns, encoder.formats, strict=False):
        cells, reading = frame[name], readings[name]
        if style.type != "text" or name in guessed or style.kept or not is_text(cells):
            doubts += _format_doubts(name, cells, style, reading, guessed.get(name))
        if name in fields:
            doubts += [
                _doubtful(fields[name], reading),
                *_level_doubts(fields[name], cells, reading),
            ]
        if name in lists:
            doubts.append(_doubtful_items(lists[name], reading))
    return tuple(filter(None, doubts))


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
    return list(filter(None, _format_doubts(name, cells, style, reading, guessed)))


def _format_doubts(
    name: str,
    cells: pd.Series,
    style: ColumnFormat,
    reading: ColumnReading,
    guessed: ColumnFormat | None,
) -> list[str]:
    """Return notes on doubtful cells of a column that was read by its format."""
    account = account_for(cells, style, reading)
    notes = [
        account.unread_sentence(name, style, len(reading)),
        account.infinite_sentence(name, len(reading)),
    ]
    if style.type == "number":
        notes.append(_unusual_numbers(name, cells, style, guessed, account))
    if style.type == "date":
        notes.append(_unusual_dates(name, cells, style))
        zone = _zone(cells) or ("" if guessed is None else guessed.time_zone)
        if {zone, style.time_zone} <= UTC:
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
    if absent and not set(style.kept) <= set(() if guessed is None else guessed.kept):
        values = " and ".join(map(repr, style.kept))
        was = "was a value, but it" if len(style.kept) == 1 else "were values, but they"
        notes.append(
            f"{name!r}: {_of(absent, len(reading))} are missing. In training, {values} {was} may "
            "have been read as missing in this table."
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
        return ":" in cell
    return isinstance(cell, datetime.datetime) and cell.time() != datetime.time()


def _zone(cells: pd.Series) -> str:
    """Return the time zone of a column of dates; "" if it has none or no dates."""
    zone = getattr(cells.dtype, "tz", None)
    if zone is not None:
        return str(zone)
    if not is_text(cells):
        return "" if cells.dtype != object else zone_of(cells)
    texts = pd.Series([cell if isinstance(cell, str) else None for cell in cells], dtype=object)
    return find_offset(trimmed(arrow_texts(texts)))


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
    account: ColumnAccount,
) -> str:
    """Report numbers that are written in another way than in the training table."""
    durations = _has(cells, "m", (datetime.timedelta, datetime.time)) or _is_arrow_time(cells)
    if not style.duration and durations:
        return (
            f"{name!r}: these are durations, but in training the cells were plain numbers; "
            "they are read as seconds."
        )
    read_before = guessed is not None and guessed.duration
    if style.duration and not read_before and _has(cells, "iuf", (int, float)):
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
    if account.without_unit:
        return (
            f"{name!r}: {_of(account.without_unit, len(cells))} have no {style.unit!r}, such as "
            f"{quote(account.without_unit_example)}; they are read as if they had it."
        )
    return ""


def _is_arrow_time(cells: pd.Series) -> bool:
    """Return whether a column has times of day or durations of Arrow."""
    kind = cells.dtype.pyarrow_dtype if isinstance(cells.dtype, pd.ArrowDtype) else None
    return kind is not None and (pa.types.is_time(kind) or pa.types.is_duration(kind))


def _may_be_minutes(cells: pd.Series, guessed: ColumnFormat | None) -> bool:
    """Return whether times that were already read with hours are whole minutes and no less.

    A sheet takes 3:45, which was meant as minutes and seconds, for hours and minutes.
    """
    if guessed is None or not guessed.duration or guessed.clock:
        return False
    seconds = numbers(cells)
    seconds = seconds[np.isfinite(seconds)]
    return len(seconds) > 0 and bool((seconds % 60 == 0).all())


def _has(cells: pd.Series, kinds: str, types: type | tuple[type, ...]) -> bool:
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


def _unseen(field: CategoricalField, reading: ColumnReading, by_format: bool) -> str:
    rows, texts = level_codes(reading.values)
    codes = field.read_codes(reading) if by_format else field.codes(reading.values)
    other = (rows >= 0) & (codes == 0)
    count = int(other.sum())
    absent = int((rows < 0).sum())
    if absent and not field.has_missing and count == 0:
        return (
            f"{field.column!r}: {_of(absent, len(reading))} have no value, but in training no "
            "value was missing; scored as (other)."
        )
    if count == 0:
        return ""
    example = texts[rows[other][0]]
    return (
        f"{field.column!r}: {_of(count, len(reading))} have a value without a code of its own, "
        f"such as {quote(example)}; scored as (other)."
    )


def _unknown_items(field: ListField, reading: ColumnReading) -> str:
    unknown, items = field.unknown_items(reading.values)
    if not items:
        return ""
    fate = "counts as (other)" if field.has_other else "is left out"
    return (
        f"{field.column!r}: {_of(int(unknown.sum()), len(reading))} have a value in their list "
        f"that was rare or absent in training, such as {quote(items[0])}; it {fate}."
    )


def _doubtful_items(field: ListField, reading: ColumnReading) -> str:
    """Report values that training has in another case only, or lists without any known value."""
    unknown, items = field.unknown_items(reading.values)
    folded = {item.casefold(): item for item in field.items}
    for item in items:
        if item.casefold() in folded:
            return (
                f"{field.column!r}: {quote(item)} is unknown, but the training table has "
                f"{quote(folded[item.casefold()])}: write it like this if it means the same."
            )
        for separator in (*SEPARATORS, "\n", "/"):
            parts = split_items(item, separator)
            if len(parts) > 1 and set(parts) <= set(field.items):
                return (
                    f"{field.column!r}: {quote(item)} is unknown, but {quote(parts[0])} and "
                    f"{quote(parts[1])} are known: in training, lists were divided by "
                    f"{field.separator!r}. Write them so."
                )
    present = reading.values.notna().to_numpy()
    if present.sum() < _MANY_ROWS or not field.items or not unknown[present].all():
        return ""
    if (field.codes(reading.values)[:, : len(field.items)] == YES).any():
        return ""
    return (
        f"{field.column!r}: no row has a value that the model knows, such as "
        f"{quote(field.items[0])}; in training, lists were divided by {field.separator!r}, and "
        f"here a value is {quote(items[0])}."
    )


def _level_doubts(
    field: CategoricalField, cells: pd.Series, reading: ColumnReading
) -> tuple[str, ...]:
    """Return notes on values that may be levels of the training table in another form."""
    return _respelled(field, reading), _dates_as_text(field, cells, reading), _rounded(field, cells)


def _dates_as_text(field: CategoricalField, cells: pd.Series, reading: ColumnReading) -> str:
    """Report dates, times and durations that are unknown to a column that was text in training."""
    if isinstance(cells.dtype, pd.StringDtype) or field.value_type != "text":
        return ""
    unknown = (field.read_codes(reading) == 0) & cells.notna().to_numpy()
    for row, cell in zip(np.flatnonzero(unknown), cells[unknown], strict=True):
        if isinstance(cell, datetime.date | datetime.time | datetime.timedelta):
            return (
                f"{field.column!r}: {quote(reading.values.iloc[row])} is a date or time here, but "
                "in training the cells were text; it is scored as (other). Spreadsheets change "
                "text such as 1-2 to dates."
            )
    return ""


def _rounded(field: CategoricalField, cells: pd.Series) -> str:
    """Report floating-point numbers where training had whole numbers with more digits."""
    if not field.needs_all_digits or not _has(cells, "f", float):
        return ""
    found = numbers(cells)
    long = found[np.abs(np.nan_to_num(found)) > EXACT]
    if not len(long):
        return ""
    return (
        f"{field.column!r}: {long[0]:.0f} is a floating-point number here, which has lost its last "
        "digits, and may be another value of the training table. Read the column as text or as "
        "whole numbers."
    )


def _respelled(field: CategoricalField, reading: ColumnReading) -> str:
    """Report values that training has in another case only, or a column without any known one."""
    codes = field.read_codes(reading)
    if codes.all():
        return ""
    rows, texts = level_codes(reading.values)
    known = set(field.levels)
    folded = {_folded(level): level for level in field.levels}
    for text in texts:
        if text not in known and _folded(text) in folded and not _is_boolean(text):
            return (
                f"{field.column!r}: {quote(text)} is scored as (other), but the training table has "
                f"{quote(folded[_folded(text)])}: write it like this if it means the same."
            )
    present = int((rows >= 0).sum())
    strange = present >= _MANY_ROWS and not codes[rows >= 0].any()
    if strange and 2 * field.other_count < sum(field.counts):
        return (
            f"{field.column!r}: none of the {present:,} values, such as {quote(texts[0])}, is in "
            "the training table; all are scored as (other)."
        )
    return ""


def _folded(text: str) -> str:
    """Return a text in lower case; digits without zeros in front, which spreadsheets remove."""
    return text.lstrip("0") or "0" if text.isdigit() else text.casefold()


def _is_boolean(text: str) -> bool:
    return text.lower() in ("true", "false")


def _doubtful(field: CategoricalField, reading: ColumnReading) -> str:
    rows = np.flatnonzero(field.doubtful(reading))
    if not len(rows):
        return ""
    codes = field.read_codes(reading)
    example = str(reading.values.iloc[rows[0]])
    taken = field.names[codes[rows[0]]]
    what = "True or False" if _is_boolean(example) else "a number"
    return (
        f"{field.column!r}: {_of(len(rows), len(reading))} have {what} where the training table "
        f"has text; {example} was read as {quote(taken)} but may mean another value."
    )


def _unfit(field: NumericField, series: pd.Series, by_format: bool) -> list[str]:
    found = numbers(series)
    absent = np.isnan(found)
    notes = []
    if value_type(series) == "text" and not by_format:
        wrong = absent & (level_codes(series)[0] >= 0)
        notes.append(_wrong(field.column, series, wrong, "numbers"))
        if not absent.all():
            notes.append(f"{field.column!r}: text was read as numbers.")
    if absent.any() and not field.has_missing and field.mode != "concat":
        notes.append(
            f"{field.column!r}: {_of(int(absent.sum()), len(series))} have no number, but in "
            "training no number was missing; the median is used instead."
        )
    if field.minimum is not None and field.maximum is not None:
        with np.errstate(invalid="ignore"):
            outside = int(((found < field.minimum) | (found > field.maximum)).sum())
        if outside:
            notes.append(
                f"{field.column!r}: {_of(outside, len(series))} are outside the training range "
                f"of {field.minimum:g} to {field.maximum:g}."
            )
    return notes


def _wrong(name: str, series: pd.Series, wrong: np.ndarray, what: str) -> str:
    count = int(wrong.sum())
    if count == 0:
        return ""
    example = str(series.iloc[int(np.flatnonzero(wrong)[0])])
    return (
        f"{name!r}: {_of(count, len(series))} have values that are not {what}, such as "
        f"{quote(example)}; they count as missing."
    )


def _of(count: int, rows: int) -> str:
    return f"{count:,} of {rows:,} rows"
