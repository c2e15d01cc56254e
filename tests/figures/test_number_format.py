"""How numbers are written."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfm.figures.number_format import fixed, number, round_to_sum, signed


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (7.25, "7.25"),
        (23.456, "23.5"),
        (512.3292, "512"),
        (999.7, "1,000"),
        (20872.4, "20,872"),
        (-46_000.0, "−46,000"),
        (1.5e9, "1,500,000,000"),
        (0.000123456, "0.000123"),
        (9.999, "10"),
        (1.2e-8, "1.20 × 10⁻⁸"),
        (-1.2e-8, "−1.20 × 10⁻⁸"),
        (math.nan, "missing"),
    ],
)
def test_numbers_have_three_digits_and_no_exponent(value, text):
    assert number(value) == text


def test_unit_stands_behind_the_number_once():
    assert number(20872, "€") == "20,872 €"
    assert number(12, "°C") == "12°C"
    assert number(12) == "12"


@pytest.mark.parametrize(
    ("value", "text"), [(3.5, "+3.5"), (-3.5, "−3.5"), (0.0, "0"), (86_000, "+86,000")]
)
def test_differences_carry_a_true_sign(value, text):
    assert signed(value) == text


def test_nothing_is_minus_nothing():
    assert fixed(-0.04, 1) == "0.0"
    assert fixed(-0.06, 1) == "−0.1"
    assert fixed(0.06, 1, plus=True) == "+0.1"


@given(
    st.lists(st.floats(-60, 60), min_size=1, max_size=15),
    st.floats(-100, 100),
    st.integers(0, 3),
)
def test_rounded_parts_add_up_and_none_is_moved_far(parts, average, decimals):
    prediction = average + sum(parts)
    total = round(prediction, decimals) - round(average, decimals)
    rounded = round_to_sum(parts, total, decimals)
    assert round(sum(rounded) - total, decimals + 2) == 0
    for before, after in zip(parts, rounded, strict=True):
        assert abs(before - after) <= 2 * 10**-decimals


def test_the_part_with_the_largest_remainder_is_rounded_up():
    assert round_to_sum([0.14, 0.16, 0.14], 0.4, 1) == pytest.approx([0.1, 0.2, 0.1])
    assert round_to_sum([38.34, -28.66], 9.6, 1) == pytest.approx([38.3, -28.7])
