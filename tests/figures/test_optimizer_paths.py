"""Optimisers on their way down a valley."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nfm.figures.optimizer_paths import descent_curves, describe_descent, valley_map
from nfm.teaching.optimizer_paths import valley_loss, valley_path
from tests.figures.axes import first_axis

STEEPNESS = 10.0
PATHS = {
    "SGD": valley_path("sgd", 0.03, STEEPNESS, (-1.6, 2.2), 5),
    "Adagrad": valley_path("adagrad", 0.03, STEEPNESS, (-1.6, 2.2), 5),
    "Adam": valley_path("adam", 0.03, STEEPNESS, (-1.6, 2.2), 5),
}
LEAPS = {"SGD": valley_path("sgd", 1.0, 100.0, (-1.6, 2.2), 40)}


def test_every_rule_has_its_path_from_the_start():
    option = valley_map(PATHS, STEEPNESS)
    lines = option["series"][:3]
    assert [line["name"] for line in lines] == list(PATHS)
    assert option["legend"]["data"] == [*PATHS, "Equal loss"]
    for line, places in zip(lines, PATHS.values(), strict=True):
        assert line["data"][0] == [-1.6, 2.2]
        np.testing.assert_allclose(line["data"], places, atol=1e-4)
    assert len({line["symbol"] for line in lines}) == len(
        {str(line["lineStyle"]) for line in lines}
    )
    json.dumps(option)


def test_contours_are_lines_of_equal_loss():
    for contour in valley_map(PATHS, STEEPNESS)["series"][3:]:
        losses = valley_loss(np.array(contour["data"]), STEEPNESS)
        np.testing.assert_allclose(losses, losses[0], rtol=1e-2)


def test_a_path_that_leaps_away_is_cut_just_outside_the_picture():
    drawn = np.array(valley_map(LEAPS, 100.0)["series"][0]["data"])
    assert 2 <= len(drawn) < len(LEAPS["SGD"])
    assert np.abs(drawn[:-1]).max() <= 10 < np.abs(drawn[-1]).max()


def test_curves_show_the_loss_of_every_step():
    option = descent_curves(PATHS, STEEPNESS)
    for line, places in zip(option["series"], PATHS.values(), strict=True):
        steps, losses = zip(*line["data"], strict=True)
        assert list(steps) == list(range(6))
        np.testing.assert_allclose(losses, valley_loss(places, STEEPNESS))
    assert option["yAxis"]["type"] == "log"


def test_curves_stay_on_their_axis():
    option = descent_curves(LEAPS | {"There": np.zeros((3, 2))}, 100.0)
    drawn = [loss for line in option["series"] for _, loss in line["data"]]
    assert min(drawn) == option["yAxis"]["min"]
    assert max(drawn) == option["yAxis"]["max"]


def test_words_say_where_each_path_ends():
    end = valley_loss(PATHS["Adam"][-1], STEEPNESS)
    words = describe_descent(PATHS, STEEPNESS)
    assert words.endswith(f"Adam at a loss of {end:.2g}")
    assert words.count(" at a loss of ") == 3


@pytest.mark.parametrize("draw", [valley_map, descent_curves])
def test_axes_have_names(draw):
    option = draw(PATHS, STEEPNESS)
    assert first_axis(option["xAxis"])["name"]
    assert option["title"]["text"]
