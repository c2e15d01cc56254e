"""Infer whether a column has numbers, and with which decimal mark, thousands separator and unit."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api import types

from nfm.column_formats.column_format import ColumnFormat, DecimalMark
from nfm.column_formats.infer_dates import dates_of_digits
from nfm.column_formats.infer_durations import infer_durations
from nfm.column_formats.missing_words import few_others
from nfm.column_formats.number_text import (
    CODE,
    CODE_WITH_UNIT,
    FEW_NUMBERS,
    POWER_CODE,
    WHOLE,
    all_match,
    any_contains,
    decides,
    has_point_groups,
    is_number,
    is_plain,
    number_series,
    plain_numbers,
    thousands_mark,
)
from nfm.column_formats.numbers_in_parts import are_months, are_two_counts
from nfm.column_formats.text_cells import word_counts
from nfm.column_formats.unit_text import find_unit

# Cells that are enough to tell lists of codes from numbers with thousands separators.
_FEWEST_CODE_LISTS = 20
_CODE_LIST = r"^\d{3}([, ]\d{3})*$"
# If fewer of the first cells look like numbers, the others are not examined.
_MOST_OF_HEAD = 0.3
_SAMPLE = 20_000


def infer_numbers(
    present: pa.ChunkedArray, head: pa.ChunkedArray, typed: pd.Series | None, decimal: DecimalMark
) -> ColumnFormat | None:
    """Return the format of numbers, durations, codes or dates of digits; None for other text.

    Args:
        present: The cells that are text, trimmed, null where missing.
        head: The first of them.
        typed: The cells that are not text, such as the numbers of a sheet; None if all are text.
        decimal: The table's decimal mark.
    """
    if typed is None and all_match(head, WHOLE) and all_match(present, WHOLE):
        return _whole_format(present, decimal)
    if typed is None and all_match(head, POWER_CODE) and all_match(present, POWER_CODE):
        return None
    if typed is None and are_months(present):
        return None
    if typed is None and are_two_counts(present):
        return ColumnFormat(type="text", decimal=decimal)
    if typed is None and has_point_groups(present):
        return ColumnFormat(type="number", decimal=",", thousands=".", certain=False)
    if typed is None and decimal == "." and is_plain(head) and is_plain(present):
        number = ColumnFormat(type="number")
        certain = any_contains(head, ".") and decides(head, number)
        return ColumnFormat(type="number", certain=certain or decides(present, number))
    durations = infer_durations(present, head, typed, decimal)
    if durations is not None:
        return durations
    unit, is_sure = find_unit(head.to_pylist())
    if unit and pc.any(pc.match_substring_regex(present, CODE_WITH_UNIT)).as_py():
        return None
    other: DecimalMark = "," if decimal == "." else "."
    styles = [ColumnFormat(type="number", decimal=mark, unit=unit) for mark in (decimal, other)]
    if typed is None and max(is_number(head, each).mean() for each in styles) < _MOST_OF_HEAD:
        return None
    filled = len(present) - present.null_count
    column_format, good = styles[0], is_number(present, styles[0])
    if int(good.sum()) < filled:
        again = is_number(present, styles[1])
        if again.sum() > good.sum():
            column_format, good = styles[1], again
    numbers = present.filter(pa.array(good))
    if pc.any(pc.match_substring_regex(numbers, CODE)).as_py():
        return None
    if typed is None and _are_code_lists(numbers):
        return None
    different = pc.count_distinct(numbers.slice(0, _SAMPLE)).as_py()
    different += 0 if typed is None else typed.nunique()
    if different <= FEW_NUMBERS and unit and not is_sure:
        return None
    if int(good.sum()) < filled:
        others = word_counts(present.filter(pa.array(~good)).drop_null())
        total = filled + (0 if typed is None else len(typed))
        if different <= FEW_NUMBERS or not few_others(others, total):
            return None
    return column_format.model_copy(
        update={
            "thousands": thousands_mark(numbers, column_format.decimal),
            "certain": decides(numbers, column_format),
        }
    )


def _are_code_lists(numbers: pa.ChunkedArray) -> bool:
    """Return whether cells such as "101" and "101 205 318" are lists of codes of three digits.

    Among numbers of so different sizes, some would begin with one or two digits.
    """
    if len(numbers) < _FEWEST_CODE_LISTS or not all_match(numbers, _CODE_LIST):
        return False
    return pc.count_distinct(pc.utf8_length(numbers)).as_py() > 1


def _whole_format(present: pa.ChunkedArray, decimal: DecimalMark) -> ColumnFormat:
    """Return the format of digits: text if they are codes or too long for numbers, else numbers."""
    text, number = (ColumnFormat(type=kind, decimal=decimal) for kind in ("text", "number"))
    if (dates := dates_of_digits(present)) is not None:
        return dates
    if pc.any(pc.match_substring_regex(present, CODE)).as_py():
        return text
    if (pc.max(pc.utf8_length(present)).as_py() or 0) <= 18:
        return number
    values = number_series(plain_numbers(present, number))
    return text if types.is_object_dtype(values.dtype) else number
