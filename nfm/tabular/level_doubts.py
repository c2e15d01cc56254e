"""Values of a later table that may be levels or list items of training in another form."""

from __future__ import annotations

import datetime
import math

import numpy as np
import pandas as pd

from nfm.column_formats.list_text import SEPARATORS, split_items
from nfm.column_formats.number_text import EXACT
from nfm.column_formats.read_column import ColumnReading
from nfm.tabular.categorical_field import CategoricalField
from nfm.tabular.changed_levels import changed_level_doubt
from nfm.tabular.format_doubts import has_values
from nfm.tabular.level_values import level_codes, numbers
from nfm.tabular.list_field import YES, ListField
from nfm.text import of_rows, quote

# A column of this many rows should have a value that the training table has.
_MANY_ROWS = 10
# New levels that are at most so probable by chance are reported.
_CHANCE = 0.05


def item_doubt(field: ListField, reading: ColumnReading) -> str:
    """Report list values that training has in another case only, or that are a surprise.

    They are where no row has a known value, or where training had no rare ones.
    """
    unknown, items = field.unknown_items(reading.values)
    folded = {item.casefold(): item for item in field.items}
    for item in items:
        if item.casefold() in folded:
            return (
                f"{field.column!r}: {quote(item)} is unknown, but the training table has "
                f"{quote(folded[item.casefold()])}: write it like this if it means the same."
            )
        for separator in (*SEPARATORS, "\n", "/", "&", "+", "."):
            parts = split_items(item, separator)
            if len(parts) > 1 and set(parts) <= set(field.items):
                return (
                    f"{field.column!r}: {quote(item)} is unknown, but {quote(parts[0])} and "
                    f"{quote(parts[1])} are known: in training, lists were divided by "
                    f"{field.separator!r}. Write them so."
                )
    present = reading.values.notna().to_numpy()
    if not field.items or not items:
        return ""
    all_unknown = (
        unknown[present].all()
        and not (field.codes(reading.values)[:, : len(field.items)] == YES).any()
    )
    if not all_unknown or (present.sum() < _MANY_ROWS and field.has_other):
        return "" if field.has_other else unknown_items(field, reading)
    return (
        f"{field.column!r}: the model knows no value of any row. In training, lists were divided "
        f"by {field.separator!r} and had values such as {quote(field.items[0])}; here a value is "
        f"{quote(items[0])}."
    )


def unknown_items(field: ListField, reading: ColumnReading) -> str:
    """Report rows with list values that the model does not know; "" if there are none."""
    unknown, items = field.unknown_items(reading.values)
    if not items:
        return ""
    fate = "counts as (other)" if field.has_other else "is left out"
    return (
        f"{field.column!r}: {of_rows(int(unknown.sum()), len(reading))} have a value in their list "
        f"that was rare or absent in training, such as {quote(items[0])}; it {fate}."
    )


def level_doubts(
    field: CategoricalField, cells: pd.Series, reading: ColumnReading
) -> tuple[str, ...]:
    """Return notes on values that may be levels of the training table in another form."""
    codes = field.read_codes(reading)
    new = ""
    if not codes.all():
        new = changed_level_doubt(field, reading, codes) or _surprise(field, reading, codes)
    return (
        new,
        _dates_as_text(field, cells, reading),
        _rounded(field, cells),
    )


def new_values(field: CategoricalField, reading: ColumnReading, codes: np.ndarray) -> str:
    """Report values that are scored as (other).

    Args:
        field: The levels of the training table.
        reading: The cells of a later table as they were read.
        codes: The codes of the rows, int (rows,).
    """
    rows, texts = level_codes(reading.values)
    new = (rows >= 0) & (codes == 0)
    if not new.any():
        return ""
    what = "was rare or absent" if field.other_count else "did not occur"
    return (
        f"{field.column!r}: {of_rows(int(new.sum()), len(reading))} have a value that {what} "
        f"in training, such as {quote(texts[rows[new][0]])}; scored as (other)."
    )


def _surprise(field: CategoricalField, reading: ColumnReading, codes: np.ndarray) -> str:
    """Report new values where there are more of them than the training table leads to expect.

    The share of rows whose level occurs once or is too rare for a code estimates how often a new
    row has a new level (Good 1953, "The population frequencies of species"). Of ids and towns
    that is often, of sexes and ports never.
    """
    present = level_codes(reading.values)[0] >= 0
    count, new = int(present.sum()), int((codes[present] == 0).sum())
    once = field.other_count + sum(1 for rows in field.counts if rows == 1)
    expected = once / max(field.other_count + sum(field.counts), 1)
    if not new or new < 3 * expected * count:
        return ""
    if expected and _bound(new, count, expected) > _CHANCE:
        return ""
    return new_values(field, reading, codes)


def _bound(new: int, count: int, expected: float) -> float:
    """Return a bound on the probability of so many rows (Chernoff 1952, theorem 1)."""
    share = new / count
    divergence = share * math.log(share / expected)
    if share < 1:
        divergence += (1 - share) * math.log((1 - share) / (1 - expected))
    return math.exp(-count * divergence)


def _dates_as_text(field: CategoricalField, cells: pd.Series, reading: ColumnReading) -> str:
    """Report dates, times and durations that are unknown to a column that was text in training."""
    if isinstance(cells.dtype, pd.StringDtype) or field.value_type != "text":
        return ""
    if reading.values.dtype.kind == "M":  # dates that a person treats as levels
        return ""
    unknown = (field.read_codes(reading) == 0) & cells.notna().to_numpy()
    for row, cell in zip(np.flatnonzero(unknown), cells[unknown], strict=True):
        if isinstance(cell, datetime.date | datetime.time | datetime.timedelta):
            return (
                f"{field.column!r}: {quote(reading.values.iloc[row])} is a date or time here, but "
                "in training the cells were text; it is scored as (other). Spreadsheets change "
                "text such as 1-2 to dates."
            )
    return ""


def _rounded(field: CategoricalField, cells: pd.Series) -> str:
    """Report floating-point numbers where training had whole numbers with more digits."""
    if not field.needs_all_digits or not has_values(cells, "f", float):
        return ""
    found = numbers(cells)
    long = found[np.abs(np.nan_to_num(found)) > EXACT]
    if not len(long):
        return ""
    return (
        f"{field.column!r}: {long[0]:.0f} is a floating-point number here, which has lost its last "
        "digits, and may be another value of the training table. Read the column as text or as "
        "whole numbers."
    )


def _is_boolean(text: str) -> bool:
    return text.lower() in ("true", "false")


def typed_level_doubt(field: CategoricalField, reading: ColumnReading) -> str:
    """Report numbers and Booleans that were read as a level whose text may be another."""
    rows = np.flatnonzero(field.doubtful(reading))
    if not len(rows):
        return ""
    codes = field.read_codes(reading)
    example = str(reading.values.iloc[rows[0]])
    taken = field.names[codes[rows[0]]]
    what = "True or False" if _is_boolean(example) else "a number"
    return (
        f"{field.column!r}: {of_rows(len(rows), len(reading))} have {what} where the training "
        f"table has text; {example} was read as {quote(taken)} but may mean another value."
    )
