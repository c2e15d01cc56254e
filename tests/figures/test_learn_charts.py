"""What models say about a lamp."""

from __future__ import annotations

import json

import numpy as np

from nfm.figures.learn_charts import (
    activation_bars,
    cost_curve,
    overfitting_curves,
    truth_table_bars,
)
from nfm.teaching.overfitting import Curves
from nfm.teaching.pooling import PoolingCost

OPTION = truth_table_bars(
    ["↓↓", "↓↑"], [False, True], {"Linear": [0.5, 0.5], "FM": [0.001, 0.9994]}
)


def test_each_model_has_bars_in_percent_and_the_truth_a_mark():
    linear, fm, truth = OPTION["series"]
    assert (linear["name"], linear["data"]) == ("Linear", [50.0, 50.0])
    assert fm["data"] == [0.1, 99.9]
    assert (truth["type"], truth["data"]) == ("scatter", [0, 100])


def test_axes_hold_all_shares_and_every_case():
    assert OPTION["xAxis"]["data"] == ["↓↓", "↓↑"]
    assert OPTION["xAxis"]["axisLabel"]["interval"] == 0
    assert (OPTION["yAxis"]["min"], OPTION["yAxis"]["max"]) == (0, 100)
    assert "%" in OPTION["title"]["text"]


def test_bars_of_nothing_can_still_be_seen():
    assert all(bar["barMinHeight"] > 0 for bar in OPTION["series"][:-1])


CURVES = Curves(np.array([0, 2, 4]), np.array([0.69, 0.3, 0.01]), np.array([0.7, 0.6, 1.5]))


def test_both_curves_hold_every_measured_step():
    option = overfitting_curves(CURVES)
    training, validation = option["series"]
    assert (training["name"], training["data"]) == ("Training", [[0, 0.69], [2, 0.3], [4, 0.01]])
    assert (validation["name"], validation["data"][-1]) == ("Validation", [4, 1.5])
    assert training["lineStyle"]["type"] != validation["lineStyle"]["type"]
    json.dumps(option)


def test_axes_stand_still_when_the_losses_change():
    calm = Curves(CURVES.steps, CURVES.training, np.array([0.7, 0.6, 0.6]))
    first, second = overfitting_curves(CURVES), overfitting_curves(calm)
    assert first["yAxis"] == second["yAxis"]
    assert first["xAxis"] == second["xAxis"]
    assert first["xAxis"]["max"] == 4
    assert (first["title"]["text"], first["xAxis"]["name"]) == ("Log loss", "Step")


COSTS = [
    PoolingCost(2, 4, 8, pair_seconds=1e-6, sum_seconds=2e-6),
    PoolingCost(4, 24, 16, pair_seconds=6.25e-6, sum_seconds=2.5e-6),
]


def test_both_ways_are_drawn_in_microseconds():
    option = cost_curve(COSTS)
    pairs, sums = option["series"]
    assert (pairs["name"], pairs["data"]) == ("Pair by pair", [1.0, 6.25])
    assert (sums["name"], sums["data"]) == ("By two sums", [2.0, 2.5])
    assert option["xAxis"]["data"] == ["2", "4"]
    assert "microseconds" in option["title"]["text"]


def test_a_power_of_n_is_a_straight_line():
    option = cost_curve(COSTS)
    # Each category doubles n, and the other axis counts in powers as well.
    assert (option["xAxis"]["type"], option["yAxis"]["type"]) == ("category", "log")


def test_the_ways_differ_in_more_than_colour():
    pairs, sums = cost_curve(COSTS)["series"]
    assert pairs["symbol"] != sums["symbol"]
    assert pairs["lineStyle"]["type"] != sums["lineStyle"]["type"]


def test_every_unit_has_a_numbered_bar():
    option = activation_bars(np.array([0.5, -1.25, 1e-7]), "Output of hidden layer 1", "Unit")
    assert option["series"][0]["data"] == [
        [0, 0.5, "0.5000"],
        [1, -1.25, "−1.2500"],
        [2, 0.0, "0.0000"],
    ]
    assert option["xAxis"]["data"] == ["1", "2", "3"]
    assert option["xAxis"]["name"] == "Unit"
    assert option["title"]["text"] == "Output of hidden layer 1"
    json.dumps(option)
