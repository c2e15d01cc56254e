"""Infer whether a column has durations or times of day, and what two numbers (1:30) mean in it."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from nfm.column_formats.column_format import Clock, ColumnFormat, DecimalMark
from nfm.column_formats.date_text import EXIF_DAY
from nfm.column_formats.duration_text import (
    ANY_CLOCK,
    CLOCK,
    FRACTION_OF_SECONDS,
    MINUTES,
    SHORT_CLOCK,
    SPELLED,
    SPELLED_PARTS,
)
from nfm.column_formats.missing_words import UNREADABLE, few_others
from nfm.column_formats.number_text import FEW_NUMBERS, all_match
from nfm.column_formats.text_cells import word_counts

_SAMPLE = 20_000


def infer_durations(
    present: pa.ChunkedArray, head: pa.ChunkedArray, typed: pd.Series | None, decimal: DecimalMark
) -> ColumnFormat | None:
    """Return the format of durations or times of day; None if the cells are something else.

    Two numbers (1:30) are minutes and seconds if a cell has a fraction or is later than 24:00, else
    hours and minutes, as in sheets. Only a fraction makes this certain. Beside h:mm:ss, they are
    minutes and seconds or not read.

    Args:
        present: The cells that are text, trimmed, null where missing.
        head: The first of them.
        typed: The cells that are not text, such as the numbers of a sheet; None if all are text.
        decimal: The table's decimal mark.
    """
    if all_match(head, EXIF_DAY) and all_match(present, EXIF_DAY):
        return None
    # The sign of −1:05:00 may be typographic, as in numbers.
    present, head = (pc.replace_substring(texts, "−", "-") for texts in (present, head))
    for pattern in (CLOCK, SPELLED, ANY_CLOCK):
        if not len(head) or (typed is not None and pattern != CLOCK):
            continue
        if pc.mean(pc.match_substring_regex(head, pattern).cast(pa.float64())).as_py() < 0.5:
            continue
        good = pc.match_substring_regex(present, pattern).fill_null(False)
        cells = present.filter(good)
        others = word_counts(present.filter(pc.invert(good)).drop_null())
        few = pc.count_distinct(cells.slice(0, _SAMPLE)).as_py() <= FEW_NUMBERS
        if others and (few or not few_others(others, len(present) - present.null_count)):
            continue
        column_format = ColumnFormat(type="number", decimal=decimal, unit="s", duration=True)
        if pattern == CLOCK:
            return column_format
        if pattern == SPELLED:
            parts = pc.match_substring_regex(cells, SPELLED_PARTS).cast(pa.float64())
            if pc.mean(parts).as_py() >= UNREADABLE:
                return column_format
            continue
        fraction = pc.any(pc.match_substring_regex(cells, FRACTION_OF_SECONDS)).as_py()
        minutes = fraction or pc.any(pc.match_substring_regex(cells, MINUTES)).as_py()
        if few or not (minutes or all_match(cells, SHORT_CLOCK)):  # levels, or not evident
            continue
        clock: Clock = "m:ss" if minutes else "h:mm"
        return column_format.model_copy(update={"clock": clock, "certain": fraction})
    return None


def infer_clock(
    present: pa.ChunkedArray, column_format: ColumnFormat, typed: int, *, text_stays_text: bool
) -> ColumnFormat | None:
    """Return the format of a sheet's times or durations with some text; None if it is too much.

    Args:
        present: The cells that are text, trimmed, null where missing.
        column_format: The format of the other cells.
        typed: Number of the other cells.
        text_stays_text: Whether text may only be dates.
    """
    present = pc.replace_substring(present, "−", "-")
    short = pc.match_substring_regex(present, SHORT_CLOCK).fill_null(False)
    clock = pc.match_substring_regex(present, CLOCK).fill_null(False)
    others = word_counts(present.filter(pc.invert(pc.or_(short, clock))).drop_null())
    filled = len(present) - present.null_count + typed
    if text_stays_text or (others and not few_others(others, filled)):
        return None
    return (
        column_format.model_copy(update={"clock": "h:mm"})
        if pc.any(short).as_py()
        else column_format
    )
