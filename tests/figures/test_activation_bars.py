"""A layer's values as bars."""

from __future__ import annotations

import json

import numpy as np

from nfm.figures.activation_bars import unit_bars


def test_every_unit_has_a_numbered_bar():
    option = unit_bars(np.array([0.5, -1.25, 1e-7]), "Output of hidden layer 1", "Unit")
    assert option["series"][0]["data"] == [
        [0, 0.5, "0.5000"],
        [1, -1.25, "−1.2500"],
        [2, 0.0, "0.0000"],
    ]
    assert option["xAxis"]["data"] == ["1", "2", "3"]
    assert option["xAxis"]["name"] == "Unit"
    assert option["title"]["text"] == "Output of hidden layer 1"
    json.dumps(option)
