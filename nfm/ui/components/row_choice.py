"""The choice of a row: by name, at random, or at random within a group of held-out rows."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from nfm.evaluation.held_out import row_groups
from nfm.tabular.wording import Wording
from nfm.text import counted
from nfm.ui.escaping import literal
from nfm.ui.state import model_rows
from nfm.ui.state.current_model import CurrentModel
from nfm.ui.state.form_fields import name_column, row_label
from nfm.ui.state.widget_keys import form_key, new_generation

# With more rows than this, their names are not sent to the browser: rows are chosen by number.
SEARCHABLE_ROWS = 5000


def show(model: CurrentModel, frame: pd.DataFrame, wording: Wording, threshold: float) -> int:
    """Draw the choice.

    Args:
        model: The model that the row is for.
        frame: The table that it was trained on, or that replaces it.
        wording: What a row is called, "passenger" for instance.
        threshold: Decision threshold: it decides which rows are wrong and which are undecided.

    Returns:
        Position of the chosen row in the table.
    """
    searchable = len(frame) <= SEARCHABLE_ROWS
    # The row that was chosen last, in the list or by a button.
    row = min(int(st.session_state.get(f"start.{model.run_id}", 0)), len(frame) - 1)
    choice, buttons = st.columns([3, 2], vertical_alignment="bottom")
    with choice:
        if searchable:
            _show_names(model, frame, wording, row)
        else:
            _show_number(model, frame, row)
    with buttons.container(horizontal=True):
        st.button(
            "Random row",
            icon=":material/shuffle:",
            help=f"Start from a {wording.row} chosen at random.",
            key="random_row",
            on_click=_choose_at_random,
            args=(model.run_id, range(len(frame))),
        )
        _choose_among(model, threshold=threshold)
    return row


def choose(run_id: str, frame: pd.DataFrame, row: int) -> None:
    """Choose a row before the choice is drawn.

    Args:
        run_id: Run of the model.
        frame: The table.
        row: Position in the table; clipped to its range.
    """
    _set_row(run_id, min(max(0, row), len(frame) - 1))


def forget(run_id: str) -> None:
    """Start from the first row again, because the table was replaced."""
    _set_row(run_id, 0)


def _show_names(model: CurrentModel, frame: pd.DataFrame, wording: Wording, row: int) -> None:
    key = form_key(_form(model.run_id), "name")
    column = name_column(model.bundle.schema)
    labels = [row_label(frame, column, row) for row in range(len(frame))]
    st.selectbox(
        "Start from",
        range(len(frame)),
        row,
        format_func=labels.__getitem__,
        key=key,
        on_change=_take,
        args=(model.run_id, key, 0),
        help=f"A {wording.row} of the table. Type to search.",
    )


def _show_number(model: CurrentModel, frame: pd.DataFrame, row: int) -> None:
    key = form_key(_form(model.run_id), "number")
    st.number_input(
        f"Start from row (1 to {len(frame):,})",
        1,
        len(frame),
        row + 1,
        key=key,
        on_change=_take,
        args=(model.run_id, key, 1),
    )


def _take(run_id: str, key: str, first: int) -> None:
    """Store the row chosen in a widget that counts rows from `first`."""
    st.session_state[f"start.{run_id}"] = int(st.session_state[key]) - first


def _choose_among(model: CurrentModel, *, threshold: float) -> None:
    """Offer the groups of held-out rows, if there are any."""
    evaluation = model_rows.held_out(model)
    if evaluation is None:
        return
    groups = row_groups(evaluation, threshold)
    st.menu_button(
        "Random by outcome",
        list(groups),
        format_func=lambda name: f"{name} ({counted(len(groups[name]), f'{evaluation.part} row')})",
        icon=":material/filter_alt:",
        key="random_among",
        on_click=_choose_in_group,
        args=(model.run_id, groups),
        help=literal(
            "Start from a random row that the model was not trained on: one that it gets wrong, "
            "is sure of, or is undecided about."
        ),
    )


def _choose_in_group(run_id: str, groups: Mapping[str, np.ndarray]) -> None:
    chosen = st.session_state.random_among
    if chosen in groups:
        _choose_at_random(run_id, groups[chosen].tolist())


def _choose_at_random(run_id: str, rows: Sequence[int]) -> None:
    _set_row(run_id, rows[random.randrange(len(rows))])  # noqa: S311 - not for secrets


def _set_row(run_id: str, row: int) -> None:
    # Renew the widget: the next click may come before the browser knows of the new row.
    new_generation(_form(run_id))
    st.session_state[f"start.{run_id}"] = row


def _form(run_id: str) -> str:
    return f"start_row.{run_id}"
