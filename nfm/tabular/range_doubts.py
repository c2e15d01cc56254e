"""Numbers and dates far outside the training range: another unit, or a mark for missing values."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nfm.tabular.dates import day_numbers
from nfm.tabular.level_values import numbers
from nfm.tabular.numeric_field import DateField, NumericField
from nfm.text import of_rows

# A value that stands for a missing one occurs more than once.
_FEWEST_MARKS = 3
# A table may be scored long after the training.
_DAYS = 50 * 365
# The first moment of a calendar or clock, which programs write for a missing date.
_FIRST_MOMENTS = ("1899-12-30", "1900-01-01", "1904-01-01", "1969-12-31", "1970-01-01")
# Numbers that stand for a missing one.
_MARKS = (-99, -999, -9999, -99999)
# A whole table of numbers next to the range of training is in another unit, or of another calendar.
_FEWEST_OUTSIDE = 10
_MOST_OUTSIDE = 0.8


def range_doubt(field: NumericField | DateField, values: pd.Series) -> str:
    """Report values far outside the training range: a majority, or one that is repeated.

    Dates are also reported if many are before and many after those of the training rows, or if they
    are 1970-01-01 and the like before them.

    Far is farther than the width of the range; for numbers, also than half of the largest, or less
    than a tenth of the smallest: metres written as centimetres are, and centimetres as metres, but
    not the numbers of the following years, nor one or two small numbers near the range. If nearly
    all numbers of ten or more are outside, half of the width is far enough: centimetres written as
    inches.

    Args:
        field: The numbers or dates of the training rows.
        values: Those of a later table as they were read, (rows,).
    """
    if field.minimum is None or field.maximum is None or field.minimum == field.maximum:
        return ""
    if isinstance(field, DateField):
        if values.dtype.kind != "M":
            return ""
        found = day_numbers(values.to_numpy(dtype="datetime64[s]"))
        low, high = day_numbers(np.array([field.minimum, field.maximum], "datetime64[s]"))
        margin = max(high - low, _DAYS)
        training = f"{field.minimum[:10]} to {field.maximum[:10]}"
    else:
        found = numbers(values)
        low, high = field.minimum, field.maximum
        margin = max(high - low, -low / 2, high / 2)
        training = f"{low:.10g} to {high:.10g}"
    if isinstance(field, DateField):
        before, after = int((found < low).sum()), int((found > high).sum())
        if min(before, after) >= _FEWEST_MARKS and 4 * (before + after) >= len(found):
            return (
                f"{field.column!r}: {of_rows(before + after, len(found))} are before or after the "
                f"dates of training, {training}. Check the order of day, month and year."
            )
    far = (found < low - margin) | (found > high + margin)  # not where it is missing
    if isinstance(field, DateField):
        marks = day_numbers(np.array(_FIRST_MOMENTS, dtype="datetime64[s]"))
        far |= np.isin(np.floor(found), marks) & (found < low)
    else:
        far |= np.isin(found, _MARKS) & (found < low)
        if low > 0:
            tiny = (found > 0) & (found < low / 10)  # a hundredth is a metre of centimetres
            distant = (low - found > (high - low) / 5) | (found < low / 100)
            far |= tiny & (distant | (tiny.sum() >= _FEWEST_MARKS))
        excess = np.maximum(low - found, found - high)
        outside = excess > 0
        present = int(np.isfinite(found).sum())
        if present >= _FEWEST_OUTSIDE and outside.sum() >= _MOST_OUTSIDE * present:
            far |= outside & (np.median(excess[outside]) > (high - low) / 2)
    if not far.any():
        return ""
    different, counts = np.unique(found[far], return_counts=True)
    most, place = counts.max(), int(counts.argmax())
    first = int(np.flatnonzero(found == different[place])[0])
    example = f"{different[place]:.10g}"
    if isinstance(field, DateField):
        example = str(values.iloc[first])[:10]
    if most >= _FEWEST_MARKS and 2 * most >= far.sum():
        return (
            f"{field.column!r}: {of_rows(int(most), len(found))} have {example}, far outside the "
            f"training range of {training}. If it means a missing value, leave these cells empty."
        )
    if 2 * far.sum() < np.isfinite(found).sum():
        return ""
    return (
        f"{field.column!r}: {of_rows(int(far.sum()), len(found))}, such as {example}, are far "
        f"outside the training range of {training}. Check that they are written as in training, in "
        "the same unit."
    )
