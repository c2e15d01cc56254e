"""Enlarged figures: no small text, room for it, and the same data."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from nfm.figures.enlarged import (
    MINIMUM_FONT,
    enlarge,
    enlarged_figure,
    enlarged_option,
    enlarged_specification,
)
from tests.figures.gallery import FIGURES

ECHARTS = [name for name, entry in FIGURES.items() if entry.kind == "echarts"]
PLOTLY = [name for name, entry in FIGURES.items() if entry.kind == "plotly"]
VEGA = [name for name, entry in FIGURES.items() if entry.kind == "vega"]


def sizes(part: Any, name: str = "") -> list[float]:
    """All font sizes in an option or a specification."""
    if isinstance(part, dict):
        own = [
            value
            for key, value in part.items()
            if (key.lower().endswith("fontsize") or (key == "size" and name.endswith("font")))
            and isinstance(value, int | float)
        ]
        parts = [
            sizes(value, key) for key, value in part.items() if key not in ("data", "datasets")
        ]
        return own + [size for found in parts for size in found]
    if isinstance(part, list):
        return [size for one in part for size in sizes(one, name)]
    return []


@pytest.mark.parametrize("name", ECHARTS)
def test_no_text_of_an_option_is_small_and_the_values_stay(name):
    option = FIGURES[name].draw()
    before = copy.deepcopy(option)
    larger = enlarged_option(option)
    assert option == before
    assert min(sizes(larger)) >= MINIMUM_FONT
    axes = [larger[axis] for axis in ("xAxis", "yAxis") if larger.get(axis)]
    for axis in [one for found in axes for one in (found if isinstance(found, list) else [found])]:
        assert axis["axisLabel"]["fontSize"] >= MINIMUM_FONT
    for old, new in zip(option["series"], larger["series"], strict=True):
        assert len(old["data"]) == len(new["data"])


@pytest.mark.parametrize("name", PLOTLY)
def test_no_text_of_a_plotly_figure_is_small_and_the_values_stay(name):
    figure = FIGURES[name].draw()
    before = figure.to_json()
    larger = enlarged_figure(figure)
    assert figure.to_json() == before
    layout = larger.layout.to_plotly_json()
    layout.pop("template", None)
    traces = [trace.to_plotly_json() for trace in larger.data]
    assert min(sizes(layout) + sizes(traces)) >= MINIMUM_FONT
    assert larger.layout.height == enlarge(figure.layout.height)
    assert layout["xaxis"]["tickfont"]["size"] >= MINIMUM_FONT
    for old, new in zip(figure.data, larger.data, strict=True):
        assert json.loads(old.to_json()).get("x") == json.loads(new.to_json()).get("x")


@pytest.mark.parametrize("name", VEGA)
def test_no_text_of_a_live_chart_is_small_and_its_data_are_shared(name):
    specification = FIGURES[name].draw().with_data()
    larger = enlarged_specification(specification)
    assert min(sizes(larger)) >= MINIMUM_FONT
    assert all(larger[key] is specification[key] for key in ("data", "datasets") if key in larger)
