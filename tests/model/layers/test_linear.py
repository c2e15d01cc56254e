"""Linear."""

from __future__ import annotations

import numpy as np
import pytest

from nfm.model import Linear
from tests.model.checking import check_layer

SPARSE = np.array([[1, 2, 3], [4, 5, 6]], "float32")
DENSE = np.array([[1, 0.5], [2, -1]], "float32")


def test_mode_0_sums_sparse_terms() -> None:
    check_layer(
        lambda: Linear(mode=0),
        SPARSE,
        [[6.5], [15.5]],
        shapes={"bias": (1,)},
        weights={"bias": [0.5]},
    )


def test_mode_1_weighs_dense_values() -> None:
    check_layer(
        lambda: Linear(mode=1, use_bias=False),
        DENSE,
        [[15.0], [-10.0]],
        shapes={"kernel": (2, 1)},
        weights={"kernel": [[5], [20]]},
    )


def test_mode_2_adds_both() -> None:
    check_layer(
        Linear,
        [SPARSE, DENSE],
        [[22.0], [6.0]],
        shapes={"kernel": (2, 1), "bias": (1,)},
        weights={"kernel": [[5], [20]], "bias": [1]},
    )


def test_the_articles_shape_of_sparse_terms() -> None:
    check_layer(lambda: Linear(mode=0, use_bias=False), SPARSE[:, None, :], [[6.0], [15.0]])


def test_one_unit_sums_all_factors_of_all_fields() -> None:
    vectors = np.arange(12, dtype="float32").reshape(2, 3, 2)
    check_layer(lambda: Linear(mode=0, use_bias=False), vectors, [[15.0], [51.0]])


def test_several_units_have_terms_and_kernels_of_their_own() -> None:
    terms = np.array([[[1, 2], [3, 4]], [[5, 6], [7, 8]]], "float32")
    check_layer(
        lambda: Linear(units=2),
        [terms, DENSE],
        [[11.5, 106.5], [18.5, 214.5]],
        shapes={"kernel": (2, 2), "bias": (1,)},
        weights={"kernel": [[5, 100], [4, 0]], "bias": [0.5]},
    )


def test_terms_without_an_axis_of_units_are_the_same_for_all_units() -> None:
    check_layer(
        lambda: Linear(units=2, use_bias=False),
        [SPARSE, DENSE],
        [[7.0, 6.5], [17.0, 14.0]],
        shapes={"kernel": (2, 2)},
        weights={"kernel": [[1, 0], [0, 1]]},
    )
    check_layer(lambda: Linear(mode=0, units=2, use_bias=False), SPARSE, [[6.0], [15.0]])


def test_the_penalty_is_that_of_the_kernel() -> None:
    layer = Linear(mode=1, l2=0.5)
    layer(DENSE)
    layer.kernel.assign([[1.0], [2.0]])
    layer.bias.assign([7.0])
    assert sum(layer.losses).numpy() == pytest.approx(2.5)


@pytest.mark.parametrize("mode", [3, -1, "both"])
def test_an_unknown_mode_is_refused(mode: object) -> None:
    with pytest.raises(ValueError, match="must be 0"):
        Linear(mode=mode)


def test_no_units_are_refused() -> None:
    with pytest.raises(ValueError, match="one unit or more"):
        Linear(units=0)


def test_one_input_for_both_is_refused() -> None:
    with pytest.raises(ValueError, match="mode 2 expects a pair"):
        Linear(mode=2)(SPARSE)


def test_a_pair_for_one_is_refused() -> None:
    with pytest.raises(ValueError, match="mode 1 expects one tensor"):
        Linear(mode=1)([SPARSE, DENSE])


def test_terms_of_another_number_of_units_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(batch, terms, 3\)"):
        Linear(mode=0, units=3)(np.zeros((2, 4, 2), "float32"))


def test_dense_values_of_another_rank_are_refused() -> None:
    with pytest.raises(ValueError, match=r"dense values of shape \(batch, values\)"):
        Linear(mode=1)(np.zeros((2, 4, 2), "float32"))
