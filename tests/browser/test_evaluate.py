"""From a training to the figures of its test rows, and through them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.steps import fits, key, train_on_the_way_to


@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_threshold_moves_the_charts_in_place_and_simpler_models_are_compared(page, open_app):
    train_on_the_way_to(page, open_app, "evaluate")
    expect(page.get_by_text("178 test rows")).to_be_visible()
    expect(page.get_by_text("better than guessing by")).to_be_visible()
    figure = key(page, "evaluate_slices").locator(".main-svg").first
    expect(figure).to_be_visible()

    matrix = key(page, "evaluate_matrix").locator("canvas").first
    matrix.evaluate("canvas => { canvas.marked = true; }")
    page.get_by_role("slider").press("ArrowLeft")
    expect(page.get_by_text("At a threshold of 0.4999, the model predicts")).to_be_visible()
    assert matrix.evaluate("canvas => canvas.marked === true")

    key(page, "compare").get_by_role("button").click()
    expect(page.get_by_text("By log loss,").first).to_be_visible(timeout=90_000)
    assert fits(page)
