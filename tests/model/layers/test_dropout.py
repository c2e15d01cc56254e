"""Dropout."""

from __future__ import annotations

import numpy as np
import pytest

from nfm.model import Dropout
from tests.model.checking import check_layer

ONES = np.ones((200, 50), "float32")


def test_does_nothing_outside_training() -> None:
    layer = check_layer(lambda: Dropout(0.5, seed=1), [[1.0, 2]], [[1.0, 2]])
    np.testing.assert_array_equal(layer(ONES, training=False), ONES)


def test_silences_the_share_and_scales_up_the_rest() -> None:
    outputs = np.array(Dropout(0.2, seed=1)(ONES, training=True))
    assert set(outputs.ravel().tolist()) == {0.0, 1.25}
    assert np.mean(outputs == 0) == pytest.approx(0.2, abs=0.02)


def test_given_numbers_decide_what_is_silenced() -> None:
    noise = np.array([[0.1, 0.25, 0.9]], "float32")
    outputs = Dropout(0.25)(np.ones((1, 3), "float32"), training=True, noise=noise)
    np.testing.assert_allclose(outputs, [[0, 4 / 3, 4 / 3]], rtol=1e-6)


def test_equal_seeds_silence_the_same_units_step_by_step() -> None:
    first, second, other = Dropout(0.5, seed=3), Dropout(0.5, seed=3), Dropout(0.5, seed=4)
    steps = [[np.array(layer(ONES, training=True)) for _ in range(2)] for layer in (first, second)]
    np.testing.assert_array_equal(steps[0], steps[1])
    assert not np.array_equal(steps[0][0], steps[0][1])
    assert not np.array_equal(steps[0][0], other(ONES, training=True))


@pytest.mark.parametrize("rate", [-0.1, 1.0])
def test_a_rate_outside_its_range_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match=r"must lie in \[0, 1\)"):
        Dropout(rate)
