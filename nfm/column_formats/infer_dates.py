"""Infer whether a column has dates, and in which order of day, month and year."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from nfm.column_formats.column_format import ColumnFormat, DecimalMark
from nfm.column_formats.date_text import (
    find_first_year,
    find_offset,
    find_order,
    ordered_shapes,
    parse_texts,
)
from nfm.column_formats.missing_words import few_others
from nfm.column_formats.number_text import FEW_NUMBERS, all_match
from nfm.column_formats.text_cells import without_words, word_counts

# What databases write for no date, and for an end that is not known.
NO_DATE = ("0", "00000000", "99991231", "99999999")
_DIGITS_OF_DATE = r"^(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$"
_DIGITS_OF_TIME = _DIGITS_OF_DATE.removesuffix("$") + r"([01]\d|2[0-3])[0-5]\d[0-5]\d$"
_SEASON = re.compile(r"\d\d(\d\d)[/-](\d\d)")
_SAMPLE = 20_000


def infer_dates(
    present: pa.ChunkedArray, head: pa.ChunkedArray, typed: int, decimal: DecimalMark
) -> ColumnFormat | None:
    """Return the format of a column of dates; None if it is not one.

    Args:
        present: The cells that are text, null where missing.
        head: The first of them.
        typed: Number of cells that are already dates.
        decimal: The table's decimal mark.
    """
    order, _ = find_order(np.array(head.to_pylist(), dtype=object))
    if not typed and (~np.isnat(parse_texts(head, order))).mean() < 0.5:
        return None
    different = present.unique().drop_null().to_pylist()
    if _are_seasons(different):
        return None
    order, certain = find_order(np.array(different, dtype=object))
    if not certain and order == "mdy" and decimal == ",":
        order = "dmy"  # where decimal commas are used, nobody writes the month first
    sample = present.take(np.linspace(0, len(present) - 1, min(len(present), _SAMPLE)).astype(int))
    filled = sample.is_valid().to_numpy()
    read = ~np.isnat(parse_texts(sample, order))
    others = word_counts(sample.filter(pa.array(~read)).drop_null())
    if not few_others(others, int(filled.sum()) + typed):
        return None
    return ColumnFormat(
        type="date",
        decimal=decimal,
        date_order=order,
        date_shapes=() if order is None else tuple(sorted({*ordered_shapes(different)} - {""})),
        first_year=find_first_year(np.array(different, dtype=object), order),
        time_zone=find_offset(sample),
        certain=certain,
    )


def _are_seasons(different: Sequence[str]) -> bool:
    """Return whether all texts are a year and the next: 2002/03 is then no month."""
    pairs = [_SEASON.fullmatch(text) for text in different]
    return len(different) > 2 and all(
        pair is not None and (int(pair[1]) + 1) % 100 == int(pair[2]) for pair in pairs
    )


def dates_of_digits(digits: pa.ChunkedArray) -> ColumnFormat | None:
    """Return the format of dates such as 20240305 beside 00000000, or of 20240305143000.

    Databases write zeros for no date and 99991231 for an end that is not known.

    Args:
        digits: Trimmed text, null where missing.

    Returns:
        The format; None for other digits, also for 20240305 alone, of which `nfm.tabular.kinds`
        decides.
    """
    marks = word_counts(digits, NO_DATE)
    dates = without_words(digits, frozenset(NO_DATE)).drop_null()
    if not all_match(dates, _DIGITS_OF_DATE if marks else _DIGITS_OF_TIME):
        return None
    months = pc.count_distinct(pc.utf8_slice_codeunits(dates, 0, 6)).as_py()
    if pc.count_distinct(dates).as_py() <= FEW_NUMBERS or months == 1:
        return None
    column_format = ColumnFormat(type="date")
    for mark in sorted(marks):
        column_format = column_format.drop(mark)
    return column_format
