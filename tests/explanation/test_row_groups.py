"""Groups of rows that are worth a look."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from nfm.evaluation.held_out import HeldOutPredictions
from nfm.explanation.row_groups import row_groups


def evaluation(task, labels, answers):
    labels, answers = np.asarray(labels), np.asarray(answers, dtype=np.float64)
    rows = 100 + np.arange(len(labels))
    return HeldOutPredictions(SimpleNamespace(task=task), "test", rows, labels, answers)


def two_classes(positive, labels):
    positive = np.asarray(positive)
    return evaluation("binary", labels, np.stack([1 - positive, positive], axis=1))


def test_wrong_rows_are_those_decided_otherwise_than_they_are():
    found = two_classes([0.9, 0.2, 0.6, 0.4], [1, 1, 0, 0])
    assert row_groups(found)["wrong"].tolist() == [101, 102]


def test_threshold_moves_what_is_wrong_and_what_is_borderline():
    shares = np.linspace(0.005, 0.995, 100)
    found = two_classes(shares, (shares >= 0.5).astype(int))
    assert "wrong" not in row_groups(found)
    groups = row_groups(found, threshold=0.7)
    assert len(groups["wrong"]) == 20
    assert np.abs(shares[groups["borderline"] - 100] - 0.7).max() < 0.06
    assert len(groups["borderline"]) == 10


def test_confident_rows_have_a_probable_class_whichever_it_is():
    found = two_classes([0.99, 0.01, 0.5], [1, 0, 1])
    assert row_groups(found)["confident"].tolist() == [100, 101]


def test_several_classes_are_borderline_where_two_are_as_probable():
    answers = [[0.4, 0.39, 0.21], *[[0.8, 0.1, 0.1]] * 60]
    found = evaluation("multiclass", [0, *[1] * 60], answers)
    groups = row_groups(found)
    assert groups["borderline"][0] == 100
    assert groups["wrong"].tolist() == list(range(101, 161))
    assert "confident" not in groups


def test_numbers_are_far_off_or_close():
    found = evaluation("regression", np.arange(100.0), np.arange(100.0) + np.arange(100.0) / 10)
    groups = row_groups(found)
    assert groups["close"].tolist() == list(range(100, 110))
    assert sorted(groups["far off"].tolist()) == list(range(190, 200))
