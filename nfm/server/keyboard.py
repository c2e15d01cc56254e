"""The script that keeps the keyboard's focus on a page, which Streamlit loses as it redraws."""

from __future__ import annotations

from pathlib import Path

_SCRIPT = Path(__file__).with_name("keyboard.js")


def keyboard_script() -> str:
    """Return the script, to be put into the page's HTML."""
    return _SCRIPT.read_text(encoding="utf-8")
