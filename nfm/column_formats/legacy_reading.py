"""How tables were read up to commit cf2c3b7, for data sets and models without column formats.

Do not change these rules: the rows, splits and predictions of runs from that time depend on them
(tests/golden). They infer the meaning of a text from the rows that are given.
"""

from __future__ import annotations

import contextlib
import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from nfm.column_formats.column_format import DecimalMark
from nfm.text import counted

# Cells that counted as missing in every column.
LEGACY_MISSING_WORDS = (
    *("", "?", "-", "--", "—", "NA", "N/A", "n/a", "N-A", "#N/A", "#NA", "<NA>", "NaN", "nan"),
    *("NAN", "-NaN", "-nan", "NULL", "Null", "null", "None", "none", "NONE", "NaT", "nil"),
    *("(null)", "\\N"),
)

_TEXT = pd.StringDtype("pyarrow", na_value=np.nan)
_NULL = pa.scalar(None, pa.string())
_SPACES = "[ '’\u00a0\u202f]"
_EXPONENT = r"([eE][+-]?\d+)?"
_INFINITE = r"([iI]nf(inity)?|INF(INITY)?)"
_WHOLE = r"^[+-]?\d+$"
# ZIP codes and telephone numbers: digits that are not a quantity.
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
_TOO_LONG = "has whole numbers that are too long to calculate with; they are kept as text"


@dataclass(frozen=True)
class LegacyReading:
    """A column that was read by the legacy rules.

    Attributes:
        values: The cells as numbers, Booleans or text.
        note: The end of a sentence about the column, or None.
    """

    values: pd.Series
    note: str | None = None


def legacy_trimmed(cells: pa.ChunkedArray, missing: pa.Array) -> pa.ChunkedArray:
    """Return the cells without white space around them, null where a cell counts as missing."""
    return pa.chunked_array([_trimmed(chunk, missing) for chunk in cells.chunks], pa.string())


def _trimmed(chunk: pa.Array, missing: pa.Array) -> pa.Array:
    """Return a trimmed chunk; the chunk itself, not a copy, if there is nothing to trim."""
    bare = pc.utf8_trim_whitespace(chunk)
    if pc.sum(pc.binary_length(bare)) == pc.sum(pc.binary_length(chunk)):
        bare = chunk
    absent = pc.is_in(bare, value_set=missing)
    return pc.if_else(absent, _NULL, bare) if pc.any(absent).as_py() else bare


def detect_legacy_decimal(columns: list[pa.ChunkedArray], delimiter: str) -> DecimalMark:
    """Detect the decimal mark of a table from numbers that are possible with one mark only.

    Args:
        columns: Cells of a table's columns, trimmed, null where missing.
        delimiter: The table's delimiter. If no number decides, a comma is taken for the decimal
            mark unless it is also the delimiter.
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


def convert(cells: pa.ChunkedArray, bare: pa.ChunkedArray, decimal: DecimalMark) -> LegacyReading:
    """Read one column: whole numbers, numbers, booleans, else text.

    Args:
        cells: The column's cells as they are in the file.
        bare: The same cells, trimmed, null where missing.
        decimal: The table's decimal mark. A column that is only possible with the other one is
            read with that.

    Returns:
        int64, float64, bool, nullable boolean or text; NaN where missing.
    """
    if bare.null_count == len(bare):
        return LegacyReading(pd.Series(np.full(len(cells), np.nan)))
    head = _head(bare)
    if _all_match(head, _WHOLE) and _all_match(bare, _WHOLE):
        return _whole_numbers(cells, bare)
    if _all_match(head, _BOOLEAN) and _all_match(bare, _BOOLEAN):
        return LegacyReading(_booleans(bare))
    numbers = _numbers(bare, head, decimal)
    if numbers is not None:
        return LegacyReading(numbers)
    other: DecimalMark = "," if decimal == "." else "."
    numbers = _numbers(bare, head, other)
    if numbers is not None:
        mark = "comma" if other == "," else "point"
        return LegacyReading(numbers, f"was read with a decimal {mark}, unlike the other columns")
    return LegacyReading(_text(cells, bare), _almost_numbers(bare, decimal))


def _head(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the first cells that are not missing."""
    heads = [chunk.drop_null().slice(0, _HEAD) for chunk in cells.chunks]
    return pa.chunked_array(heads, cells.type).slice(0, _HEAD)


def _all_match(cells: pa.ChunkedArray, pattern: str) -> bool:
    """Return whether all cells that are not missing match a pattern."""
    return bool(pc.all(pc.match_substring_regex(cells, pattern)).as_py())


def _whole_numbers(cells: pa.ChunkedArray, bare: pa.ChunkedArray) -> LegacyReading:
    if pc.any(pc.match_substring_regex(bare, _CODE)).as_py():
        return LegacyReading(_text(cells, bare))
    signed = pc.any(pc.match_substring(bare, "+")).as_py()
    digits = pc.replace_substring(bare, "+", "") if signed else bare
    try:
        if not digits.null_count:
            return LegacyReading(_numeric(digits, pa.int64()))
        whole = pc.cast(digits, pa.int64())
    except pa.ArrowInvalid:
        long = pc.mean(pc.cast(pc.greater(pc.utf8_length(bare), 15), pa.float64())).as_py()
        if long >= 0.5:
            return LegacyReading(_text(cells, bare), _TOO_LONG)
        return LegacyReading(_numeric(digits, pa.float64()))
    extremes = pc.min_max(whole).as_py()
    if max(-extremes["min"], extremes["max"]) > _EXACT:
        return LegacyReading(_text(cells, bare), _TOO_LONG)
    return LegacyReading(_numeric(whole, pa.float64()))


def _numbers(bare: pa.ChunkedArray, head: pa.ChunkedArray, mark: DecimalMark) -> pd.Series | None:
    """Return numbers with a decimal mark, with or without thousands separators; None if not all."""
    if _all_match(head, _PLAIN[mark]):
        plain = bare if mark == "." else pc.replace_substring(bare, ",", ".")
        try:
            # A cast is the fastest test. It is as strict as the pattern, except that it reads a
            # point as a comma.
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
    """Cast cells to int64 or float64, NaN where null; chunk by chunk, to use less memory."""
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
        return legacy_text_series(cells)
    kept = [
        pc.if_else(pc.is_null(known), _NULL, chunk).cast(pa.large_string())
        for chunk, known in zip(cells.chunks, bare.chunks, strict=True)
    ]
    return legacy_text_series(pa.chunked_array(kept))


def legacy_text_series(cells: pa.ChunkedArray) -> pd.Series:
    """Return text in pandas' "str" dtype, NaN where null, without copying the characters."""
    return pd.Series(cells.cast(pa.large_string()), dtype=_TEXT)


def _almost_numbers(bare: pa.ChunkedArray, decimal: DecimalMark) -> str | None:
    """Say which cells prevent a column from being read as numbers."""
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
        f"is text because {counted(count, 'cell')} of {present:,} "
        f"{'is not a number' if count == 1 else 'are not numbers'}; the first is {first[:40]!r}"
    )


def read_legacy_column(
    column: pa.ChunkedArray | pd.Series, decimal: DecimalMark, missing: pa.Array
) -> LegacyReading:
    """Read a raw column as numbers, Booleans, dates or text.

    Args:
        column: The raw cells.
        decimal: The table's decimal mark.
        missing: Texts that count as missing.
    """
    if isinstance(column, pd.Series):
        if column.dtype in ("Int64", "UInt64", "uint64"):
            small = column.dtype == "uint64" and column.max() < 2**63
            return LegacyReading(column.astype("int64" if small else "float64"))
        if column.dtype.kind == "m":
            return LegacyReading(column.dt.total_seconds())
        if isinstance(column.dtype, pd.DatetimeTZDtype):
            return LegacyReading(column.dt.tz_convert("UTC").dt.tz_localize(None))
        if column.dtype != "object":
            return LegacyReading(column)
        return _sheet_column(column.tolist(), decimal, missing)
    return convert(column, legacy_trimmed(column, _missing_for(column, missing)), decimal)


def _sheet_column(cells: list[Any], decimal: DecimalMark, missing: pa.Array) -> LegacyReading:
    """Read the cells of a sheet; durations and times of day become text."""
    cells = [_settled(cell) for cell in cells]
    kinds = {type(cell) for cell in cells if cell is not None}
    if not kinds:
        return LegacyReading(pd.Series(np.full(len(cells), np.nan)))
    if kinds == {bool}:
        return LegacyReading(pd.Series(cells, dtype="boolean" if None in cells else "bool"))
    if kinds == {int} and None not in cells and all(abs(cell) < 2**63 for cell in cells):
        return LegacyReading(pd.Series(cells, dtype="int64"))
    if kinds <= {int, float}:
        return LegacyReading(pd.Series([np.nan if cell is None else float(cell) for cell in cells]))
    if kinds == {datetime.datetime}:
        with contextlib.suppress(ValueError, OverflowError):
            return LegacyReading(pd.to_datetime(pd.Series(cells, dtype="object")))
    texts = pa.chunked_array(
        [[None if cell is None else _written(cell) for cell in cells]], pa.string()
    )
    if kinds <= {str, int, float, bool}:
        return LegacyReading(convert(texts, legacy_trimmed(texts, missing), decimal).values)
    return LegacyReading(legacy_text_series(texts))


def _settled(cell: Any) -> Any:
    """Return a cell as openpyxl did: whole numbers as integers, dates as midnights."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) <= _EXACT:
        return int(cell)
    if isinstance(cell, datetime.date) and not isinstance(cell, datetime.datetime):
        return datetime.datetime(cell.year, cell.month, cell.day)
    return cell


def _written(cell: Any) -> str:
    """Write a cell as text, dates and times of day as ISO 8601."""
    if isinstance(cell, datetime.datetime | datetime.time):
        return cell.isoformat()
    return str(cell)


def legacy_parquet_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Convert a Parquet column as the legacy rules do.

    Times of day become text, and shorter floats keep their binary value, so that 0.1 of 32 bits
    becomes 0.10000000149011612.

    Args:
        column: A column of a Parquet file.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_time(kind):
        return column.cast(pa.large_string())
    return column.cast(pa.float64()) if pa.types.is_floating(kind) else column


def _missing_for(cells: pa.ChunkedArray, missing: pa.Array) -> pa.Array:
    """Return the texts that count as missing: not "-" in a column that also has "+"."""
    if pc.any(pc.equal(cells.slice(0, 20_000), "+")).as_py():
        return missing.filter(pc.not_equal(missing, "-"))
    return missing
