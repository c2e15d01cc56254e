"""Tabs of which only the open one is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st


def show(parts: Mapping[str, Callable[[], None]], *, key: str) -> None:
    """Draw tabs; what is behind the others costs nothing.

    Args:
        parts: Name of each tab to what draws it.
        key: Of the tabs.
    """
    tabs = st.tabs(list(parts), key=key, on_change="rerun")
    for tab, draw in zip(tabs, parts.values(), strict=True):
        if tab.open:
            with tab:
                draw()
