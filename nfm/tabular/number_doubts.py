"""Numbers of a later table that may mean other numbers: marks, signs, lost digits."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from nfm.column_formats.column_format import ColumnFormat
from nfm.column_formats.text_cells import is_text
from nfm.tabular.format_doubts import has_values
from nfm.tabular.level_values import numbers
from nfm.tabular.numeric_field import NumericField
from nfm.text import of_rows, quote

# A point between thousands stands before three digits; of 2.500 and the like, fewer remain.
_MOST_GROUPS = 0.5
# So many numbers are not in the range a thousand times as large by chance.
_FEWEST_BROKEN = 3
# Share of numbers in the range of the training rows; a few may lie outside.
_MOST_INSIDE = 0.9
# Spreadsheets write longer whole numbers so. The groups: digits behind the mark, and exponent.
_SCIENTIFIC = re.compile(r"[+-]?\d[.,]?(\d*)[eE]\+?(\d{1,3})")
_LONG_EXPONENT = 11
# Spreadsheets show at most so many digits of them.
_MOST_SHOWN = 6
# Where a fifth of the numbers of training was negative, as many as these have some.
_MANY = 30
_FEWEST_NEGATIVE = 0.2
# A number in parentheses or before a dash, which accounts write for a negative one.
_NEGATIVE = re.compile(r"[^-−–]*(?:\(.*\d.*\)|\d[^\d]*[-−–])\s*")


def number_doubts(
    field: NumericField, cells: pd.Series, column_format: ColumnFormat, values: pd.Series
) -> list[str]:
    """Report numbers that are written as other numbers may be.

    Args:
        field: The numbers of the training table.
        cells: The cells of a later table before they were interpreted.
        column_format: The column's format.
        values: The cells as they were read.

    Returns:
        A sentence for each doubt; some may be empty.
    """
    return [
        thousands_doubt(field, cells, column_format, values),
        _decimals_doubt(field, cells, column_format, values),
        _negative_doubt(field, cells, values),
        _lost_digits_doubt(field, cells),
    ]


def thousands_doubt(
    field: NumericField, cells: pd.Series, column_format: ColumnFormat, values: pd.Series
) -> str:
    """Report numbers whose decimal marks stand where a thousands separator would.

    Args:
        field: The numbers of the training table.
        cells: The cells of a later table before they were interpreted.
        column_format: The column's format.
        values: The cells as they were read.
    """
    has_marks = is_text(cells) and (field.whole or column_format.thousands in (".", ","))
    example = grouped_example(cells, column_format) if has_marks else ""
    if not example:
        read = values if is_text(cells) else cells
        return thousandths_doubt(field.column, field.minimum, field.maximum, read, field.whole)
    return (
        f"{field.column!r}: {column_format.decimal!r} in {quote(example)} is read as the decimal "
        "mark, but could separate thousands: in training, "
        + ("all numbers were whole." if field.whole else f"{column_format.thousands!r} did.")
    )


def grouped_example(cells: pd.Series, column_format: ColumnFormat) -> str:
    """Return the first of some texts with decimal marks if these may separate thousands, else "".

    Args:
        cells: The cells of a later table before they were interpreted.
        column_format: The column's format.
    """
    if not is_text(cells):
        return ""
    mark = re.escape(column_format.decimal)
    texts = {cell for cell in cells if isinstance(cell, str) and column_format.decimal in cell}
    grouped = re.compile(rf"\D*[1-9]\d{{0,2}}{mark}\d{{3}}\D*")
    if not texts or not all(map(grouped.fullmatch, texts)):
        return ""
    if any(
        column_format.thousands in cell
        for cell in cells
        if column_format.thousands and isinstance(cell, str)
    ):
        return ""
    return min(texts)


def _lost_digits_doubt(field: NumericField, cells: pd.Series) -> str:
    """Report numbers that a spreadsheet has rounded, such as 1.23E+15.

    Args:
        field: The numbers of the training table.
        cells: The cells of a later table before they were interpreted.
    """
    if field.maximum is None or not is_text(cells):
        return ""
    digits = max(map(_digit_count, (field.minimum, field.median, field.maximum)))
    for text in cells[cells.str.contains("[eE]", na=False)].unique():
        is_long = field.whole and has_lost_digits(text.strip())
        found = _SCIENTIFIC.fullmatch(text.strip())
        if is_long or (
            found and len(found[1]) < min(int(found[2]), _MOST_SHOWN) and len(found[1]) + 1 < digits
        ):
            return (
                f"{field.column!r}: {quote(text)} has lost its last digits, as spreadsheets do to "
                "long numbers. Save the column as text, or with all digits."
            )
    return ""


def _digit_count(number: float | None) -> int:
    """Return the number of significant digits."""
    return len(f"{abs(number or 0):.14e}".split("e")[0].replace(".", "").rstrip("0"))


def has_lost_digits(text: str) -> bool:
    """Return whether a text is a long whole number with fewer digits than it has, as 1.23E+15."""
    found = _SCIENTIFIC.fullmatch(text)
    return found is not None and int(found[2]) >= _LONG_EXPONENT and len(found[1]) < int(found[2])


def thousandths_doubt(
    name: str,
    minimum: float | None,
    maximum: float | None,
    cells: pd.Series,
    whole: bool = False,
) -> str:
    """Report numbers of which a program has probably taken the thousands separators for points.

    Args:
        name: The column's name.
        minimum: Smallest number of the training table; None if it is not known.
        maximum: Largest number of the training table; None if it is not known.
        cells: The cells of a later table: values of any type, or numbers that were read from text.
        whole: Whether all numbers of training were whole, so that a single fraction is a surprise.
    """
    if minimum is None or maximum is None or not has_values(cells, "f", float):
        return ""
    found = numbers(cells)
    found = found[np.isfinite(found)]
    broken = found[found != np.floor(found)]
    larger = np.round(1000 * found)
    fewest = 1 if whole else _FEWEST_BROKEN
    if len(broken) < fewest or not np.allclose(larger, 1000 * found, rtol=0, atol=1e-6):
        return ""
    # A point was lost of 1.291 and 2.000, not of 924.
    small = found < minimum
    inside = (larger >= minimum) & (larger <= maximum)
    if broken.max() >= minimum or inside[small].mean() < _MOST_INSIDE:
        grouped = 1000 * broken
        fits = (grouped >= minimum) & (grouped <= maximum)
        three_digits = (100 * broken != np.round(100 * broken)).mean() >= _MOST_GROUPS
        if not whole or not three_digits or fits.mean() < _MOST_INSIDE:
            return ""
        return (
            f"{name!r}: {of_rows(len(broken), len(found))} have decimals, such as "
            f"{broken[fits][0]:.10g}, but in training all numbers were whole. A point between "
            "thousands may have been taken for the decimal mark: write the numbers as in "
            "training, or read the file with the model (bundle.read_table)."
        )
    which = "all numbers" if small.all() else f"{small.sum():,} of {len(found):,} numbers"
    return (
        f"{name!r}: {which}, such as {broken[0]:.10g}, are below the training range of "
        f"{minimum:.10g} to {maximum:.10g}, and a thousand times as large they are inside. A point "
        "between thousands may have been taken for the decimal mark: write the numbers as in "
        "training, or read the file with the model (bundle.read_table)."
    )


def _decimals_doubt(
    field: NumericField, cells: pd.Series, column_format: ColumnFormat, values: pd.Series
) -> str:
    """Report numbers whose thousands separator may be the decimal mark.

    Such as 234.567 in a column of numbers such as 1.234,567: outside the training range, or without
    decimals where all numbers of training seem to have had some.
    """
    if field.whole or field.minimum is None or field.maximum is None or not is_text(cells):
        return ""
    if column_format.thousands not in (".", ","):
        return ""
    mark = re.escape(column_format.thousands)
    grouped = re.compile(rf"[^\d{re.escape(column_format.decimal)}]*\d{{1,3}}{mark}\d{{3}}\D*")
    found = numbers(values)
    above = (found > field.maximum) & (found / 1000 <= field.maximum)
    for text, value in zip(cells[above], found[above], strict=True):
        if isinstance(text, str) and grouped.fullmatch(text) and value >= 1000 * field.minimum:
            return (
                f"{field.column!r}: {quote(text)} is read as {value:.10g}, above the largest "
                f"number of training, {field.maximum:.10g}. If {column_format.thousands!r} is "
                "its decimal mark, write it as in training."
            )
    typical = (field.minimum, field.median, field.maximum)
    has_mark = cells.str.contains(column_format.decimal, regex=False, na=False).any()
    if not has_mark and not any(number is None or number == round(number) for number in typical):
        for text, value in zip(cells, found, strict=True):
            if isinstance(text, str) and grouped.fullmatch(text):
                return (
                    f"{field.column!r}: {quote(text)} is read as {value:.10g}, without decimals, "
                    "which the numbers of training had. If "
                    f"{column_format.thousands!r} is its decimal mark, write it as in training."
                )
    return ""


def _negative_doubt(field: NumericField, cells: pd.Series, values: pd.Series) -> str:
    """Report numbers in parentheses or before a dash where training had no negative ones.

    Also numbers none of which is negative, where many were in training.
    """
    found = numbers(values)
    if field.minimum is not None and field.minimum < 0 and len(field.edges) > 1:
        share = float(np.interp(0, field.edges, np.linspace(0, 1, len(field.edges))))
        present = int(np.isfinite(found).sum())
        if share < _FEWEST_NEGATIVE or present < _MANY or (found < 0).any():
            return ""
        return (
            f"{field.column!r}: none of {present:,} numbers is negative, but in training about "
            f"{100 * share:.0f}% were. Check that no minus sign was lost."
        )
    if field.minimum is None or field.minimum < 0 or not is_text(cells):
        return ""
    negative = found < 0
    for text, value in zip(cells[negative], found[negative], strict=True):
        if isinstance(text, str) and _NEGATIVE.fullmatch(text):
            return (
                f"{field.column!r}: {quote(text)} is read as {value:.10g}, but in training no "
                "number was negative. If it does not mean a minus, write the number alone."
            )
    return ""
