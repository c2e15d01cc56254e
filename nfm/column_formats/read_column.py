"""Read the cells of a column as values by the column's format, each cell independently."""

from __future__ import annotations

import contextlib
import datetime
import decimal
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api import types

from nfm.column_formats.column_format import ColumnFormat
from nfm.column_formats.date_text import parse_texts
from nfm.column_formats.list_text import is_list, list_text
from nfm.column_formats.number_text import EXACT, number_series, plain_numbers, quick_numbers
from nfm.column_formats.text_cells import (
    TrimmedText,
    arrow_texts,
    trimmed,
    without_words,
    word_counts,
)
from nfm.column_formats.typed_columns import (
    TEXT_DTYPE,
    from_arrow,
    has_long,
    moment_text,
    number_text,
    settled_numbers,
    text_series,
    uniform_objects,
    whole_decimals,
)

Cells = Any  # a pd.Series of any dtype, a pa.ChunkedArray of text, or TrimmedText

_TRUE_AND_FALSE = (
    ("true", "false"),
    ("t", "f"),
    ("yes", "no"),
    ("y", "n"),
    ("1", "0"),
    ("1.0", "0.0"),
    # What spreadsheets of other languages write for TRUE and FALSE.
    ("wahr", "falsch"),
    ("vrai", "faux"),
    ("verdadero", "falso"),
    ("verdadeiro", "falso"),
    ("vero", "falso"),
    ("waar", "onwaar"),
    ("sant", "falskt"),
    ("sand", "falsk"),
    ("sann", "usann"),
    ("tosi", "epätosi"),
    ("igaz", "hamis"),
    ("prawda", "fałsz"),
    ("pravda", "nepravda"),
    ("истина", "ложь"),
    ("істина", "хибність"),
    ("doğru", "yanlış"),
    ("doğru", "yanliş"),
)
_TRUE, _FALSE = (pa.array(words) for words in zip(*_TRUE_AND_FALSE, strict=True))
_NOT_A_DATE = np.datetime64("NaT", "s")
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, eq=False)
class ColumnReading:
    """A column that was read.

    Attributes:
        values: Text ("str"), numbers (int64, float64, or "Int64" or "UInt64" if only these are
            exact), Booleans (bool, "boolean") or dates (datetime64[s]); missing where a cell is
            missing or cannot be read.
        unreadable: Which cells are not missing but cannot be read by the format, bool (rows,).
        typed: Which cells of a text column were numbers or Booleans, so that their text is not
            certain (1.10 or 1.1), bool (rows,).
        missing_words: Number of cells by word, for words that count as missing.
    """

    values: pd.Series
    unreadable: np.ndarray
    typed: np.ndarray
    missing_words: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.values)


def read_column(cells: Cells, column_format: ColumnFormat) -> ColumnReading:
    """Read a column by its format.

    Text is parsed by the format. Cells of another type are converted: the number 3 in a text
    column is "3", True in a column of numbers is 1.

    Args:
        cells: The text of a file's cells, or a column of a frame of any dtype.
        column_format: The column's format.

    Returns:
        As many values as cells. A value does not depend on the other cells.
    """
    if isinstance(cells, TrimmedText):
        return _read_texts(cells.cells, column_format)
    if isinstance(cells, pa.ChunkedArray):
        return _read_texts(trimmed(cells), column_format)
    dtype: Any = cells.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _read_categories(cells, column_format)
    if isinstance(dtype, pd.StringDtype):
        return _read_texts(trimmed(arrow_texts(cells)), column_format)
    if isinstance(dtype, pd.ArrowDtype):
        return read_column(from_arrow(cells), column_format)
    if types.is_object_dtype(dtype):
        return _read_objects(cells, column_format)
    return _read_typed(cells.reset_index(drop=True), column_format)


def _read_texts(bare: pa.ChunkedArray, column_format: ColumnFormat) -> ColumnReading:
    filled = bare
    bare = without_words(filled, column_format.missing_words)
    words: dict[str, int] = {}
    if bare.null_count > filled.null_count:
        words = word_counts(filled.filter(pc.and_not(filled.is_valid(), bare.is_valid())))
    none = np.zeros(len(bare), dtype=bool)
    if column_format.type == "text":
        return ColumnReading(text_series(_respelled(bare, column_format)), none, none, words)
    if column_format.type == "number":
        quick = quick_numbers(bare, column_format)
        if quick is not None:
            return ColumnReading(_without_marks(quick, column_format, words), none, none, words)
        plain = plain_numbers(bare, column_format)
        values, found = _without_marks(number_series(plain), column_format, words), plain.is_valid()
    elif column_format.type == "boolean":
        lower = pc.utf8_lower(bare)
        true, false = (pc.is_in(lower, value_set=words) for words in (_TRUE, _FALSE))
        found = pc.or_(true, false)
        values = _booleans(true.to_numpy(), found.to_numpy())
    else:
        moments = parse_texts(bare, column_format.date_order, column_format.first_year)
        found = pa.chunked_array([~np.isnat(moments)])
        moments[_marked_days(moments, column_format, words)] = _NOT_A_DATE
        values = pd.Series(moments)
    if len(bare) == 0 or pc.all(found).as_py():
        return ColumnReading(values, none, none, words)
    return ColumnReading(values, pc.and_not(bare.is_valid(), found).to_numpy(), none, words)


def _without_marks(
    values: pd.Series, column_format: ColumnFormat, words: dict[str, int]
) -> pd.Series:
    """Return numbers without those that mean a missing value here, such as -9999.

    Args:
        values: Numbers.
        column_format: The column's format; its missing words that are numbers are such marks.
        words: Gets the number of cells by mark.
    """
    for word in column_format.missing or ():
        with contextlib.suppress(ValueError):
            marked = (values == float(word)).fillna(False).to_numpy(dtype=bool)
            if marked.any():
                words[word] = words.get(word, 0) + int(marked.sum())
                whole = types.is_integer_dtype(values.dtype)
                kept = values.astype("Int64") if whole else values
                values = settled_numbers(kept.mask(marked)) if whole else kept.mask(marked)
    return values


def _marked_days(
    moments: np.ndarray, column_format: ColumnFormat, words: dict[str, int]
) -> np.ndarray:
    """Return which dates mean a missing value here, such as 9999-12-31.

    Args:
        moments: datetime64[s] (rows,).
        column_format: The column's format; its missing words that are days are such marks.
        words: Gets the number of cells by mark.
    """
    marked = np.zeros(len(moments), dtype=bool)
    for word in filter(_ISO_DAY.fullmatch, column_format.missing or ()):
        with contextlib.suppress(ValueError):  # 2024-13-01 is no day
            found = moments == np.datetime64(word, "s")
            if found.any():
                words[word] = words.get(word, 0) + int(found.sum())
            marked |= found
    return marked


def _respelled(bare: pa.ChunkedArray, column_format: ColumnFormat) -> pa.ChunkedArray:
    """Return texts in the format's spelling if they differ from it only in case."""
    if not column_format.spellings:
        return bare
    lower = pc.utf8_lower(bare)
    for spelling in column_format.spellings:
        same = pc.equal(lower, spelling.lower())
        bare = pc.if_else(same, pa.scalar(spelling, pa.string()), bare)
    return bare


def _booleans(true: np.ndarray, known: np.ndarray) -> pd.Series:
    if known.all():
        return pd.Series(true.astype(bool))
    return pd.Series(pd.arrays.BooleanArray(true.astype(bool), ~known.astype(bool)))


def _read_categories(series: pd.Series, column_format: ColumnFormat) -> ColumnReading:
    """Read the categories of a column once, and assign the values to its rows."""
    read = read_column(pd.Series(series.cat.categories), column_format)
    codes = np.asarray(series.cat.codes, dtype=np.int64)
    unreadable, typed = (np.append(each, False)[codes] for each in (read.unreadable, read.typed))
    words = word_counts(trimmed(arrow_texts(series.astype("str")))) if read.missing_words else {}
    words = {word: count for word, count in words.items() if word in read.missing_words}
    return ColumnReading(_take(read.values, codes), unreadable, typed, words)


def _take(values: pd.Series, codes: np.ndarray) -> pd.Series:
    """Return the values at the positions `codes`; missing at -1."""
    if (codes < 0).any():
        if values.dtype == np.int64 and len(values) and np.abs(values).max() > EXACT:
            values = values.astype("Int64")
        elif types.is_bool_dtype(values.dtype):
            values = values.astype("boolean")
    return values.reindex(codes).reset_index(drop=True)


def _read_typed(series: pd.Series, column_format: ColumnFormat) -> ColumnReading:
    """Read a column of one type that is not text."""
    dtype: Any = series.dtype
    if types.is_bool_dtype(dtype):
        reader = _read_booleans
    elif types.is_datetime64_any_dtype(dtype):
        reader = _read_moments
    elif types.is_timedelta64_dtype(dtype):
        if column_format.type == "text":
            return _read_texts(trimmed(arrow_texts(series.astype(str))), column_format)
        reader, series = _read_numbers, series.dt.total_seconds()
    elif types.is_numeric_dtype(dtype):
        reader, series = _read_numbers, settled_numbers(series)
    else:
        return _read_texts(trimmed(arrow_texts(series.map(str, na_action="ignore"))), column_format)
    return reader(series, column_format)


def _read_booleans(series: pd.Series, column_format: ColumnFormat) -> ColumnReading:
    present = series.notna().to_numpy()
    none = np.zeros(len(series), dtype=bool)
    if column_format.type == "boolean":
        return ColumnReading(series, none, none)
    if column_format.type == "number":
        return ColumnReading(settled_numbers(series.astype("Int8")), none, none)
    if column_format.type == "date":
        return ColumnReading(pd.Series(np.full(len(series), _NOT_A_DATE)), present, none)
    return _typed_texts(series, present, str, column_format)


def _read_moments(series: pd.Series, column_format: ColumnFormat) -> ColumnReading:
    if getattr(series.dt, "tz", None) is not None:
        series = series.dt.tz_localize(None)  # the local time
    present = series.notna().to_numpy()
    none = np.zeros(len(series), dtype=bool)
    if column_format.type == "date":
        moments = series.to_numpy().astype("datetime64[s]")
        words: dict[str, int] = {}
        moments[_marked_days(moments, column_format, words)] = _NOT_A_DATE
        return ColumnReading(pd.Series(moments), none, none, words)
    if column_format.type == "text":
        return _typed_texts(series, present, moment_text, column_format, typed=False)
    return ColumnReading(pd.Series(np.full(len(series), np.nan)), present, none)


def _read_numbers(series: pd.Series, column_format: ColumnFormat) -> ColumnReading:
    present = series.notna().to_numpy()
    none = np.zeros(len(series), dtype=bool)
    if column_format.type == "number":
        words: dict[str, int] = {}
        return ColumnReading(_without_marks(series, column_format, words), none, none, words)
    if column_format.type == "text":
        return _typed_texts(series, present, number_text, column_format)
    if column_format.type == "boolean":
        true, known = (series == 1).fillna(False).to_numpy(), series.isin([0, 1]).to_numpy()
        return ColumnReading(_booleans(true, known), present & ~known, none)
    texts = series.map(number_text, na_action="ignore")
    return _read_texts(trimmed(arrow_texts(texts)), column_format)


def _typed_texts(
    series: pd.Series,
    present: np.ndarray,
    write: Callable[[Any], str | None],
    column_format: ColumnFormat,
    *,
    typed: bool = True,
) -> ColumnReading:
    """Read values as text: write each different value once."""
    codes, different = pd.factorize(series.array)
    texts = pd.Series([write(value) for value in different], dtype=TEXT_DTYPE)
    read = _read_texts(trimmed(arrow_texts(texts)), column_format).values
    nowhere = np.zeros(len(series), dtype=bool)
    return ColumnReading(_take(read, codes), nowhere, present if typed else nowhere)


def _read_objects(series: pd.Series, column_format: ColumnFormat) -> ColumnReading:
    """Read a column of Python values."""
    series = series.reset_index(drop=True)
    if types.infer_dtype(series, skipna=True) in ("string", "empty"):
        return _read_texts(trimmed(arrow_texts(series)), column_format)
    series = whole_decimals(series)
    sort = types.infer_dtype(series, skipna=True)
    times_as_text = sort == "time" and column_format.type == "text"
    uniform = None if times_as_text else uniform_objects(series, sort)
    if uniform is not None:
        return _read_typed(uniform, column_format)
    return _read_mixed(series, column_format)


def _read_mixed(series: pd.Series, column_format: ColumnFormat) -> ColumnReading:
    """Read a column that mixes text with numbers or other types, as in a sheet."""
    values = series.to_numpy(dtype=object)
    kinds = np.array([sort_of(value) for value in values], dtype=object)
    found = np.full(len(values), None, dtype=object)
    unreadable, typed = np.zeros((2, len(values)), dtype=bool)
    words: dict[str, int] = {}
    for kind in set(kinds) - {""}:
        places = np.flatnonzero(kinds == kind)
        part = pd.Series(values[places], dtype=object)
        as_text = kind in ("str", "other") or (kind == "time" and column_format.type == "text")
        uniform = None if as_text else uniform_objects(part)
        if kind == "number":  # floats and decimals
            uniform = part.astype(float)
        if uniform is None:
            texts = pd.Series([_object_text(value) for value in part], dtype=object)
            read = _read_texts(trimmed(arrow_texts(texts)), column_format)
        else:
            read = _read_typed(uniform, column_format)
        found[places] = read.values.astype(object).where(read.values.notna(), None)
        unreadable[places], typed[places] = read.unreadable, read.typed
        for word, count in read.missing_words.items():
            words[word] = words.get(word, 0) + count
    return ColumnReading(_collected(found, column_format), unreadable, typed, words)


def _object_text(value: Any) -> str:
    """Write a value of no type that a column can have as text."""
    if is_list(value):
        return list_text(value)
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def sort_of(value: Any) -> str:
    """Name the type of a Python value, as far as it decides how a cell is read; "" if missing."""
    if isinstance(value, str):
        return "str"
    if isinstance(value, bool | np.bool_):
        return "boolean"
    if isinstance(value, datetime.datetime | datetime.date | np.datetime64):
        return "" if pd.isna(value) else "moment"
    if isinstance(value, datetime.timedelta | np.timedelta64):
        return "" if pd.isna(value) else "duration"
    if isinstance(value, datetime.time):
        return "time"
    if isinstance(value, int | np.integer):
        return "whole"
    if isinstance(value, float | np.floating | decimal.Decimal):
        return "" if np.isnan(float(value)) else "number"
    if value is None or value is pd.NA:
        return ""
    return "other"


def _collected(found: np.ndarray, column_format: ColumnFormat) -> pd.Series:
    """Convert values that were read type by type to the dtype of their column."""
    series = pd.Series(found, dtype=object)
    if column_format.type == "text":
        return series.astype(TEXT_DTYPE)
    if column_format.type == "boolean":
        whole = series.astype("boolean")
        return whole if whole.isna().any() else whole.astype(bool)
    if column_format.type == "date":
        return pd.Series(pd.to_datetime(series).to_numpy().astype("datetime64[s]"))
    if all(value is None or isinstance(value, int) for value in found):
        with contextlib.suppress(OverflowError):  # more than 64 bits: kept as Python's numbers
            return settled_numbers(pd.Series(found, dtype="Int64"))
    if has_long(series):
        return series.where(series.notna(), np.nan)
    return pd.to_numeric(series.where(series.notna(), np.nan).astype(float))
