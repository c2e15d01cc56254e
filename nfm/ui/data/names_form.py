"""The names tab: display names of columns, levels and classes, typed or from a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from nfm.files.writing import csv_bytes
from nfm.store.records import Dataset
from nfm.tabular.data_dictionary import FRAME_COLUMNS, LONGEST_NAME, ColumnEntry, DataDictionary
from nfm.tabular.schema import Schema
from nfm.tabular.target_values import class_counts
from nfm.tabular.wording import dictionary_of
from nfm.text import quoted
from nfm.ui import present
from nfm.ui.components import problems, upload
from nfm.ui.escaping import literal
from nfm.ui.state import workspace
from nfm.ui.state.widget_keys import form_key, is_gone, new_generation

MOST_LEVELS = 20
"""A column with more levels has rows only for those with a display name."""

_CLASSES = {("target", "binary"), ("target", "multiclass")}
_SECTION = "names_form"
_FORM = "names"
_TALLEST = 12  # rows; a longer table scrolls
# Title and width in pixels of each of `FRAME_COLUMNS`.
_TITLES = (
    ("Column", 110),
    ("Level", 90),
    ("Name", 200),
    ("Unit", 80),
    ("Name of its probability", 240),
)


def listed_columns(schema: Schema) -> tuple[str, ...]:
    """Return the columns whose levels have rows: classes, and categorical columns of few levels."""
    return tuple(
        column.name
        for column in schema.columns
        if column.level_count <= MOST_LEVELS
        and (column.kind == "categorical" or (column.role, schema.task) in _CLASSES)
    )


def names_frame(schema: Schema, levels: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Return a table's data dictionary with a row for everything that can have a name.

    Args:
        schema: The table's schema.
        levels: Levels of the `listed_columns`, as canonical text.

    Returns:
        The columns of `DataDictionary.to_frame`: a row per column, and one per level that is given
        or has an entry; "" where nobody gave a name. Entries of other tables' columns are left out.
    """
    dictionary = dictionary_of(schema)
    schema = schema.model_copy(update={"dictionary": dictionary})
    rows = []
    for column in schema.columns:
        entry = dictionary.columns.get(column.name, ColumnEntry())
        is_predicted = column.role == "target" and schema.task == "regression"
        unit = schema.unit if is_predicted else schema.unit_of(column.name)
        rows.append((column.name, "", entry.name, unit, ""))
        listed = (*levels.get(column.name, ()), *entry.levels, *entry.probabilities)
        rows += [
            (
                column.name,
                level,
                entry.levels.get(level, ""),
                "",
                entry.probabilities.get(level, ""),
            )
            for level in dict.fromkeys(listed)
        ]
    return pd.DataFrame(rows, columns=list(FRAME_COLUMNS), dtype=str)


def _listed_levels(dataset: Dataset) -> dict[str, list[str]]:
    return _levels(dataset, listed_columns(dataset.schema))


@st.cache_data(max_entries=50, show_spinner=False, hash_funcs=workspace.CACHE_KEYS)
def _levels(dataset: Dataset, names: tuple[str, ...]) -> dict[str, list[str]]:
    frame = workspace.frame(dataset)
    return {name: [text for text, _ in class_counts(frame[name])] for name in names}


def edited_dictionary(
    names: pd.DataFrame, edits: Mapping[int, Mapping[str, Any]], row: str
) -> DataDictionary:
    """Return the data dictionary after edits of its table.

    Args:
        names: What `names_frame` returns.
        edits: Position of a row to its edited cells.
        row: What a row is called; "" for "row".

    Raises:
        ReadingError: A name is too long, or a unit or a probability has no place in its row.
    """
    names = names.copy()
    for place, cells in edits.items():
        for title, text in cells.items():
            names.loc[int(place), title] = text or ""
    return DataDictionary.from_frame(_with_row(names, row))


def _with_row(names: pd.DataFrame, row: str) -> pd.DataFrame:
    """Add what a row is called to a table of names, if it has a name."""
    called = DataDictionary(row=row).to_frame()
    return pd.concat([called, names], ignore_index=True)


def show(dataset: Dataset) -> None:
    """Draw the table of names; every edit is stored at once."""
    problems.show(_SECTION)
    names = names_frame(dataset.schema, _listed_levels(dataset))
    dictionary = dictionary_of(dataset.schema)
    st.caption(
        "What pages and figures call columns and levels. The table stays as it is, and "
        "a trained model keeps the names of its training."
    )
    row_key, table_key = (form_key(_FORM, f"{name}.{dataset.id}") for name in ("row", "table"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "A row is called",
            dictionary.row,
            max_chars=LONGEST_NAME,
            placeholder="row",
            key=row_key,
            width=240,
            on_change=_take_edits,
            args=(dataset, names, row_key, table_key),
            help="For instance passenger, house or patient.",
        )
        st.download_button(
            "Download",
            csv_bytes(_with_row(names, dictionary.row)),
            file_name="names.csv",
            mime="text/csv",
            icon=":material/download:",
            key="names_download",
            on_click="ignore",
            help="These names as CSV, to be edited in a spreadsheet and uploaded again.",
        )
        st.button(
            "Restore",
            icon=":material/restart_alt:",
            key="names_restore",
            disabled=dataset.schema.dictionary is None,
            on_click=_restore,
            args=(dataset,),
            help="Discard all names that were given here.",
        )
    st.container(key="names_table").data_editor(
        names,
        key=table_key,
        on_change=_take_edits,
        args=(dataset, names, row_key, table_key),
        hide_index=True,
        height="content" if len(names) <= _TALLEST else present.pixels(35 * _TALLEST),
        alt=f"Display names of the columns and levels of {dataset.name}",
        disabled=["column", "level"],
        column_config={
            name: st.column_config.TextColumn(title, width=width, pinned=name == "column")
            for name, (title, width) in zip(FRAME_COLUMNS, _TITLES, strict=True)
        },
    )
    unknown = dictionary.unknown_columns(dataset.schema.names)
    if unknown:
        st.warning(
            literal(
                f"The uploaded names are also for {quoted(unknown, limit=5)}, which this table "
                "does not have: correct the first column of the file if they should be here."
            ),
            icon=":material/warning:",
        )
    upload.show(
        "Upload names",
        "names_upload",
        lambda name, content: _take_file(dataset, name, content),
        help="A CSV file with the columns column, level, name, unit and probability, as the "
        "download has them, or the same as JSON.",
    )


def _take_edits(dataset: Dataset, names: pd.DataFrame, row_key: str, table_key: str) -> None:
    if is_gone(row_key):
        return
    with problems.catch(_SECTION):
        edits = st.session_state[table_key]["edited_rows"] if table_key in st.session_state else {}
        kept = dictionary_of(dataset.schema)
        edited = edited_dictionary(names, edits, st.session_state[row_key] or "")
        others = {name: kept.columns[name] for name in kept.unknown_columns(dataset.schema.names)}
        # Units of the cells are shown, but not kept: the format may change.
        of_cells = {
            column.name: ColumnEntry(unit=column.format.unit)
            for column in dataset.schema.columns
            if column.format is not None
        }
        given = {name: one for name, one in edited.columns.items() if one != of_cells.get(name)}
        schema = _named(dataset, DataDictionary(columns={**given, **others}, row=edited.row))
        if schema.task == "regression":  # an emptied cell has no entry that could clear the unit
            schema = schema.with_unit(edited.columns.get(schema.target or "", ColumnEntry()).unit)
        workspace.update_schema(dataset, schema)
        if len(names_frame(schema, _listed_levels(dataset))) == len(names):
            return  # the table keeps its focus
    new_generation(_FORM)


def _take_file(dataset: Dataset, name: str, content: bytes) -> None:
    with problems.catch(_SECTION, f"{literal(name)}: "):
        workspace.update_schema(dataset, _named(dataset, DataDictionary.read(content)))
        new_generation(_FORM)


def _restore(dataset: Dataset) -> None:
    workspace.update_schema(dataset, dataset.schema.with_dictionary(None))
    new_generation(_FORM)


def _named(dataset: Dataset, dictionary: DataDictionary) -> Schema:
    """Return the table's schema with other names, if no two levels look the same."""
    dictionary.check_distinct(dataset.schema.names, _listed_levels(dataset))
    return dataset.schema.with_dictionary(dictionary)
