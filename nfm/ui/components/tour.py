"""A short tour for the first visit: a line at the head of four pages, until it is dismissed."""

from __future__ import annotations

import streamlit as st

from nfm.ui.navigation import PageName, go_to, title
from nfm.ui.state import opened_lesson, services

_STEPS: dict[PageName, str] = {
    "data": "**Data.** A sample is open already; choose another one, or bring a table.",
    "train": "**Train.** One click, and the model learns before your eyes.",
    "predict": "**Predict.** Edit a field, and the answer follows.",
    "learn": "**Learn.** What happens inside, to try out.",
}
_KEY = "tour"
_OVER = "over"


def show(page: PageName) -> None:
    """Draw the step that belongs to a page, on the first visit of a workspace.

    Args:
        page: Which one is open.
    """
    if page not in _STEPS or opened_lesson.hidden() or _is_over():
        return
    pages = list(_STEPS)
    place = pages.index(page)
    # In its place in the page: at the foot of the window it would lie over what is used.
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="tour"):
        st.markdown(f":gray[Tour, {place + 1} of {len(pages)}] {_STEPS[page]}")
        if place + 1 < len(pages):
            following = pages[place + 1]
            st.button(
                f"Next: {title(following)}",
                icon=":material/arrow_forward:",
                icon_position="right",
                key="tour_next",
                on_click=go_to,
                args=(following,),
            )
        st.button(
            "Skip the tour" if place + 1 < len(pages) else "Done",
            type="tertiary",
            key="tour_end",
            on_click=_end,
        )


def _is_over() -> bool:
    """Whether the workspace has seen it: dismissed, or there were runs before the tour was."""
    if _KEY not in st.session_state:
        store, workspace = services.store(), services.workspace()
        kept = store.get_preference(workspace, _KEY)
        if kept is None:
            kept = _OVER if store.runs(workspace) else "begun"
            store.set_preference(workspace, _KEY, kept)
        st.session_state[_KEY] = kept
    return bool(st.session_state[_KEY] == _OVER)


def _end() -> None:
    services.store().set_preference(services.workspace(), _KEY, _OVER)
    st.session_state[_KEY] = _OVER
