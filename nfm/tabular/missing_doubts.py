"""Missing values where training had none, and columns in which no row has a value."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nfm.column_formats.read_column import ColumnReading
from nfm.tabular.encoding import Encoder
from nfm.tabular.level_values import numbers
from nfm.text import of_rows

# In fewer rows, a column of which training had nine in ten missing may well have no value.
_MANY_ROWS = 30


def missing_doubts(encoder: Encoder, readings: Mapping[str, ColumnReading]) -> list[str]:
    """Report columns with missing values where training had none, or without any value.

    Args:
        encoder: The model's encoder.
        readings: The cells of some of its columns as they were read, by name.

    Returns:
        A sentence for each column, empty where there is nothing to report. Cells that could not be
        read are not counted.
    """
    # `format_doubts` names missing cells of columns where a word for a missing value is a level.
    worded = {
        name for name, column_format in encoder.formats_by_column.items() if column_format.kept
    }
    # A date that is missing has a level of its own in the fields of its month and the like.
    dated = {field.column for field in encoder.categorical if field.part and field.has_missing}
    fates: list[tuple[str, str, bool, str]] = []
    for field in encoder.categorical:
        if field.part is None:
            usual = field.has_missing or field.column in worded
            fates.append((field.column, "value", usual, "scored as (other)"))
    for number in encoder.numeric:
        if number.part is None:
            usual = number.has_missing or number.mode == "concat"
            fates.append((number.column, "number", usual, "the median is used instead"))
    for date in encoder.dates:
        fate = "the median date is used instead, with (other) for its month and the like"
        fates.append((date.column, "date", date.column in dated, fate))
    fates += [(listed.column, "value", True, "") for listed in encoder.lists]
    return [
        _doubt(name, readings[name], what, usual, fate)
        for name, what, usual, fate in fates
        if name in readings
    ]


def _doubt(name: str, reading: ColumnReading, what: str, usual: bool, fate: str) -> str:
    """Return the sentence about one column; usual is whether training had missing values."""
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
    return ""
