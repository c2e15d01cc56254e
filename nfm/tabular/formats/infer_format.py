"""The format of a column is inferred, once, from the training table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api import types

from nfm.tabular.formats.column_format import ColumnFormat
from nfm.tabular.formats.date_text import find_order, parse_texts
from nfm.tabular.formats.missing_words import (
    MISSING,
    POSSIBLE_VALUES,
    kept_words,
    stands_for_a_number,
)
from nfm.tabular.formats.number_text import (
    CODE,
    EXACT,
    WHOLE,
    Decimal,
    are_durations,
    decides,
    find_unit,
    is_number,
    number_series,
    plain_numbers,
    thousands_mark,
)
from nfm.tabular.formats.read_column import (
    Cells,
    from_arrow,
    is_text,
    read_column,
    trimmed,
    uniform_objects,
    without_words,
)

# A text column is a column of numbers (or dates) if at most this share of its filled cells is
# something else, or twice as many that are at most three different words ...
UNREADABLE = 0.05
_FEW_WORDS = 3
# ... where words that often stand among numbers, such as "n.d." and "<0.5", may be half of it ...
_KNOWN_WORDS = 0.5
# ... and there are more different numbers than this. Fewer may be levels.
_FEW_NUMBERS = 20

_HEAD = 200
_SAMPLE = 20_000
_BOOLEAN = r"^([tT]rue|TRUE|[fF]alse|FALSE)$"
_TOO_LONG = "contains whole numbers that are too long to calculate with; kept as text"


@dataclass(frozen=True)
class FoundFormat:
    """The format of a column, and what a person should know of it.

    Attributes:
        format: How the column is read.
        missing_words: Cells that are not blank and count as missing, and how many there are.
        kept_words: Words that often mean a missing value and count as values here.
        case_variants: Texts that differ only in case, with the number of their cells.
        note: A remark for people, to follow "Column 'x' "; None without one.
    """

    format: ColumnFormat
    missing_words: Mapping[str, int] = field(default_factory=dict)
    kept_words: Mapping[str, int] = field(default_factory=dict)
    case_variants: tuple[tuple[str, int], ...] = ()
    note: str | None = None


def infer_format(
    cells: Cells,
    *,
    decimal: Decimal = ".",
    missing: tuple[str, ...] | None = None,
    text_stays_text: bool = False,
) -> FoundFormat:
    """Find out how a column is read.

    Args:
        cells: Text of a file, or a column of a frame of any dtype.
        decimal: The table's decimal mark; a column that has only the other one is read by it.
        missing: Cells that count as missing, as a person chose them; None: the usual ones,
            where the column's other values do not speak against it.
        text_stays_text: Text may be dates but not numbers or booleans (the estimators' rule).

    Returns:
        The format. The same column always gets the same one.
    """
    if not isinstance(cells, pa.ChunkedArray) and not is_text(cells):
        return FoundFormat(_typed_format(cells, decimal))
    declared = not isinstance(cells, pa.ChunkedArray) and isinstance(
        cells.dtype, pd.CategoricalDtype
    )
    bare, typed = _texts(cells)
    usual = frozenset(MISSING if missing is None else missing)
    present = without_words(bare, usual)
    words = _counts(bare.filter(pc.and_not(bare.is_valid(), present.is_valid())))
    if declared:
        found = None
    elif present.null_count == len(present) and typed is None:
        found = FoundFormat(ColumnFormat(type="number", decimal=decimal))
    else:
        found = _values_format(present, typed, decimal, text_stays_text)
    if found is None:
        found = _text_format(bare, present, words if missing is None else {}, decimal)
    kept = {word: words[word] for word in found.format.kept if word in words}
    return FoundFormat(
        found.format.model_copy(update={"missing": missing}),
        {word: count for word, count in words.items() if word not in kept},
        kept,
        found.case_variants,
        found.note,
    )


def _typed_format(series: pd.Series, decimal: Decimal) -> ColumnFormat:
    """The format of a column that has no text in it."""
    dtype: Any = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _typed_format(pd.Series(series.cat.categories), decimal)
    if types.is_object_dtype(dtype):
        uniform = uniform_objects(series)
        if uniform is None:  # lists and other values that are written out
            return ColumnFormat(type="text", decimal=decimal)
        return _typed_format(uniform, decimal)
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
    numeric = types.is_numeric_dtype(dtype)
    return ColumnFormat(type="number" if numeric else "text", decimal=decimal)


def _texts(cells: Cells) -> tuple[pa.ChunkedArray, str | None]:
    """Return the cells that are text, trimmed and null elsewhere, and the type of the others.

    The type is "number", "date", "mixed", or None if there are only texts and missing values.
    """
    if isinstance(cells, pa.ChunkedArray):
        return trimmed(cells), None
    if isinstance(cells.dtype, pd.CategoricalDtype):
        cells = cells.astype(cells.cat.categories.dtype)
    if cells.dtype != object:
        values = read_column(cells, ColumnFormat(missing=())).values
        return _arrow(values), None
    objects = cells.to_numpy(dtype=object)
    texts = [value if isinstance(value, str) else None for value in objects]
    others = pd.Series([v for v in objects if not isinstance(v, str)], dtype=object).dropna()
    kind = None
    if len(others):
        uniform = uniform_objects(others)
        kind = "mixed" if uniform is None else _typed_format(uniform, ".").type
    bare = read_column(pd.Series(texts, dtype=object), ColumnFormat(missing=())).values
    return _arrow(bare), kind


def _arrow(values: pd.Series) -> pa.ChunkedArray:
    made = pa.array(values, from_pandas=True)
    chunked = made if isinstance(made, pa.ChunkedArray) else pa.chunked_array([made])
    return chunked.cast(pa.string())


def _values_format(
    present: pa.ChunkedArray, typed: str | None, decimal: Decimal, text_stays_text: bool
) -> FoundFormat | None:
    """The format of a column of numbers, booleans or dates; None if it is text."""
    head = _head(present)
    if typed in (None, "number") and not text_stays_text:
        found = _number_format(present, head, decimal, typed is not None)
        if found is not None:
            return found
    if typed in (None, "boolean") and not text_stays_text and _all(present, _BOOLEAN):
        return FoundFormat(ColumnFormat(type="boolean", decimal=decimal))
    if typed in (None, "date"):
        return _date_format(present, head, decimal)
    return None


def _number_format(
    present: pa.ChunkedArray, head: pa.ChunkedArray, decimal: Decimal, typed: bool
) -> FoundFormat | None:
    if _all(head, WHOLE) and _all(present, WHOLE) and not typed:
        return _whole_format(present, decimal)
    texts = head.to_pylist()
    unit, is_sure = find_unit(texts)
    other: Decimal = "," if decimal == "." else "."
    styles = [ColumnFormat(type="number", decimal=mark, unit=unit) for mark in (decimal, other)]
    if _all(head, r"\d:\d\d:\d\d") and are_durations(present):
        return FoundFormat(ColumnFormat(type="number", decimal=decimal, unit="s", duration=True))
    if len(head) and max(is_number(head, style).mean() for style in styles) < 0.3:
        return None
    flags = [is_number(present, style) for style in styles]
    best = int(flags[1].sum() > flags[0].sum())
    style, good = styles[best], flags[best]
    filled = len(present) - present.null_count
    numbers = present.filter(pa.array(good))
    if pc.any(pc.match_substring_regex(numbers, CODE)).as_py():
        return None
    few = not typed and pc.count_distinct(numbers.slice(0, _SAMPLE)).as_py() <= _FEW_NUMBERS
    if few and unit and not is_sure:
        return None
    if int(good.sum()) < filled:
        others = _counts(present.filter(pa.array(~good)).drop_null())
        if few or not _few_others(others, filled):
            return None
    style = style.model_copy(
        update={
            "thousands": thousands_mark(numbers, style.decimal),
            "certain": decides(numbers, style),
        }
    )
    note = None
    if style.decimal != decimal:
        mark = "comma" if style.decimal == "," else "point"
        note = f"was read with a decimal {mark}, unlike the others"
    return FoundFormat(style, note=note)


def _few_others(others: Mapping[str, int], filled: int) -> bool:
    """Say whether cells that are not numbers are few enough to count as missing."""
    known = sum(count for word, count in others.items() if stands_for_a_number(word))
    unknown = sum(others.values()) - known
    strange = len([word for word in others if not stands_for_a_number(word)])
    allowed = UNREADABLE * (2 if strange <= _FEW_WORDS else 1)
    return known <= _KNOWN_WORDS * filled and unknown <= allowed * filled


def _whole_format(present: pa.ChunkedArray, decimal: Decimal) -> FoundFormat:
    """The format of digits: numbers, or codes with leading zeros, or too long to be numbers."""
    text, number = (ColumnFormat(type=kind, decimal=decimal) for kind in ("text", "number"))
    if pc.any(pc.match_substring_regex(present, CODE)).as_py():
        return FoundFormat(text)
    if (pc.max(pc.utf8_length(present)).as_py() or 0) <= 18:
        return FoundFormat(number)
    values = number_series(plain_numbers(present, number))
    if types.is_float_dtype(values.dtype) and np.abs(values).max() > EXACT:
        return FoundFormat(text, note=_TOO_LONG)
    return FoundFormat(number)


def _date_format(
    present: pa.ChunkedArray, head: pa.ChunkedArray, decimal: Decimal
) -> FoundFormat | None:
    texts = head.to_pylist()
    order, _ = find_order(_objects(texts))
    if not len(head) or (~np.isnat(parse_texts(head, order))).mean() < 0.5:
        return None
    different = present.unique().drop_null()
    order, certain = find_order(_objects(different.to_pylist()))
    sample = present.take(np.linspace(0, len(present) - 1, min(len(present), _SAMPLE)).astype(int))
    filled = sample.is_valid().to_numpy()
    read = ~np.isnat(parse_texts(sample, order))
    others = _counts(sample.filter(pa.array(~read)).drop_null())
    if not filled.any() or not _few_others(others, int(filled.sum())):
        return None
    style = ColumnFormat(type="date", decimal=decimal, date_order=order, certain=certain)
    if certain:
        return FoundFormat(style)
    needs_order = np.isnat(parse_texts(head, None))
    example = next((text for text, needs in zip(texts, needs_order, strict=True) if needs), "")
    day = {"dmy": "day first", "mdy": "month first", "ymd": "year first"}[order or "mdy"]
    return FoundFormat(style, note=f"has dates such as {example!r}, read {day}: please check")


def _text_format(
    bare: pa.ChunkedArray, present: pa.ChunkedArray, words: Mapping[str, int], decimal: Decimal
) -> FoundFormat:
    sample = present.slice(0, _SAMPLE).unique().drop_null().to_pylist()
    possible = {word: count for word, count in words.items() if word in POSSIBLE_VALUES}
    kept: list[str] = []
    if possible and sample:
        filled = len(bare) - bare.null_count
        kept = kept_words(possible, sample, filled, bare.null_count)
    style = ColumnFormat(decimal=decimal, kept=tuple(kept))
    return FoundFormat(style, case_variants=_case_variants(present, sample))


def _case_variants(present: pa.ChunkedArray, sample: list[str]) -> tuple[tuple[str, int], ...]:
    """Find levels that differ in nothing but case, of a column that has few levels."""
    if not sample or len(sample) > 200 or len(sample) > 0.5 * len(present):
        return ()
    groups: dict[str, list[str]] = {}
    for text in sample:
        groups.setdefault(text.lower(), []).append(text)
    doubtful = {text for group in groups.values() if len(group) > 1 for text in group}
    if not doubtful:
        return ()
    counts = _counts(present.filter(pc.is_in(present, value_set=pa.array(sorted(doubtful)))))
    return tuple(sorted(counts.items(), key=lambda item: (item[0].lower(), -item[1], item[0])))


def merged_spellings(variants: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
    """Choose the spelling of texts that differ in case only: the most frequent one."""
    best: dict[str, str] = {}
    for text, _ in variants:
        best.setdefault(text.lower(), text)
    return tuple(best.values())


def _head(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """The first cells that are not missing."""
    heads = [chunk.drop_null().slice(0, _HEAD) for chunk in cells.chunks]
    return pa.chunked_array(heads, cells.type).slice(0, _HEAD)


def _counts(cells: pa.ChunkedArray) -> dict[str, int]:
    """Count the different cells, in the order of their first appearance."""
    counted = cells.value_counts()
    return {each["values"]: each["counts"] for each in counted.to_pylist()}


def _objects(texts: list[str]) -> np.ndarray:
    found = np.empty(len(texts), dtype=object)
    found[:] = texts
    return found


def _all(cells: pa.ChunkedArray, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(cells, pattern)).as_py())
