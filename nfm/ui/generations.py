"""Forms that the program fills as well as the person: their widgets are new ones each time.

A browser sends the state of all its widgets with every click. If it has not heard yet that
the program put other values into them, it would send the old ones, which look like a
person's edits. So a form that the program fills anew gets new keys: what an old widget
says then reaches nobody.
"""

from __future__ import annotations

import streamlit as st


def form_key(form: str, name: str) -> str:
    """Return the key of a form's widget in its present generation."""
    return f"{form}.{st.session_state.get(_counter(form), 0)}.{name}"


def renew(form: str) -> None:
    """Begin a new generation of a form, and forget what the old one held."""
    old = form_key(form, "")
    for key in [key for key in st.session_state if str(key).startswith(old)]:
        del st.session_state[key]
    st.session_state[_counter(form)] = st.session_state.get(_counter(form), 0) + 1


def _counter(form: str) -> str:
    return f"generation.{form}"
