"""The figures equal scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from nfm.evaluation.held_out import HeldOutPredictions
from nfm.evaluation.scores import class_table, confusion_counts, most_confused, scores_of
from nfm.tabular.target import Target

ROWS = 120


def classes_evaluation(count: int, seed: int = 0) -> HeldOutPredictions:
    random = np.random.default_rng(seed)
    labels = np.arange(ROWS) % count
    predictions = random.dirichlet(np.ones(count), ROWS)
    predictions[np.arange(ROWS), labels] += 0.4
    predictions /= predictions.sum(axis=1, keepdims=True)
    target = Target(
        name="t",
        task="binary" if count == 2 else "multiclass",
        classes=tuple(range(count)),
        counts=tuple(range(10, 10 + count)),
    )
    return HeldOutPredictions(target, "test", np.arange(ROWS), labels, predictions)


def numbers_evaluation() -> HeldOutPredictions:
    random = np.random.default_rng(1)
    labels = random.normal(50, 10, ROWS)
    predictions = labels + random.normal(0, 4, ROWS)
    target = Target(name="t", task="regression", mean=49.0, scale=10.0)
    return HeldOutPredictions(target, "test", np.arange(ROWS), labels, predictions)


@pytest.mark.parametrize("count", [2, 4])
def test_figures_of_classes(count):
    rows = classes_evaluation(count)
    found = scores_of(rows)
    scores = rows.predictions[:, 1] if count == 2 else rows.predictions
    assert {name: each.value for name, each in found.items()} == pytest.approx(
        {
            "accuracy": metrics.accuracy_score(rows.labels, rows.predicted),
            "auc": metrics.roc_auc_score(rows.labels, scores, multi_class="ovr"),
            "log_loss": metrics.log_loss(rows.labels, rows.predictions),
            "brier": metrics.brier_score_loss(rows.labels, scores),
        },
        rel=1e-12,
    )


def test_certain_and_wrong_answers_cost_as_much_as_scikit_learn_says():
    rows = classes_evaluation(2)
    predictions = np.tile([1.0, 0.0], (ROWS, 1))
    found = scores_of(rows.with_predictions(predictions))["log_loss"].value
    assert found == pytest.approx(metrics.log_loss(rows.labels, predictions), rel=1e-12)


def test_figures_of_numbers():
    rows = numbers_evaluation()
    assert {name: each.value for name, each in scores_of(rows).items()} == pytest.approx(
        {
            "mae": metrics.mean_absolute_error(rows.labels, rows.predictions),
            "rmse": metrics.root_mean_squared_error(rows.labels, rows.predictions),
            "r2": metrics.r2_score(rows.labels, rows.predictions),
        },
        rel=1e-10,
    )


def test_every_figure_lies_in_its_interval():
    for rows in (classes_evaluation(2), classes_evaluation(3), numbers_evaluation()):
        for each in scores_of(rows).values():
            assert each.interval is not None
            assert each.interval.low < each.value < each.interval.high


def test_area_is_left_out_where_a_class_has_no_row():
    rows = classes_evaluation(2)
    one_class = HeldOutPredictions(
        rows.target, "test", rows.rows, np.zeros(ROWS, int), rows.predictions
    )
    assert set(scores_of(one_class)) == {"accuracy", "log_loss", "brier"}


def test_difference_of_two_models_is_paired():
    rows = classes_evaluation(2)
    same = scores_of(rows)["accuracy"].minus(scores_of(rows)["accuracy"])
    assert same.value == 0
    assert same.interval == (0, 0)
    gain = scores_of(rows)["accuracy"].minus(scores_of(rows.constant())["accuracy"])
    assert gain.value == pytest.approx((~rows.is_error).mean() - (rows.labels == 1).mean())
    assert gain.interval is not None
    assert gain.interval.excludes_zero


def test_many_classes_are_measured_without_an_interval_of_the_area():
    found = scores_of(classes_evaluation(24))
    assert found["auc"].interval is None
    assert found["auc"].minus(found["accuracy"]).interval is None
    assert found["accuracy"].interval is not None


@pytest.mark.parametrize(("right", "ends"), [(True, (0.969, 1.0)), (False, (0.0, 0.031))])
def test_accuracy_of_all_or_none_is_not_taken_for_certain(right, ends):
    rows = classes_evaluation(2)
    predictions = np.eye(2)[rows.labels if right else 1 - rows.labels]
    found = scores_of(rows.with_predictions(predictions))["accuracy"]
    assert found.value == float(right)
    assert found.interval == pytest.approx(ends, abs=1e-3)


@pytest.fixture
def evaluation() -> HeldOutPredictions:
    random = np.random.default_rng(3)
    labels = random.choice(4, 150, p=[0.4, 0.3, 0.25, 0.05])
    predictions = random.dirichlet(np.ones(4), 150)
    predictions[np.arange(150), labels] += 0.3
    predictions[:, 3] = 0  # a class that is never said
    target = Target(name="t", task="multiclass", classes=("a", "b", "c", "d"))
    return HeldOutPredictions(target, "test", np.arange(150), labels, predictions)


def test_confusion_matrix_equals_scikit_learns(evaluation):
    expected = metrics.confusion_matrix(evaluation.labels, evaluation.predicted)
    np.testing.assert_array_equal(confusion_counts(evaluation), expected)


def test_precision_recall_and_f1_equal_scikit_learns(evaluation):
    table = class_table(evaluation, evaluation.target.class_names)
    assert table["class"].tolist() == ["a", "b", "c", "d", "Mean over classes", "Mean over rows"]
    pair = evaluation.labels, evaluation.predicted
    for rows, average in ((slice(0, 4), None), (4, "macro"), (5, "weighted")):
        expected = metrics.precision_recall_fscore_support(*pair, average=average, zero_division=0)
        for name, values in zip(("precision", "recall", "f1"), expected, strict=False):
            np.testing.assert_allclose(table[name].to_numpy()[rows], values)
    assert table["rows"].tolist()[:4] == np.bincount(evaluation.labels).tolist()
    assert table["rows"].tolist()[4:] == [150, 150]


def test_most_frequent_mistake_is_found():
    assert most_confused(np.array([[9, 1, 0], [0, 9, 3], [2, 0, 9]])) == (1, 2, 3)
    assert most_confused(np.diag([3, 4])) is None
