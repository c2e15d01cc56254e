"""Text of a table is shown as it is, wherever a page shows it."""

from __future__ import annotations

import json
import re

import pytest

from nfm.ui.escaping import inline, literal

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


def notices(app, text):
    """The warnings and hints of a page without a text that is escaped, mostly within a sentence."""
    said = "\n".join(element.value for elements in (app.warning, app.info) for element in elements)
    # There, signs that begin a heading or a list need no escape.
    within = re.compile(rf"(?<=\S ){re.escape(inline(text))}")
    return within.sub("", said.replace(literal(text), ""))


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
        assert text not in notices(app, text), text


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


NAMED = [
    ("start", None),
    ("train", "one run is selected"),
    ("train", "two runs are selected"),
    ("train", "a run was deleted"),
    ("predict", None),
    ("evaluate", None),
    ("interactions", None),
]


@pytest.mark.parametrize(("page", "state"), NAMED)
def test_names_and_notes_of_runs_reach_markdown_escaped_only(lab, page, state):
    dataset = lab.add(b"length,target\n" + b"1,yes\n2,no\n" * 20, target="target")
    runs = [lab.trained(dataset) for _ in range(2)]
    for run in runs:
        lab.store.rename_run(WORKSPACE, run.id, " ".join(NAMES))
        lab.store.set_run_note(WORKSPACE, run.id, "**note** $y$")
    app = lab.open(page)
    if state == "one run is selected":
        app.session_state["run_list.selected"] = [runs[0].id]
    if state == "two runs are selected":
        app.session_state["run_list.selected"] = [run.id for run in runs]
    if state == "a run was deleted":
        lab.store.delete_run(WORKSPACE, runs[0].id)
        app.session_state["run_list.deleted"] = [(runs[0].id, " ".join(NAMES))]
    if state:
        app.run()
    assert not app.exception
    said = "\n".join(markdown_sinks(app)).replace(literal(" ".join(NAMES)), "")
    for text in [*NAMES, "**note**", "$y$"]:
        assert text not in said, text
        assert text not in notices(app, " ".join(NAMES)), text
    for figure in figures(app):
        assert "<script>" not in figure
