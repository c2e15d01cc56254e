"""A button that puts a text into the clipboard at once; Streamlit's code block hides its own."""

from __future__ import annotations

import streamlit as st

_HTML = '<button type="button">Copy link</button>'
_CSS = """
button {
    font: inherit;
    color: var(--st-text-color);
    background: var(--st-background-color);
    border: 1px solid var(--st-border-color);
    border-radius: var(--st-button-radius);
    padding: 0.4rem 0.8rem;
    cursor: pointer;
}
button:hover { border-color: var(--st-primary-color); }
button:focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: 2px; }
"""
# Without https the browser has no clipboard for scripts: then a text is selected and copied.
_JS = """
export default function ({ data, parentElement, setTriggerValue }) {
    const button = parentElement.querySelector('button');
    button.onclick = async () => {
        try {
            await navigator.clipboard.writeText(data.text);
        } catch {
            const area = document.createElement('textarea');
            area.value = data.text;
            document.body.append(area);
            area.select();
            document.execCommand('copy');
            area.remove();
        }
        setTriggerValue('copied', String(Date.now()));
    };
}
"""


def show(text: str, key: str) -> None:
    """Draw the button.

    Args:
        text: What it copies.
        key: Of the widget.
    """
    button = st.components.v2.component("copy_link", html=_HTML, css=_CSS, js=_JS)
    if button(data={"text": text}, key=key, on_copied_change=_nothing).copied:
        st.toast("Copied", icon=":material/check:")


def _nothing() -> None:
    """Streamlit hands the event over only where there is a callback."""
