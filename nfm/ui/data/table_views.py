"""The tabs below the split: columns, profile, rows, names, and how the file was read."""

from __future__ import annotations

import streamlit as st

from nfm.files.file_formats import FILE_FORMATS
from nfm.files.options import ReadingOptions
from nfm.store.records import Dataset
from nfm.text import counted
from nfm.ui import present
from nfm.ui.components import lazy_tabs
from nfm.ui.components.date_columns import date_columns
from nfm.ui.data import column_formats, names_form, profile_view, reading_form, schema_table
from nfm.ui.escaping import literal
from nfm.ui.state import workspace
from nfm.ui.state.widget_keys import new_generation

PREVIEW_ROWS = 200


def show(dataset: Dataset) -> None:
    """Draw a tab per view; only the open one is computed."""
    lazy_tabs.show(
        {
            "Columns": schema_table.show,
            "Profile": profile_view.show,
            "Rows": show_rows,
            "Names": names_form.show,
            "Reading": _show_reading,
        },
        dataset,
        key="table_view",
    )


def show_rows(dataset: Dataset, height: int = 352) -> None:
    """Draw the first rows.

    Args:
        dataset: The table.
        height: Height of the drawn table in pixels.
    """
    frame = workspace.frame(dataset)
    st.dataframe(
        frame.head(PREVIEW_ROWS),
        hide_index=True,
        height=present.pixels(height),
        placeholder="",
        alt=f"The first rows of {dataset.name}",
        column_config=date_columns(frame),
    )
    if len(frame) > PREVIEW_ROWS:
        st.caption(f"The first {PREVIEW_ROWS} of {counted(len(frame), 'row')}.")


def _show_reading(dataset: Dataset) -> None:
    table = workspace.table(dataset)
    st.markdown("\n".join(f"- {literal(note)}" for note in column_formats.notes(dataset)))
    column_formats.show(dataset)
    if workspace.sample_of(dataset) is None:
        reading_form.show(
            dataset.id,
            table.options,
            lambda options: _read_anew(dataset, options),
            next(each.options for each in FILE_FORMATS if each.key == table.format),
            table.sheets,
        )
    show_rows(dataset, height=282)


def _read_anew(dataset: Dataset, options: ReadingOptions) -> None:
    workspace.read_anew(dataset, options)
    new_generation("schema")
