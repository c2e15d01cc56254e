"""Which table is open: a sample, an earlier upload, or a new file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from nfm.errors import NFMError
from nfm.figures.sample_picture import sample_picture
from nfm.files.file_formats import format_of
from nfm.files.options import ReadingOptions
from nfm.store.records import Dataset
from nfm.tabular.samples import SAMPLES
from nfm.text import counted
from nfm.ui.components import problems, upload
from nfm.ui.data import column_formats, reading_form
from nfm.ui.escaping import literal
from nfm.ui.state import services, workspace
from nfm.ui.state.widget_keys import is_gone, new_generation

_REFUSED = "table_choice.refused"
_SECTION = "table_choice"
_NOTES = 3
_OTHERWISE = "Try other reading options: encoding, delimiter, broken lines, a sample of the rows"


@dataclass(frozen=True)
class _Refused:
    """An upload that could not be read, kept because other options may read it."""

    name: str
    content: bytes
    options: ReadingOptions
    problem: str
    offered: tuple[str, ...]


def show(dataset: Dataset) -> None:
    """Draw the samples, the upload and the user's own tables, and describe the open one."""
    sample = workspace.sample_of(dataset)
    _show_samples(None if sample is None else sample.key)
    names = workspace.dataset_names()
    own = {
        table.id: names[table.id]
        for table in workspace.datasets()
        if not workspace.sample_of(table)
    }
    said, beside = st.columns(2, gap="large")
    with beside:
        upload.show(
            "Or upload your own table",
            "table_choice.upload",
            lambda name, content: _read(name, content, ReadingOptions()),
            help=f"{upload.readable_files()} Encoding and delimiter are detected.",
        )
    with said:
        if own:
            _show_own(own, dataset, is_open=sample is None)
        for unreadable in services.store().list_datasets(services.workspace()).unreadable:
            advice = "Open it with the version that wrote it, or upload the file again."
            st.warning(f"{literal(unreadable.reason)} {advice}", icon=":material/warning:")
        _show_undo()
        problems.show(_SECTION)
        st.markdown(describe(dataset))
        if sample is None:
            notes = column_formats.notes(dataset)
            shown, more = notes[:_NOTES], len(notes) - _NOTES
            if more > 0:
                shown.append(f"{counted(more, 'more note')} under Reading, below.")
            st.caption(literal(" ".join(shown)))
    refused: _Refused | None = st.session_state.get(_REFUSED)
    if refused is not None:
        _show_refused(refused)


def describe(dataset: Dataset) -> str:
    """Return the name, the description and the size of a table in one line (Markdown)."""
    frame = workspace.frame(dataset)
    size = f"{counted(len(frame), 'row')}, {counted(len(frame.columns), 'column')}"
    sample = workspace.sample_of(dataset)
    if sample is not None:
        return f"**{sample.title}**: {literal(sample.description)} {size}."
    return f"**{literal(dataset.name)}**: {size}."


def _show_samples(current: str | None) -> None:
    with st.grid(6, min_column_width=100, gap="small"):
        for key, sample in SAMPLES.items():
            with st.container(gap="xsmall", horizontal_alignment="center"):
                st.image(_picture(key), width=110, alt=f"{sample.title}: {sample.question}")
                st.button(
                    sample.title,
                    key=f"sample_{key}",
                    on_click=_open,
                    args=(f"sample:{key}",),
                    icon=":material/check:" if key == current else None,
                    width="stretch",
                )
                st.caption(sample.question, text_alignment="center")


@st.cache_data(show_spinner=False)
def _picture(key: str) -> str:
    return sample_picture(key)


def _show_own(own: dict[str, str], dataset: Dataset, *, is_open: bool) -> None:
    """Draw the list of the user's own tables, and the button that deletes the open one.

    Args:
        own: Id to name of each table.
        dataset: The open table.
        is_open: Whether it is one of them.
    """
    current = dataset.id if is_open else None
    key = f"table_choice.{current}"
    offered = list(own)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Your tables",
            offered,
            offered.index(current) if current in offered else None,
            format_func=lambda choice: own.get(choice, choice),
            key=key,
            placeholder="Choose a table",
            on_change=_open_own,
            args=(key,),
        )
        if is_open:
            # The key names the table, so that a click always deletes the one on screen.
            st.button(
                "Delete",
                icon=":material/delete:",
                key=f"table_choice.delete.{dataset.id}",
                help=f"Delete {literal(dataset.name)}. Models trained on it can still predict, but "
                "can no longer be evaluated or explained. You can undo this for an hour.",
                on_click=_try,
                args=(workspace.delete_dataset, dataset),
            )


def _show_undo() -> None:
    """Offer to restore the table that was deleted last."""
    restorable = services.store().deleted_datasets(services.workspace())
    if not restorable:
        return
    deleted = restorable[0]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{literal(deleted.name)} was deleted.", width="content")
        st.button(
            "Undo",
            icon=":material/undo:",
            key=f"table_choice.undo.{deleted.id}",
            on_click=_try,
            args=(workspace.restore_dataset, deleted.id),
        )


def _try(action: Callable[[Any], None], subject: Any) -> None:
    st.session_state.pop(_REFUSED, None)
    with problems.catch(_SECTION):
        action(subject)


def _open_own(key: str) -> None:
    if is_gone(key):
        return
    chosen = st.session_state[key]
    if chosen is not None:
        _open(chosen)
    del st.session_state[key]  # it shows the open table again the next time


def _open(choice: str) -> None:
    st.session_state.pop(_REFUSED, None)
    if choice.startswith("sample:"):
        workspace.open_sample(choice.removeprefix("sample:"))
    else:
        workspace.open_dataset(choice)


def _read(name: str, content: bytes, options: ReadingOptions) -> None:
    st.session_state.pop(_REFUSED, None)
    try:
        workspace.open_dataset(workspace.keep_file(name, content, options).id)
    except NFMError as error:
        kind = format_of(content)
        offered = kind.options if kind and "leave_out_broken_lines" in kind.options else ()
        st.session_state[_REFUSED] = _Refused(name, content, options, str(error), offered)
    new_generation(reading_form.FORM)


def _show_refused(refused: _Refused) -> None:
    """Say why a file could not be read, and offer other reading options."""
    name = literal(refused.name)
    st.error(f"**{name}**: {literal(refused.problem)}", icon=":material/error:")
    if refused.offered:
        with st.expander(_OTHERWISE, icon=":material/tune:"):
            reading_form.show(
                "refused",
                refused.options,
                lambda options: _read(refused.name, refused.content, options),
                refused.offered,
            )
