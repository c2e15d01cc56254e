"""The script that Streamlit runs for every visit: navigation, tour, then the requested page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from nfm.computing_process import warm_up
from nfm.links.link import MARK
from nfm.ui.navigation import PageName, go_to, name_of, page, pages, title
from nfm.ui.state import opened_lesson, services

FOLDER = Path(__file__).resolve().parent
_TOUR: dict[PageName, str] = {
    "data": "**Data.** A sample table is open. Choose another one, or upload your own.",
    "train": "**Train.** Press Train and watch the loss fall, epoch by epoch.",
    "predict": "**Predict.** Change a value and see how the prediction changes.",
    "learn": "**Learn.** See what happens inside the network, and try it out.",
}
_TOUR_KEY = "tour"
_TOUR_OVER = "over"


def _show_tour(opened: PageName) -> None:
    """Draw a page's step of the tour, until the tour is skipped or done.

    Args:
        opened: The open page.
    """
    if opened_lesson.hidden() or _tour_is_over() or opened not in _TOUR:
        return
    steps = list(_TOUR)
    place = steps.index(opened)
    # Part of the page: fixed to the bottom of the window, it would cover controls.
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="tour"):
        st.markdown(f":gray[Tour, {place + 1} of {len(steps)}] {_TOUR[opened]}")
        # The pages that follow Train need a model.
        if place + 1 < len(steps) and (opened != "train" or _has_model()):
            following = steps[place + 1]
            st.button(
                f"Next: {title(following)}",
                icon=":material/arrow_forward:",
                icon_position="right",
                key="tour_next",
                on_click=go_to,
                args=(following,),
            )
        st.button(
            "Skip the tour" if place + 1 < len(steps) else "Done",
            type="tertiary",
            key="tour_end",
            on_click=_end_tour,
        )


def _tour_is_over() -> bool:
    """Say whether the workspace has ended the tour, or had runs before it was offered."""
    if _TOUR_KEY not in st.session_state:
        store, workspace = services.store(), services.workspace()
        kept = store.get_preference(workspace, _TOUR_KEY)
        if kept is None:
            kept = _TOUR_OVER if store.runs(workspace) else "begun"
            store.set_preference(workspace, _TOUR_KEY, kept)
        st.session_state[_TOUR_KEY] = kept
    return bool(st.session_state[_TOUR_KEY] == _TOUR_OVER)


def _has_model() -> bool:
    return any(run.has_model for run in services.store().runs(services.workspace()))


def _end_tour() -> None:
    services.store().set_preference(services.workspace(), _TOUR_KEY, _TOUR_OVER)
    st.session_state[_TOUR_KEY] = _TOUR_OVER


# A file, not one of Streamlit's icons, which the browser would fetch from another host.
st.set_page_config(page_title="NFM Lab", page_icon=str(FOLDER / "icon.svg"), layout="wide")
st.logo(str(FOLDER / "logo.svg"), size="large", icon_image=str(FOLDER / "icon.svg"))
st.html(FOLDER / "stylesheet.css")
services.note_visit()
current = st.navigation(pages(), position="top")
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
    opened_lesson.open_from_address()
    _show_tour(name_of(current))
current.run()
