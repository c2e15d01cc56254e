"""Seeds, starts and penalties."""

from __future__ import annotations

import keras
import numpy as np

from nfm.model.layers.initializers import derived_seed, l2_regularizer, output_initializer


def test_seeds_differ_by_part_and_by_seed_and_repeat() -> None:
    seeds = [derived_seed(seed, part) for seed in (0, 1, 2**32 - 1) for part in ("a", "b")]
    assert len(set(seeds)) == 6
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert derived_seed(1, "a") == seeds[2]


def test_no_penalty_costs_nothing() -> None:
    assert l2_regularizer(0) is None


def test_outputs_of_a_regression_start_smaller_than_those_of_classes() -> None:
    glorot = np.array(keras.initializers.GlorotUniform(seed=3)((128, 1)))
    for task in ("binary", "multiclass"):
        np.testing.assert_array_equal(output_initializer(task, 3)((128, 1)), glorot)
    np.testing.assert_allclose(
        output_initializer("regression", 3)((128, 1)), 0.5 * glorot, rtol=1e-5
    )
