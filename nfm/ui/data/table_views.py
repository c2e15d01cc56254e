"""The open table from several sides: its columns, their values, its rows, how it was read."""

from __future__ import annotations

import streamlit as st

from nfm.jobs.records import Dataset
from nfm.tabular.options import ReadingOptions
from nfm.ui import workspace
from nfm.ui.data import profile_view, reading_form, schema_table
from nfm.ui.escaping import literal
from nfm.ui.generations import renew
from nfm.ui.words import plural

PREVIEW_ROWS = 200
_VIEWS = ("Columns", "Profile", "Rows", "Reading")


def show(opened: Dataset) -> None:
    """Draw a tab for each view; only the chosen one is computed."""
    columns, profile, rows, reading = st.tabs(_VIEWS, key="table_view", on_change="rerun")
    if columns.open:
        with columns:
            schema_table.show(opened)
    if profile.open:
        with profile:
            profile_view.show(opened)
    if rows.open:
        with rows:
            show_rows(opened)
    if reading.open:
        with reading:
            _show_reading(opened)


def show_rows(opened: Dataset, height: int = 352) -> None:
    """Draw the first rows."""
    frame = workspace.frame(opened)
    st.dataframe(
        frame.head(PREVIEW_ROWS),
        hide_index=True,
        height=height,
        placeholder="",
        alt=f"The first rows of {opened.name}",
    )
    if len(frame) > PREVIEW_ROWS:
        st.caption(f"The first {PREVIEW_ROWS} of {plural(len(frame), 'row')}.")


def _show_reading(opened: Dataset) -> None:
    table = workspace.table(opened)
    st.markdown("\n".join(f"- {literal(note)}" for note in table.notes))
    if workspace.sample_of(opened) is None and table.format != "parquet":
        reading_form.show(
            opened.id,
            table.options,
            lambda options: _read_anew(opened, options),
            text=table.format == "text",
            sheets=table.sheets,
        )
    show_rows(opened, height=282)


def _read_anew(opened: Dataset, options: ReadingOptions) -> None:
    workspace.read_anew(opened, options)
    renew("schema")
