"""The pages of the app and the navigation between them."""

from __future__ import annotations

from typing import Literal

import streamlit as st
from streamlit.navigation.page import Page

from nfm.app_folder import APP_FOLDER

PageName = Literal["start", "data", "train", "predict", "evaluate", "interactions", "learn"]

_FOLDER = APP_FOLDER / "pages"
_PAGES: dict[PageName, tuple[str, str]] = {
    "start": ("Start", ":material/home:"),
    "data": ("Data", ":material/table:"),
    "train": ("Train", ":material/model_training:"),
    "predict": ("Predict", ":material/person_search:"),
    "evaluate": ("Evaluate", ":material/query_stats:"),
    "interactions": ("Interactions", ":material/hub:"),
    "learn": ("Learn", ":material/school:"),
}


def page(name: PageName) -> Page:
    """Return one page; "start" is the default page."""
    title, icon = _PAGES[name]
    return st.Page(
        _FOLDER / f"{name}.py", title=title, icon=icon, url_path=name, default=name == "start"
    )


def pages() -> list[Page]:
    """Return all pages in the order of the navigation."""
    return [page(name) for name in _PAGES]


def title(name: PageName) -> str:
    """Return the title of a page."""
    return _PAGES[name][0]


def name_of(current: Page) -> PageName:
    """Return the name of a page.

    Args:
        current: The page that `st.navigation` returned.
    """
    return next((name for name in _PAGES if name == current.url_path), "start")


def go_to(name: PageName) -> None:
    """Open another page; for the `on_click` of a button.

    A callback is called for every click. The return value of `st.button` would be lost if the run
    of the page is interrupted, by the next event or by `st.rerun`, before it reaches the button.
    """
    st.switch_page(page(name))
