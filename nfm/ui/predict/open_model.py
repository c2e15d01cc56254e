"""Upload of a model file (.nfm)."""

from __future__ import annotations

import streamlit as st

from nfm.errors import NFMError
from nfm.ui.components import upload
from nfm.ui.escaping import literal
from nfm.ui.state import workspace

_PROBLEM = "open_model.problem"


def show() -> None:
    """Draw the upload; a valid model becomes the current one."""
    upload.show(
        "Open a model from a file (.nfm)",
        "open_model.upload",
        _open,
        help="A bundle downloaded from this app or another installation. No code in it is run; a "
        "damaged file, or one that is not a bundle, is refused.",
    )
    if problem := st.session_state.get(_PROBLEM):
        st.error(problem, icon=":material/error:")


def _open(name: str, content: bytes) -> None:
    st.session_state.pop(_PROBLEM, None)
    try:
        workspace.open_model(name, content)
        st.session_state.predict_tabs = "One row"
    except NFMError as error:
        st.session_state[_PROBLEM] = f"**{literal(name)}**: {literal(error)}"
