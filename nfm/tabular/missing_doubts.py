"""Missing values where training had none, and columns in which no row has a value."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from nfm.column_formats.read_column import ColumnReading
from nfm.tabular.categorical_field import CategoricalField
from nfm.tabular.encoding import Encoder
from nfm.tabular.level_values import numbers
from nfm.text import of_rows

# In fewer rows, a column of which training had nine in ten missing may well have no value.
_MANY_ROWS = 30
# A column of which at least so many rows are missing, which happens by chance so rarely.
_MOST_MISSING = 0.5
_CHANCE = 1e-6


def missing_doubts(encoder: Encoder, readings: Mapping[str, ColumnReading]) -> list[str]:
    """Report columns with missing values where training had none or few, or without any value.

    Args:
        encoder: The model's encoder.
        readings: The cells of some of its columns as they were read, by name.

    Returns:
        A sentence for each column, empty where there is nothing to report. Cells that could not be
        read are not counted.
    """
    # `format_doubts` names missing cells of columns where a word for a missing value is a level.
    # If none of these words is left.
    worded = {
        name
        for name, column_format in encoder.formats_by_column.items()
        if column_format.kept
        and name in readings
        and not readings[name].values.isin(column_format.kept).any()
    }
    # A date that is missing has a level of its own in the fields of its month and the like.
    dated = {field.column for field in encoder.categorical if field.part and field.has_missing}
    # Tables without categorical columns don't say how many rows they had.
    rows = max(
        (_row_count(field) for field in encoder.categorical if field.part != "item"), default=0
    )
    fates: list[tuple[str, str, bool, int, str]] = []
    for field in encoder.categorical:
        if field.part is None:
            usual = field.has_missing or field.column in worded
            fates.append((field.column, "value", usual, field.missing_count, "scored as (other)"))
    for number in encoder.numeric:
        if number.part is None:
            usual = number.has_missing or number.mode == "concat"
            fate = "the median is used instead"
            fates.append((number.column, "number", usual, number.missing_count, fate))
        elif number.part == "days":
            fate = "the median date is used instead, with (other) for its month and the like"
            usual = number.column in dated
            fates.append((number.column, "date", usual, number.missing_count, fate))
    fates += [(listed.column, "value", True, rows, "") for listed in encoder.lists]
    return [
        _doubt(name, readings[name], what, usual, count / rows if rows else 1.0, fate)
        for name, what, usual, count, fate in fates
        if name in readings
    ]


def _row_count(field: CategoricalField) -> int:
    return field.other_count + sum(field.counts) + field.missing_count


def _chance(count: int, rows: int, share: float) -> float:
    """Return a bound of the probability that so many rows or more have what a share of all has.

    Source: Chernoff's bound of the binomial distribution, by the Kullback-Leibler divergence.
    """
    found = count / rows
    if found <= share or share == 0:
        return 1.0
    rest = 0.0 if count == rows else (1 - found) * math.log((1 - found) / (1 - share))
    return math.exp(-rows * (found * math.log(found / share) + rest))


def _doubt(
    name: str, reading: ColumnReading, what: str, usual: bool, share: float, fate: str
) -> str:
    """Return the sentence about one column.

    Args:
        name: The column.
        reading: Its cells as they were read.
        what: What its cells are: "value", "number" or "date".
        usual: Whether training had missing values.
        share: Share of the training rows without a value; 1 if it is not known.
        fate: What becomes of missing values, if training had none.
    """
    is_absent = np.isnan(numbers(reading.values)) if what == "number" else reading.values.isna()
    absent = int((is_absent & ~reading.unreadable).sum())
    if absent and not usual:
        return (
            f"{name!r}: {of_rows(absent, len(reading))} have no {what}, but in training no {what} "
            f"was missing; {fate}."
        )
    if absent == len(reading) and absent >= _MANY_ROWS:
        return (
            f"{name!r}: no row has a value, so the model takes all {absent:,} as missing. "
            "Check that the column was filled."
        )
    many = absent > 0 and absent >= _MOST_MISSING * len(reading)
    if many and _chance(absent, len(reading), share) < _CHANCE:
        return (
            f"{name!r}: {of_rows(absent, len(reading))} have no {what}, but in training only "
            f"{100 * share:.2g}% had none. Check that the column was filled."
        )
    return ""
