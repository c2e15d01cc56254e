"""What `streamlit run app.py` starts: the server around nfm/ui/shell.py."""

import streamlit as st

from nfm.app_folder import SHELL
from nfm.server import lifespan, middleware, on_script_error

app = st.App(
    SHELL,
    lifespan=lifespan,
    middleware=middleware(),
    on_script_error=on_script_error,
)
