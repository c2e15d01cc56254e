"""Which table is open: a sample, an earlier upload, or a new file."""

from __future__ import annotations

import streamlit as st

from nfm.errors import NFMError
from nfm.jobs.records import Dataset
from nfm.tabular.samples import SAMPLES
from nfm.ui import workspace
from nfm.ui.escaping import literal
from nfm.ui.words import plural

_PROBLEM = "table_choice.problem"
_UPLOADS = "table_choice.uploads"


def show(opened: Dataset) -> None:
    """Draw the choice beside the upload, and say what is open."""
    choice, upload = st.columns(2, gap="large")
    with choice:
        _show_choice(opened)
    with upload:
        _show_upload()
    if problem := st.session_state.get(_PROBLEM):
        st.error(problem, icon=":material/error:")


def describe(opened: Dataset) -> str:
    """Say in one line what the table is and how large (Markdown)."""
    frame = workspace.frame(opened)
    size = f"{plural(len(frame), 'row')}, {plural(len(frame.columns), 'column')}"
    sample = workspace.sample_of(opened)
    if sample is not None:
        return f"{literal(sample.description)} {size}."
    return f"Your file {literal(opened.name)}: {size}."


def _show_choice(opened: Dataset) -> None:
    sample = workspace.sample_of(opened)
    names = {f"sample:{key}": f"{sample.title} (sample)" for key, sample in SAMPLES.items()}
    samples = {item.id for item in workspace.datasets() if workspace.sample_of(item)}
    for item in workspace.datasets():
        if item.id not in samples:
            names[item.id] = item.name
    current = f"sample:{sample.key}" if sample else opened.id
    key = f"table_choice.{current}"
    st.session_state.setdefault(key, current)
    st.selectbox(
        "Table",
        list(names),
        format_func=lambda choice: names.get(choice, choice),
        key=key,
        on_change=_open_choice,
        args=(key,),
    )
    st.markdown(describe(opened))


def _open_choice(key: str) -> None:
    choice = str(st.session_state[key])
    st.session_state.pop(_PROBLEM, None)
    if choice.startswith("sample:"):
        workspace.open_sample(choice.removeprefix("sample:"))
    else:
        workspace.open_dataset(choice)


def _show_upload() -> None:
    key = f"table_choice.upload.{st.session_state.get(_UPLOADS, 0)}"
    st.file_uploader(
        "Or upload your own table",
        key=key,
        on_change=_take_upload,
        args=(key,),
        help="CSV in any usual encoding and with any separator, gzip, zip, Parquet or Excel. "
        "The first line names the columns.",
    )


def _take_upload(key: str) -> None:
    file = st.session_state.get(key)
    if file is None:
        return
    st.session_state.pop(_PROBLEM, None)
    try:
        workspace.add_file(file.name, file.getvalue())
    except NFMError as error:
        st.session_state[_PROBLEM] = f"**{literal(file.name)}**: {literal(error)}"
    # A new key: the bytes are kept in the store and need not stay in this session's memory.
    st.session_state[_UPLOADS] = st.session_state.get(_UPLOADS, 0) + 1
