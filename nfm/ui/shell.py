"""The script that Streamlit runs for every visit: navigation, then the requested page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from nfm.computing_process import warm_up
from nfm.environment import environment
from nfm.lesson_links.lesson import MARK
from nfm.ui import present, sign_in
from nfm.ui.components import tour
from nfm.ui.navigation import name_of, page, pages
from nfm.ui.state import account, opened_lesson, services
from nfm.ui.state.stale_fragments import stop_page

FOLDER = Path(__file__).resolve().parent

# A file, not one of Streamlit's icons, which the browser would fetch from another host.
st.set_page_config(page_title="NFM Lab", page_icon=str(FOLDER / "icon.svg"), layout="wide")
st.logo(str(FOLDER / "logo.svg"), size="large", icon_image=str(FOLDER / "icon.svg"))
st.html(FOLDER / "stylesheet.css")
present.show_style()
signed_out = account.needs_sign_in()
current = st.navigation(pages(), position="hidden" if signed_out else "top")
if signed_out:
    sign_in.show()
    stop_page()
services.note_visit()
if "visited" not in st.session_state:
    st.session_state["visited"] = True
    warm_up()
    if name_of(current) == "start" and MARK in st.query_params:
        # A lesson's link may have the bare address, where Data was once.
        given = {name: st.query_params.get_all(name) for name in st.query_params}
        st.switch_page(page("data"), query_params=given)
st.set_page_config(page_title=f"{current.title} · NFM Lab")
# In a container of their own, so that everything below keeps its position when they disappear.
# To Streamlit, a fragment at another position is another fragment: a click in it that has just
# been sent would have no effect.
with st.container():
    if environment().sign_in:
        sign_in.show_account()
    opened_lesson.open_from_address()
    tour.note_newcomer()
if present.is_on():
    # In another place than usual, so that the browser makes everything again: tables and charts
    # read the size of the type only then.
    with st.container():
        current.run()
else:
    current.run()
