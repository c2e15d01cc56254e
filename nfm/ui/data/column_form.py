"""Role and kind of one column as fields: by keyboard and on a phone, where a table is hard."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

import streamlit as st

from nfm.store.records import Dataset
from nfm.tabular.schema import Kind, Role
from nfm.ui.state.widget_keys import is_gone

ROLES: tuple[Role, ...] = get_args(Role)
KINDS: tuple[Kind, ...] = get_args(Kind)
FormatChange = Callable[[Mapping[int, Mapping[str, Any]]], None]


def show(opened: Dataset, change: FormatChange) -> None:
    """Draw a choice of the column, and its role and kind; what is changed is kept at once.

    Args:
        opened: The table.
        change: Carries out edits: the place of a column to what is changed of it.
    """
    columns = opened.schema.columns
    with st.grid(3, min_column_width=150):
        place = st.selectbox(
            "Column to change",
            range(len(columns)),
            format_func=lambda place: columns[place].name,
            key=f"column_form.column.{opened.id}",
            help="The same as in the table, one column at a time.",
        )
        for title, options, value in (
            ("Role", ROLES, columns[place].role),
            ("Kind", KINDS, columns[place].kind),
        ):
            key = f"column_form.{title}.{opened.id}.{place}"
            # What the table says holds; it may have been changed there.
            st.session_state[key] = value
            st.selectbox(
                title,
                options,
                key=key,
                on_change=_take,
                args=(change, place, title, key),
            )


def _take(change: FormatChange, place: int, title: str, key: str) -> None:
    if is_gone(key):
        return
    change({place: {title: st.session_state[key]}})
