"""How measured and predicted numbers are written: three digits, one sign, one unit."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

MINUS = "\N{MINUS SIGN}"
_DIGITS = 3
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SMALLEST_PLAIN = 1e-5
_LARGEST_PLAIN = 1e15
# What follows a number without a space.
_CLOSE_UNITS = ("°", "'", '"')


def number(value: float, unit: str = "") -> str:
    """Write a number: "20,872 €", "23.5", "0.00123".

    Args:
        value: From 1,000 on it is written without decimals, below that with three significant
            digits; a power of ten is used only for what would be a long row of zeros.
        unit: Of the number, if it has one.
    """
    if math.isnan(value):
        return "missing"
    return with_unit(_sign(value, _plain(abs(value))), unit)


def signed(value: float, unit: str = "") -> str:
    """Write a difference with its sign: "+3.5", "−4,600 €"; "0" where there is none."""
    text = _plain(abs(value))
    if text == "0":
        return with_unit(text, unit)
    return with_unit(f"{MINUS if value < 0 else '+'}{text}", unit)


def fixed(value: float, decimals: int, *, plus: bool = False) -> str:
    """Write a number with so many decimals: "−28.7", "12,864"; never "−0.0"."""
    text = f"{abs(value):,.{decimals}f}"
    if not any(digit in text for digit in "123456789"):
        return text
    return f"{MINUS if value < 0 else '+' if plus else ''}{text}"


def with_minus(value: float, form: str) -> str:
    """Write a number by one of Python's formats, ".4g" say, with a true minus sign."""
    return format(value, form).replace("-", MINUS)


def with_unit(text: str, unit: str) -> str:
    """Put a unit behind a number."""
    if not unit:
        return text
    return f"{text}{'' if unit.startswith(_CLOSE_UNITS) else ' '}{unit}"


def round_to_sum(parts: Sequence[float], total: float, decimals: int) -> list[float]:
    """Round parts so that they add up to a rounded total, by the largest remainder.

    Each part is off by less than one in the last decimal; those that lose or gain most by the
    usual rounding change last.

    Args:
        parts: To round.
        total: What they must add up to, itself a number of so many decimals.
        decimals: To keep.
    """
    scale = 10.0**decimals
    scaled = np.asarray(parts, dtype=np.float64) * scale
    floors = np.floor(scaled)
    missing = round(total * scale - floors.sum())
    order = np.argsort(floors - scaled, kind="stable")
    for turn in range(abs(missing) if len(scaled) else 0):
        # A total that is rounded itself may ask for one more than there are parts.
        place = order[turn % len(order)] if missing > 0 else order[-1 - turn % len(order)]
        floors[place] += 1 if missing > 0 else -1
    return [float(value) for value in floors / scale]


def decimals_of(*values: float) -> int:
    """Return the decimals that show three significant digits of the largest value, at most 8."""
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    if largest == 0:
        return 0
    return int(np.clip(_DIGITS - 1 - math.floor(math.log10(largest)), 0, 8))


def _sign(value: float, text: str) -> str:
    return f"{MINUS}{text}" if value < 0 and text != "0" else text


def _plain(size: float) -> str:
    """Write a number that is not negative."""
    if not math.isfinite(size):
        return "∞"
    if size >= _LARGEST_PLAIN or 0 < size < _SMALLEST_PLAIN:
        mantissa, exponent = f"{size:.{_DIGITS - 1}e}".split("e")
        return f"{mantissa} × 10{str(int(exponent)).translate(_SUPERSCRIPTS)}"
    if size >= 999.5:
        return f"{size:,.0f}"
    if size == 0:
        return "0"
    # Rounded first: 9.999 has three digits as 10, not as 10.00.
    rounded = float(f"{size:.{_DIGITS}g}")
    text = f"{rounded:.{decimals_of(rounded)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
