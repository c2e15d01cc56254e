"""Find and remove the units that numbers are written with: currencies, percent, measures."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

_GAP = "[ \u00a0\u202f\u2009]*"
CURRENCIES = frozenset(
    (
        *("$", "€", "£", "¥", "₹", "₽", "₩", "₺", "₪", "฿", "₫", "₴", "US$", "R$", "C$", "A$"),
        *("USD", "EUR", "GBP", "CHF", "JPY", "CNY", "INR", "AUD", "CAD", "SEK", "NOK", "DKK"),
        *("PLN", "CZK", "HUF", "BRL", "MXN", "ZAR", "RUB", "TRY", "kr", "kr.", "zł", "Kč"),
        *("Ft", "Fr.", "Rs", "Rs.", "RM", "Rp", "S/", "lei", "NZ$", "HK$", "S$", "NT$", "MX$"),
        *("₱", "₦", "₵", "₡", "₲", "₸", "₾", "₼", "₭", "AED", "ARS", "BGN", "CLP", "COP", "EGP"),
        *("HKD", "IDR", "ILS", "ISK", "KES", "KRW", "KZT", "MAD", "MYR", "NGN", "NZD", "PEN"),
        *("PHP", "PKR", "QAR", "RON", "RSD", "SAR", "SGD", "THB", "TWD", "UAH", "UYU", "VND"),
    )
)
SHARES = frozenset("%‰")
_MEASURES = frozenset(
    (
        *("mg", "g", "kg", "t", "oz", "lb", "lbs", "mm", "cm", "m", "km", "in", "ft", "yd", "mi"),
        *("ml", "cl", "dl", "l", "L", "gal", "ms", "s", "sec", "min", "h", "hr", "hrs", "days"),
        *("second", "seconds", "minute", "minutes", "hour", "hours", "day", "week", "weeks"),
        *("month", "months", "year", "years", "kB", "KB", "MB", "GB", "TB", "W", "kW", "kWh"),
        *("MWh", "°C", "°F", "Hz", "kHz", "MHz", "GHz", "m²", "km²", "ha", "bar", "Pa", "kPa"),
        "hPa",
    )
)
_WITH_UNIT = re.compile(
    r"\(?\s*[-+−–]?\s*(?P<before>[^\W\d_]{0,3}[^\w\s.,()+−–'’-]?|[^\W\d_]{1,3}\.?)\s*[-+−–]?\s*"
    r"(?P<number>[0-9](?:[0-9.,'’\s\u00a0\u202f\u2009]*[0-9])?(?:[.,](?![^\W\d_]))?(?:[eE][+-]?[0-9]+)?|[.,][0-9]+)"
    r"(?:(?<=[.,])(?:[-−–]{1,2}|—))?"
    r"\s*(?P<after>[^\d\s.,()+−–'’-][^\d()]{0,11})?\s*\)?\s*[-−–]?"
)
# 14.30 Uhr is a time of day.
_CLOCK_WORD = "Uhr"
# What follows the digits of a name, not of an amount: 12345@qq.com, 1001/A, 17:B, 5_a, 3#.
_END_OF_NAME = re.compile(r"[@_:#\\&]|/[A-Z0-9]")
# Text with so many blanks in a row is no amount, and would take long to compare.
_BLANKS = re.compile(r"\s{20}")
# The ends of plurals, and the fewest letters before them: "min" is no plural of "mi".
_PLURAL_ENDS = {"s": 2, "es": 2, "e": 3, "en": 3, "n": 3}
# The share of the first cells that must have the unit.
_MOST = 0.95


def _match(text: str) -> re.Match[str] | None:
    return None if _BLANKS.search(text) else _WITH_UNIT.fullmatch(text)


def find_unit(head: list[str]) -> tuple[str, bool]:
    """Find the unit before or after the numbers of a column.

    Args:
        head: Some of the column's cells, trimmed.

    Returns:
        The unit, "" if there is none; and whether it is a currency or a percent or per mille sign,
        which codes and names do not have.
    """
    found: Counter[str] = Counter()
    after_one: Counter[str] = Counter()
    for text in head:
        match = _match(text)
        if match is None:
            continue
        before, after = match["before"].strip(), (match["after"] or "").strip()
        if before in CURRENCIES | SHARES and not after:
            found[before] += 1
        elif not before and after and not _has_fraction(after):
            if after == _CLOCK_WORD and not match["number"].isdigit():
                continue
            if _END_OF_NAME.match(after):
                continue
            (after_one if match["number"] == "1" else found)[after] += 1
    plurals = {one: unit for unit in found for one in _singulars(unit)}
    for one, count in after_one.items():
        found[one if one in found else plurals.get(one, one)] += count
    if not found:
        return "", False
    unit, count = found.most_common(1)[0]
    if unit in CURRENCIES or unit in SHARES:
        return unit, True
    return (unit, False) if count >= _MOST * len(head) else ("", False)


def several_units(head: list[str]) -> dict[str, str]:
    """Find the units of a column that mixes units.

    Args:
        head: Some of the column's cells, trimmed.

    Returns:
        The first cell with each unit, by unit ("" for none); {} if there is only one unit, or if
        more than a few cells are not numbers with a known unit.
    """
    examples: dict[str, str] = {}
    known = 0
    for text in head:
        match = _match(text)
        if match is None:
            continue
        units = {match["before"].strip(), (match["after"] or "").strip()} - {""}
        unit = units.pop() if len(units) == 1 else ""
        if units or (unit and unit not in CURRENCIES | SHARES | _MEASURES):
            continue
        known += 1
        plural = f"{unit}s"
        examples.setdefault(plural if len(unit) > 2 and plural in _MEASURES else unit, text)
    if known < _MOST * len(head) or len(examples) < 2:
        return {}
    return examples


def units_after(head: list[str]) -> set[str]:
    """Return the texts after the numbers of a column, known units or not.

    Args:
        head: Some of the column's cells, trimmed.
    """
    found = [match for text in head if (match := _match(text))]
    return {(match["after"] or "").strip() for match in found if not match["before"]}


def without_unit(text: pa.ChunkedArray, unit: str) -> pa.ChunkedArray:
    """Remove a unit before or after numbers, and its singular after a one.

    Args:
        text: Trimmed text, null where missing.
        unit: The unit of the column.
    """
    escaped = re.escape(unit)
    text = pc.replace_substring_regex(text, rf"^([-+(]*){_GAP}{escaped}{_GAP}", r"\1")
    text = pc.replace_substring_regex(text, rf"{_GAP}{escaped}{_GAP}([-)]?)$", r"\1")
    if ones := "|".join(map(re.escape, _singulars(unit))):
        text = pc.replace_substring_regex(text, rf"^([-+]?1){_GAP}({ones})$", r"\1")
    return text


def lacks_unit(bare: pa.ChunkedArray, unit: str) -> pa.ChunkedArray:
    """Return which cells have no unit, not even its singular after a one; null where missing.

    Args:
        bare: Trimmed text, null where missing.
        unit: The unit of the column.
    """
    lacks = pc.invert(pc.match_substring(bare, unit))
    if ones := "|".join(map(re.escape, _singulars(unit))):
        one = pc.match_substring_regex(bare, rf"^[-+]?1{_GAP}({ones})$")
        lacks = pc.and_(lacks, pc.invert(one))
    return lacks


def _singulars(unit: str) -> list[str]:
    """Return what a unit may be after the number one: "day" for "days", "Jahr" for "Jahre"."""
    return [
        unit.removesuffix(end)
        for end, letters in _PLURAL_ENDS.items()
        if unit.endswith(end) and len(unit) - len(end) >= letters
    ]


def _has_fraction(unit: str) -> bool:
    """Return whether what follows a number is part of it, as in 12½."""
    return any(unicodedata.category(each) == "No" and not each.isdigit() for each in unit)
