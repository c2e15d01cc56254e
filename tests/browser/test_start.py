"""The app comes up as the README says, on any page, and goes without leaving anything behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import VIEWPORTS

PAGES = ["", "data", "train", "predict", "evaluate", "interactions", "learn"]


@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
@pytest.mark.parametrize("path", PAGES)
def test_a_page_opens_by_its_address_and_fits_the_window(
    page: Page, open_app: Callable[..., None], path: str
):
    open_app(page, path)
    page.wait_for_function("document.documentElement.scrollWidth <= window.innerWidth")
    if page.viewport_size == VIEWPORTS["desktop"]:
        page.set_viewport_size({"width": 1920, "height": 1080})
        page.wait_for_function(
            "innerWidth === 1920 && document.documentElement.scrollWidth <= innerWidth"
        )


def test_a_page_opens_by_its_address_on_a_server_that_nobody_visited(
    page: Page, open_app: Callable[..., None], own_server: Callable
):
    running = own_server()
    open_app(page, "predict", url=running.url)
    assert page.url == f"{running.url}/predict"


def test_a_visit_leaves_nothing_to_complain_about_in_the_log(
    page: Page, open_app: Callable[..., None], own_server: Callable
):
    running = own_server()
    for path in PAGES:
        open_app(page, path, url=running.url)
    page.goto("about:blank")
    running.stop()
    output = running.output(1_000_000)
    assert "Traceback" not in output
    assert "warning" not in output.lower()
    assert "deprecat" not in output.lower()


def test_no_process_outlives_the_app(own_server: Callable):
    assert own_server().stop() == []
