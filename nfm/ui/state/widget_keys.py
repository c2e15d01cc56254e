"""Keys of widgets in forms that both the program and the user fill.

A browser sends the state of all its widgets with every click. If it does not know yet that the
program changed their values, it sends the old ones, which look like edits of the user. So a form
that the program fills gets new keys, a new generation, and the state of old widgets is ignored.

The program passes values to widgets as `value` or `index`; it does not set them in the session
state, because the browser receives those only once, in a run that the next click may interrupt.
The exception is a number that the user can clear: its `value` must be None, and `prefill` and
`mark_rendered` set it.
"""

from __future__ import annotations

from typing import Any

import streamlit as st


def form_key(form: str, name: str) -> str:
    """Return the key of a form's widget in its present generation.

    Args:
        form: Name of the form.
        name: Name of the widget in the form.
    """
    return f"{form}.{_generation(form)}.{name}"


def prefill(form: str, key: str, value: Any) -> None:
    """Put a value into a widget, in every run until the form has been drawn completely.

    Args:
        form: Name of the form.
        key: Key of the widget, which has to be drawn next with `value=None`.
        value: What it shows until the user edits it.
    """
    if st.session_state.get(f"drawn.{form}") != _generation(form):
        st.session_state[key] = st.session_state.get(key, value)


def mark_rendered(form: str) -> None:
    """Note that the present generation of a form has been drawn completely."""
    st.session_state[f"drawn.{form}"] = _generation(form)


def is_gone(key: str) -> bool:
    """Say whether a widget was replaced before its callback was called.

    One message of a browser may change two widgets, and the callback of the first may renew the
    form of the second. Also, a browser that does not know of the renewal yet sends the state of
    the old widget again.
    """
    return key not in st.session_state


def new_generation(form: str) -> None:
    """Begin a new generation of a form, and delete the state of the old one."""
    old = form_key(form, "")
    for key in [key for key in st.session_state if str(key).startswith(old)]:
        del st.session_state[key]
    st.session_state[f"generation.{form}"] = _generation(form) + 1


def _generation(form: str) -> int:
    return st.session_state.get(f"generation.{form}", 0)
