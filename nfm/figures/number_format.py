"""Formatting of numbers: three significant digits, a true minus sign, a unit."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

MINUS = "\N{MINUS SIGN}"
_DIGITS = 3
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SMALLEST_PLAIN = 1e-5
_LARGEST_PLAIN = 1e15
# Units that follow a number without a space.
_CLOSE_UNITS = ("°", "'", '"', "%", "‰")


def number(value: float, unit: str = "") -> str:
    """Format a number: "20,872 €", "23.5", "0.00123".

    Args:
        value: The number: from 1,000 on without decimals, below that with three significant
            digits; in scientific notation only below 1e-5 or from 1e15 on. NaN is "missing".
        unit: Unit of the number; "" if it has none.
    """
    if math.isnan(value):
        return "missing"
    text = _plain(abs(value))
    return with_unit(f"{MINUS}{text}" if value < 0 and text != "0" else text, unit)


def signed(value: float, unit: str = "") -> str:
    """Format a difference with its sign: "+3.5", "−4,600 €"; "0" without a sign.

    Args:
        value: The difference.
        unit: Unit of the number; "" if it has none.
    """
    text = _plain(abs(value))
    if text == "0":
        return with_unit(text, unit)
    return with_unit(f"{MINUS if value < 0 else '+'}{text}", unit)


def fixed(value: float, decimals: int, *, plus: bool = False) -> str:
    """Format a number with a fixed number of decimals: "−28.7", "12,864"; never "−0.0".

    Args:
        value: The number.
        decimals: Number of decimals.
        plus: Whether positive numbers get a plus sign.
    """
    text = f"{abs(value):,.{decimals}f}"
    if not any(digit in text for digit in "123456789"):
        return text
    return f"{MINUS if value < 0 else '+' if plus else ''}{text}"


def with_minus(value: float, form: str) -> str:
    """Format a number by a format specification, for instance ".4g", with a true minus sign."""
    return format(value, form).replace("-", MINUS)


def with_unit(text: str, unit: str) -> str:
    """Append a unit to a number."""
    if not unit:
        return text
    return f"{text}{'' if unit.startswith(_CLOSE_UNITS) else ' '}{unit}"


def round_to_sum(parts: Sequence[float], total: float, decimals: int) -> list[float]:
    """Round parts so that they add up to a rounded total, by the largest-remainder method.

    The error of each part is less than one unit of the last decimal.

    Args:
        parts: The numbers to round.
        total: The required sum, already rounded to `decimals`.
        decimals: Number of decimals to keep.

    Returns:
        The rounded parts.
    """
    scale = 10.0**decimals
    scaled = np.asarray(parts, dtype=np.float64) * scale
    floors = np.floor(scaled)
    missing = round(total * scale - floors.sum())
    order = np.argsort(floors - scaled, kind="stable")
    for turn in range(abs(missing) if len(scaled) else 0):
        # The total is rounded too, so the difference may be larger than the number of parts.
        place = order[turn % len(order)] if missing > 0 else order[-1 - turn % len(order)]
        floors[place] += 1 if missing > 0 else -1
    return [float(value) for value in floors / scale]


def decimals_of(*values: float) -> int:
    """Return the number of decimals for three significant digits of the largest value, up to 8."""
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    if largest == 0:
        return 0
    return int(np.clip(_DIGITS - 1 - math.floor(math.log10(largest)), 0, 8))


def _plain(size: float) -> str:
    """Format a non-negative number with three significant digits."""
    if not math.isfinite(size):
        return "∞"
    if size >= _LARGEST_PLAIN or 0 < size < _SMALLEST_PLAIN:
        mantissa, exponent = f"{size:.{_DIGITS - 1}e}".split("e")
        return f"{mantissa} × 10{str(int(exponent)).translate(_SUPERSCRIPTS)}"
    if size >= 999.5:
        return f"{size:,.0f}"
    if size == 0:
        return "0"
    # Rounded first, so that 9.999 becomes 10, not 10.00.
    rounded = float(f"{size:.{_DIGITS}g}")
    text = f"{rounded:.{decimals_of(rounded)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
