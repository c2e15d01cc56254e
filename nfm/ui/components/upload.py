"""A file upload that is passed on once and then removed from memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

from nfm.files.file_formats import FILE_FORMATS, PACKED_SUFFIXES
from nfm.ui.state.widget_keys import form_key, new_generation


def readable_files() -> str:
    """Return the file formats of tables that can be read, for the help of an upload."""
    kinds = [f"{each.name} ({', '.join(each.suffixes)})" for each in reversed(FILE_FORMATS)]
    return (
        f"{', '.join(kinds[:-1])} or {kinds[-1]}, also compressed ({', '.join(PACKED_SUFFIXES)})."
    )


def show(label: str, form: str, take: Callable[[str, bytes], None], *, help: str) -> None:
    """Draw the upload.

    Args:
        label: Label of the widget.
        form: Name of this upload; each has one of its own.
        take: Called with the file's name, without folders, and its bytes.
        help: Which files can be uploaded.
    """
    key = form_key(form, "file")
    st.file_uploader(label, key=key, on_change=_hand_over, args=(form, key, take), help=help)


def _hand_over(form: str, key: str, take: Callable[[str, bytes], None]) -> None:
    file = st.session_state.get(key)
    if file is None:
        return
    take(file.name.replace("\\", "/").rsplit("/", 1)[-1], file.getvalue())
    new_generation(form)
    _release(file)


def _release(file: UploadedFile) -> None:
    """Remove a file from Streamlit's memory, where it would stay until the session ends."""
    context = get_script_run_ctx()
    if context is not None:
        manager = cast(MemoryUploadedFileManager, context.uploaded_file_mgr)
        manager.remove_file(context.session_id, file.file_id)
