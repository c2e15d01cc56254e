"""A categorical field: the levels of a column in the training rows, and their codes."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, NonNegativeInt, model_validator

from nfm.column_formats.date_text import MONTHS
from nfm.column_formats.read_column import ColumnReading
from nfm.column_formats.typed_columns import number_text
from nfm.tabular.dates import WEEKDAYS, hour_codes, month_codes, weekday_codes
from nfm.tabular.level_values import ValueType, level_codes, match_levels, same_text

OTHER_LEVEL = "(other)"
MISSING_LEVEL = "(missing)"

# A float represents all whole numbers of so many digits.
_EXACT_DIGITS = 15
# A level that is a number, as programs write it.
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)

DatePart = Literal["month", "weekday", "hour"]
Part = Literal[DatePart, "item"]
_PARTS = {
    "month": (month_codes, MONTHS),
    "weekday": (weekday_codes, WEEKDAYS),
    "hour": (hour_codes, tuple(f"{hour:02d}:00" for hour in range(24))),
}


class CategoricalField(BaseModel):
    """A field of levels: code 0 is "(other)", and the last code may be "(missing)".

    Attributes:
        name: Name of the field: the column's name, unless the field is a part of it.
        column: The column that is encoded.
        part: The part of a date that is encoded, or "item" for an item of a list (`ListField`
            encodes it); None for a field that encodes its whole column.
        value_type: Type of the column's values in the training rows.
        levels: Canonical text of the levels with codes 1, 2, ...
        counts: Number of training rows per level.
        other_count: Number of training rows whose level is too rare for a code of its own.
        missing_count: Number of training rows without a value.
        has_missing: Whether "(missing)" has a code of its own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    column: str
    part: Part | None = None
    value_type: ValueType = "text"
    levels: tuple[str, ...]
    counts: tuple[NonNegativeInt, ...]
    other_count: NonNegativeInt = 0
    missing_count: NonNegativeInt = 0
    has_missing: bool = False

    def __eq__(self, other: object) -> bool:
        # Pydantic would also compare the cached index, whose comparison is not one Boolean.
        if not isinstance(other, type(self)):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in type(self).model_fields)

    @model_validator(mode="after")
    def _check(self) -> CategoricalField:
        if len(self.levels) != len(self.counts):
            raise ValueError("a field needs one count for each level")
        if len(set(self.levels)) < len(self.levels):
            raise ValueError("a field has a level twice")
        return self

    @property
    def level_count(self) -> int:
        """Number of codes, including those of "(other)" and "(missing)"."""
        return 1 + len(self.levels) + self.has_missing

    @property
    def names(self) -> tuple[str, ...]:
        """Text of every code."""
        missing = (MISSING_LEVEL,) if self.has_missing else ()
        return (OTHER_LEVEL, *self.levels, *missing)

    @cached_property
    def _index(self) -> pd.Index:
        return pd.Index(self.levels, dtype=object)

    @cached_property
    def _same(self) -> dict[str, int]:
        """Codes by the text of the levels as it is compared; of two alike, the first."""
        places = reversed([*enumerate(self.levels, start=1)])
        return {same_text(level): place for place, level in places}

    def codes(self, series: pd.Series) -> np.ndarray:
        """Encode a column.

        Args:
            series: (rows,) of any dtype.

        Returns:
            int32 (rows,), from 0 to `level_count` - 1.
        """
        rows, texts = level_codes(series)
        return self._lookup(rows, texts)

    def read_codes(self, reading: ColumnReading) -> np.ndarray:
        """Encode a column that was read by its format.

        Text matches the level with the same spelling, white space and the form of accents aside,
        and a whole number also the one with ".0", as a column of floats is written: "3.0" matches
        "3". A number or Boolean in a column of text also matches a level with the same value: 1.5
        matches "1.50", True matches "TRUE".

        Args:
            reading: The column, (rows,).

        Returns:
            int32 (rows,), from 0 to `level_count` - 1.
        """
        missing = len(self.levels) + 1 if self.has_missing else 0
        rows, texts = level_codes(reading.values)
        known = self._index.get_indexer(pd.Index(texts, dtype=object)) + 1
        for place in np.flatnonzero(known == 0):
            if texts[place].lower() in ("true", "false"):  # TRUE is what a sheet writes
                known[place] = self._by_value(texts[place])[0]
            else:
                text = same_text(texts[place])
                known[place] = self._same.get(text) or self._same.get(_other_whole(text), 0)
        codes = np.append(known, missing)[rows].astype(np.int32)
        if reading.typed.any():
            by_value = np.array([self._by_value(text)[0] for text in texts], dtype=np.int32)
            found = np.append(by_value, missing)[rows].astype(np.int32)
            codes = np.where(reading.typed, found, codes)
        return codes

    def doubtful(self, reading: ColumnReading) -> np.ndarray:
        """Return which cells may mean another level than the one whose code they get.

        Args:
            reading: The column, (rows,).

        Returns:
            bool (rows,), True for numbers whose text is not certain: 1.1 may be "1.10" or "1.1".
        """
        if not reading.typed.any():
            return reading.typed
        rows, texts = level_codes(reading.values)
        flags = np.array([self._by_value(text)[1] for text in texts], dtype=bool)
        return reading.typed & np.append(flags, False)[rows]

    @cached_property
    def needs_all_digits(self) -> bool:
        """Whether some levels are whole numbers that floating-point numbers cannot represent."""
        whole = (level for level in self.levels if len(level) > _EXACT_DIGITS)
        return any(int(level) != float(level) for level in whole if level.lstrip("+-").isdigit())

    def _by_value(self, text: str) -> tuple[int, bool]:
        """Return the code of a value that was not text, and whether another one is possible."""
        same = self._places_by_value.get(_value_key(text), [])
        exact = [place for place in same if self.levels[place] == text]
        if exact:
            return exact[0] + 1, len(same) > 1
        if len(same) == 1:
            return same[0] + 1, text not in ("True", "False")
        return 0, True

    @cached_property
    def _places_by_value(self) -> dict[str, list[int]]:
        """Positions of the levels with the same value, by value."""
        places: dict[str, list[int]] = {}
        for place, level in enumerate(self.levels):
            places.setdefault(_value_key(level), []).append(place)
        return places

    def date_codes(self, moments: np.ndarray) -> np.ndarray:
        """Encode this field's part of dates.

        Args:
            moments: datetime64[s] (rows,), NaT where missing.

        Returns:
            int32 (rows,), from 0 to `level_count` - 1.
        """
        assert self.part in _PARTS  # noqa: S101 - only called for parts of dates
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
        """Find the levels of a column.

        Args:
            name: Name of the field and its column.
            series: The column's training rows.
            value_type: Type of the column's values.
            min_level_count: Levels with fewer rows get no code of their own.
            more: Further rows whose levels also get codes.

        Returns:
            The field; its levels are sorted as numbers if they are numbers, else as text.
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
        keys = texts[kept]
        if value_type == "number":
            keys = np.array([float(text) for text in keys])
        kept = kept[np.argsort(keys, kind="stable")]
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
        """Find the months, weekdays or hours that occur.

        Args:
            name: Name of the field.
            column: The column of dates.
            part: The part of the dates.
            moments: datetime64[s] (rows,), the column's training rows, NaT where missing.

        Returns:
            The field; its levels are in calendar order.
        """
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


def _other_whole(text: str) -> str:
    """Return the other text of a whole number: "3" for "3.0", "3.0" for "3"; "" for other text."""
    bare = text.removesuffix(".0")
    if not bare.lstrip("+-").isdigit():
        return ""
    return bare if bare != text else f"{text}.0"


def _value_key(text: str) -> str:
    """Return a key that texts of the same value share: "1.5" for "1.50", "true" for "TRUE"."""
    if text.lower() in ("true", "false"):
        return text.lower()
    if not _NUMBER.fullmatch(text):
        return text
    return str(int(text)) if text.lstrip("+-").isdigit() else number_text(float(text)) or text
