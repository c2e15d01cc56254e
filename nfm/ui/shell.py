"""The script that Streamlit runs for every visit: navigation, then the page that was asked for."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from nfm.computing_process import warm_up
from nfm.ui.components import tour
from nfm.ui.navigation import name_of, pages
from nfm.ui.state import opened_lesson, services

FOLDER = Path(__file__).resolve().parent

# A file, not one of Streamlit's icons, which the browser would fetch from another host.
st.set_page_config(page_title="NFM Lab", page_icon=str(FOLDER / "icon.svg"), layout="wide")
st.logo(str(FOLDER / "logo.svg"), size="large", icon_image=str(FOLDER / "icon.svg"))
st.html(FOLDER / "stylesheet.css")
services.note_visit()
if st.session_state.setdefault("first_run", True):
    st.session_state["first_run"] = False
    warm_up()
current = st.navigation(pages(), position="top")
st.set_page_config(page_title=f"{current.title} · NFM Lab")
# In a place of their own, so that all below keeps its place when they go. A fragment that moves
# is another one to Streamlit: a click in it that is under way would draw nothing.
with st.container():
    opened_lesson.open_from_address()
    tour.show(name_of(current))
current.run()
