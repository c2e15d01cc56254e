"""The tour for newcomers: a line beside the title of four pages, until it is skipped or done."""

from __future__ import annotations

import streamlit as st

from nfm.ui.navigation import PageName, go_to, title
from nfm.ui.state import opened_lesson, services

_STEPS: dict[PageName, str] = {
    "data": "**Data.** A sample table is open. Choose another one, or upload your own.",
    "train": "**Train.** Press Train and watch the loss fall, epoch by epoch.",
    "predict": "**Predict.** Change a value and see how the prediction changes.",
    "learn": "**Learn.** See what happens inside the network, and try it out.",
}
_KEY = "tour"
_OVER = "over"


def show(name: PageName) -> None:
    """Draw a page's step of the tour, until the tour is skipped or done."""
    if opened_lesson.hidden() or _is_over() or name not in _STEPS:
        return
    steps = list(_STEPS)
    place = steps.index(name)
    # Part of the page: fixed to the bottom of the window, it would cover controls.
    with st.container(horizontal=True, vertical_alignment="center", border=True, key="tour"):
        st.markdown(f":gray[Tour, {place + 1} of {len(steps)}] {_STEPS[name]}")
        # The pages that follow Train need a model.
        if place + 1 < len(steps) and (name != "train" or _has_model()):
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
            on_click=_end,
        )


def note_newcomer() -> None:
    """Note on the first page, whichever it is, whether the workspace is a newcomer's."""
    if not opened_lesson.hidden():
        _is_over()


def _is_over() -> bool:
    """Say whether the workspace has ended the tour, or had runs before it was offered."""
    if _KEY not in st.session_state:
        store, workspace = services.store(), services.workspace()
        kept = store.get_preference(workspace, _KEY)
        if kept is None:
            kept = _OVER if store.runs(workspace) else "begun"
            store.set_preference(workspace, _KEY, kept)
        st.session_state[_KEY] = kept
    return bool(st.session_state[_KEY] == _OVER)


def _has_model() -> bool:
    return any(run.has_model for run in services.store().runs(services.workspace()))


def _end() -> None:
    services.store().set_preference(services.workspace(), _KEY, _OVER)
    st.session_state[_KEY] = _OVER
