"""Class by class, as scikit-learn counts."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from nfm.evaluation.classwise import class_table, confusion_counts, most_confused
from nfm.evaluation.held_out import HeldOutPredictions
from nfm.tabular.target import Target


@pytest.fixture
def evaluation() -> HeldOutPredictions:
    random = np.random.default_rng(3)
    labels = random.choice(4, 150, p=[0.4, 0.3, 0.25, 0.05])
    answers = random.dirichlet(np.ones(4), 150)
    answers[np.arange(150), labels] += 0.3
    answers[:, 3] = 0  # a class that is never said
    target = Target(name="t", task="multiclass", classes=("a", "b", "c", "d"))
    return HeldOutPredictions(target, "test", np.arange(150), labels, answers)


def test_confusion_matrix_equals_scikit_learns(evaluation):
    expected = metrics.confusion_matrix(evaluation.labels, evaluation.predicted)
    np.testing.assert_array_equal(confusion_counts(evaluation), expected)


def test_precision_recall_and_f1_equal_scikit_learns(evaluation):
    table = class_table(evaluation)
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
