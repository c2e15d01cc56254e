"""An uploaded file is handed over and let go."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def page() -> None:
    """Take a file, and count those that Streamlit still has."""
    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    from nfm.ui.components import upload

    def take(name: str, content: bytes) -> None:
        st.session_state.taken = (name, content)

    upload.show("File", "form", take, help="Any file.")
    context = get_script_run_ctx()
    st.session_state.kept = len(context.uploaded_file_mgr.file_storage[context.session_id])


def test_an_uploaded_file_is_handed_over_once_and_not_kept() -> None:
    app = AppTest.from_function(page, default_timeout=90).run()
    app.file_uploader[0].upload("folder\\some.csv", b"a,b\n").run()

    assert not app.exception
    assert app.session_state.taken == ("some.csv", b"a,b\n")
    assert app.session_state.kept == 0

    del app.session_state.taken
    app.run()
    assert "taken" not in app.session_state
