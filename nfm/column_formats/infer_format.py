"""Infer the format of a column, once, from the training table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api import types

from nfm.column_formats.column_format import CellType, Clock, ColumnFormat, DecimalMark
from nfm.column_formats.date_text import (
    EXIF_DAY,
    MONTH_WITH_POINT,
    find_first_year,
    find_offset,
    find_order,
    ordered_shapes,
    parse_texts,
)
from nfm.column_formats.duration_text import (
    ANY_CLOCK,
    CLOCK,
    FRACTION_OF_SECONDS,
    MINUTES,
    SHORT_CLOCK,
    SPELLED,
    SPELLED_PARTS,
)
from nfm.column_formats.missing_words import (
    MISSING_WORDS,
    POSSIBLE_VALUES,
    is_number_word,
    kept_words,
)
from nfm.column_formats.number_text import (
    CODE,
    CODE_WITH_UNIT,
    POWER_CODE,
    WHOLE,
    all_match,
    decides,
    has_point_groups,
    is_number,
    is_plain,
    number_series,
    plain_numbers,
    thousands_mark,
    western_digits,
)
from nfm.column_formats.read_column import (
    Cells,
    TrimmedText,
    arrow_texts,
    is_text,
    read_column,
    sort_of,
    trimmed,
    without_words,
    word_counts,
)
from nfm.column_formats.typed_columns import (
    from_arrow,
    number_text,
    settled_numbers,
    uniform_objects,
    whole_decimals,
    zone_of,
)
from nfm.column_formats.unit_text import find_unit

# A text column is a column of numbers (or dates) if at most this share of its filled cells is
# something else, or twice this share if these are at most three different words ...
_UNREADABLE = 0.05
_FEW_WORDS = 3
# ... if at most this share is words that are common among numbers, such as "n.d." and "<0.5" ...
_KNOWN_WORDS = 0.5
# ... and if it has more different numbers than this; fewer may be levels.
_FEW_NUMBERS = 20
# Cells that are enough to tell lists of codes from numbers with thousands separators.
_FEWEST_CODE_LISTS = 20
_CODE_LIST = r"^\d{3}(,\d{3})*$"

_NO_DATE = ("0", "00000000", "99991231", "99999999")
_DIGITS_OF_DATE = r"^(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$"
_DIGITS_OF_TIME = _DIGITS_OF_DATE.removesuffix("$") + r"([01]\d|2[0-3])[0-5]\d[0-5]\d$"
_SEASON = re.compile(r"\d\d(\d\d)[/-](\d\d)")
_HEAD = 200
# If fewer of the first cells look like numbers, the others are not examined.
_MOST_OF_HEAD = 0.3
_SAMPLE = 20_000
_BOOLEAN = r"^([tT]rue|TRUE|[fF]alse|FALSE)$"


def infer_format(
    cells: Cells,
    *,
    decimal: DecimalMark = ".",
    missing: tuple[str, ...] | None = None,
    text_stays_text: bool = False,
) -> ColumnFormat:
    """Infer the format of a column from its cells.

    Args:
        cells: The text of a file's cells, or a column of a frame of any dtype.
        decimal: The table's decimal mark. A column that is only possible with the other one gets
            that.
        missing: Cells that count as missing; None: those in `MISSING_WORDS`, except words that
            are probably values in this column.
        text_stays_text: Whether text may be dates but not numbers or Booleans (the rule of the
            estimators).

    Returns:
        The format. The same column always gets the same format.
    """
    declared = False
    if not isinstance(cells, pa.ChunkedArray | TrimmedText):
        if not is_text(cells):
            return _typed_format(cells, decimal)
        declared = isinstance(cells.dtype, pd.CategoricalDtype)
    bare, typed = _texts(cells)
    present = without_words(bare, frozenset(MISSING_WORDS if missing is None else missing))
    found = None
    if not declared:
        if present.null_count < len(present):
            found = _values_format(present, typed, decimal, text_stays_text)
        elif typed is None:
            found = ColumnFormat(type="number", decimal=decimal)
        else:
            found = _typed_format(typed, decimal)
    if found is None:
        kept = () if missing is not None else _kept_words(bare, present)
        found = ColumnFormat(decimal=decimal, kept=kept)
    return found if missing is None else found.model_copy(update={"missing": missing})


def _typed_format(series: pd.Series, decimal: DecimalMark) -> ColumnFormat:
    """Return the format of a column that contains no text."""
    dtype: Any = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _typed_format(pd.Series(series.cat.categories), decimal)
    if types.is_object_dtype(dtype):
        series = whole_decimals(series)
        uniform = uniform_objects(series)
        if uniform is not None:
            style = _typed_format(uniform, decimal)
            several = style.type == "date" and not style.time_zone and zone_of(series)
            return style.model_copy(update={"time_zone": several}) if several else style
        if types.infer_dtype(series, skipna=True) == "period":
            return infer_format(series.map(str, na_action="ignore"), decimal=decimal)
        # Lists and other values are written as text.
        return ColumnFormat(type=_type_of_most(series), decimal=decimal)
    if isinstance(dtype, pd.PeriodDtype):
        return infer_format(series.astype(object).map(str, na_action="ignore"), decimal=decimal)
    if types.is_bool_dtype(dtype):
        return ColumnFormat(type="boolean", decimal=decimal)
    if types.is_datetime64_any_dtype(dtype):
        zone = getattr(series.dt, "tz", None)
        return ColumnFormat(
            type="date", decimal=decimal, time_zone="" if zone is None else str(zone)
        )
    if types.is_timedelta64_dtype(dtype):
        return ColumnFormat(type="number", decimal=decimal, unit="s", duration=True)
    if isinstance(dtype, pd.ArrowDtype):
        return _typed_format(from_arrow(series), decimal)
    if not types.is_numeric_dtype(dtype):
        return ColumnFormat(type="text", decimal=decimal)
    if types.is_integer_dtype(dtype) or types.is_float_dtype(dtype):
        # Dates such as 20240305 beside 0, or with a time, are dates as in the text of a file.
        values = settled_numbers(series).dropna()
        marked = values.isin([int(mark) for mark in _NO_DATE])
        others = values[~marked]
        lowest, highest = (others.min(), others.max()) if len(others) else (0, 0)
        if (marked.any() and 1e7 < lowest <= highest < 1e8) or 1e13 < lowest <= highest < 1e14:
            digits = pa.array([number_text(value) for value in values], pa.string())
            dates = _dates_of_digits(pa.chunked_array([digits]))
            if dates is not None:
                return dates
    return ColumnFormat(type="number", decimal=decimal)


def _type_of_most(series: pd.Series) -> CellType:
    """Return the type of nearly all values of a sheet's column: numbers or dates, else text."""
    sorts = series.map(sort_of)
    counts = sorts[sorts != ""].value_counts()
    numbers, dates = counts.get("whole", 0) + counts.get("number", 0), counts.get("moment", 0)
    if not len(counts) or numbers + dates < counts.sum():
        return "text"
    if min(numbers, dates) > _UNREADABLE * counts.sum():
        return "text"
    return "number" if numbers > dates else "date"


def _texts(cells: Cells) -> tuple[pa.ChunkedArray, pd.Series | None]:
    """Return the cells that are text, trimmed, null elsewhere; and the other cells, if any."""
    if isinstance(cells, TrimmedText):
        return cells.cells, None
    if isinstance(cells, pa.ChunkedArray):
        return trimmed(cells), None
    if isinstance(cells.dtype, pd.CategoricalDtype):
        cells = cells.astype(cells.cat.categories.dtype)
    as_it_is = ColumnFormat(missing=())
    if not types.is_object_dtype(cells.dtype):
        return arrow_texts(read_column(cells, as_it_is).values), None
    objects = cells.to_numpy(dtype=object)
    texts = [value if isinstance(value, str) else None for value in objects]
    others = pd.Series([v for v in objects if not isinstance(v, str)], dtype=object).dropna()
    bare = read_column(pd.Series(texts, dtype=object), as_it_is).values
    return arrow_texts(bare), others if len(others) else None


def _values_format(
    present: pa.ChunkedArray, typed: pd.Series | None, decimal: DecimalMark, text_stays_text: bool
) -> ColumnFormat | None:
    """Return the format of a column of numbers, Booleans or dates; None if it is text.

    Args:
        present: The cells that are text, null where missing.
        typed: The cells that are not text, such as the numbers of a sheet; None if all are text.
        decimal: The table's decimal mark.
        text_stays_text: Whether text may only be dates.
    """
    present = western_digits(present)
    head = _head(present)
    style = None if typed is None else _typed_format(typed, decimal)
    if typed is not None and style is not None and style.duration:
        return _clock_format(present, style, len(typed), text_stays_text=text_stays_text)
    kind = None if style is None else style.type
    if kind in (None, "number") and not text_stays_text:
        found = _number_format(present, head, typed, decimal)
        if found is not None:
            return found
    words = kind in (None, "boolean") and not text_stays_text and all_match(head, _BOOLEAN)
    if words and all_match(present, _BOOLEAN):
        return ColumnFormat(type="boolean", decimal=decimal)
    if kind in (None, "date"):
        return _date_format(present, head, 0 if typed is None else len(typed), decimal)
    return None


def _clock_format(
    present: pa.ChunkedArray, style: ColumnFormat, typed: int, *, text_stays_text: bool
) -> ColumnFormat | None:
    """Return the format of a sheet's times or durations with some text; None if it is too much."""
    short = pc.match_substring_regex(present, SHORT_CLOCK).fill_null(False)
    clock = pc.match_substring_regex(present, CLOCK).fill_null(False)
    others = word_counts(present.filter(pc.invert(pc.or_(short, clock))).drop_null())
    filled = len(present) - present.null_count + typed
    if text_stays_text or (others and not _few_others(others, filled)):
        return None
    return style.model_copy(update={"clock": "h:mm"}) if pc.any(short).as_py() else style


def _number_format(
    present: pa.ChunkedArray, head: pa.ChunkedArray, typed: pd.Series | None, decimal: DecimalMark
) -> ColumnFormat | None:
    if typed is None and all_match(head, WHOLE) and all_match(present, WHOLE):
        return _whole_format(present, decimal)
    if typed is None and all_match(head, POWER_CODE) and all_match(present, POWER_CODE):
        return None
    if typed is None and all_match(head, MONTH_WITH_POINT) and all_match(present, MONTH_WITH_POINT):
        return None
    if typed is None and has_point_groups(present):
        return ColumnFormat(type="number", decimal=",", thousands=".", certain=False)
    if typed is None and decimal == "." and is_plain(head) and is_plain(present):
        certain = decides(head, ColumnFormat(type="number"))
        return ColumnFormat(type="number", certain=certain or decides(present, ColumnFormat()))
    durations = _duration_format(present, head, typed, decimal)
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
    style, good = styles[0], is_number(present, styles[0])
    if int(good.sum()) < filled:
        again = is_number(present, styles[1])
        if again.sum() > good.sum():
            style, good = styles[1], again
    numbers = present.filter(pa.array(good))
    if pc.any(pc.match_substring_regex(numbers, CODE)).as_py():
        return None
    if typed is None and _are_code_lists(numbers):
        return None
    different = pc.count_distinct(numbers.slice(0, _SAMPLE)).as_py()
    different += 0 if typed is None else typed.nunique()
    if different <= _FEW_NUMBERS and unit and not is_sure:
        return None
    if int(good.sum()) < filled:
        others = word_counts(present.filter(pa.array(~good)).drop_null())
        total = filled + (0 if typed is None else len(typed))
        if different <= _FEW_NUMBERS or not _few_others(others, total):
            return None
    return style.model_copy(
        update={
            "thousands": thousands_mark(numbers, style.decimal),
            "certain": decides(numbers, style),
        }
    )


def _are_code_lists(numbers: pa.ChunkedArray) -> bool:
    """Return whether cells such as "101" and "101,205,318" are lists of codes of three digits.

    Among numbers of so different sizes, some would begin with one or two digits.
    """
    if len(numbers) < _FEWEST_CODE_LISTS or not all_match(numbers, _CODE_LIST):
        return False
    return pc.count_distinct(pc.utf8_length(numbers)).as_py() > 1


def _duration_format(
    present: pa.ChunkedArray, head: pa.ChunkedArray, typed: pd.Series | None, decimal: DecimalMark
) -> ColumnFormat | None:
    """Return the format of durations or times of day; None if the cells are something else.

    Two numbers (1:30) are minutes and seconds if a cell has a fraction or is later than 24:00, else
    hours and minutes, as in sheets. Only a fraction makes this certain. Beside h:mm:ss, they are
    minutes and seconds or not read.
    """
    if all_match(head, EXIF_DAY) and all_match(present, EXIF_DAY):
        return None
    for pattern in (CLOCK, SPELLED, ANY_CLOCK):
        if not len(head) or (typed is not None and pattern != CLOCK):
            continue
        if pc.mean(pc.match_substring_regex(head, pattern).cast(pa.float64())).as_py() < 0.5:
            continue
        good = pc.match_substring_regex(present, pattern).fill_null(False)
        cells = present.filter(good)
        others = word_counts(present.filter(pc.invert(good)).drop_null())
        few = pc.count_distinct(cells.slice(0, _SAMPLE)).as_py() <= _FEW_NUMBERS
        if others and (few or not _few_others(others, len(present) - present.null_count)):
            continue
        style = ColumnFormat(type="number", decimal=decimal, unit="s", duration=True)
        if pattern == CLOCK:
            return style
        if pattern == SPELLED:
            parts = pc.match_substring_regex(cells, SPELLED_PARTS).cast(pa.float64())
            if pc.mean(parts).as_py() >= _UNREADABLE:
                return style
            continue
        fraction = pc.any(pc.match_substring_regex(cells, FRACTION_OF_SECONDS)).as_py()
        minutes = fraction or pc.any(pc.match_substring_regex(cells, MINUTES)).as_py()
        if few or not (minutes or all_match(cells, SHORT_CLOCK)):  # levels, or not evident
            continue
        clock: Clock = "m:ss" if minutes else "h:mm"
        return style.model_copy(update={"clock": clock, "certain": fraction})
    return None


def _few_others(others: Mapping[str, int], filled: int) -> bool:
    """Return whether cells that are not numbers are few enough to count as missing."""
    known = sum(count for word, count in others.items() if is_number_word(word))
    unknown = sum(others.values()) - known
    strange = len([word for word in others if not is_number_word(word)])
    allowed = _UNREADABLE * (2 if strange <= _FEW_WORDS else 1)
    return known <= _KNOWN_WORDS * filled and unknown <= allowed * filled


def _whole_format(present: pa.ChunkedArray, decimal: DecimalMark) -> ColumnFormat:
    """Return the format of digits: text if they are codes or too long for numbers, else numbers."""
    text, number = (ColumnFormat(type=kind, decimal=decimal) for kind in ("text", "number"))
    if (dates := _dates_of_digits(present)) is not None:
        return dates
    if pc.any(pc.match_substring_regex(present, CODE)).as_py():
        return text
    if (pc.max(pc.utf8_length(present)).as_py() or 0) <= 18:
        return number
    values = number_series(plain_numbers(present, number))
    return text if types.is_object_dtype(values.dtype) else number


def _dates_of_digits(digits: pa.ChunkedArray) -> ColumnFormat | None:
    """Return the format of dates such as 20240305 beside 00000000, or of 20240305143000.

    Databases write zeros for no date and 99991231 for an end that is not known.

    Returns:
        The format; None for other digits, also for 20240305 alone, of which `nfm.tabular.kinds`
        decides.
    """
    marks = word_counts(digits, _NO_DATE)
    dates = without_words(digits, frozenset(_NO_DATE)).drop_null()
    if not all_match(dates, _DIGITS_OF_DATE if marks else _DIGITS_OF_TIME):
        return None
    months = pc.count_distinct(pc.utf8_slice_codeunits(dates, 0, 6)).as_py()
    if pc.count_distinct(dates).as_py() <= _FEW_NUMBERS or months == 1:
        return None
    style = ColumnFormat(type="date")
    for mark in sorted(marks):
        style = style.drop(mark)
    return style


def _date_format(
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
    if not _few_others(others, int(filled.sum()) + typed):
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


def _kept_words(bare: pa.ChunkedArray, present: pa.ChunkedArray) -> tuple[str, ...]:
    """Decide which words of a text column are values, although they often mean a missing one."""
    words = word_counts(bare, POSSIBLE_VALUES)
    others = present.slice(0, _SAMPLE).unique().drop_null().to_pylist()
    if not words or not others:
        return ()
    return tuple(kept_words(words, others, len(bare) - bare.null_count, bare.null_count))


def _head(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the first cells that are not missing."""
    heads = [chunk.drop_null().slice(0, _HEAD) for chunk in cells.chunks]
    return pa.chunked_array(heads, cells.type).slice(0, _HEAD)
