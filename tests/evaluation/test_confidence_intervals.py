"""Intervals of shares."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import r2_score, roc_auc_score

from nfm.evaluation.confidence_intervals import (
    Interval,
    area_under_curve_of,
    bootstrap,
    draw_count,
    draws,
    mean_of,
    percentile_interval,
    r2_of,
    wilson,
)


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


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(3)


def all_draws(rows: int, count: int, seed: int = 0) -> np.ndarray:
    return np.concatenate(list(draws(rows, seed, count)))


def test_every_draw_has_as_many_rows_as_there_are():
    weights = all_draws(37, 50)
    assert weights.shape == (50, 37)
    assert (weights.sum(axis=1) == 37).all()
    assert weights.mean(axis=0) == pytest.approx(np.ones(37), abs=0.6)


def test_equal_seeds_give_equal_draws_and_others_other_ones():
    np.testing.assert_array_equal(all_draws(20, 5, seed=1), all_draws(20, 5, seed=1))
    assert (all_draws(20, 5, seed=1) != all_draws(20, 5, seed=2)).any()


def test_draws_of_many_rows_come_in_parts_of_bounded_size():
    parts = list(draws(300_000, count=5))
    assert [len(part) for part in parts] == [3, 2]


def test_many_rows_have_fewer_draws():
    assert draw_count(200) == 1000
    assert draw_count(10**7) == 100


@pytest.mark.parametrize("ties", [False, True])
def test_area_on_a_draw_equals_scikit_learns_with_weights(random, ties):
    positive = random.random(80) < 0.4
    scores = random.random(80).round(1 if ties else 9)
    weights = all_draws(80, 20)
    areas = area_under_curve_of(positive, scores)(weights)
    for drawn, area in zip(weights, areas, strict=True):
        assert area == pytest.approx(roc_auc_score(positive, scores, sample_weight=drawn))


def test_area_of_one_class_is_not_a_number():
    area = area_under_curve_of(np.array([True, False]), np.array([0.2, 0.1]))
    assert np.isnan(area(np.array([[2.0, 0.0]]))[0])


def test_determination_on_a_draw_equals_scikit_learns_with_weights(random):
    actual = 1e6 + random.normal(size=60)
    predicted = actual + random.normal(size=60)
    weights = all_draws(60, 20)
    found = r2_of(actual, predicted)(weights)
    for drawn, value in zip(weights, found, strict=True):
        assert value == pytest.approx(r2_score(actual, predicted, sample_weight=drawn), rel=1e-6)


def test_interval_of_a_mean_is_near_that_of_theory(random):
    values = random.normal(size=2000)
    found = percentile_interval(bootstrap({"mean": mean_of(values)}, 2000)["mean"])
    half = 1.96 * values.std() / np.sqrt(2000)
    assert found is not None
    assert found.low == pytest.approx(values.mean() - half, abs=0.2 * half)
    assert found.high == pytest.approx(values.mean() + half, abs=0.2 * half)


def test_interval_needs_figures_on_most_draws():
    assert percentile_interval(np.array([np.nan, np.nan, 1.0])) is None
    assert percentile_interval(np.empty(0)) is None
    assert percentile_interval(np.array([np.nan, 1.0, 1.0])) == (1.0, 1.0)


def test_intervals_of_few_rows_cover_as_they_say():
    # The middle 95% of the draws would cover 93%.
    covered = narrow = 0
    for seed in range(600):
        values = np.random.default_rng(seed).normal(size=20)
        samples = mean_of(values)(all_draws(20, draw_count(20), seed))
        low, high = percentile_interval(samples, 20)
        covered += low < 0 < high
        low, high = percentile_interval(samples)
        narrow += low < 0 < high
    assert narrow / 600 < 0.94 < covered / 600 < 0.97


def test_intervals_of_many_rows_stay_as_they_were():
    samples = np.random.default_rng(0).normal(size=1000)
    wide, usual = percentile_interval(samples, 100_000), percentile_interval(samples)
    assert wide == pytest.approx(usual, abs=1e-3)
    assert percentile_interval(np.arange(5.0), 2) == (0.0, 4.0)
