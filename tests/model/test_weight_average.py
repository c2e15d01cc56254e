from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from nfm.model.weight_average import WeightAverage


@pytest.fixture
def weights():
    return tf.Variable([0.0, 0.0])


def test_the_first_step_is_the_average_and_later_ones_move_it(weights) -> None:
    average = WeightAverage([weights])
    expected = np.zeros(2)
    for number, step in enumerate(([1.0, 2.0], [3.0, -1.0], [4.0, 8.0]), start=1):
        weights.assign(step)
        average.update(number)
        expected += 4 / (number + 3) * (np.array(step) - expected)
    with average.applied():
        np.testing.assert_allclose(weights.numpy(), expected, rtol=1e-6)
    np.testing.assert_array_equal(weights.numpy(), [4.0, 8.0])


def test_with_an_interval_it_averages_the_first_step_of_each(weights) -> None:
    average = WeightAverage([weights], interval=3)
    seen = tf.function(average.update, input_signature=[tf.TensorSpec((), tf.int32)])
    expected = 0.0
    for number in range(1, 12):
        weights.assign([number, -number])
        seen(number)
        if number % 3 == 1:
            expected += 4 / (number // 3 + 1 + 3) * (number - expected)
    with average.applied():
        np.testing.assert_allclose(weights.numpy(), [expected, -expected], rtol=1e-6)


def test_steps_long_ago_are_forgotten(weights) -> None:
    average = WeightAverage([weights])
    for number in range(1, 1001):
        weights.assign([100.0, 100.0] if number <= 200 else [0.0, 1.0])
        average.update(number)
    with average.applied():
        np.testing.assert_allclose(weights.numpy(), [0.0, 1.0], atol=0.5)


def test_the_weights_come_back_when_the_block_fails(weights) -> None:
    average = WeightAverage([weights])
    weights.assign([1.0, 1.0])
    average.update(1)
    weights.assign([5.0, 5.0])
    with pytest.raises(ValueError, match="inside"), average.applied():
        raise ValueError("inside")
    np.testing.assert_array_equal(weights.numpy(), [5.0, 5.0])
