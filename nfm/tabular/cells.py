"""Columns of text cells become numbers, booleans or text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from nfm.tabular.unpacking import counted

Decimal = Literal[".", ","]

_TEXT = pd.StringDtype("pyarrow", na_value=np.nan)
_NULL = pa.scalar(None, pa.string())
_SPACES = "[ '’\u00a0\u202f]"
_EXPONENT = r"([eE][+-]?\d+)?"
_INFINITE = r"([iI]nf(inity)?|INF(INITY)?)"
_WHOLE = r"^[+-]?\d+$"
# Zip codes, telephone numbers: digits that are no quantity.
_CODE = r"^([+-]?0\d+|\+\d{8,})$"
_BOOLEAN = r"^([tT]rue|TRUE|[fF]alse|FALSE)$"
_POINT = {".": r"\.", ",": ","}
_PLAIN = {
    mark: rf"^[+-]?((\d+{point}?\d*|{point}\d+){_EXPONENT}|{_INFINITE})$"
    for mark, point in _POINT.items()
}
_GROUPED = {
    mark: rf"^[+-]?((\d+|\d{{1,3}}({other}\d{{3}})+|\d{{1,3}}({_SPACES}\d{{3}})+)"
    rf"({_POINT[mark]}\d*)?|{_POINT[mark]}\d+|{_INFINITE})$"
    for mark, other in ((".", ","), (",", r"\."))
}
# Numbers that can have been written with one decimal mark only.
_ONLY = {
    mark: rf"^[+-]?(\d+{point}(\d{{1,2}}|\d{{4,}})?|0{point}\d+|\d{{4,}}{point}\d+|{point}\d+"
    rf"|\d{{1,3}}({other}\d{{3}})+{point}\d*|\d{{1,3}}({other}\d{{3}}){{2,}}){_EXPONENT}$"
    for mark, point, other in ((".", r"\.", ","), (",", ",", r"\."))
}
_SAMPLE = 20_000
_HEAD = 200
_EXACT = 2**53
_TOO_LONG = "holds whole numbers too long to count with; kept as text"


@dataclass(frozen=True)
class Reading:
    """One column as it was read.

    Attributes:
        values: The cells as numbers, booleans or text.
        note: What a person should know of it, or None.
    """

    values: pd.Series
    note: str | None = None


def trimmed(cells: pa.ChunkedArray, missing: pa.Array) -> pa.ChunkedArray:
    """The cells without white space around them, null where one means a missing value."""
    return pa.chunked_array([_trimmed(chunk, missing) for chunk in cells.chunks], pa.string())


def _trimmed(chunk: pa.Array, missing: pa.Array) -> pa.Array:
    """One chunk trimmed; the chunk itself, not a copy, where there is nothing to do."""
    bare = pc.utf8_trim_whitespace(chunk)
    if pc.sum(pc.binary_length(bare)) == pc.sum(pc.binary_length(chunk)):
        bare = chunk
    absent = pc.is_in(bare, value_set=missing)
    return pc.if_else(absent, _NULL, bare) if pc.any(absent).as_py() else bare


def detect_decimal(columns: list[pa.ChunkedArray], delimiter: str) -> Decimal:
    """The decimal mark of a table: the one that its numbers can only have been written with.

    Args:
        columns: Cells of a table, trimmed, null where missing.
        delimiter: Decides where the numbers do not: beside semicolons stand decimal commas.
    """
    votes = {".": 0, ",": 0}
    grouped = 0
    for column in columns:
        sample = column.slice(0, _SAMPLE).drop_null()
        if not len(sample):
            continue
        for mark in (".", ","):
            if _all_match(sample, _GROUPED[mark]) or _all_match(sample, _PLAIN[mark]):
                votes[mark] += pc.any(pc.match_substring_regex(sample, _ONLY[mark])).as_py()
        if _all_match(sample, _GROUPED[","]) and pc.any(pc.match_substring(sample, ",")).as_py():
            grouped += 1
    if votes["."] == votes[","] == 0 and grouped and delimiter != ",":
        return ","
    return "," if votes[","] > votes["."] else "."


def convert(cells: pa.ChunkedArray, bare: pa.ChunkedArray, decimal: Decimal) -> Reading:
    """Read one column: whole numbers, numbers, booleans, else text.

    Args:
        cells: Its cells as they stand in the file.
        bare: The same, trimmed, null where missing.
        decimal: The table's decimal mark; a column that has only the other one is read by it.

    Returns:
        int64, float64, bool, nullable boolean or text; NaN where missing.
    """
    if bare.null_count == len(bare):
        return Reading(pd.Series(np.full(len(cells), np.nan)))
    head = _head(bare)
    if _all_match(head, _WHOLE) and _all_match(bare, _WHOLE):
        return _whole_numbers(cells, bare)
    if _all_match(head, _BOOLEAN) and _all_match(bare, _BOOLEAN):
        return Reading(_booleans(bare))
    numbers = _numbers(bare, head, decimal)
    if numbers is not None:
        return Reading(numbers)
    other: Decimal = "," if decimal == "." else "."
    numbers = _numbers(bare, head, other)
    if numbers is not None:
        mark = "comma" if other == "," else "point"
        return Reading(numbers, f"was read with a decimal {mark}, unlike the others")
    return Reading(_text(cells, bare), _almost_numbers(bare, decimal))


def _head(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """The first cells that are not missing."""
    heads = [chunk.drop_null().slice(0, _HEAD) for chunk in cells.chunks]
    return pa.chunked_array(heads, cells.type).slice(0, _HEAD)


def _all_match(cells: pa.ChunkedArray, pattern: str) -> bool:
    """Whether all cells that are not missing match."""
    return bool(pc.all(pc.match_substring_regex(cells, pattern)).as_py())


def _whole_numbers(cells: pa.ChunkedArray, bare: pa.ChunkedArray) -> Reading:
    if pc.any(pc.match_substring_regex(bare, _CODE)).as_py():
        return Reading(_text(cells, bare))
    signed = pc.any(pc.match_substring(bare, "+")).as_py()
    digits = pc.replace_substring(bare, "+", "") if signed else bare
    try:
        if not digits.null_count:
            return Reading(_numeric(digits, pa.int64()))
        whole = pc.cast(digits, pa.int64())
    except pa.ArrowInvalid:
        long = pc.mean(pc.cast(pc.greater(pc.utf8_length(bare), 15), pa.float64())).as_py()
        if long >= 0.5:
            return Reading(_text(cells, bare), _TOO_LONG)
        return Reading(_numeric(digits, pa.float64()))
    extremes = pc.min_max(whole).as_py()
    if max(-extremes["min"], extremes["max"]) > _EXACT:
        return Reading(_text(cells, bare), _TOO_LONG)
    return Reading(_numeric(whole, pa.float64()))


def _numbers(bare: pa.ChunkedArray, head: pa.ChunkedArray, mark: Decimal) -> pd.Series | None:
    """Numbers with one decimal mark, with or without groups of thousands; None if they are not."""
    if _all_match(head, _PLAIN[mark]):
        plain = bare if mark == "." else pc.replace_substring(bare, ",", ".")
        try:
            # A cast that succeeds is the fastest proof; it is as strict as the pattern, save
            # that it takes a point for a comma.
            if mark == "." or not pc.any(pc.match_substring(bare, ".")).as_py():
                return _numeric(plain, pa.float64())
        except pa.ArrowInvalid:
            pass
    if not (_all_match(head, _GROUPED[mark]) and _all_match(bare, _GROUPED[mark])):
        return None
    plain = pc.replace_substring_regex(bare, _SPACES, "")
    plain = pc.replace_substring(plain, "," if mark == "." else ".", "")
    return _numeric(pc.replace_substring(plain, ",", "."), pa.float64())


def _numeric(cells: pa.ChunkedArray, kind: pa.DataType) -> pd.Series:
    """Cells cast to int64 or float64, NaN where null; chunk by chunk, to spare memory."""
    values = np.empty(len(cells), kind.to_pandas_dtype())
    end = 0
    for chunk in cells.chunks:
        start, end = end, end + len(chunk)
        values[start:end] = pc.cast(chunk, kind).to_numpy(zero_copy_only=False)
    return pd.Series(values, copy=False)


def _booleans(bare: pa.ChunkedArray) -> pd.Series:
    true = pc.equal(pc.utf8_lower(bare), "true")
    if bare.null_count:
        return pd.Series(true.to_pandas().astype("boolean"))
    return pd.Series(true.to_numpy(), dtype="bool", copy=False)


def _text(cells: pa.ChunkedArray, bare: pa.ChunkedArray) -> pd.Series:
    if not bare.null_count:
        return text_series(cells)
    kept = [
        pc.if_else(pc.is_null(known), _NULL, chunk).cast(pa.large_string())
        for chunk, known in zip(cells.chunks, bare.chunks, strict=True)
    ]
    return text_series(pa.chunked_array(kept))


def text_series(cells: pa.ChunkedArray) -> pd.Series:
    """Text as pandas' "str" dtype, NaN where null, without copying the characters."""
    return pd.Series(cells.cast(pa.large_string()), dtype=_TEXT)


def _almost_numbers(bare: pa.ChunkedArray, decimal: Decimal) -> str | None:
    """Say which cells keep a column of numbers from being read as numbers."""
    present = len(bare) - bare.null_count
    count, first = 0, None
    for chunk in bare.chunks:
        other = pc.invert(pc.match_substring_regex(chunk, _GROUPED[decimal]))
        if decimal == ".":
            other = pc.and_(other, pc.invert(pc.match_substring_regex(chunk, _PLAIN[decimal])))
        odd = chunk.filter(other)
        count += len(odd)
        if count > 0.1 * present:
            return None
        if first is None and len(odd):
            first = odd[0].as_py()
    if first is None:
        return None
    return (
        f"is text because of {counted(count, 'cell')} of {present:,} that are no numbers, "
        f"the first is {first[:40]!r}"
    )
