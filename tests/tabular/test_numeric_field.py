from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nfm.tabular.numeric_field import NumericField

FINITE = st.floats(allow_nan=False, allow_infinity=False)
NAN = float("nan")


def piecewise(values, bins=4):
    return NumericField.fit("x", np.array(values, dtype=float), "piecewise", bins, "standard")


def scaled(values, mode="value", scaling="standard"):
    return NumericField.fit("x", np.array(values, dtype=float), mode, 4, scaling)


def encode(field, values):
    return field.values(np.array(values, dtype=float)).tolist()


def test_a_number_lies_part_of_the_way_through_its_bin():
    field = piecewise([0, 1, 3, 7])
    assert field.edges == (0, 1, 3, 7)
    assert field.bin_count == 3
    assert encode(field, [0, 0.25, 1, 2, 6, 7]) == [0, 0.25, 1, 1.5, 2.75, 3]


def test_a_number_beyond_the_training_range_is_at_its_end():
    assert encode(piecewise([0, 1, 3, 7]), [-5, 1e308, np.finfo(float).min]) == [0, 3, 0]


def test_many_numbers_share_quantile_bins():
    field = piecewise(range(101), bins=4)
    assert field.edges == (0, 25, 50, 75, 100)


def test_repeated_numbers_give_fewer_bins():
    field = piecewise([0] * 90 + list(range(1, 11)), bins=4)
    assert field.edges == (0, 10)


def test_as_many_numbers_as_edges_are_all_edges_however_rare():
    assert piecewise([0] * 90 + [1, 2, 3, 8], bins=4).edges == (0, 1, 2, 3, 8)


@pytest.mark.parametrize("values", [[5, 5], [5], [NAN], [NAN, 5, 5], []])
def test_numbers_that_do_not_differ_have_one_bin_at_its_start(values):
    field = piecewise(values)
    assert field.bin_count == 1
    assert encode(field, [5, 6, -1e300]) == [0, 0, 0]


def test_a_missing_number_is_missing_where_training_had_one():
    field = piecewise([0, 1, NAN])
    assert field.has_missing
    assert np.isnan(encode(field, [NAN])[0])


def test_the_median_stands_in_for_a_missing_number_where_training_had_none():
    field = piecewise([0, 1, 3, 7, 9])
    assert encode(field, [NAN]) == encode(field, [3])
    assert encode(scaled([0, 1, 8]), [NAN]) == encode(scaled([0, 1, 8]), [1])


def test_neighbouring_large_ids_stay_apart():
    first = 2**53 - 8
    field = piecewise([first + step for step in range(5)])
    assert encode(field, [first, first + 1, first + 4]) == [0, 1, 4]


@pytest.mark.parametrize("count", [5, 500])
def test_rounding_does_not_move_a_number_to_another_bin(count):
    # Spreadsheets keep 15 digits, so 0.1 + 0.2 is 0.3 there.
    values = [-0.01, -0.0099999999999999, 0.1 + 0.2, 0.3] * count + [*range(count)]
    rounded = [float(f"{value:.13g}") for value in values]
    for field in (piecewise(values, 16), piecewise(rounded, 16)):
        np.testing.assert_allclose(encode(field, values), encode(field, rounded), atol=1e-6)


@pytest.mark.parametrize("size", [1e-300, 5e-324, 1e-10, 1e10, 1e300, 1.5e307])
def test_numbers_of_any_size_are_binned(size):
    field = piecewise(np.arange(-10, 11) * size)
    assert field.bin_count >= 2
    assert encode(field, np.array([-10, 10]) * size) == [0, field.bin_count]


@given(st.lists(FINITE, min_size=1, max_size=50), st.integers(2, 8))
def test_positions_of_any_numbers_are_within_the_bins_and_never_fall(values, bins):
    field = piecewise(values, bins)
    assert field.bin_count <= bins
    u = field.values(np.sort(values))
    assert np.isfinite(u).all()
    assert u.min() >= 0
    assert u.max() <= field.bin_count
    assert (np.diff(u) >= 0).all()
    assert NumericField.model_validate_json(field.model_dump_json()) == field


@given(
    st.lists(FINITE, min_size=1, max_size=50),
    st.lists(FINITE | st.just(NAN), min_size=1, max_size=9),
    st.sampled_from(["value", "concat"]),
    st.sampled_from(["standard", "none"]),
)
def test_scaled_numbers_are_finite_or_missing(values, others, mode, scaling):
    field = scaled(values, mode, scaling)
    assert np.isfinite(encode(field, values + others)).all()
    assert NumericField.model_validate_json(field.model_dump_json()) == field


def test_numbers_are_scaled_by_mean_and_deviation():
    assert encode(scaled([1, 3]), [1, 3, 2]) == [-1, 1, 0]
    assert encode(scaled([1, 3], "concat"), [1, 3, 2]) == [-1, 1, 0]
    assert encode(scaled([1, 3], "value", "none"), [1, 3]) == [1, 3]


def test_a_missing_number_is_zero_where_numbers_are_concatenated():
    field = scaled([1, 3, NAN], "concat", "none")
    assert not field.has_missing
    assert encode(field, [NAN]) == [0]


def test_a_missing_number_has_an_id_where_numbers_are_multiplied():
    assert np.isnan(encode(scaled([1, 3, NAN]), [NAN])).all()


def test_what_a_form_needs_is_kept():
    field = piecewise([4, 1, NAN, 2, 9])
    assert (field.minimum, field.maximum, field.median) == (1, 9, 2)
    assert field.whole
    assert field.missing_count == 1
    assert not piecewise([1.5]).whole
    assert piecewise([NAN]).minimum is None


@pytest.mark.parametrize(
    "state",
    [
        {"edges": (1.0,)},
        {"edges": (1.0, 1.0)},
        {"edges": (2.0, 1.0)},
        {"edges": (0.0, NAN)},
        {"scale": 0.0},
        {"center": float("inf")},
        {"mode": "concat", "has_missing": True},
        {"unknown": 1},
    ],
)
def test_a_contradictory_numeric_state_is_refused(state):
    with pytest.raises(ValueError, match="NumericField"):
        NumericField(**{"name": "x", "column": "x", "mode": "piecewise", **state})


def test_fields_are_equal_whether_or_not_they_have_encoded_rows():
    field, same = (piecewise([0, 1, NAN]) for _ in range(2))
    encode(field, [NAN])
    assert field == same
    encode(same, [NAN])
    assert field == same
    assert field != piecewise([0, 2, NAN])
