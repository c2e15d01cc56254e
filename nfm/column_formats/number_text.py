"""Parse texts as numbers, in all common ways of writing them."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from nfm.column_formats.column_format import ColumnFormat, DecimalMark
from nfm.column_formats.duration_text import seconds_texts
from nfm.column_formats.unit_text import find_unit, without_unit
from nfm.text import INVISIBLE

WHOLE = r"^[+-]?\d+$"
# ZIP codes and telephone numbers: digits that are not a quantity.
CODE = r"^([+-]?0\d+|\+\d{8,})$"
# Codes that look like powers of ten. Programs write 1e+05, or a point before the exponent.
# 0059A: no number has zeros in front.
CODE_WITH_UNIT = r"^[+-]?0\d+[^\d.,]"
POWER_CODE = r"^\d+[eE]\d{1,3}$"
# A column of at most this many different numbers among other text may be one of levels.
FEW_NUMBERS = 20
# A float represents all whole numbers up to this one exactly.
EXACT = 2**53
# Whole numbers that a float may not represent exactly.
_LONG = r"^[+-]?\d{16,}$"
# The largest float has 309 digits.
_ENDLESS = 400

_SPACES = "[ '’\u00a0\u202f\u2009]"
_EXPONENT = r"([eE][+-]?\d+)?"
_INFINITE = r"([iI]nf(inity)?|INF(INITY)?)"
_POINT = {".": r"\.", ",": ","}
_PLAIN = {
    mark: rf"^[+-]?((\d+{point}?\d*|{point}\d+){_EXPONENT}|{_INFINITE})$"
    for mark, point in _POINT.items()
}
_GROUPED = {
    mark: rf"^[+-]?((\d+|[1-9]\d{{0,2}}({other}\d{{3}})+|[1-9]\d{{0,2}}({_SPACES}\d{{3}})+"
    rf"|[1-9]\d?({other}\d{{2}})+{other}\d{{3}})"
    rf"({_POINT[mark]}\d*)?|{_POINT[mark]}\d+|{_INFINITE})$"
    for mark, other in ((".", ","), (",", r"\."))
}
_NUMBER = {mark: f"({_PLAIN[mark]})|({_GROUPED[mark]})" for mark in _POINT}
# Numbers that are possible with one of the two decimal marks only.
_ONLY = {
    mark: rf"^[+-]?(\d+{point}(\d{{1,2}}|\d{{4,}})?|0{point}\d+|\d{{4,}}{point}\d+|{point}\d+"
    rf"|\d{{1,3}}({other}\d{{3}})+{point}\d*|\d{{1,3}}({other}\d{{3}}){{2,}}"
    rf"|\d{{1,3}}({_SPACES}\d{{3}})+{point}\d*){_EXPONENT}$"
    for mark, point, other in ((".", r"\.", ","), (",", ",", r"\."))
}
# Digits and marks of other scripts: Arabic, Persian, Devanagari, Bengali, Thai and full-width ones;
# and characters that are not seen, which mean nothing.
_ZEROS = "\u0660\u06f0\u0966\u09e6\u0e50\uff10"
_WESTERN = {ord(zero) + value: str(value) for zero in _ZEROS for value in range(10)} | {
    ord(mark): meaning
    for mark, meaning in zip("\u066b\u066c\u066a．，：／＋－％￥", ".,%.,:/+-%¥", strict=True)
}
_WESTERN |= dict.fromkeys(map(ord, INVISIBLE), "")
_WESTERN |= dict.fromkeys(map(ord, "\u2010\u2011\u2012\ufe63"), "-")
_OTHER_SCRIPT = f"[{''.join(map(chr, _WESTERN))}]"
_POINT_GROUPS = r"^[+-]?(0|[1-9]\d{0,2}(\.\d{3})*)$"
_FEWEST_GROUPS = 20
_FEWEST_WHOLE = 3
# The share of the first cells that must be numbers.
_MOST = 0.95


def all_match(cells: pa.ChunkedArray, pattern: str) -> bool:
    """Return whether all cells that are not null match a pattern."""
    return bool(pc.all(pc.match_substring_regex(cells, pattern)).as_py())


def western_digits(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Convert digits and separators of other scripts to ASCII: ٣٫٥ and ３．５ become 3.5.

    Invisible characters, such as direction marks, are removed.

    Args:
        cells: Text, null where missing.
    """
    if pc.all(pc.string_is_ascii(cells)).as_py():
        return cells
    if not pc.any(pc.match_substring_regex(cells, _OTHER_SCRIPT)).as_py():
        return cells
    texts = [None if text is None else text.translate(_WESTERN) for text in cells.to_pylist()]
    return pa.chunked_array([texts], pa.string())


def any_contains(cells: pa.ChunkedArray, part: str) -> bool:
    """Return whether any cell contains a text, such as a decimal mark."""
    return bool(pc.any(pc.match_substring(cells, part)).as_py())


def plain_numbers(bare: pa.ChunkedArray, column_format: ColumnFormat) -> pa.ChunkedArray:
    """Rewrite numbers in plain notation: digits, a decimal point, an exponent.

    Args:
        bare: Trimmed text, null where missing.
        column_format: Decimal mark, unit and whether the numbers are durations.

    Returns:
        As many texts; null where a cell is missing or not a number in this format.
    """
    bare = western_digits(bare)
    if column_format.duration:
        return seconds_texts(bare, column_format.clock)
    text = _replace(_replace(bare, "−", "-"), "–", "-")
    if column_format.unit:
        text = without_unit(text, column_format.unit)
    if any_contains(text, "("):
        text = pc.replace_substring_regex(text, r"^\(-\)\s*", "-")
        text = pc.replace_substring_regex(text, r"^\(\s*([^()+-]+?)\s*\)$", r"-\1")
    if pc.any(pc.ends_with(text, "-")).as_py():
        # In a price, a dash is in the place of the cents: 12,- and 12.-- are 12.
        text = pc.replace_substring_regex(text, r"([.,])--?$", r"\1")
        text = pc.replace_substring_regex(text, r"^([^+-]*[\d.,])\s*-$", r"-\1")
    if any_contains(text, " "):
        text = pc.replace_substring_regex(text, r"^([+-])\s+", r"\1")
    mark = column_format.decimal
    plain = pc.match_substring_regex(text, _PLAIN[mark])
    if not pc.all(plain).as_py():
        known = pc.or_(plain, pc.match_substring_regex(text, _GROUPED[mark]))
        text = pc.if_else(known, text, pa.scalar(None, text.type))
        text = pc.replace_substring_regex(text, _SPACES, "")
        text = _replace(text, "," if mark == "." else ".", "")
    return _replace(text, ",", ".") if mark == "," else text


def quick_numbers(bare: pa.ChunkedArray, column_format: ColumnFormat) -> pd.Series | None:
    """Read a column of numbers as programs write them in one step.

    Args:
        bare: Trimmed text, null where missing.
        column_format: Decimal mark, unit and whether the numbers are durations.

    Returns:
        The numbers; None if a cell is written in another way.
    """
    if (
        column_format.decimal != "."
        or column_format.unit
        or column_format.duration
        or not _is_plain_head(bare)
    ):
        return None
    try:
        return number_series(bare)
    except pa.ArrowInvalid:
        return None


def _is_plain_head(cells: pa.ChunkedArray) -> bool:
    """Return whether the first cells are numbers as programs write them, with a point."""
    return all_match(cells.slice(0, 200), _PLAIN["."])


def number_series(plain: pa.ChunkedArray) -> pd.Series:
    """Convert the texts that `plain_numbers` returns to numbers.

    Args:
        plain: Numbers as programs write them, null where missing.

    Returns:
        int64 if all numbers are whole and none is missing; "Int64" or "UInt64" if a float could
        not represent a whole number exactly; objects if such a number occurs with fractions; else
        float64, NaN where missing.
    """
    if plain.null_count < len(plain):
        head = plain.slice(0, 200).drop_null()
        if all_match(head, WHOLE) and all_match(plain, WHOLE):
            digits = _replace(plain, "+", "")
            whole = _whole(digits)
            if whole is not None:
                return whole
    if pc.any(pc.match_substring_regex(plain, _LONG)).as_py():
        exact = [_exact(text) for text in plain.to_pylist()]
        if any(isinstance(number, int) and abs(number) > EXACT for number in exact):
            return pd.Series(exact, dtype=object)
    values = np.empty(len(plain), np.float64)
    end = 0
    for chunk in plain.chunks:
        start, end = end, end + len(chunk)
        values[start:end] = pc.cast(chunk, pa.float64()).to_numpy(zero_copy_only=False)
    return pd.Series(values, copy=False)


def _exact(text: str | None) -> int | float:
    """Parse a number; a whole number keeps all its digits, unless no float is as large."""
    if text is None:
        return np.nan
    return int(text) if text.lstrip("+-").isdigit() and len(text) < _ENDLESS else float(text)


def _whole(digits: pa.ChunkedArray) -> pd.Series | None:
    """Return whole numbers exactly; None if a float does, or if no integer type does."""
    for kind, dtype in ((pa.int64(), "Int64"), (pa.uint64(), "UInt64")):
        try:
            whole = pa.chunked_array([pc.cast(chunk, kind) for chunk in digits.chunks], kind)
        except pa.ArrowInvalid:
            continue
        if not whole.null_count:
            values = np.concatenate([chunk.to_numpy() for chunk in whole.chunks])
            return pd.Series(values, copy=False)
        ends = pc.min_max(whole).as_py()
        if max(-ends["min"], ends["max"]) <= EXACT:
            return None
        return pd.Series(whole.to_pandas(integer_object_nulls=True), dtype=dtype)
    return None


def detect_decimal(columns: list[pa.ChunkedArray], delimiter: str) -> tuple[DecimalMark, bool]:
    """Detect the decimal mark of a table from numbers that are possible with one mark only.

    Args:
        columns: Cells of a table's columns, trimmed, null where missing.
        delimiter: The table's delimiter. If no number decides, a comma is taken for the decimal
            mark unless it is also the delimiter.

    Returns:
        The decimal mark of most columns, "." if nothing decides; and whether a number does.
    """
    votes: dict[DecimalMark, int] = {".": 0, ",": 0}
    grouped = 0
    for column in columns:
        sample = column.drop_null()
        if not len(sample):
            continue
        if is_plain(sample):
            votes["."] += bool(_only(sample, ColumnFormat()))
            continue
        unit, _ = find_unit(sample.slice(0, 200).to_pylist())
        for mark in votes:
            column_format = ColumnFormat(type="number", decimal=mark, unit=unit)
            if is_number(sample, column_format).mean() >= _MOST:
                votes[mark] += bool(_only(sample, column_format))
        if all_match(sample, _GROUPED[","]) and any_contains(sample, ","):
            grouped += 1
    if votes["."] == votes[","] == 0 and grouped and delimiter != ",":
        return ",", False
    most: DecimalMark = "," if votes[","] > votes["."] else "."
    return most, votes[most] > 0


def has_point_groups(cells: pa.ChunkedArray) -> bool:
    """Return whether points probably separate thousands in whole numbers: 989, 1.937 and 31.622.

    All cells then have three digits after a point, or no point and less than 1,000. Rounded
    decimals may look so too (1.857, 2, 2.143), but their whole numbers are as large as what stands
    before the points of the others, not much larger.

    Args:
        cells: Trimmed text, null where missing.
    """
    if not all_match(cells.slice(0, 200), _POINT_GROUPS) or not all_match(cells, _POINT_GROUPS):
        return False
    texts = cells.unique().drop_null().to_pylist()
    heads = [abs(int(text.partition(".")[0])) for text in texts if "." in text]
    whole = [abs(int(text)) for text in texts if "." not in text and text != "0"]
    if len(heads) < _FEWEST_GROUPS or len(whole) < _FEWEST_WHOLE:
        return False
    return float(np.median(whole)) > max(99.0, 2 * float(np.quantile(heads, 0.9)))


def _only(sample: pa.ChunkedArray, column_format: ColumnFormat) -> bool:
    """Return whether a cell is possible with the format's decimal mark only."""
    text = _replace(sample, "−", "-")
    if column_format.unit:
        text = pc.utf8_trim_whitespace(pc.replace_substring(text, column_format.unit, ""))
    return bool(pc.any(pc.match_substring_regex(text, _ONLY[column_format.decimal])).as_py())


def decides(cells: pa.ChunkedArray, column_format: ColumnFormat) -> bool:
    """Return whether a column's numbers leave no doubt about the meaning of points and commas.

    Args:
        cells: Trimmed text, null where missing.
        column_format: The format with the decimal mark that is assumed.
    """
    cells = cells.drop_null()
    bare = pc.replace_substring(cells, column_format.unit, "") if column_format.unit else cells
    if not (any_contains(bare, ",") or any_contains(bare, ".")):
        return True
    if _only(cells, column_format):
        return True
    other: DecimalMark = "." if column_format.decimal == "," else ","
    return not is_number(cells, column_format.model_copy(update={"decimal": other})).all()


def is_number(cells: pa.ChunkedArray, column_format: ColumnFormat) -> np.ndarray:
    """Return whether each cell is a number in this format; bool (rows,), False where null."""
    return plain_numbers(cells, column_format).is_valid().to_numpy()


def thousands_mark(cells: pa.ChunkedArray, decimal: DecimalMark) -> str:
    """Return the thousands separator of a column's numbers; "" if there is none."""
    for mark in ("," if decimal == "." else ".", " ", "'", "’", "\u00a0", "\u202f", "\u2009"):
        pattern = rf"\d{re.escape(mark)}\d{{3}}(\D|$)"
        if any_contains(cells, mark) and pc.any(pc.match_substring_regex(cells, pattern)).as_py():
            return mark
    return ""


def is_plain(cells: pa.ChunkedArray) -> bool:
    """Return whether all cells are numbers as programs write them, with a point."""
    if not _is_plain_head(cells):
        return False
    try:
        for chunk in cells.chunks:
            pc.cast(chunk, pa.float64())
    except pa.ArrowInvalid:
        return False
    return True


def _replace(cells: pa.ChunkedArray, old: str, new: str) -> pa.ChunkedArray:
    return pc.replace_substring(cells, old, new) if any_contains(cells, old) else cells
