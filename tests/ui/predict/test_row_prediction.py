"""The prediction for one row in words."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from nfm.evaluation.error_interval import PredictionInterval
from nfm.tabular.wording import Wording
from nfm.ui.predict.row_prediction import predict_row

ROWS = pd.DataFrame({"a": [1, 2]})


def model(task, classes=(), outputs=None):
    return SimpleNamespace(
        target=SimpleNamespace(task=task, name="y", class_names=classes),
        member_scorers=(),
        predict_proba=lambda rows: np.asarray(outputs, dtype=np.float32),
        predict=lambda rows: np.asarray(outputs, dtype=np.float64),
    )


def test_binary_answer_is_the_probability_of_the_positive_class():
    found = predict_row(model("binary", ("0", "1"), [[0.75, 0.25], [0.4, 0.6]]), ROWS)
    assert found.title == "Probability of y = 1"
    assert (found.value, found.change) == ("60.0%", "+35.0 points")
    assert found.before == pytest.approx((0.75, 0.25))


def test_several_classes_name_the_most_probable_one():
    found = predict_row(
        model("multiclass", ("a", "b", "c"), [[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]]), ROWS
    )
    assert found.title == "Probability of y = c"
    assert (found.value, found.change) == ("70.0%", "+50.0 points")


def test_number_is_given_with_its_difference():
    found = predict_row(model("regression", outputs=[20.0, 23.5]), ROWS)
    assert (found.value, found.change, found.classes) == ("23.5", "+3.5", ())


def test_difference_below_the_last_digit_is_not_called_a_fall():
    found = predict_row(model("binary", ("0", "1"), [[0.6, 0.4], [0.6001, 0.3999]]), ROWS)
    assert found.change == "±0.0 points"


def test_unedited_row_has_no_change():
    assert predict_row(model("binary", ("0", "1"), [[0.6, 0.4]] * 2), ROWS).change is None


@pytest.mark.parametrize(("threshold", "decision"), [(0.5, "1"), (0.6, "1"), (0.61, "0")])
def test_decision_follows_the_threshold(threshold, decision):
    found = predict_row(
        model("binary", ("0", "1"), [[0.6, 0.4], [0.4, 0.6]]), ROWS, threshold=threshold
    )
    assert found.decision.startswith(f"Decision: {decision}, at a threshold of ")


def test_several_classes_are_decided_by_the_most_probable_one():
    found = predict_row(
        model("multiclass", ("a", "b", "c"), [[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]]), ROWS
    )
    assert found.decision == "Decision: c."


def test_passengers_are_spoken_of_as_people():
    wording = Wording(
        classes={"0": "died", "1": "survived"}, probabilities={"1": "Probability of survival"}
    )
    found = predict_row(
        model("binary", ("0", "1"), [[0.6, 0.4], [0.3, 0.7]]), ROWS, wording=wording
    )
    assert found.title == "Probability of survival"
    assert found.classes == ("died", "survived")
    assert "Decision: survived" in found.decision


def test_number_comes_with_the_interval_of_its_errors():
    found = predict_row(
        model("regression", outputs=[20.0, 23.5]), ROWS, interval=PredictionInterval(0.8, 2.5, 40)
    )
    assert "80% of rows like this one lie between 21 and 26" in found.decision
    assert "40 rows that the model was not trained on" in found.decision


def test_answer_is_said_in_one_sentence():
    edited = predict_row(model("binary", ("0", "1"), [[0.75, 0.25], [0.4, 0.6]]), ROWS)
    assert edited.spoken == (
        "Probability of y = 1: 60.0%, 1 (+35.0 points against the original row)."
    )
    unedited = predict_row(model("binary", ("no", "yes"), [[0.6, 0.4]] * 2), ROWS)
    assert unedited.spoken == "Probability of y = yes: 40.0%, no."
    number = predict_row(model("regression", outputs=[20.0, 23.5]), ROWS)
    assert number.spoken == "Predicted y: 23.5 (+3.5 against the original row)."
