"""Bins of probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from nfm.evaluation.calibration import (
    brier_scores,
    calibration_bins,
    calibration_test,
)


@pytest.fixture
def drawn() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(2)
    probabilities = random.beta(2, 3, 300)
    return random.random(300) < probabilities, probabilities


@pytest.mark.parametrize("strategy", ["quantile", "uniform"])
@pytest.mark.parametrize("count", [3, 10])
def test_bins_equal_scikit_learns(drawn, strategy, count):
    positive, probabilities = drawn
    bins = calibration_bins(positive, probabilities, count, strategy)
    observed, predicted = calibration_curve(
        positive, probabilities, n_bins=count, strategy=strategy
    )
    np.testing.assert_allclose(bins.observed, observed)
    np.testing.assert_allclose(bins.predicted, predicted)
    assert bins.counts.sum() == 300
    assert (bins.low <= bins.observed).all()
    assert (bins.observed <= bins.high).all()


def test_equal_probabilities_share_a_bin():
    bins = calibration_bins(np.array([True, False, False, False]), np.full(4, 0.25))
    assert bins.counts.tolist() == [4]
    assert bins.error == 0


def test_error_is_the_weighted_distance():
    positive = np.array([True, True, True, False])
    bins = calibration_bins(positive, np.array([0.9, 0.9, 0.9, 0.2]), 2, "uniform")
    assert bins.error == pytest.approx(0.75 * 0.1 + 0.25 * 0.2)


def test_brier_score_equals_scikit_learns():
    random = np.random.default_rng(0)
    labels = np.arange(60) % 3
    predictions = random.dirichlet(np.ones(3), 60)
    assert brier_scores(labels, predictions).mean() == pytest.approx(
        brier_score_loss(labels, predictions)
    )
    two = predictions[:, :2] / predictions[:, :2].sum(axis=1, keepdims=True)
    assert brier_scores(labels % 2, two).mean() == pytest.approx(
        brier_score_loss(labels % 2, two[:, 1])
    )


@pytest.mark.parametrize("rows", [60, 178, 2_000])
@pytest.mark.parametrize("rare", [False, True])
def test_calibrated_probabilities_are_hardly_ever_called_off(rows, rare):
    off = biased = 0
    for seed in range(100):
        random = np.random.default_rng([seed, rows])
        probabilities = random.beta(0.5, 40, rows) if rare else random.beta(2, 3, rows)
        positive = random.random(rows) < probabilities
        found = calibration_test(calibration_bins(positive, probabilities, 5 if rows < 500 else 10))
        off += found.is_off
        biased += found.is_biased
    assert off <= 5  # 1% is meant
    assert biased <= 5


def test_overconfident_probabilities_are_found():
    found = 0
    for seed in range(20):
        random = np.random.default_rng(seed)
        log_odds = random.normal(size=400)
        positive = random.random(400) < 1 / (1 + np.exp(-log_odds))
        claimed = 1 / (1 + np.exp(-3 * log_odds))
        sure = np.maximum(claimed, 1 - claimed)
        right = (claimed > 0.5) == positive
        test = calibration_test(calibration_bins(right, sure, 10))
        assert test.gap == pytest.approx(sure.mean() - right.mean())
        found += test.is_biased and test.gap > 0 and test.is_off
    assert found >= 19


def test_error_of_the_test_is_that_of_the_bins(drawn):
    bins = calibration_bins(*drawn)
    found = calibration_test(bins)
    assert found.error == bins.error
    assert found == calibration_test(bins)
