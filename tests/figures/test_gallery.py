"""What holds for every figure: room for its texts, a legend for its marks, plain numbers."""

from __future__ import annotations

import html
import importlib
import inspect
import json
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import nfm.figures
from tests.figures.axes import first_axis
from tests.figures.gallery import FIGURES

PARTS = {
    *("appearance", "echarts", "labels", "number_format", "palette"),
    *("learning_curve_data", "enlarged"),
}
"""Modules that draw nothing themselves."""
DRAWN = {"Figure", "dict[str, Any]", "LiveCurve"}
NARROW = 300  # pixels, of the narrowest column of a page
LETTER = 0.5  # mean width of a letter of the app's font, in parts of its size

ECHARTS = [name for name, entry in FIGURES.items() if entry.kind == "echarts"]
PLOTLY = [name for name, entry in FIGURES.items() if entry.kind == "plotly"]


def test_every_figure_of_the_app_is_looked_at():
    drawing = set()
    for module in pkgutil.iter_modules(nfm.figures.__path__):
        if module.name in PARTS:
            continue
        found = importlib.import_module(f"nfm.figures.{module.name}")
        for name, function in inspect.getmembers(found, inspect.isfunction):
            returned = function.__annotations__.get("return")
            if function.__module__ == found.__name__ and name[0] != "_" and returned in DRAWN:
                drawing.add(f"{module.name}.{name}")
    assert drawing == {entry.draws for entry in FIGURES.values()} - {"network_graph.network_graph"}


def _width(text: str, size: float) -> float:
    return LETTER * size * len(text)


def _legend_lines(option: dict) -> int:
    """Lines that the legend takes in the narrowest column."""
    legend = option["legend"]
    if legend.get("type") == "scroll":
        return 1
    symbol, size = legend["itemWidth"], legend["textStyle"]["fontSize"]
    lines, used = 1, 0.0
    for entry in legend["data"]:
        wide = symbol + 5 + min(_width(entry, size), legend["textStyle"]["width"])
        if used and used + legend["itemGap"] + wide > NARROW - 2 * legend["left"]:
            lines, used = lines + 1, 0.0
        used += wide + legend["itemGap"]
    return lines


@pytest.mark.parametrize("name", ECHARTS)
def test_title_legend_and_plot_of_a_canvas_stand_below_one_another(name: str) -> None:
    option = FIGURES[name].draw()
    json.dumps(option)
    bottom = 0.0
    if title := option.get("title"):
        style = title["textStyle"]
        assert title["top"] >= 8
        assert style["overflow"] == "truncate"
        assert style["width"] <= NARROW
        bottom = title["top"] + (style["lineHeight"] if title["text"] else 0)
        if title.get("subtext"):
            assert _width(title["subtext"], 13) <= title["subtextStyle"]["width"]
            bottom += title["itemGap"] + title["subtextStyle"]["lineHeight"]
    if legend := option.get("legend"):
        assert legend["top"] >= bottom
        bottom = legend["top"] + 20 * _legend_lines(option)
    grid = option["grid"]
    assert grid["top"] >= bottom + 4
    assert grid["outerBoundsMode"] == "same"
    height = FIGURES[name].height
    assert height is not None
    assert height - grid["top"] >= 80


@pytest.mark.parametrize("name", ECHARTS)
def test_labels_of_a_canvas_are_cut_before_they_fill_it(name: str) -> None:
    option = FIGURES[name].draw()
    axes = [option["yAxis"]] if isinstance(option["yAxis"], dict) else option["yAxis"]
    for axis in axes:
        names = [one["value"] if isinstance(one, dict) else one for one in axis.get("data", [])]
        longest = max(map(len, names), default=0)
        if longest > 12 and "width" not in axis["axisLabel"]:
            pytest.fail(f"{name}: labels of {longest} letters and no width")


@pytest.mark.parametrize("name", ECHARTS)
def test_every_series_of_a_canvas_has_a_legend(name: str) -> None:
    option = FIGURES[name].draw()
    if len(option["series"]) == 1:
        return  # the title and the axes say what it is
    named = option.get("legend", {}).get("data", [])
    for series in option["series"]:
        hidden = series.get("itemStyle", {}).get("color") == "transparent"
        labelled = series.get("label", {}).get("show")
        empty = not series["data"] and "markLine" not in series
        assert hidden or labelled or empty or series["name"] in named, series["name"]


@pytest.mark.parametrize("name", PLOTLY)
def test_plotly_leaves_room_for_title_legend_and_labels(name: str) -> None:
    figure = FIGURES[name].draw()
    layout = figure.layout
    lines = [html.unescape(line) for line in layout.title.text.split("<br>")]
    assert max(_width(line, layout.title.font.size) for line in lines) <= NARROW
    needed = 24 + 20 * len(lines)
    if layout.showlegend:
        assert layout.legend.yref == "container"
        top = (1 - layout.legend.y) * layout.height
        assert top >= 12 + 20 * len(lines)
        entries = [trace.name for trace in figure.data if trace.showlegend is not False]
        longest = max(_width(html.unescape(entry or ""), 13) for entry in entries)
        assert longest <= NARROW - 50
        needed = top + 20
    assert layout.margin.t >= needed
    for axis in (layout.xaxis, layout.yaxis):
        if axis.visible is not False:
            assert axis.automargin
            parts = (axis.title.text or "").split("<br>")
            assert max(len(html.unescape(part)) for part in parts) <= 34


@pytest.mark.parametrize("name", PLOTLY)
def test_every_trace_of_a_plotly_figure_has_a_legend(name: str) -> None:
    figure = FIGURES[name].draw()
    traces = [trace for trace in figure.data if trace.type in ("scatter", "bar")]
    maps = [trace for trace in figure.data if trace.type == "heatmap"]
    for trace in maps:
        # The title of the missing values says what their colour is.
        assert trace.showscale is not False or "(blue)" in figure.layout.title.text
    if len(traces) + len(figure.layout.shapes) < 2 or not figure.layout.showlegend:
        assert len({trace.name for trace in traces}) <= 1
        return
    for drawn in [*traces, *figure.layout.shapes]:
        assert drawn.name or drawn.showlegend is False
    if not figure.layout.showlegend:
        pytest.fail("several kinds of marks, and no legend")


def _texts(drawn: object) -> Iterator[str]:
    """Every text of a figure."""
    if isinstance(drawn, str):
        yield drawn
    elif isinstance(drawn, dict):
        for part in drawn.values():
            yield from _texts(part)
    elif isinstance(drawn, (list, tuple, np.ndarray)):
        for part in drawn:
            yield from _texts(part)


@pytest.mark.parametrize("name", FIGURES)
def test_no_number_is_written_with_an_exponent(name: str) -> None:
    figure, kind = FIGURES[name].draw(), FIGURES[name].kind
    if kind == "plotly":
        for axis in (figure.layout.xaxis, figure.layout.yaxis):
            assert axis.visible is False or axis.exponentformat == "none"
        for trace in figure.data:
            assert not re.search(r":[^}]*g}", trace.hovertemplate or "")
        drawn = figure.to_dict()
    elif kind == "echarts":
        drawn = figure
        assert not re.search(r"%[,.\d]*g", figure.get("tooltip", {}).get("valueFormatter", ""))
    else:
        return
    assert not [text for text in _texts(drawn) if re.search(r"\de[+-]\d", text)]


@pytest.mark.parametrize("name", ECHARTS)
def test_no_negative_number_is_left_to_a_canvas(name: str) -> None:
    """It would be written with a hyphen."""
    option = FIGURES[name].draw()
    for which in ("xAxis", "yAxis"):
        axis = first_axis(option[which])
        if axis["type"] == "value" and axis.get("min", 0) < 0:
            assert (
                axis["axisLabel"].get("show") is False or axis["axisLabel"]["showMinLabel"] is False
            )
    if "tooltip" not in option or option["tooltip"].get("show") is False:
        return
    for series in option["series"]:
        if series.get("silent") or series.get("tooltip", {}).get("show") is False:
            continue
        for item in series["data"]:
            values = item["value"] if isinstance(item, dict) else item
            values = values if isinstance(values, list | tuple) else (0, values)
            if values[-1] is not None and not isinstance(values[-1], str):
                assert values[-1] >= 0, series["name"]


def test_one_unit_stands_on_every_axis_of_a_predicted_number():
    for name in ("predicted and actual", "residuals", "residual histogram"):
        layout = FIGURES[name].draw().layout
        titles = [layout.xaxis.title.text, layout.yaxis.title.text]
        assert all("(€)" in title for title in titles if title != "Rows"), name
    assert "(€)" in first_axis(FIGURES["waterfall, regression"].draw()["xAxis"])["name"]


def test_axes_of_a_rare_class_fit_its_probabilities():
    histogram = FIGURES["histogram, rare"].draw()
    assert histogram["xAxis"]["max"] == pytest.approx(0.1)
    others, rare, _ = histogram["series"]
    # In percent of each group: of the rows, the rare class would be a flat line.
    assert max(y for _, y in rare["data"]) > 10
    assert sum(y for _, y in others["data"][:-1]) == pytest.approx(100, abs=0.5)
    layout = FIGURES["calibration, rare"].draw().layout
    assert layout.xaxis.range[1] < 6
    assert layout.yaxis.range[1] < 50
    whole = FIGURES["calibration"].draw().layout
    assert whole.xaxis.range[1] > 100


def test_colours_are_written_in_one_module_only():
    literal = re.compile(r"#[0-9A-Fa-f]{6}\b|rgba?\(")
    package = Path(nfm.figures.__file__).parent.parent
    found = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if literal.search(path.read_text())
    }
    assert found == {"figures/palette.py"}
