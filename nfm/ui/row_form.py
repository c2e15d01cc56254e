"""The form that asks a model about one row, and its answer at once."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from nfm.errors import NFMError
from nfm.figures.probabilities import bar_height, probability_bars
from nfm.inference.bundle import Bundle
from nfm.ui.answers import Answer, answer
from nfm.ui.escaping import literal
from nfm.ui.form_fields import (
    FormField,
    changes,
    form_fields,
    name_column,
    row_label,
    row_values,
    to_frame,
)
from nfm.ui.generations import form_key, renew
from nfm.ui.words import plural

# More names than this are not sent to the browser: the row is chosen by its number.
SEARCHABLE_ROWS = 5000


def show(run_id: str, bundle: Bundle, frame: pd.DataFrame | None) -> None:
    """Draw the choice of a row, and the form with its answer.

    Args:
        run_id: The run that the model comes from.
        bundle: The model.
        frame: The table that it learned from; None if it is gone.
    """
    fields = form_fields(bundle.encoder)
    row = 0 if frame is None else _show_choice(run_id, bundle, frame)
    original = row_values(bundle.encoder, fields, frame, row)
    _fill(run_id, row, original)
    # A fragment: an edit draws the answer anew, and nothing else of the page.
    st.fragment(_show_form)(run_id, bundle, fields, original)


def _show_choice(run_id: str, bundle: Bundle, frame: pd.DataFrame) -> int:
    key = f"start.{run_id}"
    st.session_state.setdefault(key, 0)
    column = name_column(bundle.schema)
    choice, buttons = st.columns([3, 1], vertical_alignment="bottom")
    with choice:
        if len(frame) <= SEARCHABLE_ROWS:
            labels = [row_label(frame, column, row) for row in range(len(frame))]
            row = st.selectbox(
                "Start from",
                range(len(frame)),
                format_func=labels.__getitem__,
                key=key,
                persist_state="session",
                help="A row of the table. Type to search.",
            )
        else:
            number = st.number_input(
                f"Start from row (1 to {len(frame):,})",
                min_value=1,
                max_value=len(frame),
                key=f"{key}.number",
                persist_state="session",
            )
            row = int(number) - 1
    with buttons.container(horizontal=True):
        st.button(
            "Random",
            icon=":material/shuffle:",
            help="Start from another row, chosen at random.",
            key="random_row",
            on_click=_choose_at_random,
            args=(key, len(frame)),
        )
        st.button(
            "Reset",
            icon=":material/restart_alt:",
            key="reset_row",
            on_click=_forget,
            args=(run_id,),
            help="Undo all edits.",
        )
    return min(max(0, int(row)), len(frame) - 1)


def _choose_at_random(key: str, count: int) -> None:
    row = random.randrange(count)  # noqa: S311 - not for secrets
    st.session_state[key if count <= SEARCHABLE_ROWS else f"{key}.number"] = (
        row if count <= SEARCHABLE_ROWS else row + 1
    )


def _fill(run_id: str, row: int, values: dict[str, Any]) -> None:
    """Put a row's values into the form, unless they were there and may have been edited."""
    filled = f"filled.{run_id}"
    if st.session_state.get(filled) != row:
        renew(f"row.{run_id}")
        for index, value in enumerate(values.values()):
            st.session_state[_key(run_id, index)] = value
        st.session_state[filled] = row


def _forget(run_id: str) -> None:
    st.session_state.pop(f"filled.{run_id}", None)


def _show_form(
    run_id: str, bundle: Bundle, fields: Sequence[FormField], original: dict[str, Any]
) -> None:
    place = st.container(border=True, key="answer")
    with st.grid(4, min_column_width=160, vertical_alignment="bottom"):
        edited = {
            field.name: _show_field(_key(run_id, index), field)
            for index, field in enumerate(fields)
        }
    try:
        result = answer(bundle, to_frame(fields, [original, edited]))
    except NFMError as error:
        place.error(literal(error), icon=":material/error:")
        return
    with place:
        _show_answer(result, changes(fields, original, edited))


def _show_field(key: str, field: FormField) -> Any:
    label = literal(field.name)
    if field.hint:
        label += f" :small[:gray[{literal(field.hint)}]]"
    common: dict[str, Any] = {"key": key, "persist_state": "session"}
    if field.widget == "levels":
        return st.selectbox(label, field.codes, format_func=field.levels.__getitem__, **common)
    if field.widget == "number":
        return st.number_input(
            label,
            value=None,
            placeholder="missing",
            step=1 if field.whole else field.step,
            format="%d" if field.whole else "%g",
            **common,
        )
    return st.text_input(label, placeholder="missing", **common)


def _show_answer(result: Answer, edits: list[tuple[str, str, str]]) -> None:
    number, bars = st.columns([1, 2], vertical_alignment="center")
    tiny = result.change is not None and result.change.startswith("±")
    number.metric(
        literal(result.title),
        result.value,
        delta=result.change,
        delta_color="off" if tiny else "normal",
        delta_arrow="off" if tiny else "auto",
        delta_description="against the original row" if result.change else None,
    )
    if result.classes:
        bars.echarts_chart(
            probability_bars(
                result.classes, result.probabilities, result.before if result.change else None
            ),
            key="probabilities",
            height=bar_height(len(result.classes)),
            alt=", ".join(
                f"{name}: {100 * share:.1f} %"
                for name, share in zip(result.classes, result.probabilities, strict=True)
            )[:300],
        )
    if edits:
        shown = "; ".join(
            f"{literal(name)}: {literal(old)} → **{literal(new)}**" for name, old, new in edits
        )
        st.caption(f"{plural(len(edits), 'change')}: {shown}")
    else:
        st.caption("This is the row as it stands in the table. Change a field below.")


def _key(run_id: str, index: int) -> str:
    return form_key(f"row.{run_id}", str(index))
