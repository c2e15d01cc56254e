"""The target: encodes classes or numbers for the network, and decodes its output."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from nfm.errors import SchemaError
from nfm.settings import Task
from nfm.tabular.level_values import (
    ValueType,
    level_codes,
    level_text,
    match_levels,
    mean_and_deviation,
)
from nfm.tabular.target_values import (
    Label,
    as_series,
    check_complete,
    class_counts,
    label_order,
    labels_of,
    plain_numbers,
    quoted_label,
    target_numbers,
)

# Codes of targets that are not a class of the model.
_MISSING = -1
_UNKNOWN = -2


class Target(BaseModel):
    """The column to predict.

    Attributes:
        name: The target's column.
        task: The task.
        classes: The labels in their own type, sorted; () for regression. Of two, the second
            is the positive one, and a positive class that was chosen comes second.
        counts: Number of training rows in each class; in a bundle of version 0.1.0, validation
            rows may be included.
        mean: Mean of the training values (regression).
        scale: Standard deviation of the training values (regression).
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
                raise ValueError("a regression target has no classes")
        elif count < 2 or (self.task == "binary" and count != 2):
            raise ValueError("the number of classes does not fit the task")
        if len(self.counts) not in (0, count):
            raise ValueError("a target needs one count for each class")
        names = [level_text(label) for label in self.classes]
        if None in names:
            raise ValueError("a class is blank")
        if len(set(names)) < count:
            raise ValueError("a class is listed twice")
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
        """Learn the classes, or the mean and standard deviation.

        Args:
            values: Training targets, (rows,), none missing.
            task: The task.
            name: Name of the target's column, for messages.
            smallest_class: Minimum number of rows in each class, rows of `others` included.
            others: Targets of rows that are not trained on. A class that occurs only there is
                not one of the target's classes.
            positive: Of a binary target, the class that comes second, as canonical text; empty:
                the last in sort order.

        Returns:
            The target.

        Raises:
            SchemaError: A value is missing or not finite; the values do not fit the task (one
                class, a class with one row, more than two classes for binary, equal numbers or
                text for regression); or `positive` is not one of the classes.
        """
        series = as_series(values)
        if len(series) == 0:
            raise SchemaError(f"The target {name!r} has no rows (0 samples).")
        if task == "regression":
            return cls._fit_numbers(series, name)
        codes, texts = level_codes(series)
        check_complete(codes >= 0, name)
        labels = labels_of(series, codes, texts)
        order = label_order(labels)
        if task == "binary" and positive and len(labels) == 2:
            order.sort(key=lambda place: texts[place] == positive)
        counts = np.bincount(codes, minlength=len(texts))[order]
        labels = [labels[place] for place in order]
        if len(labels) == 1:
            raise _only_one_class(labels[0], len(series), others, name)
        if task == "binary" and len(labels) > 2:
            raise SchemaError(
                f"The target {name!r} has {len(labels):,} classes, but a binary task needs two. "
                "Choose the multiclass task or another target."
            )
        target = cls(name=name, task=task, classes=tuple(labels), counts=tuple(counts.tolist()))
        if task == "binary" and positive and positive != target.class_names[1]:
            raise SchemaError(
                f"The target {name!r} has no class {quoted_label(positive)}: choose "
                f"{quoted_label(labels[0])} or {quoted_label(labels[1])} as the positive class."
            )
        if others is not None:
            elsewhere = target._codes(as_series(others))
            counts = counts + np.bincount(elsewhere[elsewhere >= 0], minlength=len(labels))
        if counts.min() < smallest_class:
            rare = int(counts.argmin())
            raise SchemaError(
                f"Only one row of the target {name!r} has the class "
                f"{quoted_label(labels[rare])}: that is too few to learn from. Leave the row out, "
                "or choose another target."
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
        """Encode targets for the network.

        Args:
            values: (rows,). The type may differ from training: "1" or 1.0 counts as 1.

        Returns:
            Class codes, int32 (rows,), or standardised numbers, float32 (rows,).

        Raises:
            SchemaError: A value is missing, or a class did not occur in training. `known` tells
                for which rows this is not so.
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
                f"The target {self.name!r} has the class {quoted_label(label)} (first in row "
                f"{unknown[0] + 1:,}), which did not occur in training: the model cannot predict "
                "it. Leave out the rows of such classes."
            )
        return codes

    def known(self, values: Any) -> np.ndarray:
        """Return for which rows the model can be correct, bool (rows,).

        Args:
            values: Targets, (rows,). False for missing targets and for classes that did not occur
                in training.
        """
        series = as_series(values)
        if self.task == "regression":
            return ~np.isnan(plain_numbers(series))
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
        """Return the labels of class codes (rows,) in their original type (rows,)."""
        dtype = {"text": object, "number": None, "boolean": bool}[self._value_type]
        labels = np.array(self.classes, dtype=dtype)
        if labels.dtype.kind == "f" and any(isinstance(label, int) for label in self.classes):
            labels = np.array(self.classes, dtype=object)  # no integer type holds them all
        return labels[codes]

    def decode(self, standardised: np.ndarray) -> np.ndarray:
        """Return standardised numbers (rows,) in the target's own unit, float64 (rows,)."""
        return np.asarray(standardised, dtype=np.float64) * self.scale + self.mean


def _only_one_class(label: Label, rows: int, others: Any, name: str) -> SchemaError:
    more = () if others is None else class_counts(others)
    only = class_counts([label])[0][0]
    different = [text for text, _ in more if text != only]
    if different:
        return SchemaError(
            f"All {rows:,} training rows have the class {quoted_label(label)} of the target "
            f"{name!r}; other classes, such as {quoted_label(different[0])}, occur only in "
            "validation or test rows. Choose another split or another target."
        )
    return SchemaError(
        f"The target {name!r} has only one class, {quoted_label(label)}: there is nothing "
        "to learn. Choose another target, or rows of at least two classes."
    )
