"""Present: larger type and no settings, for a talk or a class.

It is a way of looking at the pages and belongs to the session: no run, no form and no link to a
lesson knows of it. `present.css` enlarges the type of the pages and hides their settings, which
keep their values because they are still drawn; `nfm.ui.components.figure_view` enlarges figures.
"""

from __future__ import annotations

import time
from pathlib import Path

import streamlit as st

from nfm.figures.enlarged import enlarge

KEY = "F2"
"""The key that turns it on and off; not a letter, because it works at all times."""

KEYS = {
    "train": ("T", "train"),
    "pause": ("P", "pause or resume"),
    "step": ("S", "train one epoch"),
    "stop": ("X", "stop or cancel"),
    "next": ("N", "next card"),
    "back": ("B", "previous card"),
}
"""By action: its key, and what it does."""

_ON = "present.on"
_SWITCHED = "present.switched"
_SECONDS_TO_APPLY = 0.2
_STYLESHEET = Path(__file__).resolve().parent / "present.css"


def is_on() -> bool:
    """Say whether the session presents."""
    return bool(st.session_state.get(_ON, False))


def shortcut(action: str) -> str | None:
    """Return the key of an action's button; None unless the session presents.

    Keys of one letter must be possible to turn off, for people who dictate (WCAG 2.1.4). Streamlit
    ignores them in input fields.

    Args:
        action: A key of `KEYS`.
    """
    return KEYS[action][0] if is_on() else None


def pixels(usual: int) -> int:
    """Return a width or height for a page: as it usually is, or with room for enlarged type.

    Args:
        usual: The length in pixels on a usual page.
    """
    return enlarge(usual) if is_on() else usual


def show_style() -> None:
    """Send the stylesheet of Present if it is on; once per page, before its contents.

    A table or chart reads the size of the type when it is made. So when Present begins or ends,
    the browser gets a moment to apply the size before the contents follow.
    """
    if is_on():
        st.html(_STYLESHEET)
    if st.session_state.pop(_SWITCHED, False):
        time.sleep(_SECONDS_TO_APPLY)


def show_button() -> None:
    """Draw the button that turns Present on and off; its help lists the keys."""
    keys = ", ".join(f"**{key}** {meaning}" for key, meaning in KEYS.values())
    on = is_on()
    st.button(
        "End presentation" if on else "Present",
        icon=":material/close_fullscreen:" if on else ":material/present_to_all:",
        type="tertiary",
        # Two buttons to Streamlit: while a page is redrawn, the browser may hold two copies of one,
        # and the key presses both. The second press must not undo the first.
        key="present_end" if on else "present",
        on_click=_switch,
        args=(not on,),
        shortcut=KEY,
        help=f"Bring the settings and the usual type size back. Keys: {keys}."
        if on
        else f"For a talk or a class: larger type, no settings, and keys: {keys}.",
    )


def _switch(on: bool) -> None:
    st.session_state[_ON] = on
    st.session_state[_SWITCHED] = True
