"""The learning curve that grows in place."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest

from nfm.epoch import Epoch, Metrics
from nfm.figures.learning_curve_data import View, measure_title
from nfm.figures.live_learning_curve import ZOOM, learning_curve


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


def draw(epochs, measure="loss", task="binary", planned=30, **others):
    return learning_curve(epochs, measure, measure_title(measure, task), planned=planned, **others)


def points(curve, part):
    """The seen points of a part, by epoch."""
    rows = curve.data[curve.data["part"] == part]
    return (
        dict(zip(rows["epoch"], rows["value"], strict=True))
        if (rows["text"] != "none").all()
        else {}
    )


def ends(curve):
    epochs = curve.data.loc[curve.data["part"] == "corner", "epoch"]
    return epochs.min(), epochs.max()


def marks(curve):
    """Name, epoch, value and size of every mark that is seen."""
    rows = curve.data[(curve.data["part"] == "mark") & (curve.data["size"] > 0)]
    return list(rows[["text", "epoch", "value", "size"]].itertuples(index=False, name=None))


def test_both_curves_hold_every_epoch():
    curve = draw(make(5))
    assert points(curve, "Training") == {n: 1 / n for n in range(1, 6)}
    assert points(curve, "Validation")[5] == 2 / 5


def test_only_the_data_change_from_epoch_to_epoch():
    specs = [draw(make(count)).spec for count in (0, 1, 2, 30)]
    assert all(spec == specs[0] for spec in specs)
    assert json.loads(json.dumps(specs[0])) == specs[0]


@pytest.mark.parametrize("validation", [True, False])
@pytest.mark.parametrize("count", [0, 1, 5])
def test_no_layer_is_ever_without_rows(count, validation):
    data = draw(make(count, validation=validation)).data
    assert set(data["part"]) == {"Training", "Validation", "mark", "corner"}
    assert data["value"].notna().all()
    assert data["epoch"].between(1, 30).all()


def test_all_layers_but_the_axes_corners_are_cut_off_where_the_zoom_ends():
    layers = draw([]).spec["layer"]
    assert [layer["mark"].get("clip") for layer in layers].count(True) == len(layers) - 1
    assert layers[0]["params"][0]["name"] == ZOOM
    assert layers[0]["params"][0]["bind"] == "scales"


def test_accuracy_is_in_percent():
    curve = draw(make(2), "accuracy")
    assert points(curve, "Training")[2] == 50.0
    assert curve.spec["title"]["text"] == "Accuracy (%)"


def test_best_epoch_is_marked_on_the_validation_curve():
    assert marks(draw(make(9, best=4))) == [("best: 4", 4, 0.5, 140)]


def test_one_epoch_is_seen_as_two_dots_each_on_its_curve():
    curve = draw(make(1))
    assert [mark[1:3] for mark in marks(curve)] == [(1, 1.0), (1, 2.0), (1, 2.0)]
    dots = curve.data[curve.data["size"] > 0]
    assert dots["curve"].tolist() == ["Training", "Validation", "Validation"]


def test_without_validation_rows_nothing_is_best():
    curve = draw(make(5, validation=False))
    assert points(curve, "Validation") == {}
    assert marks(curve) == []


def test_before_training_the_axes_are_drawn_alone():
    curve = draw([])
    assert ends(curve) == (1, 30)
    assert points(curve, "Training") == points(curve, "Validation") == {}
    assert curve.spec["encoding"]["x"]["title"] == "Epoch"


@pytest.mark.parametrize("number", [1, 5, 12, 17, 4000])
def test_long_runs_send_a_bounded_number_of_points_and_the_best(number):
    drawn = points(draw(make(4000, best=number), planned=4000), "Validation")
    assert len(drawn) < 700
    assert {1, number, 4000} <= set(drawn)


def test_smoothing_is_a_moving_average_and_the_title_says_so():
    curve = draw(make(3), view=View(smoothing=0.5))
    values = list(points(curve, "Training").values())
    assert values == pytest.approx([1, 2 / 3, (1 / 8 + 1 / 8 + 1 / 6) * 8 / 7])
    assert curve.spec["title"]["text"] == "Log loss, smoothed"


def test_the_last_epochs_are_followed():
    curve = draw(make(40), planned=100, view=View(last=10))
    assert ends(curve) == (31, 40)
    assert list(points(curve, "Validation")) == list(range(31, 41))
    assert marks(draw(make(40, best=4), planned=100, view=View(last=10))) == []
    assert ends(draw(make(1), planned=100, view=View(last=10))) == (1, 2)


@pytest.mark.parametrize("trained", [5, 30, 4000])
def test_some_epochs_stand_still_whatever_is_trained(trained):
    curve = draw(make(trained, best=15), planned=100, view=View(span=(11, 20)))
    assert ends(curve) == (11, 20)
    drawn = list(points(curve, "Validation"))
    assert drawn == list(range(11, min(trained, 20) + 1))
    assert bool(marks(curve)) == (trained >= 15)


def test_logarithmic_axis_is_the_loss_alone():
    view = View(logarithmic=True)
    assert draw(make(10), view=view).spec["encoding"]["y"]["scale"]["type"] == "log"
    assert "type" not in draw(make(10), "accuracy", view=view).spec["encoding"]["y"]["scale"]
    assert "type" not in draw([], view=view).spec["encoding"]["y"]["scale"]


def test_what_is_not_positive_has_no_place_on_a_logarithmic_axis():
    zero = Epoch(1, Metrics(0.0), Metrics(1.0), 1e-3, 0.1, 100.0, best=True)
    data = draw([zero, *make(3)[1:]], view=View(logarithmic=True)).data
    assert (data["value"] > 0).all()
    assert isinstance(data, pd.DataFrame)


@pytest.mark.parametrize("count", [0, 1, 5])
def test_best_possible_value_is_a_line_inside_the_axes(count):
    curve = draw(make(count), "accuracy", ceiling=92.35)
    row = curve.data[curve.data["part"] == "ceiling"].iloc[0]
    assert (row["value"], row["text"]) == (92.35, "best possible: 92.3%")
    corners = curve.data.loc[curve.data["part"] == "corner", "value"]
    assert corners.min() <= 92.35 <= corners.max()
    assert curve.spec == draw(make(7), "accuracy", ceiling=92.35).spec
    assert "ceiling" not in set(draw(make(count), "accuracy").data["part"])


def with_members(epochs):
    return [replace(epoch, member_losses=(3 / epoch.number, 1 / epoch.number)) for epoch in epochs]


def test_each_member_of_an_ensemble_has_a_thin_line_of_its_own_beside_the_mean():
    curve = draw(with_members(make(5)), members=2)
    thin = curve.data[curve.data["part"] == "Members"]
    assert list(thin["curve"]) == ["1"] * 5 + ["2"] * 5
    assert list(thin["value"]) == [3 / n for n in range(1, 6)] + [1 / n for n in range(1, 6)]
    assert points(curve, "Validation")[5] == 2 / 5
    width = curve.spec["layer"][0]["encoding"]["strokeWidth"]
    assert width["condition"]["test"] == "datum.part === 'Members'"
    assert width["condition"]["value"] < width["value"]
    assert "strokeWidth" not in curve.spec["layer"][0]["mark"]  # it wins over the encoding
    top = curve.data.loc[curve.data["part"] == "corner", "value"].max()
    assert top == 3  # inside the axes


def test_lines_of_members_begin_without_epochs_and_keep_the_specification():
    before = draw([], members=2)
    assert set(before.data.loc[before.data["part"] == "Members", "text"]) == {"none"}
    assert before.spec == draw(with_members(make(3)), members=2).spec


def test_a_score_and_a_single_network_have_no_lines_of_members():
    for curve in (draw(with_members(make(3)), "accuracy", members=2), draw(make(3))):
        assert "Members" not in set(curve.data["part"])
        assert "Members" not in json.dumps(curve.spec)
