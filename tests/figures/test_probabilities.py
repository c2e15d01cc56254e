"""Bars of the classes."""

from __future__ import annotations

from nfm.figures.probabilities import bar_height, probability_bars


def test_classes_keep_their_order_and_hostile_names_their_characters():
    option = probability_bars(["<b>no</b>", "{b}"], [0.25, 0.75])
    names, shares = option["yAxis"]
    assert names["data"] == ["<b>no</b>", "{b}"]
    assert shares["data"] == ["25.0%", "75.0%"]
    assert option["series"][0]["data"] == [25.0, 75.0]
    assert len(option["series"]) == 1


def test_original_row_is_marked():
    option = probability_bars(["a", "b"], [0.25, 0.75], [0.5, 0.5])
    assert option["series"][1]["data"] == [50.0, 50.0]
    assert option["legend"]["data"] == [each["name"] for each in option["series"]]


def test_of_many_classes_the_most_probable_are_drawn():
    names = [f"class {number}" for number in range(40)]
    shares = [number / 780 for number in range(40)]
    option = probability_bars(names, shares)
    assert option["yAxis"][0]["data"][0] == "class 39"
    assert len(option["yAxis"][0]["data"]) == 12


def test_height_grows_with_the_classes_up_to_a_limit():
    assert bar_height(2) < bar_height(5) < bar_height(12) == bar_height(500)
