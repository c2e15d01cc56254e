from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    accuracy_score,
    log_loss,
    mean_absolute_error,
    mean_squared_error,
    r2_score,
    roc_auc_score,
)

from nfm.metrics import area_under_curve, evaluate


def _target(task: str, scale: float = 1.0) -> Any:
    return SimpleNamespace(task=task, scale=scale)


def _probabilities(outputs: np.ndarray) -> np.ndarray:
    exponentials = np.exp(outputs)
    return exponentials / exponentials.sum(axis=1, keepdims=True)


seeds = st.integers(0, 2**32 - 1)
weighted = st.booleans()


@given(seeds, weighted)
def test_binary_figures_are_those_of_scikit_learn(seed: int, has_weights: bool) -> None:
    random = np.random.default_rng(seed)
    count = int(random.integers(2, 200))
    labels = random.permutation(np.arange(count) % 2)
    log_odds = random.normal(size=count).round(1)  # rounded: with ties
    weight = random.uniform(0.1, 3, count) if has_weights else None

    metrics = evaluate(_target("binary"), labels, log_odds, weight)

    chance = 1 / (1 + np.exp(-log_odds))
    assert metrics.loss == pytest.approx(log_loss(labels, chance, sample_weight=weight))
    assert metrics.auc == pytest.approx(roc_auc_score(labels, chance, sample_weight=weight))
    assert metrics.accuracy == pytest.approx(
        accuracy_score(labels, chance > 0.5, sample_weight=weight)
    )
    assert metrics.mae is None
    assert metrics.r2 is None


@given(seeds, weighted, st.integers(3, 6))
def test_multiclass_figures_are_those_of_scikit_learn(
    seed: int, has_weights: bool, class_count: int
) -> None:
    random = np.random.default_rng(seed)
    count = int(random.integers(class_count, 200))
    labels = random.permutation(np.arange(count) % class_count)
    outputs = random.normal(size=(count, class_count))
    weight = random.uniform(0.1, 3, count) if has_weights else None

    metrics = evaluate(_target("multiclass"), labels, outputs, weight)

    chances = _probabilities(outputs)
    assert metrics.loss == pytest.approx(log_loss(labels, chances, sample_weight=weight))
    assert metrics.accuracy == pytest.approx(
        accuracy_score(labels, outputs.argmax(axis=1), sample_weight=weight)
    )
    assert metrics.auc == pytest.approx(
        roc_auc_score(labels, chances, multi_class="ovr", sample_weight=weight)
    )


@given(seeds, weighted)
def test_regression_figures_are_those_of_scikit_learn(seed: int, has_weights: bool) -> None:
    random = np.random.default_rng(seed)
    count = int(random.integers(2, 200))
    labels = random.normal(size=count)
    values = labels + random.normal(size=count)
    weight = random.uniform(0.1, 3, count) if has_weights else None
    mean, scale = 30.0, 12.5

    metrics = evaluate(_target("regression", scale), labels, values, weight)

    own_labels, own_values = mean + scale * labels, mean + scale * values
    assert metrics.loss == pytest.approx(mean_squared_error(labels, values, sample_weight=weight))
    assert metrics.mae == pytest.approx(
        mean_absolute_error(own_labels, own_values, sample_weight=weight)
    )
    assert metrics.r2 == pytest.approx(r2_score(own_labels, own_values, sample_weight=weight))
    assert metrics.accuracy is None
    assert metrics.auc is None


@given(seeds, weighted)
def test_huber_loss_changes_no_other_figure(seed: int, has_weights: bool) -> None:
    random = np.random.default_rng(seed)
    count = int(random.integers(2, 200))
    labels = random.normal(size=count)
    values = labels + random.normal(size=count)
    weight = random.uniform(0.1, 3, count) if has_weights else None
    target = _target("regression", 12.5)

    metrics = evaluate(target, labels, values, weight, "huber")

    errors = np.abs(values - labels)
    by_row = np.where(errors <= 0.5, errors**2, 0.5 * (2 * errors - 0.5))
    assert metrics.loss == pytest.approx(np.average(by_row, weights=weight))
    expected = evaluate(target, labels, values, weight)
    assert (metrics.mae, metrics.r2) == (expected.mae, expected.r2)


def test_a_column_of_outputs_counts_as_one_output_a_row() -> None:
    labels, values = np.array([0.0, 1.0, 2.0]), np.array([[0.5], [1.0], [2.0]])
    metrics = evaluate(_target("regression"), labels, values)
    assert metrics.loss == pytest.approx(0.25 / 3)


def test_there_is_no_area_under_the_curve_where_rows_have_one_class() -> None:
    metrics = evaluate(_target("binary"), np.array([1, 1]), np.array([0.3, -2.0]))
    assert metrics.auc is None
    assert metrics.accuracy == 0.5


def test_there_is_no_area_under_the_curve_where_a_class_has_no_row() -> None:
    outputs = np.array([[2.0, 1.0, 0.0], [0.0, 1.0, 2.0], [2.0, 0.0, 1.0]])
    metrics = evaluate(_target("multiclass"), np.array([0, 2, 2]), outputs)
    assert metrics.auc is None
    assert metrics.accuracy == pytest.approx(2 / 3)


def test_rows_without_weight_leave_no_area_under_the_curve() -> None:
    positive, scores = np.array([True, False]), np.array([1.0, 0.0])
    assert area_under_curve(positive, scores, np.array([1.0, 0.0])) is None


def test_ties_count_half() -> None:
    assert area_under_curve(np.array([True, False]), np.array([7.0, 7.0])) == 0.5


def test_certain_and_wrong_gives_a_large_and_finite_loss() -> None:
    metrics = evaluate(_target("binary"), np.array([0, 1]), np.array([900.0, -900.0], "float32"))
    assert metrics.loss == pytest.approx(900)
    outputs = np.array([[800.0, 0.0, 0.0]], dtype="float32")
    assert evaluate(_target("multiclass"), np.array([2]), outputs).loss == pytest.approx(800)


def test_a_single_row_has_no_coefficient_of_determination() -> None:
    assert evaluate(_target("regression"), np.array([1.0]), np.array([2.0])).r2 is None


@pytest.mark.parametrize(("value", "expected"), [(1.0, 1.0), (2.0, 0.0)])
def test_a_constant_target_is_predicted_wholly_or_not_at_all(value: float, expected: float) -> None:
    metrics = evaluate(_target("regression"), np.ones(3), np.full(3, value))
    assert metrics.r2 == expected


@pytest.mark.parametrize(
    ("labels", "outputs"), [(np.zeros(0), np.zeros(0)), (np.zeros(2), np.zeros(3))]
)
def test_rows_must_match(labels: np.ndarray, outputs: np.ndarray) -> None:
    with pytest.raises(ValueError, match="as many outputs as labels"):
        evaluate(_target("regression"), labels, outputs)
