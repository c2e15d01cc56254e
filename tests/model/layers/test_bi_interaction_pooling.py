"""BiInteractionPooling."""

from __future__ import annotations

import doctest
import itertools

import numpy as np
import pytest

from nfm.model import BiInteractionPooling
from nfm.model.layers import bi_interaction_pooling
from tests.model.checking import check_layer

ARTICLE = [[[3.0, 0, 1, 0], [1, 2, 3, 4], [4, 5, 6, 1]]]


def test_the_articles_example() -> None:
    check_layer(BiInteractionPooling, ARTICLE, [[[19.0, 10, 27, 4]]])


def test_the_documented_example_runs() -> None:
    result = doctest.testmod(bi_interaction_pooling)
    assert (result.attempted, result.failed) == (4, 0)


def test_without_keepdims_the_pooled_axis_is_gone() -> None:
    check_layer(lambda: BiInteractionPooling(keepdims=False), ARTICLE, [[19.0, 10, 27, 4]])


def test_equals_the_sum_over_all_pairs() -> None:
    vectors = np.random.default_rng(0).normal(size=(5, 6, 3)).astype("float32")
    pairs = sum(
        vectors[:, i] * vectors[:, j] for i, j in itertools.combinations(range(vectors.shape[1]), 2)
    )
    pooled = BiInteractionPooling(keepdims=False)(vectors)
    np.testing.assert_allclose(pooled, pairs, rtol=1e-4, atol=1e-5)


def test_a_single_field_has_no_pairs() -> None:
    check_layer(BiInteractionPooling, [[[3.0, -2.0]], [[1.0, 0.5]]], [[[0.0, 0]], [[0.0, 0]]])


def test_inputs_of_a_list_are_pooled_together() -> None:
    batch_first = np.array(ARTICLE, "float32")
    fields_first = batch_first[:, 1:].transpose(1, 0, 2)
    layer = BiInteractionPooling(keepdims=False, axes=(1, 0))
    assert layer([batch_first[:, :1], fields_first]).numpy().tolist() == [[19, 10, 27, 4]]
    assert layer.compute_output_shape([(None, 1, 4), (2, None, 4)]) == (None, 4)
    assert BiInteractionPooling.from_config(layer.get_config()).axes == (1, 0)


@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 4, 5)])
def test_other_numbers_of_axes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="three axes: batch, fields and k"):
        BiInteractionPooling()(np.zeros(shape, "float32"))


def test_a_list_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expects 2 input\(s\)"):
        BiInteractionPooling(axes=(1, 0)).build([(None, 2, 3)])


def test_an_axis_that_cannot_hold_fields_is_refused() -> None:
    with pytest.raises(ValueError, match="must be 0 or 1"):
        BiInteractionPooling(axes=2)


def test_a_constant_field_is_one_more_field_of_ones() -> None:
    vectors = np.random.default_rng(0).normal(size=(5, 3, 4)).astype("float32")
    ones = np.ones((5, 1, 4), "float32")
    np.testing.assert_allclose(
        BiInteractionPooling(constant_field=True)(vectors),
        BiInteractionPooling()(np.concatenate([vectors, ones], axis=1)),
        rtol=1e-5,
        atol=1e-5,
    )
