"""Edits that come faster than the pages are drawn, in a workspace that has a model already."""

from __future__ import annotations

import secrets

from playwright.sync_api import expect

from tests.browser.seeded import enter_workspace, seed_model
from tests.browser.steps import key

# A rule of nfm/ui/stylesheet.css.
HAS_STYLESHEET = """() => [...document.styleSheets].some(sheet =>
    [...sheet.cssRules].some(rule => rule.selectorText === '.st-key-learn_highlight'))"""


def open_seeded(page, server, open_app, path: str) -> None:
    workspace = secrets.token_urlsafe(32)
    seed_model(server.data_folder, workspace)
    enter_workspace(page, server.url, workspace)
    open_app(page, path)


def test_quick_presses_on_the_threshold_end_where_the_slider_stands(page, server, open_app):
    open_seeded(page, server, open_app, "evaluate")
    slider = page.get_by_role("slider").first
    expect(slider).to_be_visible()
    slider.focus()
    for _ in range(3):
        for arrow in ["ArrowLeft"] * 12 + ["ArrowRight"] * 5:
            page.keyboard.press(arrow)
        page.wait_for_timeout(300)
    stands = float(slider.input_value())
    assert stands < 0.5
    expect(page.get_by_text(f"At a threshold of {stands:g}, the model").first).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_stylesheet_survives_keep(page, server, open_app):
    open_seeded(page, server, open_app, "predict")
    for fare in ("35", "36"):
        field = page.get_by_role("spinbutton", name="fare GBP", exact=True)
        field.fill(fare)
        field.press("Enter")
        expect(page.get_by_text(f"→ {fare}").first).to_be_visible()
        key(page, "keep_scenario").get_by_role("button").click()
        expect(page.get_by_test_id("stToast").filter(has_text="Kept").first).to_be_visible()
        page.wait_for_timeout(1000)
        assert page.evaluate(HAS_STYLESHEET)
