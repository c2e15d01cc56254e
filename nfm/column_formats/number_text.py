"""Texts become numbers, in every style in which people write them."""

from __future__ import annotations

import re
from collections import Counter
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from nfm.column_formats.column_format import ColumnFormat

Decimal = Literal[".", ","]

WHOLE = r"^[+-]?\d+$"
# Zip codes, telephone numbers: digits that are not a quantity.
CODE = r"^([+-]?0\d+|\+\d{8,})$"
EXACT = 2**53
# Whole numbers that a float may not hold.
_LONG = r"^[+-]?\d{16,}$"

_SPACES = "[ '’\u00a0\u202f\u2009]"
_GAP = "[ \u00a0\u202f\u2009]*"
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
# Numbers that can have been written with one decimal mark only.
_ONLY = {
    mark: rf"^[+-]?(\d+{point}(\d{{1,2}}|\d{{4,}})?|0{point}\d+|\d{{4,}}{point}\d+|{point}\d+"
    rf"|\d{{1,3}}({other}\d{{3}})+{point}\d*|\d{{1,3}}({other}\d{{3}}){{2,}}"
    rf"|\d{{1,3}}({_SPACES}\d{{3}})+{point}\d*){_EXPONENT}$"
    for mark, point, other in ((".", r"\.", ","), (",", ",", r"\."))
}
# Without seconds only after days: 1:30 alone could be minutes and seconds.
_DURATION = (
    r"^(?P<sign>-?)(?:(?P<days>[0-9]+) days? |(?=[0-9]+:[0-9]+:))"
    r"(?P<hours>[0-9]+):(?P<minutes>[0-5][0-9])(?::(?P<seconds>[0-5][0-9](?:\.[0-9]+)?))?$"
)
# A duration or a time of day, with seconds; and one that may have hours and minutes, or minutes
# and seconds.
CLOCK = r"^-?(\d+ days? )?\d+:[0-5]\d:[0-5]\d(\.\d+)?$"
SHORT_CLOCK = r"^-?\d+:[0-5]\d$"

_CURRENCIES = frozenset(
    (
        *("$", "€", "£", "¥", "₹", "₽", "₩", "₺", "₪", "฿", "₫", "₴", "US$", "R$", "C$", "A$"),
        *("USD", "EUR", "GBP", "CHF", "JPY", "CNY", "INR", "AUD", "CAD", "SEK", "NOK", "DKK"),
        *("PLN", "CZK", "HUF", "BRL", "MXN", "ZAR", "RUB", "TRY", "kr", "kr.", "zł", "Kč"),
        *("Ft", "Fr.", "Rs", "Rs.", "RM"),
    )
)
SHARES = frozenset("%‰")
_MEASURES = frozenset(
    (
        *("mg", "g", "kg", "t", "oz", "lb", "lbs", "mm", "cm", "m", "km", "in", "ft", "yd", "mi"),
        *("ml", "cl", "dl", "l", "L", "gal", "ms", "s", "sec", "min", "h", "hr", "hrs", "days"),
        *("weeks", "months", "years", "kB", "KB", "MB", "GB", "TB", "W", "kW", "kWh", "MWh"),
        *("°C", "°F", "Hz", "kHz", "MHz", "GHz", "m²", "km²", "ha", "bar", "Pa", "kPa", "hPa"),
    )
)
_WITH_UNIT = re.compile(
    r"\(?\s*[-+−]?\s*(?P<before>[^\W\d_]{0,3}[^\w\s.,()+−'’-]?|[^\W\d_]{1,3}\.?)\s*[-+−]?\s*"
    r"(?P<number>[0-9](?:[0-9.,'’\s\u00a0\u202f\u2009]*[0-9])?[.,]?(?:[eE][+-]?[0-9]+)?|[.,][0-9]+)"
    r"\s*(?P<after>[^\d\s.,()+−'’-][^\d()]{0,11})?\s*\)?\s*[-−]?"
)
# Of the first cells this share must have the unit.
_MOST = 0.95


def find_unit(head: list[str]) -> tuple[str, bool]:
    """Find the unit that stands beside the numbers of a column.

    Args:
        head: Some of its cells, trimmed.

    Returns:
        The unit, "" if there is none; and whether it is a currency or a share, which no code
        and no name has.
    """
    found: Counter[str] = Counter()
    for text in head:
        match = _WITH_UNIT.fullmatch(text)
        if match is None:
            continue
        before, after = match["before"].strip(), (match["after"] or "").strip()
        if before in _CURRENCIES and not after:
            found[before] += 1
        elif not before and after:
            found[after] += 1
    if not found:
        return "", False
    unit, count = found.most_common(1)[0]
    if unit in _CURRENCIES or unit in SHARES:
        return unit, True
    return (unit, False) if count >= _MOST * len(head) else ("", False)


def several_units(head: list[str]) -> dict[str, str]:
    """Find the units of a column whose numbers have not all the same one.

    Args:
        head: Some of its cells, trimmed.

    Returns:
        For each unit, "" for none, the first cell that has it; {} if there is one unit only, or
        if more than a few cells are not numbers with a unit that is known.
    """
    examples: dict[str, str] = {}
    known = 0
    for text in head:
        match = _WITH_UNIT.fullmatch(text)
        if match is None:
            continue
        units = {match["before"].strip(), (match["after"] or "").strip()} - {""}
        unit = units.pop() if len(units) == 1 else ""
        if units or (unit and unit not in _CURRENCIES | SHARES | _MEASURES):
            continue
        known += 1
        examples.setdefault(unit, text)
    if known < _MOST * len(head) or len(examples) < 2:
        return {}
    return examples


def plain_numbers(bare: pa.ChunkedArray, style: ColumnFormat) -> pa.ChunkedArray:
    """Write numbers as programs do: digits, a point, an exponent.

    Args:
        bare: Trimmed text, null where missing.
        style: Decimal mark, unit and whether the numbers are durations.

    Returns:
        Text of the same length; null also where a cell is not a number of this style.
    """
    if style.duration:
        return _seconds(bare)
    text = _replace(bare, "−", "-")
    if style.unit:
        unit = re.escape(style.unit)
        text = pc.replace_substring_regex(text, rf"^([-+(]*){_GAP}{unit}{_GAP}", r"\1")
        text = pc.replace_substring_regex(text, rf"{_GAP}{unit}{_GAP}([-)]?)$", r"\1")
    if _any(text, "("):
        text = pc.replace_substring_regex(text, r"^\(\s*([^()+-]+?)\s*\)$", r"-\1")
    if pc.any(pc.ends_with(text, "-")).as_py():
        text = pc.replace_substring_regex(text, r"^([^+-]*[\d.,])\s*-$", r"-\1")
    if _any(text, " "):
        text = pc.replace_substring_regex(text, r"^([+-])\s+", r"\1")
    mark = style.decimal
    plain = pc.match_substring_regex(text, _PLAIN[mark])
    if not pc.all(plain).as_py():
        known = pc.or_(plain, pc.match_substring_regex(text, _GROUPED[mark]))
        text = pc.if_else(known, text, pa.scalar(None, text.type))
        text = pc.replace_substring_regex(text, _SPACES, "")
        text = _replace(text, "," if mark == "." else ".", "")
    return _replace(text, ",", ".") if mark == "," else text


def quick_numbers(bare: pa.ChunkedArray, style: ColumnFormat) -> pd.Series | None:
    """Read a column that programs wrote, at once; None if a cell is written otherwise.

    Args:
        bare: Trimmed text, null where missing.
        style: Decimal mark, unit and whether the numbers are durations.
    """
    if style.decimal != "." or style.unit or style.duration or not is_plain_head(bare):
        return None
    try:
        return number_series(bare)
    except pa.ArrowInvalid:
        return None


def is_plain_head(cells: pa.ChunkedArray) -> bool:
    """Say whether the first cells are numbers as programs write them, with a point."""
    return _all(cells.slice(0, 200), _PLAIN["."])


def number_series(plain: pa.ChunkedArray) -> pd.Series:
    """Return what `plain_numbers` wrote as numbers.

    Returns:
        int64 if all are whole and none is missing; "Int64" or "UInt64" where a float could not
        hold a whole number, or missing ones stand beside such; objects where such a number stands
        beside fractions; else float64, NaN where missing.
    """
    if plain.null_count < len(plain):
        head = plain.slice(0, 200).drop_null()
        if _all(head, WHOLE) and _all(plain, WHOLE):
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
    """Return a number, a whole one with all its digits."""
    if text is None:
        return np.nan
    return int(text) if text.lstrip("+-").isdigit() else float(text)


def _whole(digits: pa.ChunkedArray) -> pd.Series | None:
    """Whole numbers without loss; None where no integer type holds them."""
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


def detect_decimal(columns: list[pa.ChunkedArray], delimiter: str) -> Decimal:
    """Find the decimal mark of a table: the one that its numbers can only have been written with.

    Args:
        columns: Cells of a table, trimmed, null where missing.
        delimiter: Decides where the numbers do not: beside semicolons stand decimal commas.
    """
    votes: dict[Decimal, int] = {".": 0, ",": 0}
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
            style = ColumnFormat(type="number", decimal=mark, unit=unit)
            if is_number(sample, style).mean() >= _MOST:
                votes[mark] += bool(_only(sample, style))
        if _all(sample, _GROUPED[","]) and _any(sample, ","):
            grouped += 1
    if votes["."] == votes[","] == 0 and grouped and delimiter != ",":
        return ","
    return "," if votes[","] > votes["."] else "."


def _only(sample: pa.ChunkedArray, style: ColumnFormat) -> bool:
    """Whether a cell can have been written with the style's decimal mark only."""
    text = _replace(sample, "−", "-")
    if style.unit:
        text = pc.utf8_trim_whitespace(pc.replace_substring(text, style.unit, ""))
    return bool(pc.any(pc.match_substring_regex(text, _ONLY[style.decimal])).as_py())


def has_mark(cells: pa.ChunkedArray, mark: Decimal) -> bool:
    """Say whether any cell has a point, or a comma."""
    return _any(cells, mark)


def decides(cells: pa.ChunkedArray, style: ColumnFormat) -> bool:
    """Say whether a column's numbers leave no other reading of points and commas."""
    if not (_any(cells, ",") or _any(cells, ".")):
        return True
    if _only(cells, style):
        return True
    other: Decimal = "." if style.decimal == "," else ","
    return not is_number(cells, style.model_copy(update={"decimal": other})).all()


def is_number(cells: pa.ChunkedArray, style: ColumnFormat) -> np.ndarray:
    """Say of each cell whether it is a number of this style; bool (rows,), False where null."""
    return plain_numbers(cells, style).is_valid().to_numpy()


def thousands_mark(cells: pa.ChunkedArray, decimal: Decimal) -> str:
    """Return what separates thousands; "" if nothing does."""
    for mark in ("," if decimal == "." else ".", " ", "'", "’", "\u00a0", "\u202f", "\u2009"):
        pattern = rf"\d{re.escape(mark)}\d{{3}}(\D|$)"
        if _any(cells, mark) and pc.any(pc.match_substring_regex(cells, pattern)).as_py():
            return mark
    return ""


def is_plain(cells: pa.ChunkedArray) -> bool:
    """Say whether all cells are numbers as programs write them, with a point."""
    if not is_plain_head(cells):
        return False
    try:
        for chunk in cells.chunks:
            pc.cast(chunk, pa.float64())
    except pa.ArrowInvalid:
        return False
    return True


def _seconds(bare: pa.ChunkedArray) -> pa.ChunkedArray:
    """Durations as numbers of seconds, written as text."""
    texts = _replace(bare, "−", "-").to_pandas()
    parts = pd.Series(texts, dtype=object).str.extract(_DURATION)

    def part(name: str) -> pd.Series:
        return pd.to_numeric(parts[name]).astype(np.float64)

    total = part("days").fillna(0) * 86_400 + part("hours") * 3_600 + part("minutes") * 60
    total += part("seconds").fillna(0)
    total = total.where(parts["sign"].ne("-"), -total)
    return pa.chunked_array(
        [[None if np.isnan(value) else repr(float(value)) for value in total]], pa.string()
    )


def _replace(cells: pa.ChunkedArray, old: str, new: str) -> pa.ChunkedArray:
    return pc.replace_substring(cells, old, new) if _any(cells, old) else cells


def _any(cells: pa.ChunkedArray, part: str) -> bool:
    return bool(pc.any(pc.match_substring(cells, part)).as_py())


def _all(cells: pa.ChunkedArray, pattern: str) -> bool:
    """Whether all cells that are not null match."""
    return bool(pc.all(pc.match_substring_regex(cells, pattern)).as_py())
