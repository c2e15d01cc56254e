"""What pooling costs: counts by hand, and that what is timed is the same pool."""

from __future__ import annotations

import numpy as np

from nfm.teaching.pooling import pool
from nfm.teaching.pooling_cost import FIELD_COUNTS, measure, pool_by_pairs


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
