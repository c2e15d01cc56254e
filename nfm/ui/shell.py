"""The script that Streamlit runs for every visit: navigation, then the page that was asked for."""

from __future__ import annotations

import streamlit as st

from nfm.ui.navigation import pages

current = st.navigation(pages(), position="top")
st.set_page_config(
    page_title=f"{current.title} · NFM Lab", page_icon=":material/hub:", layout="wide"
)
current.run()
