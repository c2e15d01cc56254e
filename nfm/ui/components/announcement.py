"""Announcements for screen readers: what changes on a page while the focus is elsewhere."""

from __future__ import annotations

import html

import streamlit as st


def announce(sentence: str) -> None:
    """Draw an invisible sentence that screen readers speak whenever it changes.

    Draw it at the same place each time: a screen reader watches an element that is on the page
    already. `st.html` would replace the element with each sentence; Markdown keeps it.

    Args:
        sentence: Plain text; empty for nothing to say.
    """
    # Streamlit replaces its icons, ":material/…:", before the source is read as HTML.
    text = html.escape(" ".join(sentence.split())).replace(":", "&#58;")
    # The container is out of the flow of the page even before the browser has drawn the sentence.
    with st.container(key="announcement"):
        st.markdown(f'<p role="status" aria-live="polite">{text}</p>', unsafe_allow_html=True)
