"""NumericRamps."""

from __future__ import annotations

import numpy as np
import pytest

from nfm.model import NumericRamps
from tests.model.checking import check_layer

MISSING = float("nan")


def test_a_number_fills_its_bins_from_the_left() -> None:
    check_layer(
        lambda: NumericRamps((3,), (False,)),
        [[0.0], [0.25], [1.0], [2.5], [3.0]],
        [[[0, 0, 0], [0.25, 0, 0], [1, 0, 0], [1, 1, 0.5], [1, 1, 1]]],
    )


def test_numbers_beyond_the_outer_edges_are_cut_off() -> None:
    check_layer(lambda: NumericRamps((2,), (True,)), [[-5.0], [9.0]], [[[0, 0, 0], [1, 1, 0]]])


def test_a_missing_number_is_a_feature_of_its_own() -> None:
    check_layer(lambda: NumericRamps((2,), (True,)), [[MISSING], [1.5]], [[[0, 0, 1], [1, 0.5, 0]]])


def test_fields_of_different_widths_are_filled_up_with_zeros() -> None:
    check_layer(
        lambda: NumericRamps((1, 2, 1), (True, False, False)),
        [[MISSING, MISSING, MISSING], [9.0, 9.0, 9.0]],
        [[[0, 1], [1, 0]], [[0, 0], [1, 1]], [[0, 0], [1, 0]]],
    )


def test_without_clip_the_feature_is_the_number() -> None:
    check_layer(
        lambda: NumericRamps((1, 1), (True, False), clip=False),
        [[-2.5, MISSING], [MISSING, 40.0]],
        [[[-2.5, 0], [0, 1]], [[0, 0], [40, 0]]],
    )


def test_without_clip_and_missing_there_is_nothing_but_the_number() -> None:
    check_layer(
        lambda: NumericRamps((1, 1), (False, False), clip=False),
        [[-2.5, 3.0], [MISSING, 4.0]],
        [[[-2.5], [0]], [[3], [4]]],
    )


@pytest.mark.parametrize(("bins", "missing"), [((), ()), ((0,), (False,)), ((1, 2), (False,))])
def test_fields_without_ramps_are_refused(bins: tuple[int, ...], missing: tuple[bool, ...]) -> None:
    with pytest.raises(ValueError, match="at least one ramp"):
        NumericRamps(bins, missing)


def test_several_ramps_without_clip_are_refused() -> None:
    with pytest.raises(ValueError, match="Without clip every field has one feature"):
        NumericRamps((2,), (False,), clip=False)


def test_another_number_of_fields_is_refused() -> None:
    with pytest.raises(ValueError, match=r"values of shape \(batch, 2\)"):
        NumericRamps((2, 2), (False, False))(np.zeros((4, 3), "float32"))
