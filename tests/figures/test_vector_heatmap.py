"""Vectors as rows of coloured cells."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nfm.figures.vector_heatmap import factor_map, factor_map_height

VECTORS = np.array([[0.25, -2.0, 1.23456], [0.0, 1.0, -0.001]])


def test_every_factor_of_every_vector_is_a_cell():
    option = factor_map(["<b>a</b>", "b"], VECTORS, "Vectors")
    cells = [cell["value"] for cell in option["series"][0]["data"]]
    assert [0, 0, 0.25, "0.2500"] in cells
    assert [1, 0, -2.0, "−2.0000"] in cells
    assert [2, 0, 1.2346, "1.2346"] in cells
    assert len(cells) == VECTORS.size
    assert option["yAxis"]["data"] == ["<b>a</b>", "b"]
    assert option["xAxis"]["data"] == ["1", "2", "3"]
    assert option["xAxis"]["name"] == "Factor"
    json.dumps(option)


def test_cells_say_two_decimals_and_never_minus_nothing():
    texts = [
        cell["label"]["formatter"]
        for cell in factor_map(["a", "b"], VECTORS, "Vectors")["series"][0]["data"]
    ]
    assert texts == ["0.25", "−2.00", "1.23", "0.00", "1.00", "0.00"]


@pytest.mark.parametrize(("size", "shown"), [(6, True), (7, False)])
def test_cells_of_many_factors_are_too_narrow_for_numbers(size, shown):
    option = factor_map(["a"], np.ones((1, size)), "Vectors")
    assert option["series"][0]["label"]["show"] is shown


@pytest.mark.parametrize("vectors", [VECTORS, np.zeros((2, 3)), np.empty((0, 3))])
def test_zero_is_in_the_middle_of_the_colours(vectors):
    scale = factor_map(["a", "b"][: len(vectors)], vectors, "Vectors")["visualMap"]
    assert scale["min"] == -scale["max"] < 0


def test_height_grows_with_the_rows():
    assert factor_map_height(5) - factor_map_height(4) >= 24
