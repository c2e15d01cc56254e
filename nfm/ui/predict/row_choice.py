"""The choice of the row that questions start from: by name, at random, or at random among some."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from nfm.inference.explanation.row_groups import row_groups
from nfm.tabular.wording import Wording
from nfm.ui import model_rows
from nfm.ui.escaping import literal
from nfm.ui.models import CurrentModel
from nfm.ui.predict.form_fields import name_column, row_label

# More names than this are not sent to the browser: the row is chosen by its number.
SEARCHABLE_ROWS = 5000


def show(model: CurrentModel, frame: pd.DataFrame, wording: Wording, threshold: float) -> int:
    """Draw the choice.

    Args:
        model: Who is asked.
        frame: The table that it learned from.
        wording: Words for people.
        threshold: Of the decision, which says what is wrong and what borderline.

    Returns:
        The row's position in the table.
    """
    key = f"start.{model.run_id}"
    searchable = len(frame) <= SEARCHABLE_ROWS
    st.session_state.setdefault(key, 0)
    choice, buttons = st.columns([3, 2], vertical_alignment="bottom")
    with choice:
        row = _choose(model, frame, wording, key) if searchable else _choose_number(frame, key)
    with buttons.container(horizontal=True):
        st.button(
            "Random",
            icon=":material/shuffle:",
            help=f"Start from another {wording.row}, chosen at random.",
            key="random_row",
            on_click=_choose_at_random,
            args=(key, range(len(frame)), searchable),
        )
        _choose_among(model, key, searchable=searchable, threshold=threshold)
    return min(max(0, row), len(frame) - 1)


def choose(run_id: str, frame: pd.DataFrame, row: int) -> None:
    """Choose a row before the choice is drawn; a row after the last is the last."""
    row = min(max(0, row), len(frame) - 1)
    _set_row(f"start.{run_id}", row, searchable=len(frame) <= SEARCHABLE_ROWS)


def _choose(model: CurrentModel, frame: pd.DataFrame, wording: Wording, key: str) -> int:
    column = name_column(model.bundle.schema)
    labels = [row_label(frame, column, row) for row in range(len(frame))]
    return int(
        st.selectbox(
            "Start from",
            range(len(frame)),
            format_func=labels.__getitem__,
            key=key,
            persist_state="session",
            help=f"A {wording.row} of the table. Type to search.",
        )
    )


def _choose_number(frame: pd.DataFrame, key: str) -> int:
    number = st.number_input(
        f"Start from row (1 to {len(frame):,})",
        min_value=1,
        max_value=len(frame),
        key=f"{key}.number",
        persist_state="session",
    )
    return int(number) - 1


def _choose_among(model: CurrentModel, key: str, *, searchable: bool, threshold: float) -> None:
    """Offer the groups of held-out rows, if there are any."""
    evaluation = model_rows.held_out(model)
    if evaluation is None:
        return
    groups = row_groups(evaluation, threshold)
    st.menu_button(
        "Random among …",
        list(groups),
        format_func=lambda name: f"{name} ({len(groups[name])} {evaluation.part} rows)",
        icon=":material/filter_alt:",
        key="random_among",
        on_click=_choose_in_group,
        args=(key, groups, searchable),
        help=literal(
            "Of the rows that the model was not trained on: those that it gets wrong, is sure of, "
            "or cannot decide."
        ),
    )


def _choose_in_group(key: str, groups: Mapping[str, np.ndarray], searchable: bool) -> None:
    chosen = st.session_state.random_among
    if chosen in groups:
        _choose_at_random(key, groups[chosen].tolist(), searchable)


def _choose_at_random(key: str, rows: Sequence[int], searchable: bool) -> None:
    row = rows[random.randrange(len(rows))]  # noqa: S311 - not for secrets
    _set_row(key, row, searchable=searchable)


def _set_row(key: str, row: int, *, searchable: bool) -> None:
    st.session_state[key if searchable else f"{key}.number"] = row if searchable else row + 1
