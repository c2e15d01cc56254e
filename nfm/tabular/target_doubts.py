"""Targets of a later table that cannot be read as in training, or may mean other values."""

from __future__ import annotations

from typing import Any

import numpy as np

from nfm.column_formats.column_format import ColumnFormat
from nfm.column_formats.read_column import read_column
from nfm.tabular.format_doubts import boolean_doubt, column_doubts
from nfm.tabular.level_values import level_codes, numbers
from nfm.tabular.number_doubts import grouped_example, thousandths_doubt
from nfm.tabular.numeric_field import NumericField
from nfm.tabular.range_doubts import range_doubt
from nfm.tabular.target import Target
from nfm.tabular.target_values import as_series
from nfm.text import of_rows, quote, quoted

_EXAMPLES = 3


def target_doubts(
    target: Target, column_format: ColumnFormat | None, values: Any
) -> tuple[str, ...]:
    """Say which targets cannot be read as in training, or may mean other values.

    Args:
        target: The target of the model.
        column_format: The format of its column; None if the model was trained on values without
            one.
        values: The targets before they were interpreted, (rows,).

    Returns:
        One sentence each.
    """
    series = as_series(values)
    doubts: list[str] = []
    if column_format is None:
        unknown = (level_codes(series)[0] >= 0) & ~target.known(series)
    else:
        reading = read_column(series, column_format)
        present = (level_codes(reading.values)[0] >= 0) | reading.unreadable
        unknown = present & ~target.known(reading.values)
        if column_format.type == "number":
            doubts += column_doubts(target.name, series, column_format, reading)
            unknown &= ~reading.unreadable  # column_doubts names them
    if target.task == "regression":
        limits = target.minimum, target.maximum
        whole = target.minimum.is_integer() and target.maximum.is_integer()
        doubts.append(boolean_doubt(target.name, *limits, series))
        if whole and target.minimum > 0:
            doubts.append(thousandths_doubt(target.name, *limits, series))
        known = NumericField(
            name=target.name,
            column=target.name,
            mode="piecewise",
            minimum=target.minimum,
            maximum=target.maximum,
        )
        doubts.append(range_doubt(known, series if column_format is None else reading.values))
        if column_format is not None and (whole or column_format.thousands):
            grouped = grouped_example(series, column_format)
            # A few of many numbers with decimals are whole, as 0 and 100 are.
            if grouped and 1000 * numbers(reading.values).max() <= target.maximum:
                doubts.append(
                    f"{target.name!r}: {column_format.decimal!r} in {quote(grouped)} is read as "
                    "the decimal mark, but could separate thousands: check this."
                )
    if unknown.any():
        examples = quoted([str(cell)[:40] for cell in series[unknown].unique()[:_EXAMPLES]])
        doubts.append(
            f"{of_rows(int(np.count_nonzero(unknown)), len(series))} have a value of "
            f"{target.name!r} that the model does not know, such as {examples}; an evaluation "
            "leaves them out."
        )
    return tuple(filter(None, doubts))
