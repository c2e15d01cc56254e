"""The calculator's arithmetic: the article's figures, and the two ways to the same pool."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nfm.teaching.pooling import (
    EXAMPLE,
    FIELD_COUNTS,
    measure,
    pair_products,
    pool,
    pool_by_pairs,
    pool_differences,
    pool_gradient,
)

NUMBERS = st.floats(-20, 20, width=32)


@st.composite
def rows(draw):
    count, size = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    numbers = draw(arrays.arrays(np.float64, count, elements=NUMBERS))
    vectors = draw(arrays.arrays(np.float64, (count, size), elements=NUMBERS))
    return numbers, vectors


def test_the_articles_example_gives_the_articles_figures():
    pooling = pool(np.ones(3), np.array(EXAMPLE))
    assert pooling.square_of_sum.tolist() == [64, 49, 100, 25]
    assert pooling.sum_of_squares.tolist() == [26, 29, 46, 17]
    assert pooling.pooled.tolist() == [19, 10, 27, 4]


def test_the_articles_example_pair_by_pair():
    products = pair_products(np.ones(3), np.array(EXAMPLE))
    assert {pair: product.tolist() for pair, product in products.items()} == {
        (0, 1): [3, 0, 3, 0],
        (0, 2): [12, 0, 6, 0],
        (1, 2): [4, 10, 18, 4],
    }


@given(rows())
def test_the_loop_over_pairs_gives_the_same(row):
    products = pair_products(*row)
    looped = sum(products.values(), np.zeros(row[1].shape[1]))
    np.testing.assert_allclose(pool(*row).pooled, looped, rtol=1e-9, atol=1e-6)


@given(rows())
def test_the_gradients_formula_is_what_a_small_step_measures(row):
    for field in range(len(row[0])):
        formula = pool_gradient(*row, field)
        measured = pool_differences(*row, field, width=1e-3)
        np.testing.assert_allclose(measured, formula, rtol=1e-5, atol=1e-4)


@given(rows())
def test_the_gradient_is_the_sum_of_the_other_fields(row):
    numbers, vectors = row
    for field in range(len(numbers)):
        others = np.delete(numbers[:, None] * vectors, field, axis=0).sum(axis=0)
        np.testing.assert_allclose(
            pool_gradient(*row, field), numbers[field] * others, rtol=1e-9, atol=1e-6
        )


def test_pool_and_gradient_are_those_of_the_keras_layer():
    import tensorflow as tf

    from nfm.model import BiInteractionPooling

    vectors = tf.Variable(np.array(EXAMPLE, dtype=np.float32)[None])
    with tf.GradientTape() as tape:
        pooled = BiInteractionPooling()(vectors)
        factor = pooled[0, 0, 2]
    ones, example = np.ones(3), np.array(EXAMPLE)
    np.testing.assert_allclose(pooled.numpy()[0, 0], pool(ones, example).pooled)
    gradient = tape.gradient(factor, vectors).numpy()[0]
    for field in range(3):
        expected = np.zeros(4)
        expected[2] = pool_gradient(ones, example, field)[2]
        np.testing.assert_allclose(gradient[field], expected)


def test_products_are_counted_as_the_formulas_say():
    few, many = measure(4, (3, 100))
    assert (few.pair_products, few.sum_products) == (4 * 3, 4 * (3 + 1))
    assert (many.pair_products, many.sum_products) == (4 * 4950, 4 * 101)


def test_both_ways_are_timed():
    for cost in measure(8, (2, 16)):
        assert cost.pair_seconds > 0
        assert cost.sum_seconds > 0
        assert cost.ratio == cost.pair_seconds / cost.sum_seconds


def test_what_is_timed_gives_the_same_pool():
    vectors = np.random.default_rng(0).normal(size=(40, 6))
    np.testing.assert_allclose(pool_by_pairs(vectors), pool(np.ones(40), vectors).pooled)


def test_sizes_stay_within_bounds():
    assert max(FIELD_COUNTS) == 512
    assert [cost.fields for cost in measure(1, (2, 4))] == [2, 4]
