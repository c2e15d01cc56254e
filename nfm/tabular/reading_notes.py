"""Notes on the values of a table that is to be scored: unreadable, doubtful, unseen, missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from nfm.column_formats.date_text import MONTHS
from nfm.column_formats.read_column import ColumnReading
from nfm.column_formats.text_cells import is_text
from nfm.files.frame_attributes import frame_formats
from nfm.tabular.date_doubts import date_range_doubt, precision_doubt, twelve_hour_doubt
from nfm.tabular.dates import guessed_dates
from nfm.tabular.encoding import Encoder
from nfm.tabular.format_doubts import (
    boolean_doubt,
    format_doubts,
    has_booleans,
)
from nfm.tabular.level_doubts import (
    item_doubt,
    level_doubts,
    new_values,
    typed_level_doubt,
    unknown_items,
)
from nfm.tabular.level_values import level_codes, numbers, value_type
from nfm.tabular.missing_doubts import missing_doubts
from nfm.tabular.number_doubts import number_doubts
from nfm.tabular.numeric_field import NumericField
from nfm.tabular.range_doubts import range_doubt
from nfm.text import of_rows, quote

_HOUR, _DAY = 3_600, 86_400  # seconds


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
    for name, column_format in encoder.formats_by_column.items():
        if name in names:
            reading = readings[name]
            doubts += format_doubts(name, frame[name], column_format, reading, guessed.get(name))
            notes += [
                f"{name!r}: {of_rows(count, len(reading))} have {word!r}, which counts as missing."
                for word, count in reading.missing_words.items()
            ]
    doubts += _number_and_date_doubts(frame[list(names)], encoder, readings)
    doubts += missing_doubts(encoder, {name: readings[name] for name in names})
    for field in encoder.categorical:
        if field.part is None and field.column in names:
            reading = readings[field.column]
            by_format = bool(encoder.formats)
            codes = field.read_codes(reading) if by_format else field.codes(reading.values)
            doubts.append(typed_level_doubt(field, reading))
            if by_format:
                doubts += level_doubts(field, frame[field.column], reading)
            if (note := new_values(field, reading, codes)) not in doubts:
                notes.append(note)
    for listed in encoder.lists:
        if listed.column in names:
            doubts.append(item_doubt(listed, readings[listed.column]))
            if (note := unknown_items(listed, readings[listed.column])) not in doubts:
                notes.append(note)
    for number in encoder.numeric:
        if number.part is None and number.column in names:
            notes += _unfit(number, readings[number.column].values, bool(encoder.formats))
    for date in encoder.dates:
        if date.column in names and not encoder.formats:
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
    for name, column_format in encoder.formats_by_column.items():
        cells, reading = frame[name], readings[name]
        if (
            column_format.type != "text"
            or name in guessed
            or column_format.kept
            or not is_text(cells)
        ):
            doubts += format_doubts(name, cells, column_format, reading, guessed.get(name))
        if name in fields:
            doubts += [
                typed_level_doubt(fields[name], reading),
                *level_doubts(fields[name], cells, reading),
            ]
        if name in lists:
            doubts.append(item_doubt(lists[name], reading))
    doubts += _number_and_date_doubts(frame, encoder, readings)
    doubts += missing_doubts(encoder, readings)
    return tuple(filter(None, doubts))


def _number_and_date_doubts(
    frame: pd.DataFrame, encoder: Encoder, readings: Mapping[str, ColumnReading]
) -> list[str]:
    formats = encoder.formats_by_column
    here = formats.keys() & set(frame.columns)
    doubts = []
    for number in encoder.numeric:
        name = number.column
        if number.part is None and name in here:
            values = readings[name].values
            found = number_doubts(number, frame[name], formats[name], values)
            doubts += found if any(found) else [range_doubt(number, values)]
            if formats[name].duration and number.maximum is not None and number.maximum < _DAY:
                training, hours = (
                    np.floor(some / _HOUR) for some in (np.array(number.edges), numbers(values))
                )
                doubts.append(twelve_hour_doubt(name, training, hours[np.isfinite(hours)]))
            doubts.append(boolean_doubt(name, number.minimum, number.maximum, frame[name]))
    for field in encoder.categorical:
        name = field.column
        is_number = field.part is None and name in here and formats[name].type == "number"
        if is_number and has_booleans(frame[name]):
            levels = pd.to_numeric(pd.Series(field.levels, dtype=object), errors="coerce")
            doubts.append(boolean_doubt(name, levels.min(), levels.max(), frame[name]))
    parts = {(field.column, field.part): field for field in encoder.categorical}
    for date in encoder.dates:
        name = date.column
        if name in here:
            reading, month, hour = (
                readings[name],
                parts.get((name, "month")),
                parts.get((name, "hour")),
            )
            months = [MONTHS.index(level) + 1 for level in month.levels] if month else []
            midnights = (
                hour.counts[0] / sum(hour.counts) if hour and hour.levels[0] == "00:00" else 0
            )
            doubts.append(precision_doubt(date, frame[name], reading, months, midnights))
            order = date_range_doubt(date, frame[name], formats[name], reading.values)
            doubts.append(order or range_doubt(date, reading.values))
            if hour is not None and reading.values.dtype.kind == "M":
                training = np.repeat([int(level[:2]) for level in hour.levels], hour.counts)
                hours = reading.values.dropna().dt.hour.to_numpy()
                doubts.append(twelve_hour_doubt(name, training, hours))
    return doubts


def _unfit(field: NumericField, series: pd.Series, by_format: bool) -> list[str]:
    found = numbers(series)
    absent = np.isnan(found)
    notes = []
    if value_type(series) == "text" and not by_format:
        wrong = absent & (level_codes(series)[0] >= 0)
        notes.append(_wrong(field.column, series, wrong, "numbers"))
        if not absent.all():
            notes.append(f"{field.column!r}: text was read as numbers.")
    if field.minimum is not None and field.maximum is not None:
        with np.errstate(invalid="ignore"):
            outside = int(((found < field.minimum) | (found > field.maximum)).sum())
        if outside and not (by_format and range_doubt(field, series)):
            notes.append(
                f"{field.column!r}: {of_rows(outside, len(series))} are outside the training range "
                f"of {field.minimum:g} to {field.maximum:g}."
            )
    return notes


def _wrong(name: str, series: pd.Series, wrong: np.ndarray, what: str) -> str:
    count = int(wrong.sum())
    if count == 0:
        return ""
    example = str(series.iloc[int(np.flatnonzero(wrong)[0])])
    return (
        f"{name!r}: {of_rows(count, len(series))} have values that are not {what}, such as "
        f"{quote(example)}; they count as missing."
    )
