"""Curves of several runs in one chart."""

from __future__ import annotations

import json

from nfm.epoch import Epoch, Metrics
from nfm.figures.run_comparison import (
    RunCurve,
    describe_run_curves,
    run_color,
    run_curves,
    run_dash,
)


def curve(number, count=3, name=None, *, validation=True):
    epochs = [
        Epoch(n, Metrics(1 / n), Metrics(2 / n) if validation else None, 1e-3, n, 1.0, True)
        for n in range(1, count + 1)
    ]
    return RunCurve(name or f"Run {number}", number, epochs)


def test_a_line_for_each_run_in_its_colour():
    option = run_curves([curve(1), curve(2, 5)], "loss", "Log loss")
    assert [one["name"] for one in option["series"]] == ["Run 1", "Run 2"]
    assert [one["color"] for one in option["series"]] == [run_color(1), run_color(2)]
    assert option["series"][0]["data"] == [(1, 2.0), (2, 1.0), (3, 2 / 3)]
    assert option["xAxis"]["max"] == 5
    json.dumps(option)


def test_runs_of_one_colour_differ_in_their_dashes():
    looks = {(run_color(number), run_dash(number)) for number in range(1, 25)}
    assert len(looks) == 24


def test_equal_names_are_told_apart():
    option = run_curves([curve(1, name="x"), curve(2, name="x")], "loss", "Log loss")
    assert option["legend"]["data"] == ["x", "x (no. 2)"]


def test_without_validation_rows_the_training_rows_are_drawn():
    option = run_curves([curve(1, validation=False)], "loss", "Log loss")
    assert option["series"][0]["data"][0] == (1, 1.0)
    assert option["title"]["text"] == "Log loss"
    assert option["title"]["subtext"] == "Training rows"


def test_ends_are_told_in_words():
    text = describe_run_curves([curve(1, 4), curve(2, 2)], "loss", "Log loss")
    assert "Run 1 ends at 0.5; Run 2 ends at 1" in text
    assert "nothing trained" in describe_run_curves([], "loss", "Log loss")
