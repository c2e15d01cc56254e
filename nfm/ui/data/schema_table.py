"""The table of columns, where roles and kinds are edited, and the same as fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import pandas as pd
import streamlit as st

from nfm.errors import SchemaError
from nfm.store.records import Dataset
from nfm.tabular.schema import Kind, Role, Schema
from nfm.text import counted
from nfm.ui import present
from nfm.ui.components import column_warnings, problems
from nfm.ui.state import workspace
from nfm.ui.state.widget_keys import form_key, is_gone, new_generation

_ROLES: tuple[Role, ...] = get_args(Role)
_KINDS: tuple[Kind, ...] = get_args(Kind)
_SECTION = "schema_table"
_FORM = "schema"
_TALLEST = 20  # rows; a longer table scrolls
_NARROW = 75  # pixels, of a column of single words


def schema_frame(schema: Schema) -> pd.DataFrame:
    """Return the schema as a table with one row per column.

    Returns:
        A frame in the schema's order; its columns Role and Kind can be edited.
    """
    return pd.DataFrame(
        {
            "Column": [column.name for column in schema.columns],
            "Role": [column.role for column in schema.columns],
            "Kind": [column.kind for column in schema.columns],
            "Values": [column.level_count for column in schema.columns],
            "Missing": [column.missing_share for column in schema.columns],
            "Examples": [", ".join(column.examples) for column in schema.columns],
            "Why": [
                f"⚠ {column.warning}" if column.warning else column.reason
                for column in schema.columns
            ],
        }
    )


def apply_edits(
    schema: Schema, frame: pd.DataFrame, edits: Mapping[int, Mapping[str, Any]]
) -> Schema:
    """Apply edits of the table of columns to the schema.

    Args:
        schema: The schema that was edited.
        frame: The rows of the data set.
        edits: Row of the table of columns to its edited cells: "Role", "Kind" or both.

    Raises:
        SchemaError: If a column cannot have that role or kind.
    """
    for row, cells in edits.items():
        column = schema.columns[int(row)]
        kind, role = cells.get("Kind", column.kind), cells.get("Role", column.role)
        if kind not in _KINDS or role not in _ROLES:
            raise SchemaError(f"Column {column.name!r} cannot be {role!r} and {kind!r}.")
        if kind != column.kind:
            schema = schema.with_column(column.name, kind=kind)
        if role == column.role:
            continue
        if role == "target":
            schema = schema.with_target(column.name, frame)
        elif column.role == "target":
            raise SchemaError(
                f"{column.name!r} is the target: make another column the target instead."
            )
        else:
            schema = schema.with_column(column.name, role=role)
    return schema


def show(dataset: Dataset) -> None:
    """Draw the table of columns; every edit is stored at once."""
    problems.show(_SECTION)
    said, again = st.columns([5, 2], vertical_alignment="center")
    with said:
        if not column_warnings.show_suspects(dataset, _SECTION):
            with st.container(key="column_hint"):
                st.caption(
                    "Double-click a role or a kind to change it, or choose the column below."
                )
    with again.container(horizontal=True, horizontal_alignment="right"):
        st.button(
            "Restore suggestions",
            icon=":material/restart_alt:",
            key="suggest_again",
            on_click=_suggest_again,
            args=(dataset,),
            help="Discard all changes to roles, kinds, target and task.",
        )
    _show_fields(dataset)
    key = form_key(_FORM, f"table.{dataset.id}")
    st.data_editor(
        schema_frame(dataset.schema),
        key=key,
        on_change=_take_edits,
        args=(key, dataset),
        hide_index=True,
        height="content"
        if len(dataset.schema.columns) <= _TALLEST
        else present.pixels(35 * _TALLEST),
        alt=f"Role and kind of {counted(len(dataset.schema.columns), 'column')}",
        disabled=["Column", "Values", "Missing", "Examples", "Why"],
        column_config={
            "Column": st.column_config.TextColumn(pinned=True, width=present.pixels(130)),
            "Role": st.column_config.SelectboxColumn(
                options=_ROLES,
                required=True,
                width=present.pixels(_NARROW),
                help="target: the column to predict. feature: a column to predict it from. "
                "ignored: left out.",
            ),
            "Kind": st.column_config.SelectboxColumn(
                options=_KINDS,
                required=True,
                width=present.pixels(_NARROW),
                help="categorical: every value has its own embedding. numeric: a quantity. "
                "date: split into year, month and so on. "
                "list: several values in a cell, such as Action|Adventure.",
            ),
            "Values": st.column_config.NumberColumn(
                width=present.pixels(_NARROW),
                format="localized",
                help="Number of distinct values; for a list, those in all its cells.",
            ),
            "Missing": st.column_config.ProgressColumn(
                width=present.pixels(_NARROW),
                format="percent",
                min_value=0,
                max_value=1,
                help="Share of rows without a value.",
            ),
            "Examples": st.column_config.TextColumn(width=present.pixels(200)),
            "Why": st.column_config.TextColumn(
                width=present.pixels(400), help="Why this role and kind were suggested."
            ),
        },
    )


def _show_fields(dataset: Dataset) -> None:
    """Draw fields for one column: easier than the table on a phone or by keyboard."""
    columns = dataset.schema.columns
    with st.container(key="column_form"), st.grid(3, min_column_width=150):
        place = st.selectbox(
            "Column to change",
            range(len(columns)),
            format_func=lambda place: columns[place].name,
            key=f"column_form.column.{dataset.id}",
            help="Set role and kind here or in the table below.",
        )
        for title, options, value in (
            ("Role", _ROLES, columns[place].role),
            ("Kind", _KINDS, columns[place].kind),
        ):
            key = f"column_form.{title}.{dataset.id}.{place}"
            # The stored value: it may have been edited in the table.
            st.session_state[key] = value
            st.selectbox(
                title, options, key=key, on_change=_take_field, args=(dataset, place, title, key)
            )


def _take_field(dataset: Dataset, place: int, title: str, key: str) -> None:
    if not is_gone(key):
        _change(dataset, {place: {title: st.session_state[key]}})


def _take_edits(key: str, dataset: Dataset) -> None:
    if is_gone(key):
        return
    _change(dataset, st.session_state[key]["edited_rows"], renewed=False)


def _change(
    dataset: Dataset, edits: Mapping[int, Mapping[str, Any]], *, renewed: bool = True
) -> None:
    """Store edits of roles and kinds.

    Args:
        dataset: The data set.
        edits: Position of a column to its edited cells.
        renewed: Whether to renew the table of columns, because the edits were made elsewhere.
    """
    with problems.catch(_SECTION):
        schema = apply_edits(dataset.schema, workspace.frame(dataset), edits)
        workspace.update_schema(dataset, schema)
        if not renewed and schema.target == dataset.schema.target:
            return
    new_generation(_FORM)


def _suggest_again(dataset: Dataset) -> None:
    workspace.suggest_schema(dataset)
    new_generation(_FORM)
