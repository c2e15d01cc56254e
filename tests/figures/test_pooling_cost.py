"""Time against the number of fields."""

from __future__ import annotations

from nfm.figures.pooling_cost import cost_curve
from nfm.teaching.pooling_cost import PoolingCost

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
