"""A small net that learns by heart."""

from __future__ import annotations

import json

import numpy as np

from nfm.figures.overfitting import overfitting_curves
from nfm.teaching.overfitting import Curves

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
