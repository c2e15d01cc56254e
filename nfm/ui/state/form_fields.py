"""The fields of the form that describes a row to a model: one per column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from nfm.column_formats.date_text import MONTHS
from nfm.column_formats.list_text import join_items, split_items
from nfm.column_formats.read_column import read_column
from nfm.column_formats.typed_columns import moment_text
from nfm.tabular.categorical_field import MISSING_LEVEL, OTHER_LEVEL, CategoricalField
from nfm.tabular.encoding import Encoder
from nfm.tabular.level_values import ValueType, level_codes, numbers
from nfm.tabular.numeric_field import NumericField
from nfm.tabular.schema import Schema
from nfm.tabular.wording import PLAIN, Wording
from nfm.ui.texts import short_number

# A value that no table contains: the encoder treats it as an unseen level.
_UNSEEN = "\x00unseen\x00"
# Words in the names of columns by which people identify a row, the best first.
_NAME_WORDS = ("name", "title", "label", "id")


@dataclass(frozen=True)
class FormField:
    """The form field of one column.

    Attributes:
        name: Name of the column.
        widget: A choice of levels, a number, text that is read as a date, or a choice of several
            items of a list, whose value is the text of a cell.
        levels: Level of each code, or the items of a list; empty for numbers and dates.
        codes: The codes in the order in which they are offered; (other) comes last.
        missing_code: Code of a missing value; None if the training rows have none.
        minimum: Smallest number in the training rows.
        maximum: Largest number in the training rows.
        whole: Whether all numbers in the training rows are whole.
        cell_type: Type of the levels: text, numbers or booleans.
        hint: Range of the training rows, as text.
        usual: Value of a typical row: the median, or the most frequent level.
        label: Label of the column; empty for its name.
        words: Label of each level; empty for the levels themselves.
        separator: Text between the items of a list.
    """

    name: str
    widget: Literal["levels", "number", "text", "list"]
    levels: tuple[str, ...] = ()
    codes: tuple[int, ...] = ()
    missing_code: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    whole: bool = False
    cell_type: ValueType = "text"
    hint: str = ""
    usual: Any = None
    label: str = ""
    words: tuple[str, ...] = ()
    separator: str = ""

    @property
    def title(self) -> str:
        """Label of the column, or else its name."""
        return self.label or self.name

    @property
    def step(self) -> float:
        """Step of the number widget: 1 for whole numbers, else a power of ten near range / 50."""
        if self.whole:
            return 1.0
        spread = (self.maximum or 0.0) - (self.minimum or 0.0)
        if not 0 < spread < float("inf"):
            return 1.0
        return float(10.0 ** round(np.log10(spread / 50)))

    def show(self, value: Any) -> str:
        """Return a value of the field as text for people.

        Args:
            value: A code, a number or text; None or "" if it is missing.
        """
        if self.widget == "levels":
            return (self.words or self.levels)[value]
        if value is None or value == "":
            return MISSING_LEVEL
        return short_number(value) if self.widget == "number" else str(value)


def form_fields(encoder: Encoder, wording: Wording = PLAIN) -> tuple[FormField, ...]:
    """Return the fields of a model's form.

    Args:
        encoder: Encoder of the model.
        wording: Labels of columns and levels.

    Returns:
        One field per column that the model uses, in the order of the table.
    """
    fields: dict[str, FormField] = {}
    for level in encoder.categorical:
        if level.part is None:
            names = _distinct_names(level)
            fields[level.name] = FormField(
                level.name,
                "levels",
                levels=names,
                codes=(*range(1, len(names)), 0),
                missing_code=len(names) - 1 if level.has_missing else None,
                cell_type=level.value_type if encoder.formats else "text",
                usual=_most_frequent(level),
            )
    for number in encoder.numeric:
        if number.part is None:
            fields[number.name] = _number_field(number)
    for date in encoder.dates:
        fields[date.column] = FormField(
            date.column,
            "text",
            hint=f"{date.minimum} to {date.maximum}" if date.minimum else "",
            usual=date.median or "",
        )
    for listed in encoder.lists:
        rows = {field.name: field.counts[-1] for field in encoder.categorical if field.counts}
        numbers_of = {
            item: rows[name] for item, name in zip(listed.items, listed.fields, strict=False)
        }
        most = max(numbers_of, key=numbers_of.__getitem__, default="")
        fields[listed.column] = FormField(
            listed.column,
            "list",
            levels=listed.items,
            separator=listed.separator,
            usual=join_items([most], listed.separator),
        )
    return tuple(
        replace(
            field,
            label=wording.column(field.name),
            words=tuple(wording.level(field.name, level) for level in field.levels),
        )
        for field in (fields[name] for name in encoder.columns)
    )


def row_values(
    encoder: Encoder, fields: Sequence[FormField], frame: pd.DataFrame | None, row: int
) -> dict[str, Any]:
    """Return the values of a form that describe a row of the table.

    Args:
        encoder: Encoder of the model.
        fields: Fields of the form.
        frame: The table; None uses typical values instead of a row.
        row: Position of the row in the table.

    Returns:
        Column to value: a code, a number (None if missing), or text ("" if missing).
    """
    if frame is None:
        return {field.name: field.usual for field in fields}
    one = frame.iloc[[row]]
    codes = encoder.transform(one).codes[0]
    cells = encoder.read(one)
    positions = {field.name: place for place, field in enumerate(encoder.categorical)}
    values: dict[str, Any] = {}
    for field in fields:
        if field.widget == "levels":
            values[field.name] = int(codes[positions[field.name]])
        elif field.widget == "number":
            number = float(numbers(cells[field.name])[0])
            values[field.name] = number if np.isfinite(number) else None
        elif field.widget == "list":
            _, texts = level_codes(cells[field.name])
            items = split_items(texts[0], field.separator) if len(texts) else ()
            values[field.name] = join_items(items, field.separator)
        else:
            cell = cells[field.name].iloc[0]
            written = moment_text(cell) if isinstance(cell, pd.Timestamp) else str(cell)
            values[field.name] = "" if pd.isna(cell) else written
    return values


def columns_that_differ(
    encoder: Encoder,
    fields: Sequence[FormField],
    frame: pd.DataFrame,
    row: int,
    values: Mapping[str, Any],
) -> tuple[str, ...]:
    """Return the columns for which the form is not encoded exactly as the row of the table.

    Args:
        encoder: Encoder of the model.
        fields: Fields of the form.
        frame: The table.
        row: Position of the row in the table.
        values: Values of the form, by column.

    Returns:
        Names of columns; () if the form and the row are encoded alike.
    """
    here = encoder.transform(frame.iloc[[row]])
    there = encoder.transform(to_frame(fields, [values]))
    names = [
        field.column
        for place, field in enumerate(encoder.categorical)
        if here.codes[0, place] != there.codes[0, place]
    ]
    names += [
        number.column
        for place, number in enumerate(encoder.numeric)
        if not np.array_equal(here.values[0, place], there.values[0, place], equal_nan=True)
    ]
    return tuple(dict.fromkeys(names))


def to_frame(fields: Sequence[FormField], rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return filled-in forms as a table that the encoder accepts.

    Args:
        fields: Fields of the form.
        rows: Values of each form, by column.

    Returns:
        One row per form, one column per field.
    """
    columns: dict[str, Any] = {}
    for field in fields:
        values = [row[field.name] for row in rows]
        if field.widget == "number":
            columns[field.name] = np.array(
                [np.nan if value is None else value for value in values], dtype=np.float64
            )
        elif field.widget == "levels":
            cells = [_level(field, code) for code in values]
            dtype = "str" if field.cell_type == "text" else object
            columns[field.name] = pd.Series(cells, dtype=dtype)
        else:
            columns[field.name] = pd.Series([value or None for value in values], dtype="str")
    return pd.DataFrame(columns)


def date_reading(encoder: Encoder, name: str, text: str) -> str:
    """Say how the text in the field of a date is read, as the line below the field.

    Returns:
        Such as "read as 5 October 2024"; "" if the field is blank or the column has no format.
    """
    column_format = encoder.formats_by_column.get(name)
    if column_format is None or not text.strip():
        return ""
    reading = read_column(pd.Series([text], dtype="str"), column_format)
    moment = reading.values.iloc[0]
    if reading.unreadable[0]:
        return f"counts as missing: not {column_format.describe()}"
    if pd.isna(moment):
        return "counts as missing"
    time = "" if moment == moment.normalize() else f", {moment:%H:%M:%S}"
    return f"read as {moment.day} {MONTHS[moment.month - 1]} {moment.year}{time}"


def changes(
    fields: Sequence[FormField], before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[tuple[str, str, str]]:
    """Return (label, old value, new value) of every field that was edited, as texts.

    Args:
        fields: Fields of the form.
        before: Values before the edits, by column.
        after: Values after the edits, by column.
    """
    return [
        (field.title, field.show(before[field.name]), field.show(after[field.name]))
        for field in fields
        if before[field.name] != after[field.name]
    ]


def name_column(schema: Schema) -> str | None:
    """Return the column that identifies a row for people: a name, an identifier or free text.

    Returns:
        Name of an ignored column; None if there is no such column.
    """
    candidates = [
        column.name
        for column in schema.columns
        if column.role == "ignored" and column.kind in ("text", "identifier")
    ]
    for word in _NAME_WORDS:
        for name in candidates:
            if word in name.lower():
                return name
    return candidates[0] if candidates else None


def row_label(frame: pd.DataFrame, column: str | None, row: int) -> str:
    """Return a name for a row of the table.

    Args:
        frame: The table.
        column: Column that identifies rows (`name_column`), if there is one.
        row: Position of the row in the table.

    Returns:
        The cell of that column, at most 120 characters, or else "Row 3".
    """
    if column is None or column not in frame.columns:
        return f"Row {row + 1:,}"
    cell = frame[column].iloc[row]
    return f"Row {row + 1:,}" if pd.isna(cell) else str(cell)[:120]


def _distinct_names(field: CategoricalField) -> tuple[str, ...]:
    """Return the text of every code, also if a level of the table is called "(missing)"."""
    names = [*field.names]
    names[0] = "(all other values)" if OTHER_LEVEL in field.levels else names[0]
    if field.has_missing and MISSING_LEVEL in field.levels:
        names[-1] = "(no value)"
    return tuple(names)


def _most_frequent(field: CategoricalField) -> int:
    """Return the most frequent code of the training rows, not counting (other)."""
    counts = [*field.counts, *((field.missing_count,) if field.has_missing else ())]
    return int(np.argmax(counts)) + 1 if counts else 0


def _number_field(field: NumericField) -> FormField:
    hint = ""
    if field.minimum is not None and field.maximum is not None:
        hint = f"{short_number(field.minimum)} to {short_number(field.maximum)}"
    return FormField(
        field.name,
        "number",
        minimum=field.minimum,
        maximum=field.maximum,
        whole=field.whole,
        hint=hint,
        usual=field.median,
    )


def _level(field: FormField, code: int) -> Any:
    """Return a cell that is encoded as this code."""
    if code == field.missing_code:
        return None
    if field.cell_type == "text":
        return field.levels[code] if code else _UNSEEN
    if field.cell_type == "boolean":
        return field.levels[code] == "true" if code else None
    if code:
        return _number(field.levels[code])
    known = [
        _number(level)
        for place, level in enumerate(field.levels)
        if place not in (0, field.missing_code)
    ]
    return max(known, default=0) + 1  # an unseen level


def _number(text: str) -> int | float:
    return int(text) if text.lstrip("+-").isdigit() else float(text)
