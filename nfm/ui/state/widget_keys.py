"""Forms that the program fills as well as the person: their widgets are new ones each time.

A browser sends the state of all its widgets with every click. If it has not heard yet that
the program put other values into them, it would send the old ones, which look like a
person's edits. So a form that the program fills anew gets new keys: what an old widget
says then reaches nobody.

What the program puts into a widget is given to it as its value or index, not set in the
session's state: the browser learns of that once, in a run that the next click may interrupt.
Only a number that a person can clear must have the value None; `prefill` and `mark_rendered`
are for it.
"""

from __future__ import annotations

from typing import Any

import streamlit as st


def form_key(form: str, name: str) -> str:
    """Return the key of a form's widget in its present generation."""
    return f"{form}.{_generation(form)}.{name}"


def prefill(form: str, key: str, value: Any) -> None:
    """Put a value into a widget, once more until the form has been drawn whole.

    Args:
        form: Of the widget.
        key: Of the widget, which is drawn next, with the value None.
        value: What it shows until somebody edits it.
    """
    if st.session_state.get(_drawn(form)) != _generation(form):
        st.session_state[key] = st.session_state.get(key, value)


def mark_rendered(form: str) -> None:
    """Note that the present generation of a form has been drawn whole."""
    st.session_state[_drawn(form)] = _generation(form)


def is_gone(key: str) -> bool:
    """Say whether a widget was renewed before its change reached its callback.

    One message of a browser may change two widgets: the first one's callback may renew the form of
    the second. And a browser that has not heard of a renewal sends the old widget's state again.
    """
    return key not in st.session_state


def new_generation(form: str) -> None:
    """Begin a new generation of a form, and forget what the old one held."""
    old = form_key(form, "")
    for key in [key for key in st.session_state if str(key).startswith(old)]:
        del st.session_state[key]
    st.session_state[_counter(form)] = _generation(form) + 1


def _generation(form: str) -> int:
    return st.session_state.get(_counter(form), 0)


def _drawn(form: str) -> str:
    return f"drawn.{form}"


def _counter(form: str) -> str:
    return f"generation.{form}"
