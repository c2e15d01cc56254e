"""Tabs of which only the open one is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

import streamlit as st

Subject = TypeVar("Subject")


def show(parts: Mapping[str, Callable[[Subject], None]], subject: Subject, *, key: str) -> None:
    """Draw tabs, and the content of the open one only.

    Args:
        parts: Function that draws each tab's content, by the tab's name.
        subject: Argument of these functions.
        key: Key of the tabs.
    """
    tabs = st.tabs(list(parts), key=key, on_change="rerun")
    for tab, draw in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab:
                draw(subject)
