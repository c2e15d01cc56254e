"""Learning curves."""

from __future__ import annotations

import json

import pytest

from nfm.epoch import Epoch, Metrics
from nfm.figures.curves import (
    View,
    describe_curve,
    epoch_limit,
    learning_curve,
    measures,
    scores,
    smooth,
)


def make(count, best=None, *, validation=True):
    return [
        Epoch(
            number,
            Metrics(1 / number, accuracy=0.5),
            Metrics(2 / number, accuracy=0.4) if validation else None,
            1e-3,
            number * 0.1,
            100.0,
            validation and number <= (best or count),
        )
        for number in range(1, count + 1)
    ]


def test_both_curves_hold_every_epoch():
    option = learning_curve(make(5), "loss", "binary", planned=30)
    training, validation = option["series"]
    assert training["data"] == [(n, 1 / n) for n in range(1, 6)]
    assert validation["data"][4] == (5, 2 / 5)


def test_accuracy_is_in_percent():
    option = learning_curve(make(2), "accuracy", "binary", planned=30)
    assert option["series"][0]["data"][1] == (2, 50.0)
    assert option["title"]["text"] == "Accuracy (%)"


def test_best_epoch_is_marked_on_the_validation_curve():
    option = learning_curve(make(9, best=4), "loss", "binary", planned=30)
    validation = option["series"][1]
    assert validation["markLine"]["data"] == [{"xAxis": 4}]
    assert validation["markLine"]["label"]["formatter"] == "best: 4"
    assert validation["markPoint"]["data"] == [{"coord": [4, 0.5]}]


def test_without_validation_rows_nothing_is_best():
    option = learning_curve(make(5, validation=False), "loss", "binary", planned=30)
    assert option["series"][1]["data"] == []
    assert "markLine" not in option["series"][1]


def test_before_training_the_axes_are_drawn_alone():
    option = learning_curve([], "loss", "binary", planned=30)
    assert option["xAxis"]["max"] == 30
    assert option["xAxis"]["name"] == "Epoch"
    assert all(series["data"] == [] for series in option["series"])


def test_option_is_plain_json():
    option = learning_curve(make(3), "loss", "multiclass", planned=30)
    assert json.loads(json.dumps(option))["series"][0]["data"] == [[1, 1.0], [2, 0.5], [3, 1 / 3]]


@pytest.mark.parametrize("number", [1, 5, 12, 17, 4000])
def test_long_runs_send_a_bounded_number_of_points_and_the_best(number):
    epochs = make(4000, best=number)
    points = dict(learning_curve(epochs, "loss", "binary", planned=4000)["series"][1]["data"])
    assert len(points) < 700
    assert {1, number, 4000} <= set(points)


def test_axis_stands_still_while_the_curve_grows():
    limits = [epoch_limit(trained, 10_000, finished=False) for trained in range(1, 400)]
    assert limits[0] == 50
    assert len(set(limits)) <= 5
    assert all(limit >= trained for trained, limit in enumerate(limits, start=1))


def test_axis_ends_with_the_plan_or_the_last_epoch():
    assert epoch_limit(3, 30, finished=False) == 30
    assert epoch_limit(14, 30, finished=True) == 14
    assert epoch_limit(1, 1, finished=True) == 2


def test_task_decides_what_is_drawn():
    assert measures("binary") == ("loss", "accuracy")
    assert measures("regression") == ("loss", "r2")
    option = learning_curve(make(2), "loss", "regression", planned=5)
    assert option["title"]["text"].startswith("Squared error")


def test_description_tells_the_values_in_words():
    assert "nothing trained" in describe_curve([], "loss", "binary")
    text = describe_curve(make(4), "loss", "binary")
    assert text == "Log loss after 4 epochs: training from 1 to 0.25, validation from 2 to 0.5"


def test_smoothing_is_a_moving_average_whose_first_value_is_as_it_is():
    option = learning_curve(make(3), "loss", "binary", planned=5, view=View(smoothing=0.5))
    values = [value for _, value in option["series"][0]["data"]]
    assert values == pytest.approx([1, 2 / 3, (1 / 8 + 1 / 8 + 1 / 6) * 8 / 7])
    assert option["title"]["text"] == "Log loss, smoothed"
    assert smooth([(1, 4.0), (2, 1.0)], 0.5) == [(1, 4.0), (2, 2.0)]
    assert smooth([(1, 4.0), (2, 1.0)], 0.0) == [(1, 4.0), (2, 1.0)]


def test_zoom_follows_the_last_epochs():
    option = learning_curve(make(40), "loss", "binary", planned=100, view=View(last=10))
    assert (option["xAxis"]["min"], option["xAxis"]["max"]) == (31, 40)
    assert [epoch for epoch, _ in option["series"][1]["data"]] == list(range(31, 41))
    early = learning_curve(make(40, best=4), "loss", "binary", planned=100, view=View(last=10))
    assert "markLine" not in early["series"][1]
    first = learning_curve(make(1), "loss", "binary", planned=100, view=View(last=10))
    assert (first["xAxis"]["min"], first["xAxis"]["max"]) == (1, 2)


@pytest.mark.parametrize("trained", [0, 5, 30, 4000])
def test_a_zoom_on_some_epochs_stands_still_whatever_is_trained(trained):
    view = View(span=(11, 20))
    option = learning_curve(make(trained, best=15), "loss", "binary", planned=100, view=view)
    assert (option["xAxis"]["min"], option["xAxis"]["max"]) == (11, 20)
    drawn = [epoch for epoch, _ in option["series"][1]["data"]]
    assert drawn == list(range(11, min(trained, 20) + 1))
    assert ("markLine" in option["series"][1]) == (trained >= 15)


def test_logarithmic_axis_is_the_loss_alone():
    view = View(logarithmic=True)
    axis = learning_curve(make(10), "loss", "binary", planned=10, view=view)["yAxis"]
    assert (axis["type"], axis["min"], axis["max"]) == ("log", 0.0625, 2)
    score = learning_curve(make(10), "accuracy", "binary", planned=10, view=view)
    assert score["yAxis"]["type"] == "value"
    assert learning_curve([], "loss", "binary", planned=10, view=view)["yAxis"]["type"] == "value"


def test_each_task_has_two_scores():
    assert scores("multiclass") == ("accuracy", "auc")
    assert scores("regression") == ("r2", "mae")
