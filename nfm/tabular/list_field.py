"""A column whose cells are lists of values: a yes/no field for each of its frequent items."""

from __future__ import annotations

from collections import Counter
from functools import cached_property

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, model_validator

from nfm.column_formats.list_text import SEPARATORS, find_separator, split_items
from nfm.column_formats.typed_columns import number_text
from nfm.files.names import unique_name
from nfm.tabular.categorical_field import MISSING_LEVEL, OTHER_LEVEL, CategoricalField
from nfm.tabular.level_values import level_codes, same_text

MOST_ITEMS = 50
"""Items of a column that get a field of their own, the most frequent ones."""

# Codes of an item's field; 0 is "(other)", as in every categorical field.
NO, YES = 1, 2


class ListField(BaseModel):
    """A column of lists, each of whose frequent items has a categorical field: no or yes.

    A list's vector is the sum of its items' vectors, like that of several columns, so pooling and
    explanations need no rule of their own.

    Attributes:
        column: The column.
        separator: Text between the items of a cell.
        items: The items with a field of their own, sorted.
        has_other: Whether there is a field for the other items, all of them together.
        has_missing: Whether there is a field for cells without any item.
        fields: Names of the fields, in the order of the items, then for "(other)" and "(missing)".
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str
    separator: str
    items: tuple[str, ...]
    has_other: bool
    has_missing: bool
    fields: tuple[str, ...]

    @model_validator(mode="after")
    def _check(self) -> ListField:
        if self.separator not in SEPARATORS:
            raise ValueError("a list has an unknown separator")
        if len(self.fields) != len(self.items) + self.has_other + self.has_missing:
            raise ValueError("a list needs one field for each item")
        return self

    @property
    def labels(self) -> tuple[str, ...]:
        """What each field stands for: an item, "(other)" or "(missing)"."""
        rest = ((OTHER_LEVEL, self.has_other), (MISSING_LEVEL, self.has_missing))
        return (*self.items, *(label for label, is_there in rest if is_there))

    @cached_property
    def _places(self) -> dict[str, int]:
        return {same_text(item): place for place, item in enumerate(self.items)}

    @cached_property
    def _places_of_numbers(self) -> dict[str, int]:
        """Places of the items that are numbers, by their value, except where two are equal."""
        numbers = [_as_number(item) for item in self.items]
        return {
            number: place
            for place, number in enumerate(numbers)
            if number is not None and numbers.count(number) == 1
        }

    def _split(self, text: str) -> tuple[list[int], list[str]]:
        """Return the places of a cell's items with a field of their own, and the other items."""
        known, unknown = [], []
        for item in split_items(text, self.separator):
            place = self._places.get(same_text(item))
            if place is None and (number := _as_number(item)) is not None:
                place = self._places_of_numbers.get(number)
            if place is None:
                unknown.append(item)
            else:
                known.append(place)
        return known, unknown

    def codes(self, series: pd.Series) -> np.ndarray:
        """Encode a column.

        Args:
            series: (rows,) of any dtype; cells are lists, or text that `split_items` divides.

        Returns:
            int32 (rows, fields): `YES` in the fields of a row's items, else `NO`.
        """
        rows, texts = level_codes(series)
        present = np.full((len(texts) + 1, len(self.fields)), NO, dtype=np.int32)
        other = len(self.items)
        for row, text in enumerate(texts):
            known, unknown = self._split(text)
            present[row, known] = YES
            if self.has_other and unknown:
                present[row, other] = YES
            if self.has_missing and not known and not unknown:
                present[row, -1] = YES
        if self.has_missing:
            present[-1, -1] = YES
        return present[rows]

    def unknown_items(self, series: pd.Series) -> tuple[np.ndarray, tuple[str, ...]]:
        """Find the rows with items that have no field of their own.

        Args:
            series: The column, (rows,).

        Returns:
            bool (rows,), and these items, each once.
        """
        rows, texts = level_codes(series)
        unknown = np.zeros(len(texts) + 1, dtype=bool)
        found: dict[str, None] = {}
        for row, text in enumerate(texts):
            _, items = self._split(text)
            unknown[row] = bool(items)
            found.update(dict.fromkeys(items))
        return unknown[rows], tuple(found)

    @classmethod
    def fit(
        cls,
        name: str,
        series: pd.Series,
        taken: set[str],
        min_level_count: int = 1,
        more: pd.Series | None = None,
    ) -> tuple[ListField, list[CategoricalField]]:
        """Find the items of a column.

        Args:
            name: Name of the column.
            series: The column's training rows.
            taken: Names of fields and columns; the new fields' names are added.
            min_level_count: Items with fewer rows get no field of their own.
            more: Further rows whose items also get fields.

        Returns:
            The column with its fields; items are sorted as text.
        """
        separator = training_separator(series)
        counts = _count_items(series if more is None else pd.concat([series, more]), separator)
        frequent = [item for item, count in counts.most_common() if count >= min_level_count]
        items = tuple(sorted(frequent[:MOST_ITEMS]))
        # With all fields first: the training rows then say whether the last two are needed.
        whole = cls(
            column=name,
            separator=separator,
            items=items,
            has_other=True,
            has_missing=True,
            fields=(*items, OTHER_LEVEL, MISSING_LEVEL),
        )
        codes = whole.codes(series)
        used = np.append(np.ones(len(items), dtype=bool), (codes[:, -2:] == YES).any(axis=0))
        fields = []
        for place in np.flatnonzero(used):
            title = unique_name(f"{name}: {whole.fields[place]}", taken)
            taken.add(title)
            yes = int((codes[:, place] == YES).sum())
            fields.append(
                CategoricalField(
                    name=title,
                    column=name,
                    part="item",
                    levels=("no", "yes"),
                    counts=(len(series) - yes, yes),
                )
            )
        kept = {
            "has_other": bool(used[-2]),
            "has_missing": bool(used[-1]),
            "fields": tuple(field.name for field in fields),
        }
        return cls.model_validate(whole.model_dump() | kept), fields


def _as_number(item: str) -> str | None:
    """Return the text of a number's value, "2" for "2.0"; None if the item is not a number."""
    try:
        return None if "_" in item else number_text(float(item))
    except ValueError:
        return None


def training_separator(series: pd.Series) -> str:
    """Return the separator of a column's lists: by the rules, else the most frequent one.

    A column that was made a list by hand need not keep the rules.

    Args:
        series: The column's training rows.
    """
    rows, levels = level_codes(series)
    counts = np.bincount(rows[rows >= 0], minlength=len(levels))
    found = find_separator(levels, counts)
    if found is not None:
        return found
    rows_with = [
        sum(int(count) for level, count in zip(levels, counts, strict=True) if separator in level)
        for separator in SEPARATORS
    ]
    return SEPARATORS[int(np.argmax(rows_with))]


def _count_items(series: pd.Series, separator: str) -> Counter[str]:
    """Count the rows with each item, in its first spelling, in the order of first occurrence."""
    rows, texts = level_codes(series)
    counts = np.bincount(rows[rows >= 0], minlength=len(texts))
    items: Counter[str] = Counter()
    spellings: dict[str, str] = {}
    for text, count in zip(texts, counts, strict=True):
        for item in split_items(text, separator):
            items[spellings.setdefault(same_text(item), item)] += int(count)
    return items
