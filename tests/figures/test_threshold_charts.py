"""The charts that follow the threshold."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nfm.evaluation.thresholds import ConfusionCounts, ThresholdCurve
from nfm.figures.score_histogram import score_histogram
from nfm.figures.threshold_charts import decision_matrix, precision_recall_curve, roc_curve

HOSTILE = "<b>{c}</b>"
NAMES = ("no", HOSTILE)


@pytest.fixture
def drawn() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(4)
    positive = random.random(3000) < 0.35
    return positive, 0.3 * positive + 0.7 * random.random(3000)


def test_roc_runs_from_corner_to_corner_and_marks_the_threshold(drawn):
    threshold_curve = ThresholdCurve.of(*drawn)
    option = roc_curve(threshold_curve, 0.5)
    curve, mark, guessing = option["series"]
    assert curve["data"][0] == [0, 0]
    assert curve["data"][-1] == [100, 100]
    assert len(curve["data"]) <= 400
    decisions = threshold_curve.at(0.5)
    assert mark["data"] == [
        [
            pytest.approx(100 * (1 - decisions.specificity), abs=0.01),
            pytest.approx(100 * decisions.recall, abs=0.01),
        ]
    ]
    assert guessing["data"] == [[0, 0], [100, 100]]
    assert f"{threshold_curve.area_under_curve:.3f}" in option["title"]["text"]


def test_precision_recall_compares_with_the_share_of_the_class(drawn):
    threshold_curve = ThresholdCurve.of(*drawn)
    curve, mark, guessing = precision_recall_curve(threshold_curve, 0.5)["series"]
    assert curve["data"][-1] == [100, pytest.approx(100 * drawn[0].mean(), abs=0.01)]
    assert guessing["data"][0][1] == pytest.approx(100 * drawn[0].mean(), abs=0.01)
    assert mark["data"][0][0] == pytest.approx(100 * threshold_curve.at(0.5).recall, abs=0.01)


def test_threshold_without_a_precision_has_no_mark(drawn):
    assert precision_recall_curve(ThresholdCurve.of(*drawn), 1.01)["series"][1]["data"] == []


def test_histogram_counts_every_row_once_and_marks_the_threshold(drawn):
    positive, probabilities = drawn
    others, of_class, cut = score_histogram(positive, probabilities, 0.37, NAMES)["series"]
    assert sum(count for _, count in of_class["data"][:-1]) == positive.sum()
    assert sum(count for _, count in others["data"][:-1]) == (~positive).sum()
    assert cut["markLine"]["data"] == [{"xAxis": 0.37}]
    assert (others["name"], of_class["name"]) == NAMES


def test_matrix_places_right_decisions_on_the_diagonal():
    option = decision_matrix(ConfusionCounts(7, 2, 3, 8), NAMES)
    cells = {
        tuple(cell["value"][:2]): (series["name"], cell["value"][2])
        for series in option["series"]
        for cell in series["data"]
    }
    assert cells == {
        (1, 1): ("right", 7),
        (0, 0): ("right", 8),
        (1, 0): ("wrong", 2),
        (0, 1): ("wrong", 3),
    }
    assert option["xAxis"]["data"] == option["yAxis"]["data"] == list(NAMES)
    assert "15 of 20" in option["title"]["text"]


def test_names_never_enter_a_template(drawn):
    options = [
        score_histogram(*drawn, 0.5, NAMES),
        decision_matrix(ConfusionCounts(1, 1, 1, 1), NAMES),
    ]
    for option in options:
        json.dumps(option)  # nothing of NumPy in it
        for series in option["series"]:
            assert HOSTILE not in json.dumps([series.get("label"), series.get("markLine")])
            assert HOSTILE not in str([cell for cell in series["data"] if isinstance(cell, dict)])
