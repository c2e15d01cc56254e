"""The target: classes or a number, and back."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types
from pydantic import BaseModel, ConfigDict, Field, model_validator

from nfm.errors import SchemaError
from nfm.settings import Task
from nfm.tabular.frames import as_column
from nfm.tabular.level_values import (
    ValueType,
    level_codes,
    level_text,
    match_levels,
    mean_and_deviation,
    numbers,
    value_type,
)
from nfm.text import clipped

Label = bool | int | float | str

# Codes of targets that are not a class of the model.
_MISSING = -1
_UNKNOWN = -2


class Target(BaseModel):
    """What is to be predicted.

    Attributes:
        name: The target's column.
        task: The task.
        classes: The labels in their own type, sorted; () for regression. Of two, the second
            is the positive one, and a positive class that was chosen comes second.
        counts: Training rows of each class; of a bundle of version 0.1.0 perhaps
            validation rows too.
        mean: Mean of the training values (regression).
        scale: Their standard deviation (regression).
        minimum: Smallest training value (regression).
        maximum: Largest training value (regression).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str
    task: Task
    classes: tuple[Label, ...] = ()
    counts: tuple[int, ...] = ()
    mean: float = 0.0
    scale: float = Field(default=1.0, gt=0)
    minimum: float = 0.0
    maximum: float = 0.0

    @model_validator(mode="after")
    def _check(self) -> Target:
        count = len(self.classes)
        if self.task == "regression":
            if count:
                raise ValueError("a number has no classes")
        elif count < 2 or (self.task == "binary" and count != 2):
            raise ValueError("the number of classes does not fit the task")
        if len(self.counts) not in (0, count):
            raise ValueError("a target needs one count for each class")
        names = [level_text(label) for label in self.classes]
        if None in names:
            raise ValueError("a class is blank")
        if len(set(names)) < count:
            raise ValueError("a class is there twice")
        return self

    @property
    def class_count(self) -> int:
        """Number of classes; 0 for regression."""
        return len(self.classes)

    @property
    def output_count(self) -> int:
        """Number of the network's outputs: 1, or one per class for multiclass."""
        return len(self.classes) if self.task == "multiclass" else 1

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes as canonical text: "1", "true", "Adelie"."""
        return tuple(level_text(label) or "" for label in self.classes)

    @classmethod
    def fit(
        cls,
        values: Any,
        task: Task,
        name: str = "target",
        *,
        smallest_class: int = 2,
        others: Any = None,
        positive: str = "",
    ) -> Target:
        """Learn the classes, or mean and spread.

        Args:
            values: Training targets, (rows,), none missing.
            task: The task.
            name: The target's column, for messages.
            smallest_class: Rows that every class must have, those of `others` included.
            others: Targets of rows that are not learned from. A class that only they have is
                not one of the target's classes.
            positive: Of a binary target, the class that comes second, as canonical text; empty:
                the last in sort order.

        Returns:
            The target.

        Raises:
            SchemaError: If a value is missing or not finite, or the values do not make the
                task: one class, a class with one row, more than two classes for binary, all
                numbers equal, text for regression; or if `positive` is none of the classes.
        """
        series = as_series(values)
        if len(series) == 0:
            raise SchemaError(f"The target {name!r} has no rows (0 samples).")
        if task == "regression":
            return cls._fit_numbers(series, name)
        codes, texts = level_codes(series)
        check_complete(codes >= 0, name)
        labels = _labels(series, codes, texts)
        order = _sorted(labels)
        if task == "binary" and positive and len(labels) == 2:
            order.sort(key=lambda place: texts[place] == positive)
        counts = np.bincount(codes, minlength=len(texts))[order]
        labels = [labels[place] for place in order]
        if len(labels) == 1:
            raise _only_one_class(labels[0], len(series), others, name)
        if task == "binary" and len(labels) > 2:
            raise SchemaError(
                f"The target {name!r} has {len(labels):,} classes, and a binary task two. "
                "Choose the task multiclass, or another target."
            )
        target = cls(name=name, task=task, classes=tuple(labels), counts=tuple(counts.tolist()))
        if task == "binary" and positive and positive != target.class_names[1]:
            raise SchemaError(
                f"The positive class {_shown(positive)} is not a class of the target {name!r}: "
                f"choose {_shown(labels[0])} or {_shown(labels[1])}."
            )
        if others is not None:
            elsewhere = target._codes(as_series(others))
            counts = counts + np.bincount(elsewhere[elsewhere >= 0], minlength=len(labels))
        if counts.min() < smallest_class:
            rare = int(counts.argmin())
            raise SchemaError(
                f"Only one row of the target {name!r} has the class {_shown(labels[rare])}: that "
                "is too few to learn from. Leave the row out, or choose another target."
            )
        return target

    @classmethod
    def _fit_numbers(cls, series: pd.Series, name: str) -> Target:
        found = target_numbers(series, name)
        if found.min() == found.max():
            rows = "has only one sample" if len(found) == 1 else f"is {found[0]:g} in every row"
            raise SchemaError(
                f"The target {name!r} {rows}: there is nothing to learn. Choose another target."
            )
        mean, scale = mean_and_deviation(found)
        return cls(
            name=name,
            task="regression",
            mean=mean,
            scale=scale,
            minimum=float(found.min()),
            maximum=float(found.max()),
        )

    def encode(self, values: Any) -> np.ndarray:
        """Turn targets into what the network learns.

        Args:
            values: (rows,), also in another type that means the same ("1" or 1.0 for 1).

        Returns:
            Class codes, int32 (rows,), or standardised numbers, float32 (rows,).

        Raises:
            SchemaError: If a value is missing, or no class of the training rows; `known` says
                of which rows that holds.
        """
        series = as_series(values)
        if self.task == "regression":
            found = target_numbers(series, self.name)
            with np.errstate(over="ignore"):
                scaled = (found - self.mean) / self.scale
            return np.clip(scaled, -1e18, 1e18).astype(np.float32)
        codes = self._codes(series)
        check_complete(codes != _MISSING, self.name)
        unknown = np.flatnonzero(codes == _UNKNOWN)
        if len(unknown):
            label = level_codes(series.iloc[unknown[:1]])[1][0]
            raise SchemaError(
                f"The target {self.name!r} has the class {_shown(label)}, which was not among the "
                f"training rows (the first is row {unknown[0] + 1:,}): the model cannot predict "
                "it. Leave out the rows of classes that were not trained."
            )
        return codes

    def known(self, values: Any) -> np.ndarray:
        """Return which targets a model could be right about, bool (rows,).

        Args:
            values: (rows,). Not known are those that are missing, and classes that no training
                row had.
        """
        series = as_series(values)
        if self.task == "regression":
            return ~np.isnan(numbers(series))
        return self._codes(series) >= 0

    def _codes(self, series: pd.Series) -> np.ndarray:
        """Return class codes int32 (rows,), negative where a class is missing or unknown."""
        codes, texts = level_codes(series)
        index = pd.Index(self.class_names, dtype=object)
        matched = match_levels(texts, index, self._value_type)
        matched = np.where(matched < 0, _UNKNOWN, matched)
        return np.append(matched, _MISSING)[codes].astype(np.int32)

    @property
    def _value_type(self) -> ValueType:
        sorts = {
            "boolean" if isinstance(label, bool) else "text" if isinstance(label, str) else "number"
            for label in self.classes
        }
        return sorts.pop() if len(sorts) == 1 else "text"  # type: ignore[return-value]

    def labels(self, codes: np.ndarray) -> np.ndarray:
        """Turn class codes (rows,) into labels of the original type (rows,)."""
        dtype = {"text": object, "number": None, "boolean": bool}[self._value_type]
        labels = np.array(self.classes, dtype=dtype)
        if labels.dtype.kind == "f" and any(isinstance(label, int) for label in self.classes):
            labels = np.array(self.classes, dtype=object)  # no integer type holds them all
        return labels[codes]

    def decode(self, standardised: np.ndarray) -> np.ndarray:
        """Turn standardised numbers (rows,) into the target's own units, float64 (rows,)."""
        return np.asarray(standardised, dtype=np.float64) * self.scale + self.mean


def as_series(values: Any) -> pd.Series:
    """Return targets as a Series: a list, an array, a column of any library, a one-column frame."""
    if isinstance(values, pd.DataFrame):
        values = values.iloc[:, 0]
    series = as_column(values)
    if series.dtype == object and types.infer_dtype(series, skipna=True) == "decimal":
        return pd.to_numeric(series)
    return series


def class_labels(series: pd.Series, name: str) -> np.ndarray:
    """Return the labels of a classifier as an array of one type.

    Args:
        series: (rows,).
        name: The target's column, for messages.

    Returns:
        Text (objects), numbers or booleans (rows,).

    Raises:
        SchemaError: If a label is missing or blank, or they are dates, of several types, or of
            another type that cannot be told apart by its text.
    """
    check_complete(level_codes(series)[0] >= 0, name)
    if isinstance(series.dtype, pd.CategoricalDtype):
        series = series.astype(series.cat.categories.dtype)
    sorts = _sorts(series)
    if len(sorts) > 1:
        (one, first), (other, second) = sorted(sorts.items(), key=lambda item: item[1])[:2]
        raise SchemaError(
            f"The target {name!r} mixes {one} ({series[first]!r} in row {first + 1:,}) and "
            f"{other} ({series[second]!r} in row {second + 1:,}): make one type of them, text "
            "with `.astype(str)` say."
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
        f"The target {name!r} holds {sort}, and classes are text, numbers or booleans: make text "
        "of them, with `.astype(str)` say."
    )


def _sorts(series: pd.Series) -> dict[str, int]:
    """Return what sorts of values a column holds, and in which row each comes first."""
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


def class_counts(values: Any) -> tuple[tuple[str, int], ...]:
    """Count the classes of a target.

    Args:
        values: (rows,); missing ones are not counted.

    Returns:
        Canonical text and number of rows of each class, in sort order.
    """
    series = as_series(values)
    codes, texts = level_codes(series)
    labels = _labels(series, codes, texts)
    counts = np.bincount(codes[codes >= 0], minlength=len(texts))
    return tuple((texts[place], int(counts[place])) for place in _sorted(labels))


def _labels(series: pd.Series, codes: np.ndarray, texts: np.ndarray) -> list[Label]:
    """Return the label of each code in its own type, as plain Python values.

    What is neither a boolean nor a number, a date say, becomes its canonical text: the model
    recognises its classes by it.
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


def _sorted(labels: list[Label]) -> list[int]:
    """Return the order of the classes: numbers by size, then text."""

    def key(place: int) -> tuple[bool, float, str]:
        label = labels[place]
        return (True, 0, label) if isinstance(label, str) else (False, label, "")

    return sorted(range(len(labels)), key=key)


def _only_one_class(label: Label, rows: int, others: Any, name: str) -> SchemaError:
    more = () if others is None else class_counts(others)
    only = class_counts([label])[0][0]
    different = [text for text, _ in more if text != only]
    if different:
        return SchemaError(
            f"All {rows:,} training rows have the class {_shown(label)} of the target {name!r}; "
            f"other classes, such as {_shown(different[0])}, occur only in rows that are held "
            "out for validation and test. Divide the rows in another way, or choose another target."
        )
    return SchemaError(
        f"The target {name!r} has only one class, {_shown(label)}: there is nothing "
        "to learn. Choose another target, or rows of at least two classes."
    )


def check_complete(known: np.ndarray, name: str) -> None:
    """Refuse a target that lacks values.

    Args:
        known: Whether a row has a target, bool (rows,).
        name: The target's column.

    Raises:
        SchemaError: With the number of the rows that have none, and the first of them.
    """
    count = int((~known).sum())
    if count:
        row = int(np.flatnonzero(~known)[0]) + 1
        raise SchemaError(
            f"The target {name!r} is missing or not finite in {count:,} rows (the first is row "
            f"{row:,}). Leave these rows out (NaN, inf and blank cells are not targets)."
        )


def target_numbers(series: pd.Series, name: str) -> np.ndarray:
    """Read the target of a regression.

    Args:
        series: (rows,).
        name: The target's column, for messages.

    Returns:
        float64 (rows,).

    Raises:
        SchemaError: If a value is missing, infinite, or not a number.
    """
    if types.is_datetime64_any_dtype(series.dtype):
        raise SchemaError(
            f"The target {name!r} holds dates, which are not numbers. Choose a task with classes, "
            "or make numbers of them, such as the days since a fixed date."
        )
    found = numbers(series)
    if value_type(series) == "text":
        codes, texts = level_codes(series)
        wrong = np.flatnonzero(np.isnan(found) & (codes >= 0))
        if len(wrong):
            raise SchemaError(
                f"The target {name!r} is {_shown(texts[codes[wrong[0]]])} in row "
                f"{wrong[0] + 1:,}, which is not a number. Choose a task with classes, or "
                "another target."
            )
    check_complete(~np.isnan(found), name)
    return found


def _shown(label: Label) -> str:
    return clipped(repr(label), 60)
