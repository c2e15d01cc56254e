"""Convert a column to levels (canonical text) or to numbers."""

from __future__ import annotations

import unicodedata
from typing import Any, Literal

import numpy as np
import pandas as pd
from pandas.api import types

from nfm.column_formats.legacy_texts import parse_numbers
from nfm.column_formats.list_text import is_list, list_text
from nfm.column_formats.typed_columns import moment_text
from nfm.text import INVISIBLE

ValueType = Literal["text", "number", "boolean"]

_TRUE = frozenset({"true", "1", "yes", "t", "y"})
_FALSE = frozenset({"false", "0", "no", "f", "n"})
# What programs write instead of the characters of a keyboard, or the other way round.
_KEYBOARD = str.maketrans(
    dict.fromkeys(INVISIBLE)
    | dict.fromkeys("\u2018\u2019\u201b\u02bc\u00b4\u2032", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"')
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-")
    | {"\u2026": "..."}
)


def settled(series: pd.Series) -> pd.Series:
    """Convert a column of objects that are all numbers or all Booleans to a fitting dtype."""
    if series.dtype != object:
        return series
    sort = types.infer_dtype(series, skipna=True)
    if sort in ("floating", "integer", "mixed-integer-float", "decimal"):
        return pd.to_numeric(series, errors="coerce")
    return series.astype("boolean") if sort == "boolean" else series


def value_type(series: pd.Series) -> ValueType:
    """Return whether a column's values are Booleans, numbers or something else ("text")."""
    dtype: Any = settled(series).dtype
    if isinstance(dtype, pd.CategoricalDtype):
        dtype = dtype.categories.dtype
    if types.is_bool_dtype(dtype):
        return "boolean"
    return "number" if types.is_numeric_dtype(dtype) else "text"


def level_codes(series: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Number the distinct levels of a column of any type.

    Args:
        series: (rows,) of any dtype.

    Returns:
        Codes, int64 (rows,), -1 where a value is missing (NaN, None, infinite, blank text); and
        the levels as canonical text, objects (levels,), in the order of their first occurrence:
        "3" for 3 and 3.0, "true" for True, ISO text for dates.
    """
    values: Any = series.array
    if isinstance(series.dtype, pd.CategoricalDtype):
        codes = np.asarray(series.cat.codes, dtype=np.int64)
        # Keep only the categories that occur, in the order of their first occurrence.
        codes, used = pd.factorize(np.where(codes < 0, np.nan, codes))
        uniques = series.cat.categories.take(used.astype(np.int64))
    else:
        try:
            codes, uniques = pd.factorize(values)
        except TypeError:  # lists and other values without a hash
            values = series.map(
                lambda value: list_text(value) if is_list(value) else str(value), na_action="ignore"
            ).array
            codes, uniques = pd.factorize(values)
    texts = _level_texts(uniques)
    kept = np.fromiter((text is not None for text in texts), dtype=bool, count=len(texts))
    merged = np.full(len(texts) + 1, -1, dtype=np.int64)  # the last entry serves code -1
    merged[:-1][kept], levels = pd.factorize(np.asarray(texts, dtype=object)[kept])
    return merged[codes], np.asarray(levels, dtype=object)


def _level_texts(uniques: Any) -> list[str | None]:
    """Write distinct values as text; None for those that count as missing."""
    dtype = uniques.dtype
    if types.is_bool_dtype(dtype):
        return ["true" if value else "false" for value in uniques]
    if types.is_integer_dtype(dtype):
        return [str(value) for value in uniques]
    if types.is_datetime64_any_dtype(dtype):
        return [moment_text(value) for value in pd.DatetimeIndex(uniques)]
    return [level_text(value) for value in np.asarray(uniques)]


def level_text(value: Any) -> str | None:
    """Write one value as canonical text; None if it counts as missing."""
    if isinstance(value, str):
        if not value or value.isspace():
            return None
        # UTF-8, and so JSON, cannot encode half of a surrogate pair.
        return value if value.isascii() else value.encode(errors="replace").decode()
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)):
        if not np.isfinite(value):
            return None
        whole = float(value).is_integer() and abs(float(value)) < 1e18
        return str(int(value)) if whole else str(value)
    if isinstance(value, pd.Timestamp):
        return moment_text(value)
    return (list_text(value) or None) if is_list(value) else str(value)


def match_levels(texts: np.ndarray, index: pd.Index, kind: ValueType) -> np.ndarray:
    """Look levels up in a vocabulary, also in another spelling of a number or Boolean.

    Args:
        texts: Canonical texts, objects (levels,).
        index: The vocabulary, of dtype object.
        kind: Type of the vocabulary's column in training.

    Returns:
        int64 (levels,): positions in the vocabulary, -1 for unknown levels.
    """
    positions = index.get_indexer(pd.Index(texts, dtype=object)).astype(np.int64)
    unknown = np.flatnonzero(positions < 0)
    if kind != "text" and len(unknown):
        spell = _spell_boolean if kind == "boolean" else _spell_number
        again = pd.Index([spell(texts[row]) for row in unknown], dtype=object)
        positions[unknown] = index.get_indexer(again)
        unknown = unknown[positions[unknown] < 0]
    if len(unknown):
        places = {same_text(level): place for place, level in reversed([*enumerate(index)])}
        positions[unknown] = [places.get(same_text(texts[row]), -1) for row in unknown]
    return positions


def same_text(text: str) -> str:
    """Return a text as it is compared: accents, blanks, quotes and dashes vary between programs.

    Args:
        text: The text.

    Returns:
        Its composed form (Unicode's NFC), with one blank for all white space between words, plain
        quotes and dashes, and without invisible characters.
    """
    return " ".join(unicodedata.normalize("NFC", text).translate(_KEYBOARD).split())


def _spell_boolean(text: str) -> str:
    lowered = text.strip().lower()
    return "true" if lowered in _TRUE else "false" if lowered in _FALSE else text


def _spell_number(text: str) -> str:
    if text in ("true", "false"):
        return "1" if text == "true" else "0"
    try:
        return level_text(float(text)) or text
    except ValueError:
        return text


def numbers(series: pd.Series) -> np.ndarray:
    """Convert a column to numbers.

    Args:
        series: (rows,) of any dtype. Text is parsed, also with decimal commas; Booleans become
            0 and 1, durations seconds.

    Returns:
        float64 (rows,), NaN where a value is missing, infinite or not a number.
    """
    dtype: Any = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        categories = numbers(pd.Series(dtype.categories))
        found = np.append(categories, np.nan)[np.asarray(series.cat.codes)]
    elif types.is_timedelta64_dtype(dtype):
        found = series.dt.total_seconds().to_numpy(dtype=np.float64, na_value=np.nan)
    elif types.is_complex_dtype(dtype):
        found = np.full(len(series), np.nan)
    elif types.is_numeric_dtype(dtype) or types.is_bool_dtype(dtype):
        found = series.to_numpy(dtype=np.float64, na_value=np.nan)
    elif types.is_datetime64_any_dtype(dtype):
        found = np.full(len(series), np.nan)
    else:
        codes, levels = level_codes(series)
        found = np.append(parse_numbers(levels), np.nan)[codes]
    if not np.isfinite(found).all():
        found = np.where(np.isfinite(found), found, np.nan)
    return found


def mean_and_deviation(values: np.ndarray) -> tuple[float, float]:
    """Return mean and standard deviation, without overflow even for the largest numbers.

    Args:
        values: Finite float64 (n,), at least one.

    Returns:
        The mean, and the standard deviation, or 1 if all values are equal.
    """
    largest = float(np.abs(values).max())
    if largest == 0.0:
        return 0.0, 1.0
    shrunk = values / largest
    mean, deviation = float(shrunk.mean()) * largest, float(shrunk.std()) * largest
    if values.min() == values.max() or deviation == 0.0 or not np.isfinite(deviation):
        return mean, 1.0
    return mean, deviation
