"""The target: classes or a number, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from nfm.errors import SchemaError
from nfm.settings import Task
from nfm.tabular.values import (
    ValueType,
    level_codes,
    match_levels,
    mean_and_deviation,
    numbers,
    value_type,
)

Label = bool | int | float | str


class Target(BaseModel):
    """What is to be predicted.

    Attributes:
        name: The target's column.
        task: The task.
        classes: The labels in their own type, sorted; () for regression. Of two, the second
            is the positive one.
        counts: Rows of each class in training.
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
        if len(set(self.class_names)) < count:
            raise ValueError("a class is there twice")
        return self

    @property
    def class_count(self) -> int:
        """Number of classes; 0 for regression."""
        return len(self.classes)

    @property
    def output_count(self) -> int:
        """Number of the network's outputs: 1, or for multiclass one a class."""
        return len(self.classes) if self.task == "multiclass" else 1

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes as canonical text: "1", "true", "Adelie"."""
        return tuple(level_codes(pd.Series([label], dtype=object))[1][0] for label in self.classes)

    @classmethod
    def fit(
        cls, values: Any, task: Task, name: str = "target", *, smallest_class: int = 2
    ) -> Target:
        """Learn the classes, or mean and spread.

        Args:
            values: Training targets, (rows,), none missing.
            task: The task.
            name: The target's column, for messages.
            smallest_class: Rows that every class must have.

        Returns:
            The target.

        Raises:
            SchemaError: If a value is missing or not finite, or the values do not make the
                task: one class, a class with one row, more than two classes for binary, all
                numbers equal, text for regression.
        """
        series = as_series(values)
        if len(series) == 0:
            raise SchemaError(f"The target {name!r} has no rows (0 samples).")
        if task == "regression":
            return cls._fit_numbers(series, name)
        codes, texts = level_codes(series)
        _check_complete(codes >= 0, name)
        labels = _labels(series, codes, len(texts))
        order = _sorted(labels, texts)
        counts = np.bincount(codes, minlength=len(texts))[order]
        labels = [labels[place] for place in order]
        if len(labels) == 1:
            raise SchemaError(
                f"The target {name!r} has only one class, {_shown(labels[0])}: there is nothing "
                "to learn. Choose another target, or rows of at least two classes."
            )
        if task == "binary" and len(labels) > 2:
            raise SchemaError(
                f"The target {name!r} has {len(labels):,} classes, and a binary task two. "
                "Choose the task multiclass, or another target."
            )
        if counts.min() < smallest_class:
            rare = int(counts.argmin())
            raise SchemaError(
                f"Only one row of the target {name!r} has the class {_shown(labels[rare])}: that "
                "is too few to learn from. Leave the row out, or choose another target."
            )
        return cls(name=name, task=task, classes=tuple(labels), counts=tuple(counts.tolist()))

    @classmethod
    def _fit_numbers(cls, series: pd.Series, name: str) -> Target:
        found = _target_numbers(series, name)
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
            SchemaError: If a value is missing, or no class of the training rows.
        """
        series = as_series(values)
        if self.task == "regression":
            found = _target_numbers(series, self.name)
            with np.errstate(over="ignore"):
                scaled = (found - self.mean) / self.scale
            return np.clip(scaled, -1e18, 1e18).astype(np.float32)
        codes, texts = level_codes(series)
        _check_complete(codes >= 0, self.name)
        index = pd.Index(self.class_names, dtype=object)
        known = match_levels(texts, index, self._value_type)
        if (known < 0).any():
            raise SchemaError(
                f"The target {self.name!r} has the class {_shown(texts[known < 0][0])}, which was "
                "not among the training rows."
            )
        return known[codes].astype(np.int32)

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
        return np.array(self.classes, dtype=dtype)[codes]

    def decode(self, standardised: np.ndarray) -> np.ndarray:
        """Turn standardised numbers (rows,) into the target's own units, float64 (rows,)."""
        return np.asarray(standardised, dtype=np.float64) * self.scale + self.mean


def as_series(values: Any) -> pd.Series:
    """Return targets of any form (list, array, one-column frame, Series) as a Series."""
    if isinstance(values, pd.DataFrame):
        values = values.iloc[:, 0]
    if isinstance(values, pd.Series):
        return values.reset_index(drop=True)
    return pd.Series(values)


def class_counts(values: Any) -> tuple[tuple[str, int], ...]:
    """Count the classes of a target.

    Args:
        values: (rows,); missing ones are not counted.

    Returns:
        Canonical text and number of rows of each class, in the order of `Target.classes`.
    """
    series = as_series(values)
    codes, texts = level_codes(series)
    labels = _labels(series, codes, len(texts))
    counts = np.bincount(codes[codes >= 0], minlength=len(texts))
    return tuple((texts[place], int(counts[place])) for place in _sorted(labels, texts))


def _labels(series: pd.Series, codes: np.ndarray, count: int) -> list[Label]:
    """Return the label of each code in its own type, as plain Python values."""
    first = np.full(count, -1)
    rows = np.flatnonzero(codes >= 0)[::-1]
    first[codes[rows]] = rows
    labels: list[Label] = []
    for value in series.iloc[first]:
        plain = value.item() if isinstance(value, np.generic) else value
        labels.append(plain if isinstance(plain, (bool, int, float, str)) else str(plain))
    return labels


def _sorted(labels: list[Label], texts: np.ndarray) -> list[int]:
    """Return the order of the classes: numbers by size, then text."""

    def key(place: int) -> tuple[bool, float, str]:
        label = labels[place]
        if isinstance(label, str):
            return True, 0.0, label
        return False, float(label), texts[place]

    return sorted(range(len(labels)), key=key)


def _check_complete(known: np.ndarray, name: str) -> None:
    count = int((~known).sum())
    if count:
        row = int(np.flatnonzero(~known)[0]) + 1
        raise SchemaError(
            f"The target {name!r} is missing or not finite in {count:,} rows (the first is row "
            f"{row:,}). Leave these rows out (NaN, inf and blank cells are no targets)."
        )


def _target_numbers(series: pd.Series, name: str) -> np.ndarray:
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
    _check_complete(~np.isnan(found), name)
    return found


def _shown(label: Label) -> str:
    text = repr(label)
    return text if len(text) <= 60 else text[:57] + "..."
