"""Axes and tooltips of ECharts with true minus signs."""

from __future__ import annotations

import pytest

from nfm.figures.echarts import chart, highlight_series, line, value_axes, write_negatives
from tests.figures.axes import first_axis


def test_positive_axis_is_one_of_numbers():
    axis = value_axes(0.0, 5.0, {"axisLabel": {"fontSize": 12}}, suffix="%")
    assert isinstance(axis, dict)
    assert (axis["type"], axis["min"], axis["max"]) == ("value", 0.0, 5.0)
    assert axis["axisLabel"] == {
        "fontSize": 12,
        "formatter": "{value}%",
        "showMinLabel": True,
        "showMaxLabel": False,
    }


@pytest.mark.parametrize(
    ("low", "high", "splits", "ticks"),
    [
        (-2.3, 2.6, 4, ["−2", "−1", "0", "1", "2"]),
        (-0.034, 0.011, 4, ["−0.03", "−0.02", "−0.01", "0.00", "0.01"]),
        (-95.0, -12.0, 4, ["−80", "−60", "−40", "−20"]),
        (-50_000.0, 10_000.0, 3, ["−40,000", "−20,000", "0"]),
        (-1e-4, 1.0, 4, None),
    ],
)
def test_labels_with_minus_signs_stand_at_their_ticks(low, high, splits, ticks):
    axes = value_axes(low, high, {}, splits=splits)
    if ticks is None:  # no label would be negative
        assert isinstance(axes, dict)
        return
    numbers, texts = axes
    assert numbers["min"] <= low
    assert numbers["max"] >= high
    # The texts are spread evenly from one end to the other.
    step = (numbers["max"] - numbers["min"]) / (len(texts["data"]) - 1)
    places = [
        (numbers["min"] + place * step, text) for place, text in enumerate(texts["data"]) if text
    ]
    assert [text for _, text in places] == ticks
    assert [place for place, _ in places] == pytest.approx(numbers["axisTick"]["customValues"])
    written = [float(text.replace(",", "").replace("−", "-")) for _, text in places]
    assert written == pytest.approx([place for place, _ in places], abs=1e-9)


def test_tooltips_say_negative_numbers_with_a_minus_sign():
    option = {
        "series": [{"data": [(1, 0.5), (2, -0.25)]}, {"data": [1.0]}],
        "tooltip": {"trigger": "axis", "valueFormatter": "%.2f"},
    }
    changed = write_negatives(option, lambda value: f"{value:.2f}".replace("-", "−"))
    first, second = changed["series"]
    assert [item[2] for item in first["data"]] == ["0.50", "−0.25"]
    assert second["data"] == [[0, 1.0, "1.00"]]
    assert first["encode"]["tooltip"] == [2]
    assert changed["tooltip"] == {"trigger": "axis"}
    option["series"][0]["data"] = [(1, 0.5)]
    assert write_negatives(option, str) is option


def test_series_belong_to_the_axis_of_numbers():
    assert first_axis(value_axes(-3.0, 3.0, {"name": "x"}))["name"] == "x"


def test_highlighted_series_alone_keeps_its_colour():
    series = [line("one", [1, 2]), line("two", [2, 1], dash="dashed")]
    option = chart("Title", x={}, y={}, series=series)
    shown = {each["name"]: each for each in highlight_series(option, "two")["series"]}
    assert shown["two"] == series[1]
    assert shown["one"]["lineStyle"] == {**series[0]["lineStyle"], "opacity": 0.3}
    assert shown["one"]["itemStyle"] == {"opacity": 0.3}
    assert "opacity" not in option["series"][0]["lineStyle"]


def test_without_the_series_nothing_is_paler():
    option = chart("Title", x={}, y={}, series=[line("one", [1, 2])])
    assert highlight_series(option, "scores") is option
