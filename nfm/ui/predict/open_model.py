"""A model that was taken away elsewhere is opened here."""

from __future__ import annotations

import streamlit as st

from nfm.errors import NFMError
from nfm.ui import workspace
from nfm.ui.escaping import literal

_UPLOADS = "open_model.uploads"
_PROBLEM = "open_model.problem"


def show() -> None:
    """Draw the upload; a model that can be used becomes the current one."""
    key = f"open_model.upload.{st.session_state.get(_UPLOADS, 0)}"
    st.file_uploader(
        "Open a model from a file (.nfm)",
        key=key,
        on_change=_take_upload,
        args=(key,),
        help="A bundle that was downloaded here or elsewhere. Nothing in it is run; a file that "
        "is damaged or no bundle is refused.",
    )
    if problem := st.session_state.get(_PROBLEM):
        st.error(problem, icon=":material/error:")


def _take_upload(key: str) -> None:
    file = st.session_state.get(key)
    if file is None:
        return
    st.session_state.pop(_PROBLEM, None)
    try:
        workspace.open_model(file.name, file.getvalue())
        st.session_state.predict_tabs = "One row"
    except NFMError as error:
        st.session_state[_PROBLEM] = f"**{literal(file.name)}**: {literal(error)}"
    # A new key: the bytes are kept in the store and need not stay in this session's memory.
    st.session_state[_UPLOADS] = st.session_state.get(_UPLOADS, 0) + 1
