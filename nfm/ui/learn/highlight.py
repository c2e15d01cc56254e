"""The one element of a figure that the open card is about."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def part(name: str, element: str) -> DeltaGenerator:
    """Return a container for a part of a figure; the stylesheet outlines the highlighted one.

    Args:
        name: Name of the part.
        element: Name of the part that the card is about.
    """
    return st.container(key="learn_highlight" if name == element else f"learn_part_{name}")


def marked(text: str, name: str, element: str) -> str:
    """Return the label of a table's row, bold on a coloured ground if highlighted (Markdown).

    Args:
        text: The label.
        name: Name of the part to which the row belongs.
        element: Name of the part that the card is about.
    """
    return f":blue-background[**{text}**]" if name == element else text
