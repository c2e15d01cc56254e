"""The pages of the app and the way from one to the next."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import streamlit as st
from streamlit.navigation.page import Page

PageName = Literal["data", "train", "predict", "evaluate", "interactions", "learn"]

_FOLDER = Path(__file__).resolve().parents[2] / "pages"
_PAGES: dict[PageName, tuple[str, str]] = {
    "data": ("Data", ":material/table:"),
    "train": ("Train", ":material/model_training:"),
    "predict": ("Predict", ":material/person_search:"),
    "evaluate": ("Evaluate", ":material/query_stats:"),
    "interactions": ("Interactions", ":material/hub:"),
    "learn": ("Learn", ":material/school:"),
}


def page(name: PageName) -> Page:
    """Return one page; the first of them opens at the app's bare address."""
    title, icon = _PAGES[name]
    return st.Page(
        _FOLDER / f"{name}.py",
        title=title,
        icon=icon,
        url_path=name,
        default=name == "data",
    )


def pages() -> list[Page]:
    """Return all pages in the order in which a person goes through them."""
    return [page(name) for name in _PAGES]


def title(name: PageName) -> str:
    """Return what a page is called."""
    return _PAGES[name][0]


def name_of(opened: Page) -> PageName:
    """Return which of the pages this is."""
    return next((name for name in _PAGES if name == opened.url_path), "data")


def go_to(name: PageName) -> None:
    """Open another page; made for a button's `on_click`.

    A callback is called for every click. What `st.button` returns is lost if the drawing of the
    page is cut short, by the next event or by `st.rerun`, before it comes to the button.
    """
    st.switch_page(page(name))
