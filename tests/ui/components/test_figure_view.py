"""Every figure has a line that says how to read it."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from nfm.ui.components import figure_view

ROOT = Path(__file__).parents[3]
DRAWS = {
    "plotly_chart",
    "echarts_chart",
    "vega_lite_chart",
    "altair_chart",
    "graphviz_chart",
    "line_chart",
    "bar_chart",
    "area_chart",
    "scatter_chart",
    "pydeck_chart",
    "pyplot",
    "image",
}
# The small pictures of the samples are buttons' illustrations, with their own captions.
ILLUSTRATIONS = {("nfm/ui/data/table_choice.py", "image")}


def calls_that_draw(path: Path) -> set[tuple[str, str]]:
    """The calls of a file that draw a figure, by any name for Streamlit or a container."""
    name = path.relative_to(ROOT).as_posix()
    return {
        (name, node.func.attr)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in DRAWS
    }


def test_pages_draw_figures_through_the_one_module_that_adds_how_to_read_them():
    helper = ROOT / "nfm/ui/components/figure_view.py"
    assert calls_that_draw(helper)
    files = [*ROOT.glob("pages/*.py"), *ROOT.glob("nfm/ui/**/*.py")]
    found = {call for path in files if path != helper for call in calls_that_draw(path)}
    assert found == ILLUSTRATIONS


@pytest.mark.parametrize("name", [name for name in vars(figure_view) if name.startswith("show_")])
def test_no_figure_can_be_drawn_without_saying_how_to_read_it(name):
    reading = inspect.signature(getattr(figure_view, name)).parameters["reading"]
    assert reading.default is inspect.Parameter.empty


def draw_one_of_each() -> None:
    from pandas import DataFrame
    from plotly.graph_objects import Figure, Scatter

    from nfm.figures.live_learning_curve import LiveCurve
    from nfm.ui.components.figure_view import (
        Panel,
        show_chart,
        show_figure,
        show_graph,
        show_live_chart,
        show_panels,
        show_picture,
    )

    option = {"xAxis": {}, "yAxis": {}, "series": [{"type": "line", "data": [1, 2]}]}
    bars = LiveCurve({"mark": "bar"}, DataFrame({"a": [1]}))
    picture = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>'
    show_figure(Figure(Scatter(x=[1], y=[1])), key="a", alt="A figure", reading="Figure.")
    show_chart(option, key="b", alt="A chart", reading="Chart.", height=200)
    show_live_chart(bars, key="c", alt="A live chart", reading="Live.", height=200)
    show_graph("digraph {a -> b}", alt="A graph", reading="Graph.")
    show_picture(picture, alt="A picture", reading="Picture.")
    show_panels(
        [Panel(option, "d", "One"), Panel(Figure(Scatter(x=[1], y=[1])), "e", "Two")],
        reading="Panels.",
        min_width=200,
    )


def test_each_kind_of_figure_is_drawn_with_its_line():
    app = AppTest.from_function(draw_one_of_each, default_timeout=90).run()
    assert not app.exception
    assert [caption.value for caption in app.caption] == [
        f"**How to read this:** {kind}."
        for kind in ("Figure", "Chart", "Live", "Graph", "Picture", "Panels")
    ]
