"""From a training to the figures of its test rows, and through them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect


def key(page: Page, name: str):
    """The element that the app calls so."""
    return page.locator(f".st-key-{name}")


@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_threshold_moves_the_charts_in_place_and_simpler_models_are_compared(page, open_app):
    open_app(page, "evaluate")
    page.get_by_role("button", name="Train a model").click()
    key(page, "train").get_by_role("button").click()
    expect(page.get_by_test_id("stAlert")).to_contain_text(
        re.compile("Completed|Early stopped"), timeout=90_000
    )
    open_app(page, "evaluate")
    expect(page.get_by_text("178 test rows")).to_be_visible()
    expect(page.get_by_text("better than guessing by")).to_be_visible()
    figure = key(page, "evaluate_slices").locator(".main-svg").first
    expect(figure).to_be_visible()

    matrix = key(page, "evaluate_matrix").locator("canvas").first
    matrix.evaluate("canvas => { canvas.marked = true; }")
    page.get_by_role("slider").press("ArrowLeft")
    expect(page.get_by_text("From 0.49 on, the model says")).to_be_visible()
    assert matrix.evaluate("canvas => canvas.marked === true")

    key(page, "compare").get_by_role("button").click()
    expect(page.get_by_text("By log loss,").first).to_be_visible(timeout=90_000)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth - element.clientWidth") <= 0
