"""Cells of a later table that cannot be read by a column's format, or may mean other values."""

from __future__ import annotations

import datetime
import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from nfm.column_formats.column_format import ColumnFormat
from nfm.column_formats.duration_text import CLOCK
from nfm.column_formats.read_column import ColumnReading
from nfm.column_formats.reading_report import ColumnReport, report_column
from nfm.column_formats.text_cells import arrow_texts, is_text
from nfm.files.frame_attributes import frame_formats
from nfm.tabular.date_doubts import date_doubts
from nfm.tabular.level_values import numbers
from nfm.text import of_rows, quote


def column_doubts(
    name: str, cells: pd.Series, column_format: ColumnFormat, reading: ColumnReading
) -> list[str]:
    """Say which cells of one column cannot be read as in training, or may mean other values.

    Args:
        name: The column's name.
        cells: Its cells before they were interpreted.
        column_format: The column's format.
        reading: The cells as they were read by it.
    """
    guessed = frame_formats(cells).get(name)
    return list(filter(None, format_doubts(name, cells, column_format, reading, guessed)))


def format_doubts(
    name: str,
    cells: pd.Series,
    column_format: ColumnFormat,
    reading: ColumnReading,
    guessed: ColumnFormat | None,
) -> list[str]:
    """Say which cells of a column cannot be read by its format, or may mean other values.

    Args:
        name: The column's name.
        cells: Its cells before they were interpreted, (rows,).
        column_format: Its format in training.
        reading: The cells as they were read by it.
        guessed: The format by which the table's own reading has read them; None if unknown.

    Returns:
        A sentence for each doubt; some may be empty.
    """
    report = report_column(cells, column_format, reading)
    notes = [
        report.unread_sentence(name, column_format, len(reading)),
        report.infinite_sentence(name, len(reading)),
    ]
    if column_format.type == "number":
        notes.append(_unusual_numbers(name, cells, column_format, guessed, report))
    if column_format.type == "date":
        notes += date_doubts(name, cells, column_format, reading, guessed, report)
    kept = {_letters(word): word for word in column_format.kept}
    named = 0
    for word, count in reading.missing_words.items() if guessed is None else ():
        if _letters(word) in kept:
            named += count
            notes.append(
                f"{name!r}: {word!r} counts as missing ({of_rows(count, len(reading))}), but in "
                f"training {kept[_letters(word)]!r} was a value: write it like this if it means "
                "the same."
            )
    absent = int(cells.isna().sum())
    if (
        column_format.kept
        and not absent
        and guessed is None
        and not reading.values.isin(column_format.kept).any()
    ):
        # Blank cells, and words for missing values, of a file that was not interpreted yet.
        absent = int(reading.values.isna().sum()) - named
    if absent and not set(column_format.kept) <= set(() if guessed is None else guessed.kept):
        values = " and ".join(map(repr, column_format.kept))
        was = "was a value, but it" if len(column_format.kept) == 1 else "were values, but they"
        notes.append(
            f"{name!r}: {of_rows(absent, len(reading))} are missing. In training, {values} {was} "
            "may have been read as missing in this table."
        )
    if column_format.type == "text" and cells.isin([np.inf, -np.inf]).any():
        notes.append(
            f"{name!r}: some cells are infinite numbers and count as missing, but in training the "
            "cells were text. A program may have read a word such as INF as a number: read the "
            "column as text."
        )
    if guessed is not None and guessed != column_format and _read_otherwise(guessed, column_format):
        notes.append(
            f"{name!r}: these cells were already read as {guessed.describe()}, but the model's "
            f"column is {column_format.describe()}. To be sure, read the file with the model "
            "(bundle.read_table)."
        )
    return notes


def _letters(word: str) -> str:
    """Return the letters of a word for a missing value, the same for N/A, n/a and NA."""
    return "".join(filter(str.isalnum, word.casefold()))


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
    if not has_booleans(cells):
        return ""
    return (
        f"{name!r}: in training the cells were numbers, but here some are True or False; they are "
        "read as 1 and 0."
    )


def has_booleans(cells: pd.Series) -> bool:
    """Return whether some cells are True or False, not text."""
    if isinstance(cells.dtype, pd.CategoricalDtype):
        cells = cells.cat.categories.to_series()
    return has_values(cells, "b", (bool, np.bool_))


def _read_otherwise(guessed: ColumnFormat, column_format: ColumnFormat) -> bool:
    """Return whether a table was read in a way that contradicts the model's format."""
    if column_format.type == "text":
        plain = not guessed.unit and guessed.decimal == "." and not guessed.thousands
        return guessed.type == "date" or (guessed.type == "number" and not plain)
    if column_format.type == "number":
        marks = guessed.thousands in (",", ".") or not guessed.certain
        return guessed.type == "number" and (
            (guessed.duration and bool(guessed.clock) and guessed.clock != column_format.clock)
            or (guessed.decimal != column_format.decimal and marks)
            or guessed.unit != column_format.unit
        )
    short_years = any(shape.endswith(("/00", ".00", "-00")) for shape in guessed.date_shapes)
    return (
        guessed.type == column_format.type == "date"
        and guessed.date_order is not None
        and (
            guessed.date_order != column_format.date_order
            or (short_years and guessed.first_year != column_format.first_year)
        )
    )


def _unusual_numbers(
    name: str,
    cells: pd.Series,
    column_format: ColumnFormat,
    guessed: ColumnFormat | None,
    report: ColumnReport,
) -> str:
    """Report numbers that are written in another way than in the training table."""
    durations = has_values(cells, "m", (datetime.timedelta, datetime.time)) or _is_arrow_time(cells)
    if not column_format.duration and durations:
        were = (
            f"had the unit {column_format.unit!r}" if column_format.unit else "were plain numbers"
        )
        return (
            f"{name!r}: the cells are durations, but in training they {were}; the durations are "
            "read as seconds."
        )
    read_before = guessed is not None and guessed.duration
    if column_format.duration and not read_before and has_values(cells, "iuf", (int, float)):
        return (
            f"{name!r}: in training the cells were durations, but here they are plain numbers; "
            "they are read as seconds."
        )
    if column_format.clock == "m:ss" and (
        (durations and not read_before) or _may_be_minutes(cells, guessed)
    ):
        return (
            f"{name!r}: in training the cells were minutes and seconds (m:ss), but here they are "
            "times or durations; a sheet takes 3:45 for hours and minutes."
        )
    if column_format.clock == "m:ss" and not column_format.certain and _all_have_hours(cells):
        return (
            f"{name!r}: in training the cells were read as minutes and seconds (m:ss), but here "
            "all are written h:mm:ss; if 1:30 meant hours and minutes in training, these are 60 "
            "times as large as there."
        )
    plain = not is_text(cells) or any(isinstance(cell, int | float) for cell in cells.dropna())
    if (
        plain
        and not column_format.duration
        and column_format.unit not in ("", guessed and guessed.unit)
    ):
        if column_format.unit == "%":
            return (
                f"{name!r}: in training the cells were percentages such as 42%, but here some are "
                "plain numbers: 42 is read as 42%, and 0.42 as 0.42%."
            )
        return (
            f"{name!r}: in training the cells had the unit {column_format.unit!r}, but here some "
            "are plain numbers; they are read as if they had it."
        )
    if not is_text(cells):
        return ""
    texts = [cell.strip() if isinstance(cell, str) else "" for cell in cells]
    bare = arrow_texts(pd.Series(texts, dtype=object))
    other = "," if column_format.decimal == "." else "."
    # Not 0,365, which cannot be read.
    groups = rf"(?:^|\D)[1-9]\d{{0,2}}{re.escape(other)}\d{{3}}(?:\D|$)"
    grouped = pc.match_substring_regex(bare, groups)
    if column_format.thousands != other and pc.any(grouped).as_py():
        example = bare.filter(grouped)[0].as_py()
        return (
            f"{name!r}: {other!r} in {quote(example)} is read as a thousands separator, which the "
            "training table does not have."
        )
    if report.without_unit:
        return (
            f"{name!r}: {of_rows(report.without_unit, len(cells))} have no "
            f"{column_format.unit!r}, such as {quote(report.without_unit_example)}; they are "
            "read as if they had it."
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
