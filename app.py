"""What `streamlit run app.py` starts: the server around nfm/ui/shell.py."""

import streamlit as st

from nfm.server import lifespan, middleware

app = st.App("nfm/ui/shell.py", lifespan=lifespan, middleware=middleware())
