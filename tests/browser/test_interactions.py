"""From a training to what its model does with pairs of columns."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.steps import choose, fits, key, train_on_the_way_to


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
    choose(page, "With", "Cabin")
    expect(key(page, "interactions_levels")).to_contain_text("Cabin")
    page.set_viewport_size({"width": 390, "height": 844})
    assert fits(page)
