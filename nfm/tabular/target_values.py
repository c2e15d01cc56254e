"""The values of a target's column: labels of classes, or numbers."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

from nfm.errors import SchemaError
from nfm.tabular.frames import as_column
from nfm.tabular.level_values import level_codes, numbers, value_type
from nfm.text import clipped

_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)

Label = bool | int | float | str


def as_series(values: Any) -> pd.Series:
    """Return targets as a Series.

    Args:
        values: A list, an array, a column of any data frame library, or a frame of one column.
    """
    if isinstance(values, pd.DataFrame):
        values = values.iloc[:, 0]
    series = as_column(values)
    if series.dtype == object and types.infer_dtype(series, skipna=True) == "decimal":
        return pd.to_numeric(series)
    return series


def class_labels(series: pd.Series, name: str) -> np.ndarray:
    """Return class labels as an array of one type.

    Args:
        series: (rows,).
        name: The target's column, for messages.

    Returns:
        Text (objects), numbers or booleans (rows,).

    Raises:
        SchemaError: A label is missing or blank, or the labels are dates, of several types, or
            of a type whose text does not identify them.
    """
    check_complete(level_codes(series)[0] >= 0, name)
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(series.cat.categories.dtype)
    sorts = _sorts(series)
    if len(sorts) > 1:
        (one, first), (other, second) = sorted(sorts.items(), key=lambda item: item[1])[:2]
        raise SchemaError(
            f"The target {name!r} mixes {one} ({series[first]!r} in row {first + 1:,}) and "
            f"{other} ({series[second]!r} in row {second + 1:,}): convert them to one type, for "
            "instance to text with `.astype(str)`."
        )
    sort = next(iter(sorts), "text")
    if sort == "text":
        return series.to_numpy(dtype=object)
    if sort == "booleans":
        return series.to_numpy(dtype=bool)
    if sort == "numbers":
        series = pd.to_numeric(series)
        return series.to_numpy(dtype=str(series.dtype).lower())  # Int64, of pandas, is int64
    raise SchemaError(
        f"The target {name!r} contains {sort}, but classes are text, numbers or booleans: convert "
        "them, for instance to text with `.astype(str)`."
    )


def class_counts(values: Any) -> tuple[tuple[str, int], ...]:
    """Count the classes of a target.

    Args:
        values: (rows,); missing ones are not counted.

    Returns:
        Canonical text and number of rows of each class, in sort order.
    """
    series = as_series(values)
    codes, texts = level_codes(series)
    labels = labels_of(series, codes, texts)
    counts = np.bincount(codes[codes >= 0], minlength=len(texts))
    return tuple((texts[place], int(counts[place])) for place in label_order(labels))


def check_complete(known: np.ndarray, name: str) -> None:
    """Refuse a target with missing values.

    Args:
        known: Whether a row has a target, bool (rows,).
        name: The target's column.

    Raises:
        SchemaError: Values are missing; the message says how many and names the first row.
    """
    count = int((~known).sum())
    if count:
        row = int(np.flatnonzero(~known)[0]) + 1
        raise SchemaError(
            f"The target {name!r} is missing or not finite in {count:,} rows (the first is row "
            f"{row:,}). Leave these rows out: NaN, inf and blank cells cannot be learned from."
        )


def target_numbers(series: pd.Series, name: str) -> np.ndarray:
    """Return the numbers of a regression target.

    Args:
        series: (rows,).
        name: The target's column, for messages.

    Returns:
        float64 (rows,).

    Raises:
        SchemaError: A value is missing, infinite, or not a number.
    """
    if types.is_datetime64_any_dtype(series.dtype):
        raise SchemaError(
            f"The target {name!r} contains dates, which are not numbers. Choose classification, or "
            "convert them to numbers such as the days since a fixed date."
        )
    found = plain_numbers(series)
    if value_type(series) == "text":
        codes, texts = level_codes(series)
        wrong = np.flatnonzero(np.isnan(found) & (codes >= 0))
        if len(wrong):
            text = texts[codes[wrong[0]]]
            is_number = not np.isnan(numbers(pd.Series([text]))[0])
            raise SchemaError(
                f"The target {name!r} is {quoted_label(text)} in row {wrong[0] + 1:,}, which is "
                + (
                    "not a number as Python writes it, such as 1234.5. Give numbers, or read the "
                    "file with nfm.read_table, which finds out the decimal mark."
                    if is_number
                    else "not a number. Choose classification or another target."
                )
            )
    check_complete(~np.isnan(found), name)
    return found


def plain_numbers(series: pd.Series) -> np.ndarray:
    """Return the numbers of targets without a column format.

    Args:
        series: (rows,).

    Returns:
        float64 (rows,), NaN where a value is missing, infinite or not a number. Durations are
        seconds. Text is read as Python does: whether 5,433 is 5433 or 5.433 could be told from
        other rows only.
    """
    if value_type(series) != "text" or types.is_timedelta64_dtype(series.dtype):
        return numbers(series)
    codes, texts = level_codes(series)
    found = np.array([float(text) if _PLAIN.fullmatch(text) else np.nan for text in texts])
    return np.append(np.where(np.isfinite(found), found, np.nan), np.nan)[codes]


def _sorts(series: pd.Series) -> dict[str, int]:
    """Return the kinds of values in a column, and the first row of each."""
    dtype = series.dtype
    if not types.is_object_dtype(dtype):
        if types.is_bool_dtype(dtype):
            sort = "booleans"
        elif types.is_numeric_dtype(dtype) and not types.is_complex_dtype(dtype):
            sort = "numbers"
        elif types.is_datetime64_any_dtype(dtype):
            sort = "dates"
        else:
            sort = "text" if types.is_string_dtype(dtype) else f"values of the type {dtype}"
        return {sort: 0}
    first: dict[str, int] = {}
    for row, value in enumerate(series):
        first.setdefault(_sort(value), row)
    return first


def _sort(value: Any) -> str:
    if isinstance(value, str):
        return "text"
    if isinstance(value, bool | np.bool_):
        return "booleans"
    if isinstance(value, int | float | np.integer | np.floating):
        return "numbers"
    if isinstance(value, date | np.datetime64):
        return "dates"
    return f"values of the type {type(value).__name__}"


def labels_of(series: pd.Series, codes: np.ndarray, texts: np.ndarray) -> list[Label]:
    """Return the label of each code in its own type, as plain Python values.

    A value that is neither a boolean nor a number, such as a date, becomes its canonical text,
    by which the model recognises its classes.
    """
    first = np.full(len(texts), -1)
    rows = np.flatnonzero(codes >= 0)[::-1]
    first[codes[rows]] = rows
    labels: list[Label] = []
    for value, text in zip(series.iloc[first], texts, strict=True):
        plain = value.item() if isinstance(value, (np.bool_, np.integer)) else value
        if isinstance(plain, float | np.floating):
            plain = float(text)  # 0.1 of 32 bits is 0.1, not 0.10000000149
        labels.append(plain if isinstance(plain, bool | int | float) else text)
    return labels


def label_order(labels: list[Label]) -> list[int]:
    """Return the positions of the classes in sort order: numbers by size, then text."""

    def key(place: int) -> tuple[bool, float, str]:
        label = labels[place]
        return (True, 0, label) if isinstance(label, str) else (False, label, "")

    return sorted(range(len(labels)), key=key)


def quoted_label(label: Label) -> str:
    """Return a label in quotes, cut to 60 characters."""
    return clipped(repr(label), 60)
