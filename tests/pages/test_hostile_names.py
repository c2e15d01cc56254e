"""Text of a table is shown as it is, wherever a page shows it."""

from __future__ import annotations

import json

import pytest

from nfm.ui.escaping import literal

NAMES = ["<script>alert(1)</script>", "**x**", "$x$", ":red[x]", "=cmd()", "![a](http://b.c/d.png)"]
WORKSPACE = "w" * 43


def hostile_table() -> bytes:
    header = ",".join([*NAMES, "target"])
    rows = [
        ",".join([*(NAMES[(index + place) % len(NAMES)] for place in range(len(NAMES))), answer])
        for index in range(24)
        for answer in ("**yes**", "[no](http://b.c)")
    ]
    return "\n".join([header, *rows]).encode()


def markdown_sinks(app):
    """Every text of a page that Streamlit reads as Markdown."""
    for elements in (app.title, app.header, app.markdown, app.caption, app.error, app.success):
        for element in elements:
            yield element.value
    widgets = (app.button, app.selectbox, app.number_input, app.text_input, app.multiselect)
    for elements in (*widgets, app.toggle, app.radio, app.tabs, app.metric, app.expander):
        for element in elements:
            yield element.label
            yield getattr(element, "help", None) or ""


def figures(app):
    """The text of every Plotly figure of a page, as the browser reads it."""
    for chart in app.get("plotly_chart"):
        yield json.dumps(json.loads(chart.proto.spec), ensure_ascii=False)


VIEWS = [
    ("data", "Columns"),
    ("data", "Profile"),
    ("data", "Rows"),
    ("data", "Reading"),
    ("train", ""),
    ("predict", ""),
    ("evaluate", ""),
]


@pytest.mark.parametrize(("page", "view"), VIEWS)
def test_names_and_levels_reach_markdown_escaped_only(lab, page, view):
    lab.trained(lab.add(hostile_table(), name="**x**$x$:red[x].csv", target="target"))
    app = lab.open(page)
    if view:
        app.session_state["table_view"] = view
        app.run()
    assert not app.exception
    for figure in figures(app):
        for text in ("<script>", "$x$"):
            assert text not in figure, text
    said = "\n".join(markdown_sinks(app))
    for text in [*NAMES, "**yes**", "[no](http://b.c)", "**x**$x$:red[x].csv"]:
        assert text not in said.replace(literal(text), ""), text


def test_form_shows_hostile_levels_as_plain_options(lab):
    lab.trained(lab.add(hostile_table(), target="target"))
    app = lab.open("predict")
    labels = {widget.label for widget in app.selectbox}
    # A label is read out as it is, with any backslash in it.
    spoken = {"script>alert(1) /script>", "x", "red x", "cmd()", "! a (http //b.c/d.png)"}
    assert spoken <= labels
    assert {f":small[{literal(name)}]" for name in NAMES} <= {text.value for text in app.markdown}
    options = {option for widget in app.selectbox for option in widget.options}
    assert set(NAMES) <= options
