"""A search for better settings, as a person follows it on the Train page."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.steps import button, wait_for_result


def trials(page: Page, count: int) -> Locator:
    """The table of trials: the browser draws its cells on a canvas, and its label counts them."""
    return page.get_by_role("region", name=re.compile(f"^{count} trials?;"))


def open_search(page: Page) -> None:
    page.get_by_text("Find better settings").click()
    expect(button(page, "Start search")).to_be_enabled()


def test_a_search_of_three_trials_ends_with_a_run_that_predicts(page: Page, open_app):
    open_app(page, "train")
    open_search(page)
    page.get_by_label("Trials", exact=True).fill("3")
    page.get_by_label("Trials", exact=True).press("Enter")
    button(page, "Start search").click()

    # Another page, and back: the search goes on, and its section is open.
    expect(page.get_by_text(re.compile("Trial [123] of 3"))).to_be_visible(timeout=60_000)
    open_app(page, "data")
    open_app(page, "train")

    result = page.get_by_text("test rows were not used")
    expect(result).to_be_visible(timeout=120_000)
    expect(trials(page, 3)).to_be_visible()
    wait_for_result(page)
    expect(page.get_by_text("Best of 3 trials").first).to_be_visible()
    button(page, "Next: make a prediction").click()
    expect(page.get_by_role("heading", name="Predict", level=1)).to_be_visible()
    expect(page.get_by_text("Best of 3 trials").first).to_be_visible()


def test_a_stopped_search_keeps_its_best_trial(page: Page, open_app):
    open_app(page, "train")
    open_search(page)
    button(page, "Start search").click()
    expect(page.get_by_text(re.compile("Trial ([2-9]|1[0-9]) of 20"))).to_be_visible(timeout=90_000)

    button(page, "Stop search").click()

    expect(page.get_by_text("test rows were not used")).to_be_visible(timeout=60_000)
    expect(button(page, "Start search")).to_be_enabled()
    wait_for_result(page)
