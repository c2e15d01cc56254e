"""One field of an encoded table: what it learned from its column, and how it encodes it."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from nfm.column_formats.date_text import MONTHS
from nfm.column_formats.read_column import ColumnReading
from nfm.column_formats.typed_columns import number_text
from nfm.tabular.dates import WEEKDAYS, hour_codes, month_codes, weekday_codes
from nfm.tabular.level_values import ValueType, level_codes, match_levels, mean_and_deviation

OTHER = "(other)"
MISSING = "(missing)"

# Float32 products of two encoded numbers must stay finite.
_LARGEST = 1e18
# Beyond this the difference of two edges could overflow.
_HUGE = 1e150

# A level that is a number, as programs write it.
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)

Count = Annotated[int, Field(ge=0)]
DatePart = Literal["month", "weekday", "hour"]
_PARTS = {
    "month": (month_codes, MONTHS),
    "weekday": (weekday_codes, WEEKDAYS),
    "hour": (hour_codes, tuple(f"{hour:02d}:00" for hour in range(24))),
}


class _Field(BaseModel):
    """What both kinds of fields share: two are equal if they learned the same."""

    model_config = ConfigDict(frozen=True)

    def __eq__(self, other: object) -> bool:
        # pydantic would compare the cached arrays too, which have no one answer.
        if not isinstance(other, type(self)):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in type(self).model_fields)


class CategoricalField(_Field):
    """A field of levels; code 0 is "(other)", the last one may be "(missing)".

    Attributes:
        name: Name of the field; the column's unless it is a part of a date.
        column: The column that it is read from.
        part: Which part of a date it is, None for an ordinary column.
        value_type: What the column held in training.
        levels: Canonical text of the levels with codes 1, 2, ...
        counts: Training rows of each level.
        other_count: Training rows of levels too rare for a code of their own.
        missing_count: Training rows without a value.
        has_missing: Whether "(missing)" has a code of its own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    column: str
    part: DatePart | None = None
    value_type: ValueType = "text"
    levels: tuple[str, ...]
    counts: tuple[Count, ...]
    other_count: Count = 0
    missing_count: Count = 0
    has_missing: bool = False

    @model_validator(mode="after")
    def _check(self) -> CategoricalField:
        if len(self.levels) != len(self.counts):
            raise ValueError("a field needs one count for each level")
        if len(set(self.levels)) < len(self.levels):
            raise ValueError("a field has a level twice")
        return self

    @property
    def level_count(self) -> int:
        """Number of codes, "(other)" and "(missing)" included."""
        return 1 + len(self.levels) + self.has_missing

    @property
    def names(self) -> tuple[str, ...]:
        """Text of every code."""
        return (OTHER, *self.levels, *((MISSING,) if self.has_missing else ()))

    @cached_property
    def _index(self) -> pd.Index:
        return pd.Index(self.levels, dtype=object)

    def codes(self, series: pd.Series) -> np.ndarray:
        """Encode a column.

        Args:
            series: (rows,) of any type.

        Returns:
            int32 (rows,), within 0 and `level_count`.
        """
        rows, texts = level_codes(series)
        return self._lookup(rows, texts)

    def read_codes(self, reading: ColumnReading) -> np.ndarray:
        """Encode a column that was read by its format.

        Levels are found as they are written. What came as a number or a boolean into a column
        of text is found by its value, too: 1.5 is the level "1.50", True the level "TRUE".

        Args:
            reading: Of (rows,).

        Returns:
            int32 (rows,), within 0 and `level_count`.
        """
        missing = len(self.levels) + 1 if self.has_missing else 0
        rows, texts = level_codes(reading.values)
        known = self._index.get_indexer(pd.Index(texts, dtype=object)) + 1
        for place in np.flatnonzero(known == 0):
            if texts[place].lower() in ("true", "false"):  # TRUE is what a sheet writes
                known[place] = self._by_value(texts[place])[0]
        codes = np.append(known, missing)[rows].astype(np.int32)
        if reading.typed.any():
            by_value = np.array([self._by_value(text)[0] for text in texts], dtype=np.int32)
            found = np.append(by_value, missing)[rows].astype(np.int32)
            codes = np.where(reading.typed, found, codes)
        return codes

    def doubtful(self, reading: ColumnReading) -> np.ndarray:
        """Say which cells may be meant for another level than the one that they get.

        Args:
            reading: Of (rows,).

        Returns:
            bool (rows,): numbers whose text is not known, as 1.1 is for "1.10" and "1.1".
        """
        if not reading.typed.any():
            return reading.typed
        rows, texts = level_codes(reading.values)
        flags = np.array([self._by_value(text)[1] for text in texts], dtype=bool)
        return reading.typed & np.append(flags, False)[rows]

    def _by_value(self, text: str) -> tuple[int, bool]:
        """Return the code of a value that was not text, and whether it may be another one."""
        same = self._places_by_value.get(_value_key(text), [])
        exact = [place for place in same if self.levels[place] == text]
        if exact:
            return exact[0] + 1, len(same) > 1
        if len(same) == 1:
            return same[0] + 1, text not in ("True", "False")
        return 0, True

    @cached_property
    def _places_by_value(self) -> dict[str, list[int]]:
        """Where the levels stand whose text has a value."""
        places: dict[str, list[int]] = {}
        for place, level in enumerate(self.levels):
            places.setdefault(_value_key(level), []).append(place)
        return places

    def date_codes(self, moments: np.ndarray) -> np.ndarray:
        """Encode the part of dates that this field is; int32 (rows,)."""
        assert self.part is not None  # noqa: S101 - only called for parts of dates
        number, texts = _PARTS[self.part]
        return self._lookup(number(moments), np.array(texts, dtype=object))

    def _lookup(self, rows: np.ndarray, texts: np.ndarray) -> np.ndarray:
        missing = len(self.levels) + 1 if self.has_missing else 0
        known = match_levels(texts, self._index, self.value_type) + 1
        return np.append(known, missing)[rows].astype(np.int32)

    @classmethod
    def fit(
        cls,
        name: str,
        series: pd.Series,
        value_type: ValueType,
        min_level_count: int = 1,
        more: pd.Series | None = None,
    ) -> CategoricalField:
        """Learn the levels of a column.

        Args:
            name: Name of the field and its column.
            series: Training rows.
            value_type: What the column holds.
            min_level_count: Levels with fewer rows than this get no code.
            more: Further rows whose levels get codes too.

        Returns:
            The field; levels are in order of number or text.
        """
        rows, texts = level_codes(series)
        counts = np.bincount(rows[rows >= 0], minlength=len(texts))
        total, missing = counts, int((rows < 0).sum())
        has_missing = missing > 0
        if more is not None:
            both, texts = level_codes(pd.concat([series, more], ignore_index=True))
            counts = np.bincount(
                both[: len(series)][both[: len(series)] >= 0], minlength=len(texts)
            )
            total = np.bincount(both[both >= 0], minlength=len(texts))
            has_missing = bool((both < 0).any())
        kept = np.flatnonzero(total >= min_level_count)
        kept = kept[_order(texts[kept], value_type)]
        return cls(
            name=name,
            column=name,
            value_type=value_type,
            levels=tuple(texts[kept].tolist()),
            counts=tuple(counts[kept].tolist()),
            other_count=int(counts.sum() - counts[kept].sum()),
            missing_count=missing,
            has_missing=has_missing,
        )

    @classmethod
    def fit_part(
        cls, name: str, column: str, part: DatePart, moments: np.ndarray
    ) -> CategoricalField:
        """Learn which months, weekdays or hours occur; levels are in calendar order."""
        number, texts = _PARTS[part]
        rows = number(moments)
        missing = int((rows < 0).sum())
        counts = np.bincount(rows[rows >= 0], minlength=len(texts))
        kept = np.flatnonzero(counts)
        return cls(
            name=name,
            column=column,
            part=part,
            levels=tuple(texts[row] for row in kept),
            counts=tuple(counts[kept].tolist()),
            missing_count=missing,
            has_missing=missing > 0,
        )


def _value_key(text: str) -> str:
    """Return what all texts of the same value share: "1.5" of "1.50", "true" of "TRUE"."""
    if text.lower() in ("true", "false"):
        return text.lower()
    if not _NUMBER.fullmatch(text):
        return text
    return str(int(text)) if text.lstrip("+-").isdigit() else number_text(float(text)) or text


def _order(texts: np.ndarray, value_type: ValueType) -> np.ndarray:
    """Return the order of levels: by number where they are numbers, else by text."""
    if value_type == "number":
        return np.argsort(np.array([float(text) for text in texts]), kind="stable")
    return np.argsort(texts, kind="stable")


class NumericField(_Field):
    """A field of numbers.

    Attributes:
        name: Name of the field; the column's unless it is the days of a date.
        column: The column that it is read from.
        part: "days" (since 1970-01-01) of a date, None for an ordinary column.
        mode: How the network sees it, as the setting `numeric` says.
        edges: Quantile edges, increasing (piecewise only; none if the numbers do not differ).
        center: What is subtracted (not piecewise).
        scale: What is divided by (not piecewise).
        has_missing: Whether a missing number is an id of its own.
        minimum: Smallest training number; None if there was none.
        maximum: Largest training number; None if there was none.
        median: Median of the training numbers; None if there was none.
        whole: Whether all training numbers are whole.
        missing_count: Training rows without a number.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str
    column: str
    part: Literal["days"] | None = None
    mode: Literal["concat", "value", "piecewise"]
    edges: tuple[float, ...] = ()
    center: float = 0.0
    scale: float = Field(default=1.0, gt=0)
    has_missing: bool = False
    minimum: float | None = None
    maximum: float | None = None
    median: float | None = None
    whole: bool = False
    missing_count: Count = 0

    @model_validator(mode="after")
    def _check(self) -> NumericField:
        if len(self.edges) == 1 or any(
            low >= high for low, high in zip(self.edges, self.edges[1:], strict=False)
        ):
            raise ValueError("the edges of a numeric field must increase")
        if self.mode == "concat" and self.has_missing:
            raise ValueError("a concatenated numeric field has no id for missing numbers")
        return self

    @property
    def bin_count(self) -> int:
        """Number of ramps."""
        return max(1, len(self.edges) - 1)

    def values(self, numbers: np.ndarray) -> np.ndarray:
        """Encode numbers.

        Args:
            numbers: float64 (rows,), NaN where missing.

        Returns:
            float32 (rows,): position among the edges, or scaled number. NaN only where the
            number is missing and the field has an id for that.
        """
        missing = np.isnan(numbers)
        if self.mode == "piecewise":
            encoded = self._positions(numbers)
        else:
            with np.errstate(over="ignore", invalid="ignore"):
                encoded = (numbers - self.center) / self.scale
            encoded = np.clip(encoded, -_LARGEST, _LARGEST)
        if missing.any():
            encoded = np.where(missing, self._stand_in, encoded)
        return encoded.astype(np.float32)

    @cached_property
    def _stand_in(self) -> float:
        """What a missing number is encoded as."""
        if self.has_missing:
            return np.nan
        if self.mode == "concat" or self.median is None:
            return 0.0
        return float(self.values(np.array([self.median]))[0])

    def _positions(self, numbers: np.ndarray) -> np.ndarray:
        """Return u: t + p for a number that lies p of the way through bin t; float64 (rows,).

        Source: the ramps of Gorishniy et al. 2022, "On Embeddings for Numerical Features in
        Tabular Deep Learning", section 3.2; their sum over the bins is u.
        """
        if not self.edges:
            return np.zeros(len(numbers))
        edges = np.array(self.edges)
        shrink = 1e-10 if np.abs(edges).max() > _HUGE else 1.0
        bins = np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, len(edges) - 2)
        low, high = edges[bins] * shrink, edges[bins + 1] * shrink
        inside = np.clip(numbers, edges[0], edges[-1]) * shrink
        return bins + np.clip((inside - low) / (high - low), 0.0, 1.0)

    @classmethod
    def fit(
        cls,
        name: str,
        numbers: np.ndarray,
        mode: Literal["concat", "value", "piecewise"],
        bins: int,
        scaling: Literal["standard", "none"],
        *,
        column: str | None = None,
        part: Literal["days"] | None = None,
    ) -> NumericField:
        """Learn the range of a column.

        Args:
            name: Name of the field.
            numbers: Training numbers, float64 (rows,), NaN where missing.
            mode: The setting `numeric`.
            bins: Quantile bins at most.
            scaling: The setting `numeric_scaling`.
            column: The column, if it is not `name`.
            part: "days" for dates.

        Returns:
            The field.
        """
        present = np.sort(numbers[~np.isnan(numbers)])
        missing = len(numbers) - len(present)
        state: dict = {
            "name": name,
            "column": name if column is None else column,
            "part": part,
            "mode": mode,
            "has_missing": missing > 0 and mode != "concat",
            "missing_count": missing,
        }
        if len(present):
            state |= {
                "minimum": float(present[0]),
                "maximum": float(present[-1]),
                "median": _median(present),
                "whole": bool((present == np.floor(present)).all()),
            }
            if mode == "piecewise":
                state["edges"] = _quantile_edges(present, bins)
            elif scaling == "standard":
                state["center"], state["scale"] = mean_and_deviation(present)
        return cls(**state)


def _median(present: np.ndarray) -> float:
    """Return a number that occurs: of an even count the lower of the two in the middle."""
    return float(present[(len(present) - 1) // 2])


def _quantile_edges(present: np.ndarray, bins: int) -> tuple[float, ...]:
    """Return the edges of quantile bins of sorted numbers; none if the numbers do not differ.

    Where there are no more different numbers than edges, each is an edge, so that every
    number can have an effect of its own.
    """
    distinct = present[np.append(True, np.diff(present) > 0)] if len(present) else present
    if len(distinct) < 2:
        return ()
    if len(distinct) > bins + 1:
        shrink = 1e-10 if max(abs(present[0]), abs(present[-1])) > _HUGE else 1.0
        edges = np.quantile(present * shrink, np.linspace(0, 1, bins + 1)) / shrink
        edges[0], edges[-1] = present[0], present[-1]
        distinct = np.unique(np.clip(edges, present[0], present[-1]))
    return tuple(distinct.tolist())


class DateField(BaseModel):
    """A column of dates, which the fields that are parts of it share.

    Attributes:
        column: The column.
        day_first: Whether 3/5/24 is the third of May; None if the column has no such dates.
        minimum: Earliest training date as ISO text; None if there was none.
        maximum: Latest training date as ISO text; None if there was none.
        median: Median training date as ISO text; None if there was none.
        has_time: Whether a time of day occurs.
        fields: Names of its fields.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str
    day_first: bool | None = None
    minimum: str | None = None
    maximum: str | None = None
    median: str | None = None
    has_time: bool = False
    fields: tuple[str, ...] = ()
