"""Intervals of shares."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from nfm.evaluation.confidence_intervals import Interval, wilson


def test_wilson_equals_scipys():
    successes, counts = np.array([0, 1, 7, 50, 99, 20]), np.array([5, 3, 10, 100, 100, 20])
    low, high = wilson(successes, counts)
    for place in range(len(counts)):
        expected = binomtest(int(successes[place]), int(counts[place])).proportion_ci(
            method="wilson"
        )
        assert low[place] == pytest.approx(expected.low, abs=1e-12)
        assert high[place] == pytest.approx(expected.high, abs=1e-12)


def test_without_rows_nothing_is_known():
    low, high = wilson(np.array([0]), np.array([0]))
    assert (low[0], high[0]) == (0, 1)


def test_interval_knows_whether_zero_is_in_it():
    assert Interval(0.1, 0.2).excludes_zero
    assert Interval(-0.2, -0.1).excludes_zero
    assert not Interval(-0.1, 0.2).excludes_zero
