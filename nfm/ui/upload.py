"""The upload of a file, which is handed over once and then let go."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from nfm.ui.generations import form_key, renew


def show(label: str, form: str, take: Callable[[str, bytes], None], *, help: str) -> None:
    """Draw the upload.

    Args:
        label: Of the widget.
        form: Tells this upload from others.
        take: Called with the file's name, without folders, and its bytes.
        help: What may be uploaded.
    """
    key = form_key(form, "file")
    st.file_uploader(label, key=key, on_change=_hand_over, args=(form, key, take), help=help)


def _hand_over(form: str, key: str, take: Callable[[str, bytes], None]) -> None:
    file = st.session_state.get(key)
    if file is None:
        return
    take(file.name.replace("\\", "/").rsplit("/", 1)[-1], file.getvalue())
    # A new widget: the bytes need not stay in this session's memory.
    renew(form)
