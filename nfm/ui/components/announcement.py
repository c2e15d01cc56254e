"""Sentences for screen readers: what changed on a page while the focus is elsewhere."""

from __future__ import annotations

import html

import streamlit as st


def announce(sentence: str) -> None:
    """Draw a sentence that nobody sees, and that a screen reader says when it becomes another.

    Draw it at the same place each time: a screen reader listens to an element that is on the
    page already. `st.html` would put a new element there with each sentence; Markdown keeps it.

    Args:
        sentence: Plain text.
    """
    # Streamlit looks for its icons, ":material/…:", in the source, before it is read as HTML.
    text = html.escape(" ".join(sentence.split())).replace(":", "&#58;")
    st.markdown(
        f'<p role="status" aria-live="polite" class="announcement">{text}</p>',
        unsafe_allow_html=True,
    )
