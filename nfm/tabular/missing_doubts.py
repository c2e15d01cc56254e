"""Missing values where training had none, and columns in which no row has a value."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nfm.column_formats.read_column import ColumnReading
from nfm.tabular.encoding import Encoder
from nfm.tabular.level_values import numbers
from nfm.text import of_rows

# A column of fewer rows may well have no value.
_MANY_ROWS = 10


def missing_doubts(encoder: Encoder, readings: Mapping[str, ColumnReading]) -> list[str]:
    """Report columns with missing values where training had none, or without any value.

    Args:
        encoder: The model's encoder.
        readings: The cells of some of its columns as they were read, by name.

    Returns:
        A sentence for each such column. Cells that could not be read are not counted.
    """
    # A date that is missing has a level of its own in the fields of its month and the like.
    dated = {field.column for field in encoder.categorical if field.part and field.has_missing}
    fates = [
        *(
            (field.column, field.has_missing, "value", "scored as (other)")
            for field in encoder.categorical
            if field.part is None
        ),
        *(
            (
                field.column,
                field.has_missing or field.mode == "concat",
                "number",
                "the median is used instead",
            )
            for field in encoder.numeric
            if field.part is None
        ),
        *(
            (
                field.column,
                field.column in dated,
                "date",
                "the median date is used instead, with (other) for its month and the like",
            )
            for field in encoder.dates
        ),
        *((field.column, True, "value", "") for field in encoder.lists),
    ]
    doubts = []
    for name, had_missing, what, fate in fates:
        if name not in readings:
            continue
        reading = readings[name]
        is_absent = np.isnan(numbers(reading.values)) if what == "number" else reading.values.isna()
        absent = int((is_absent & ~reading.unreadable).sum())
        if absent and not had_missing:
            doubts.append(
                f"{name!r}: {of_rows(absent, len(reading))} have no {what}, but in training no "
                f"{what} was missing; {fate}."
            )
        elif absent == len(reading) and absent >= _MANY_ROWS:
            doubts.append(
                f"{name!r}: no row has a value, so the model takes all {absent:,} as missing. "
                "Check that the column was filled."
            )
    return doubts
