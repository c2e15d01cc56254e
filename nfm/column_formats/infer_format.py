"""Infer the format of a column, once, from the training table."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
from pandas.api import types

from nfm.column_formats.column_format import CellType, Clock, ColumnFormat, DecimalMark
from nfm.column_formats.infer_dates import NO_DATE, dates_of_digits, infer_dates
from nfm.column_formats.infer_durations import infer_clock
from nfm.column_formats.infer_numbers import infer_numbers
from nfm.column_formats.missing_words import (
    MISSING_WORDS,
    POSSIBLE_VALUES,
    UNREADABLE,
    kept_words,
)
from nfm.column_formats.number_text import FEW_NUMBERS, all_match, western_digits
from nfm.column_formats.read_column import Cells, read_column, sort_of
from nfm.column_formats.text_cells import (
    TrimmedText,
    arrow_texts,
    is_text,
    trimmed,
    without_words,
    word_counts,
)
from nfm.column_formats.typed_columns import (
    from_arrow,
    number_text,
    settled_numbers,
    uniform_objects,
    whole_decimals,
    zone_of,
)

_HEAD = 200
_SAMPLE = 20_000
_BOOLEAN = r"^([tT]rue|TRUE|[fF]alse|FALSE)$"


def infer_format(
    cells: Cells,
    *,
    decimal: DecimalMark = ".",
    missing: tuple[str, ...] | None = None,
    text_stays_text: bool = False,
) -> ColumnFormat:
    """Infer the format of a column from its cells.

    Args:
        cells: The text of a file's cells, or a column of a frame of any dtype.
        decimal: The table's decimal mark. A column that is only possible with the other one gets
            that.
        missing: Cells that count as missing; None: those in `MISSING_WORDS`, except words that
            are probably values in this column.
        text_stays_text: Whether text may be dates but not numbers or Booleans (the rule of the
            estimators).

    Returns:
        The format. The same column always gets the same format.
    """
    declared = False
    if not isinstance(cells, pa.ChunkedArray | TrimmedText):
        if not is_text(cells):
            return _typed_format(cells, decimal)
        declared = isinstance(cells.dtype, pd.CategoricalDtype)
    bare, typed = _texts(cells)
    present = without_words(bare, frozenset(MISSING_WORDS if missing is None else missing))
    found = None
    if not declared:
        if present.null_count < len(present):
            found = _values_format(present, typed, decimal, text_stays_text)
        elif typed is None:
            found = ColumnFormat(type="number", decimal=decimal)
        else:
            found = _typed_format(typed, decimal)
    if found is None:
        kept = () if missing is not None else _kept_words(bare, present)
        found = ColumnFormat(decimal=decimal, kept=kept)
    return found if missing is None else found.model_copy(update={"missing": missing})


def _typed_format(series: pd.Series, decimal: DecimalMark) -> ColumnFormat:
    """Return the format of a column that contains no text."""
    dtype: Any = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _typed_format(pd.Series(series.cat.categories), decimal)
    if types.is_object_dtype(dtype):
        series = whole_decimals(series)
        uniform = uniform_objects(series)
        if uniform is not None:
            column_format = _typed_format(uniform, decimal)
            several = (
                column_format.type == "date" and not column_format.time_zone and zone_of(series)
            )
            return (
                column_format.model_copy(update={"time_zone": several})
                if several
                else column_format
            )
        if types.infer_dtype(series, skipna=True) == "period":
            return infer_format(series.map(str, na_action="ignore"), decimal=decimal)
        return ColumnFormat(type=_type_of_most(series), decimal=decimal)
    if isinstance(dtype, pd.PeriodDtype):
        return infer_format(series.astype(object).map(str, na_action="ignore"), decimal=decimal)
    if types.is_bool_dtype(dtype):
        return ColumnFormat(type="boolean", decimal=decimal)
    if types.is_datetime64_any_dtype(dtype):
        zone = getattr(series.dt, "tz", None)
        return ColumnFormat(
            type="date", decimal=decimal, time_zone="" if zone is None else str(zone)
        )
    if types.is_timedelta64_dtype(dtype):
        values = series.dropna()
        # Text of durations without seconds, as a file of the same sheet has it, is 22:38.
        to_the_minute = (values == values.dt.floor("min")).all() and values.nunique() > FEW_NUMBERS
        clock: Clock = "h:mm" if to_the_minute else ""
        return ColumnFormat(type="number", decimal=decimal, unit="s", duration=True, clock=clock)
    if isinstance(dtype, pd.ArrowDtype):
        return _typed_format(from_arrow(series), decimal)
    if not types.is_numeric_dtype(dtype):
        return ColumnFormat(type="text", decimal=decimal)
    if types.is_integer_dtype(dtype) or types.is_float_dtype(dtype):
        # Dates such as 20240305 beside 0, or with a time, are dates as in the text of a file.
        values = settled_numbers(series).dropna()
        marked = values.isin([int(mark) for mark in NO_DATE])
        others = values[~marked]
        lowest, highest = (others.min(), others.max()) if len(others) else (0, 0)
        if (marked.any() and 1e7 < lowest <= highest < 1e8) or 1e13 < lowest <= highest < 1e14:
            digits = pa.array([number_text(value) for value in values], pa.string())
            dates = dates_of_digits(pa.chunked_array([digits]))
            if dates is not None:
                return dates
    return ColumnFormat(type="number", decimal=decimal)


def _type_of_most(series: pd.Series) -> CellType:
    """Return the type of nearly all values of a sheet's column: numbers or dates, else text."""
    sorts = series.map(sort_of)
    counts = sorts[sorts != ""].value_counts()
    numbers, dates = counts.get("whole", 0) + counts.get("number", 0), counts.get("moment", 0)
    if not len(counts) or numbers + dates < counts.sum():
        return "text"
    if min(numbers, dates) > UNREADABLE * counts.sum():
        return "text"
    return "number" if numbers > dates else "date"


def _texts(cells: Cells) -> tuple[pa.ChunkedArray, pd.Series | None]:
    """Return the cells that are text, trimmed, null elsewhere; and the other cells, if any."""
    if isinstance(cells, TrimmedText):
        return cells.cells, None
    if isinstance(cells, pa.ChunkedArray):
        return trimmed(cells), None
    if isinstance(cells.dtype, pd.CategoricalDtype):
        cells = cells.astype(cells.cat.categories.dtype)
    as_it_is = ColumnFormat(missing=())
    if not types.is_object_dtype(cells.dtype):
        return arrow_texts(read_column(cells, as_it_is).values), None
    objects = cells.to_numpy(dtype=object)
    texts = [value if isinstance(value, str) else None for value in objects]
    others = pd.Series([v for v in objects if not isinstance(v, str)], dtype=object).dropna()
    bare = read_column(pd.Series(texts, dtype=object), as_it_is).values
    return arrow_texts(bare), others if len(others) else None


def _values_format(
    present: pa.ChunkedArray, typed: pd.Series | None, decimal: DecimalMark, text_stays_text: bool
) -> ColumnFormat | None:
    """Return the format of a column of numbers, Booleans or dates; None if it is text.

    Args:
        present: The cells that are text, null where missing.
        typed: The cells that are not text, such as the numbers of a sheet; None if all are text.
        decimal: The table's decimal mark.
        text_stays_text: Whether text may only be dates.
    """
    present = western_digits(present)
    head = _head(present)
    column_format = None if typed is None else _typed_format(typed, decimal)
    if typed is not None and column_format is not None and column_format.duration:
        return infer_clock(present, column_format, len(typed), text_stays_text=text_stays_text)
    kind = None if column_format is None else column_format.type
    if kind in (None, "number") and not text_stays_text:
        found = infer_numbers(present, head, typed, decimal)
        if found is not None:
            return found
    words = kind in (None, "boolean") and not text_stays_text and all_match(head, _BOOLEAN)
    if words and all_match(present, _BOOLEAN):
        return ColumnFormat(type="boolean", decimal=decimal)
    if kind in (None, "date"):
        return infer_dates(present, head, 0 if typed is None else len(typed), decimal)
    return None


def _kept_words(bare: pa.ChunkedArray, present: pa.ChunkedArray) -> tuple[str, ...]:
    """Decide which words of a text column are values, although they often mean a missing one."""
    words = word_counts(bare, POSSIBLE_VALUES)
    others = present.slice(0, _SAMPLE).unique().drop_null().to_pylist()
    if not words or not others:
        return ()
    return tuple(kept_words(words, others, len(bare) - bare.null_count, bare.null_count))


def _head(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the first cells that are not missing."""
    heads = [chunk.drop_null().slice(0, _HEAD) for chunk in cells.chunks]
    return pa.chunked_array(heads, cells.type).slice(0, _HEAD)
