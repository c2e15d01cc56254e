"""The figures of the Data page's profile."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from nfm.figures.column_bars import column_bars
from nfm.figures.missing_map import missing_map
from nfm.figures.palette import BLUE, FIELD_COLORS, GREY, ORANGE
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.profile import profile_table
from nfm.tabular.samples import load_sample

HOSTILE = "<b>x</b> & $y$"
ESCAPED = "&lt;b&gt;x&lt;/b&gt; &amp; &#36;y&#36;"


@pytest.fixture(scope="module")
def titanic():
    frame = load_sample("titanic")
    return profile_table(frame, infer_schema(frame))


def column(profile, name):
    return next(each for each in profile.columns if each.name == name)


def test_bars_say_count_and_rate_and_are_blue_above_the_mean(titanic):
    trace = column_bars(column(titanic, "Sex"), titanic).data[0]
    assert list(trace.x) == [577, 314]
    assert list(trace.text) == ["19%", "74%"]
    male, female = trace.marker.color
    red, blue = slice(1, 3), slice(5, 7)
    assert int(female[blue], 16) > int(GREY[blue], 16) > int(male[blue], 16)
    assert int(male[red], 16) > int(GREY[red], 16) > int(female[red], 16)


def test_ranges_stand_with_their_ends_between_the_bars(titanic):
    figure = column_bars(column(titanic, "Age"), titanic)
    assert figure.data[0].orientation == "v"
    assert figure.layout.xaxis.ticktext[:2] == ("0", "10")
    assert figure.layout.xaxis.tickvals[:2] == (-0.5, 0.5)
    assert figure.layout.xaxis.ticktext[-1] == "(missing)"


def test_title_says_how_much_the_column_explains_and_axes_have_names(titanic):
    figure = column_bars(column(titanic, "Sex"), titanic)
    assert figure.layout.title.text == "Sex · explains 29%"
    assert figure.layout.xaxis.title.text == "Rows"
    assert column_bars(titanic.target, titanic).layout.title.text == "Survived"


def test_each_class_has_a_part_of_the_bar():
    frame = load_sample("penguins")
    profile = profile_table(frame, infer_schema(frame))
    traces = column_bars(column(profile, "island"), profile).data
    assert [trace.name for trace in traces] == list(profile.classes)
    assert [trace.marker.color[0] for trace in traces] == list(FIELD_COLORS[:3])
    assert sum(sum(trace.x) for trace in traces) == 344


def test_below_the_mean_of_a_number_is_orange():
    frame = pd.DataFrame({"level": ["low", "high"] * 20, "y": [1.5, 2.5] * 20})
    profile = profile_table(frame, infer_schema(frame, "y", "regression"))
    trace = column_bars(profile.columns[0], profile).data[0]
    assert list(trace.text) == ["1.5", "2.5"]
    assert list(trace.marker.color) == [ORANGE, BLUE]


def test_missing_map_has_a_line_for_each_column_with_its_share(titanic):
    figure = missing_map(titanic)
    assert figure.layout.yaxis.ticktext[0] == "Cabin (77.1%)"
    assert np.shape(figure.data[0].z) == (3, 100)
    assert figure.layout.xaxis.title.text == "Row of the table"


def test_hostile_names_are_escaped_in_both_figures():
    frame = pd.DataFrame(
        {HOSTILE: [HOSTILE, "a", None, "b"] * 10, "target": [HOSTILE, "no", "yes", "no"] * 10}
    )
    profile = profile_table(frame, infer_schema(frame, "target"))
    for figure in (column_bars(profile.columns[0], profile), missing_map(profile)):
        text = json.dumps(json.loads(figure.to_json()), ensure_ascii=False)
        assert ESCAPED in text
        assert "<b>" not in text
        assert "$y$" not in text
