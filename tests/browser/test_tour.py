"""The tour of a first visit, in the browser that remembers it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize("viewport", ["phone"], indirect=True)
def test_tour_points_onward_and_once_skipped_stays_away(page, open_app):
    open_app(page, "data")
    tour = page.locator(".st-key-tour")
    expect(tour).to_contain_text("Tour, 1 of 4")
    page.locator(".st-key-tour_next").get_by_role("button").click()
    expect(tour).to_contain_text("Tour, 2 of 4")
    expect(page.get_by_role("heading", name="Train")).to_be_visible()
    page.wait_for_function("document.documentElement.scrollWidth <= window.innerWidth")
    page.locator(".st-key-tour_end").get_by_role("button").click()
    expect(tour).to_have_count(0)
    page.reload()
    expect(page.get_by_text("Press Train")).to_be_visible()
    expect(tour).to_have_count(0)
