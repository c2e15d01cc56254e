"""The values of a model's form and the history of their edits, for undo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from nfm.ui.state import widget_keys

_MOST_STEPS = 200


def field_key(run_id: str, place: int) -> str:
    """Return the key of a field's widget.

    Args:
        run_id: Run of the model.
        place: Position of the field in the form.
    """
    return widget_keys.form_key(_form(run_id), str(place))


def put_number(run_id: str, place: int, value: float | None) -> None:
    """Put the initial value of a field into its widget, a number that can be cleared.

    Args:
        run_id: Run of the model.
        place: Position of the field in the form.
        value: What `given` returns for the field.
    """
    widget_keys.prefill(_form(run_id), field_key(run_id, place), value)


def drawn(run_id: str) -> None:
    """Note that all fields have been drawn."""
    widget_keys.mark_rendered(_form(run_id))


def given(run_id: str, column: str) -> Any:
    """Return the value that the program put into a column's field last.

    Args:
        run_id: Run of the model.
        column: The column.
    """
    return st.session_state[_given(run_id)][column]


def start(run_id: str, row: object, values: Mapping[str, Any]) -> None:
    """Fill the form with a row, unless it holds this row already, perhaps edited.

    Args:
        run_id: Run of the model.
        row: Identifies the row.
        values: Values of the form, by column.
    """
    filled = f"filled.{run_id}"
    if st.session_state.get(filled) != row:
        st.session_state[filled] = row
        st.session_state[_steps(run_id)] = [dict(values)]
        _fill(run_id, values)


def forget(run_id: str) -> None:
    """Have the next `start` fill the form, whatever row it is about."""
    st.session_state.pop(f"filled.{run_id}", None)


def note(run_id: str, values: Mapping[str, Any]) -> None:
    """Add the present values of the form to the history, if they are new.

    Args:
        run_id: Run of the model.
        values: Values of the form, by column.
    """
    steps = st.session_state.setdefault(_steps(run_id), [])
    if not steps or steps[-1] != dict(values):
        steps.append(dict(values))
        del steps[:-_MOST_STEPS]


def current(run_id: str) -> tuple[Any, dict[str, Any]] | None:
    """Return the row that the form was filled with, and its present values by column.

    Returns:
        Row and values; None if the form was never filled.
    """
    row, steps = st.session_state.get(f"filled.{run_id}"), st.session_state.get(_steps(run_id))
    return None if row is None or not steps else (row, dict(steps[-1]))


def put(run_id: str, values: Mapping[str, Any]) -> None:
    """Fill the form with other values, as an edit that can be undone.

    Args:
        run_id: Run of the model.
        values: Values of the form, by column.
    """
    note(run_id, values)
    _fill(run_id, values)


def can_undo(run_id: str) -> bool:
    """Say whether there is an edit to undo."""
    return len(st.session_state.get(_steps(run_id), ())) > 1


def undo(run_id: str) -> None:
    """Undo the last edit, if there is one."""
    steps = st.session_state.get(_steps(run_id), [])
    if len(steps) > 1:
        steps.pop()
        _fill(run_id, steps[-1])


def _fill(run_id: str, values: Mapping[str, Any]) -> None:
    widget_keys.new_generation(_form(run_id))
    st.session_state[_given(run_id)] = dict(values)


def _given(run_id: str) -> str:
    return f"given.{run_id}"


def _form(run_id: str) -> str:
    return f"row.{run_id}"


def _steps(run_id: str) -> str:
    return f"steps.{run_id}"
