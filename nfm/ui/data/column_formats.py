"""How the cells of each column are read, and the controls that change it."""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from nfm.column_formats.column_format import ColumnFormat
from nfm.column_formats.open_questions import ReadingQuestion, questions
from nfm.store.records import Dataset
from nfm.text import shorten
from nfm.ui.components import problems
from nfm.ui.escaping import literal
from nfm.ui.state import workspace
from nfm.ui.state.widget_keys import form_key, is_gone, new_generation
from nfm.ui.texts import DECIMAL_NAMES

_FORM = "column_formats"
_MOST = 12
_TYPES = {"text": "Text", "number": "Number", "date": "Date", "boolean": "True or false"}
_CLOCKS = {
    "h:mm": "hours and minutes",
    "m:ss": "minutes and seconds",
    "": "none: count as missing",
}
_ORDERS = {
    "dmy": "day, month, year",
    "mdy": "month, day, year",
    "ymd": "year (two digits), month, day",
    None: "none: only dates like 2024-03-05 or 5 March 2024",
}

# What a note says to those who read a file in Python.
_FOR_PYTHON = re.compile(r" \(`\w+` in ReadingOptions\)")


def show_open_questions(dataset: Dataset) -> None:
    """Draw a question for each decision that the cells leave open, such as day or month first."""
    for place, question in enumerate(_questions(dataset)):
        if question.open and place < _MOST:
            _show(dataset, question, f"ask.{place}")


def notes(dataset: Dataset) -> list[str]:
    """Return the notes on how a table was read, without those that an open question repeats."""
    asked = tuple(
        f"Column {question.column!r}" for question in _questions(dataset) if question.open
    )
    return [
        _FOR_PYTHON.sub("", note)
        for note in workspace.table(dataset).notes
        if not (note.startswith(asked) and note.endswith("check this."))
    ]


def show_column(dataset: Dataset, name: str) -> None:
    """Draw how one column's cells were read, each decision with a button that changes it."""
    own = [question for question in _questions(dataset) if question.column == name]
    for place, question in enumerate(own):
        if not question.open:
            _show(dataset, question, f"column.{place}")


def show(dataset: Dataset) -> None:
    """Draw every decision about the cells with its button, and a form for a column's format."""
    problems.show(_FORM)
    found = _questions(dataset)
    for place, question in enumerate(found[:_MOST]):
        _show(dataset, question, f"reading.{place}")
    if len(found) > _MOST:
        st.caption(f"And {len(found) - _MOST:,} more: choose a column below.")
    _show_form(dataset)


def _questions(dataset: Dataset) -> tuple[ReadingQuestion, ...]:
    table = workspace.table(dataset)
    return questions(table.formats, table.reports)


def _show(dataset: Dataset, question: ReadingQuestion, key: str) -> None:
    said, button = st.columns([4, 2], vertical_alignment="center")
    if question.open:
        said.warning(literal(question.text), icon=":material/help:")
    else:
        said.markdown(literal(question.text))
    buttons = button.container(horizontal=True)
    name = shorten(question.column, 40)  # tells buttons of several columns apart
    buttons.button(
        literal(f"{name}: {question.action[0].lower()}{question.action[1:]}"),
        key=form_key(_FORM, f"{key}.{dataset.id}"),
        on_click=_change,
        args=(dataset, question.column, question.format),
    )
    if question.open:
        column_format = workspace.table(dataset).formats[question.column]
        buttons.button(
            literal(f"{name}: keep this reading"),
            key=form_key(_FORM, f"{key}.right.{dataset.id}"),
            on_click=_change,
            args=(dataset, question.column, column_format.model_copy(update={"certain": True})),
        )


def _show_form(dataset: Dataset) -> None:
    formats = workspace.table(dataset).formats
    if not formats:
        return
    with st.grid(4, min_column_width=150):
        name = st.selectbox(
            "Column",
            list(formats),
            key=f"column_formats.column.{dataset.id}",
            help="Choose a column, then set how its cells are read.",
        )
        column_format = formats[name]
        _choice(dataset, name, column_format, "Read as", "type", _TYPES)
        if column_format.type == "number" and column_format.duration:
            _choice(dataset, name, column_format, "Times such as 1:30", "clock", _CLOCKS)
        elif column_format.type == "number":
            _choice(dataset, name, column_format, "Decimal mark", "decimal", DECIMAL_NAMES)
        if column_format.type == "date":
            _choice(dataset, name, column_format, "Date order", "date_order", _ORDERS)
    st.caption(literal(f"Read as {column_format.describe()}."))


def _choice(
    dataset: Dataset,
    name: str,
    column_format: ColumnFormat,
    label: str,
    attribute: str,
    offered: dict[Any, str],
) -> None:
    key = form_key(_FORM, f"{attribute}.{dataset.id}.{name}")

    def take() -> None:
        if is_gone(key):
            return
        update = {attribute: st.session_state[key], "certain": True}
        _change(dataset, name, column_format.model_copy(update=update))

    values = list(offered)
    st.selectbox(
        label,
        values,
        index=values.index(getattr(column_format, attribute)),
        format_func=lambda value: offered[value],
        key=key,
        on_change=take,
    )


def _change(dataset: Dataset, name: str, column_format: ColumnFormat) -> None:
    with problems.catch(_FORM):
        workspace.change_format(dataset, name, column_format)
    new_generation(_FORM)
    new_generation("schema")
