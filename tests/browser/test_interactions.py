"""From a training to what its model does with pairs of columns."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.steps import fits, key, train_on_the_way_to


def test_pairs_are_judged_and_looked_into(page, open_app):
    train_on_the_way_to(page, open_app, "interactions")
    expect(page.get_by_text("Sex matters most")).to_be_visible()
    expect(page.get_by_text("The strongest pair is")).to_be_visible()
    # The contributions take longest, and fill the place that was kept for them above.
    for name in ("permutation", "network", "levels", "curves", "vectors", "contributions"):
        figure = key(page, f"interactions_{name}").locator(".main-svg").first
        expect(figure).to_be_visible(timeout=90_000)

    page.get_by_text("All pairs as a map").click()
    expect(key(page, "interactions_map").locator(".main-svg").first).to_be_visible()
    # A redrawing page closes an open list.
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    other = page.get_by_role("combobox", name="With")
    other.fill("Cabin")
    expect(page.get_by_role("option", name="Cabin")).to_be_visible()
    other.press("Enter")
    expect(key(page, "interactions_levels")).to_contain_text("Cabin")
    page.set_viewport_size({"width": 390, "height": 844})
    assert fits(page)
