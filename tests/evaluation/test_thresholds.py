"""Decisions at every threshold."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from nfm.evaluation.thresholds import (
    ConfusionCounts,
    ThresholdCurve,
    implied_threshold,
    threshold_percent,
    threshold_text,
)


@pytest.fixture(params=[9, 1], ids=["distinct", "tied"])
def drawn(request: pytest.FixtureRequest) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(4)
    positive = random.random(200) < 0.35
    return positive, (0.3 * positive + 0.7 * random.random(200)).round(request.param)


def test_roc_equals_scikit_learns(drawn):
    threshold_curve = ThresholdCurve.of(*drawn)
    false_rate, true_rate = threshold_curve.roc()
    expected_false, expected_true, thresholds = metrics.roc_curve(*drawn, drop_intermediate=False)
    np.testing.assert_allclose(false_rate, expected_false)
    np.testing.assert_allclose(true_rate, expected_true)
    np.testing.assert_array_equal(threshold_curve.thresholds, thresholds[1:])
    assert threshold_curve.area_under_curve == pytest.approx(metrics.roc_auc_score(*drawn))


def test_precision_and_recall_equal_scikit_learns(drawn):
    threshold_curve = ThresholdCurve.of(*drawn)
    recall, precision = threshold_curve.precision_recall()
    expected_precision, expected_recall, _ = metrics.precision_recall_curve(*drawn)
    np.testing.assert_allclose(precision, expected_precision[-2::-1])
    np.testing.assert_allclose(recall, expected_recall[-2::-1])
    assert threshold_curve.average_precision == pytest.approx(
        metrics.average_precision_score(*drawn)
    )


@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.5, 0.7, 1.0])
def test_decisions_equal_scikit_learns(drawn, threshold):
    positive, probabilities = drawn
    decisions = ThresholdCurve.of(positive, probabilities).at(threshold)
    said = probabilities >= threshold
    negatives, false_alarms, misses, hits = metrics.confusion_matrix(
        positive, said, labels=[False, True]
    ).ravel()
    assert decisions == ConfusionCounts(hits, false_alarms, misses, negatives)
    assert decisions.total == 200
    assert decisions.accuracy == pytest.approx(metrics.accuracy_score(positive, said))
    assert decisions.recall == pytest.approx(metrics.recall_score(positive, said))
    assert decisions.specificity == pytest.approx(
        metrics.recall_score(positive, said, pos_label=False)
    )
    assert (decisions.precision or 0.0) == pytest.approx(
        metrics.precision_score(positive, said, zero_division=0)
    )
    assert decisions.f1 == pytest.approx(metrics.f1_score(positive, said))


def test_figure_without_rows_is_none():
    assert ConfusionCounts(0, 0, 3, 4).precision is None
    assert ConfusionCounts(0, 2, 0, 4).recall is None
    assert ConfusionCounts(3, 0, 1, 0).specificity is None
    assert ConfusionCounts(0, 0, 0, 4).f1 is None


def test_cheapest_threshold_costs_least_of_all(drawn):
    threshold_curve = ThresholdCurve.of(*drawn)
    cheapest = threshold_curve.at(threshold_curve.cheapest(1, 5)).cost(1, 5)
    for threshold in np.linspace(0, 1.01, 102):
        assert cheapest <= threshold_curve.at(threshold).cost(1, 5)


def test_saying_no_throughout_may_be_cheapest():
    threshold_curve = ThresholdCurve.of(np.array([False, True, False]), np.array([0.9, 0.5, 0.7]))
    assert threshold_curve.cheapest(10, 1) == 1.0


def test_row_with_probability_one_is_not_taken_for_saying_no_throughout():
    positive = np.array([True, True, False, False])
    threshold_curve = ThresholdCurve.of(positive, np.array([1.0, 0.3, 0.6, 0.5]))
    best = threshold_curve.cheapest(1, 1)
    assert best == 1.0
    assert threshold_curve.at(best).cost(1, 1) == 1  # saying no throughout costs 2
    nobody = ThresholdCurve.of(np.array([False, True]), np.array([1.0, 0.5])).cheapest(10, 1)
    assert nobody > 1
    assert (
        ThresholdCurve.of(np.array([False, True]), np.array([1.0, 0.5])).at(nobody).cost(10, 1) == 1
    )


@pytest.mark.parametrize("seed", range(20))
def test_cheapest_threshold_is_right_and_short_whatever_the_costs(seed):
    random = np.random.default_rng(seed)
    probabilities = random.beta(1, 40, 300)
    positive = random.random(300) < probabilities
    probabilities[random.random(300) < 0.02] = 1.0
    threshold_curve = ThresholdCurve.of(positive, probabilities)
    for false_alarm, miss in ((1, 1), (1, 400), (400, 1), (0, 1), (1, 0)):
        best = threshold_curve.cheapest(false_alarm, miss)
        least = min(
            ((probabilities >= t) & ~positive).sum() * false_alarm
            + ((probabilities < t) & positive).sum() * miss
            for t in [*probabilities, np.inf]
        )
        assert threshold_curve.at(best).cost(false_alarm, miss) == least
        assert best in (1.0, np.inf) or best == float(f"{best:.7f}")


def test_thresholds_are_written_with_the_decimals_that_they_have():
    written = [threshold_text(value) for value in (0.5, 0.0025, 0.1 + 0.2, 0.00001234, 1.0)]
    assert written == ["0.50", "0.0025", "0.30", "1.234e-05", "1.00"]
    assert [threshold_percent(value) for value in (0.5, 0.0025, 0.0)] == ["50%", "0.25%", "0%"]


def test_costs_imply_a_threshold():
    assert implied_threshold(1, 1) == 0.5
    assert implied_threshold(1, 4) == pytest.approx(0.2)
    assert implied_threshold(1, 0) == 1.0
    assert implied_threshold(0, 0) == 0.5


def test_rows_of_one_class_have_no_curve():
    assert not ThresholdCurve.of(np.array([True, True]), np.array([0.1, 0.2])).has_both
    assert ThresholdCurve.of(np.array([True, False]), np.array([0.1, 0.2])).has_both
