"""Upload of a model file (.nfm)."""

from __future__ import annotations

import streamlit as st

from nfm.ui.components import problems, upload
from nfm.ui.escaping import literal
from nfm.ui.state import workspace_runs

_SECTION = "open_model"


def show() -> None:
    """Draw the upload; a valid model becomes the current one."""
    upload.show(
        "Open a model from a file (.nfm)",
        "open_model.upload",
        _open,
        help="A bundle downloaded from this app or another installation. No code in it is run; a "
        "damaged file, or one that is not a bundle, is refused.",
    )
    problems.show(_SECTION, stays=True)


def _open(name: str, content: bytes) -> None:
    problems.forget(_SECTION)
    with problems.catch(_SECTION, f"**{literal(name)}**: "):
        workspace_runs.open_model(name, content)
        st.session_state.predict_tabs = "One row"
