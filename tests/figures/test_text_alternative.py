"""A figure in words says the figures that the pointer would show."""

from __future__ import annotations

import numpy as np
from plotly import graph_objects as go

from nfm.explanation.importance import PermutationImportance
from nfm.figures.importance import permutation_bars
from nfm.figures.labels import label
from nfm.figures.text_alternative import MARKS, text_alternative


def test_bars_say_name_and_value():
    bars = go.Bar(
        x=[0.271, 40000.0],
        y=[0, 1],
        customdata=[[label("a < b & c"), "0.1 to 0.3"], ["d", "1 to 2"]],
        hovertemplate="%{customdata[0]}: %{x:.3~g}<br>%{customdata[1]}<extra>more</extra>",
    )
    said = text_alternative(go.Figure(bars), "Growth of the loss")
    assert said == "Growth of the loss: a < b & c: 0.271, 0.1 to 0.3; d: 4e+04, 1 to 2."


def test_traces_are_named_where_several_say_something():
    points = {"x": [1], "y": [2], "hovertemplate": "%{y}"}
    silent = go.Scatter(x=[0, 1], y=[0, 1], hoverinfo="skip", name="diagonal")
    one = go.Figure([silent, go.Scatter(**points, name="model")])
    assert text_alternative(one, "Curve") == "Curve: 2."
    two = go.Figure([go.Scatter(**points, name="a"), go.Scatter(**points, name="b")])
    assert text_alternative(two, "Curve") == "Curve: a: 2; b: 2."


def test_gaps_of_a_line_are_passed_over():
    line = go.Scatter(x=[1, None, 3], y=[2.0, None, 4.5], hovertemplate="%{x}: %{y:.1f}")
    assert text_alternative(go.Figure(line), "Line") == "Line: 1: 2.0; 3: 4.5."


def test_small_map_says_every_cell_and_a_large_one_its_extremes():
    template = "%{y}/%{x}: %{z:.1f}"
    small = go.Heatmap(z=[[1, None], [3, 4]], x=["a", "b"], y=["c", "d"], hovertemplate=template)
    assert text_alternative(go.Figure(small), "Map") == "Map: c/a: 1.0; d/a: 3.0; d/b: 4.0."
    large = go.Heatmap(
        z=np.arange(100.0).reshape(10, 10),
        x=list(range(10)),
        y=list(range(10)),
        hovertemplate=template,
    )
    said = text_alternative(go.Figure(large), "Map")
    assert said == "Map: lowest, 0/0: 0.0; highest, 9/9: 99.0."


def test_cloud_says_its_ranges_and_a_long_line_a_few_of_its_points():
    x = np.linspace(0, 1, 500)
    cloud = go.Scatter(x=x, y=2 * x, mode="markers", hovertemplate="%{x}")
    assert text_alternative(go.Figure(cloud), "Cloud") == (
        "Cloud: 500 points, across from 0 to 1, up from 0 to 2, correlation 1.00."
    )
    line = go.Scatter(x=x, y=2 * x, mode="lines", hovertemplate="%{x:.3f}")
    said = text_alternative(go.Figure(line), "Line")
    assert said.count(";") == MARKS - 1
    assert said.startswith("Line: 0.000; ")
    assert said.endswith("1.000.")


def test_figure_without_values_says_its_subject():
    assert text_alternative(go.Figure(), "Nothing yet") == "Nothing yet."


def test_real_figure_says_each_column():
    found = PermutationImportance(
        columns=("age", "sex"),
        increases=np.array([[0.05, 0.15], [0.1, 0.3]]),
        intervals=np.array([[0.05, 0.15], [0.1, 0.3]]),
        loss=0.4,
        rows=10,
        unit="log loss",
    )
    said = text_alternative(permutation_bars(found), "Growth of the loss")
    assert said == "Growth of the loss: sex: 0.2 (0.1 to 0.3); age: 0.1 (0.05 to 0.15)."


def test_a_subject_that_was_cut_keeps_its_ellipsis_alone():
    assert text_alternative(go.Figure(), "The share of …") == "The share of …"
    assert text_alternative(go.Figure(), "The share") == "The share."
