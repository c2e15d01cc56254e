"""From an answer to what would change it, in a real browser."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import fits, key, train_on_the_way_to


def share(page: Page) -> float:
    """The probability that the page shows."""
    value = key(page, "prediction").get_by_test_id("stMetricValue")
    return float(value.inner_text().removesuffix("%"))


def set_age(page: Page, years: str) -> None:
    field = page.get_by_role("spinbutton", name="Age in years")
    field.fill(years)
    field.press("Enter")


@pytest.mark.parametrize("viewport", ["phone"], indirect=True)
def test_what_if_what_would_change_it_and_scenarios_that_stay(page, open_app):
    train_on_the_way_to(page, open_app, "predict")
    waterfall = key(page, "waterfall").locator("canvas").first
    expect(waterfall).to_be_visible()
    waterfall.evaluate("canvas => { canvas.marked = true; }")
    why = page.get_by_role("heading", name=re.compile("^Why .* and not the average"))
    before = why.inner_text()
    set_age(page, "3")
    expect(page.get_by_text("1 change: Age in years: 22 → 3")).to_be_visible()
    expect(why).not_to_have_text(before)
    assert waterfall.evaluate("canvas => canvas.marked === true")

    page.get_by_role("tab", name="What if?").click()
    expect(key(page, "what_if_7").locator("canvas").first).to_be_visible()
    page.get_by_role("tab", name="Two columns").click()
    expect(key(page, "two_column_map").locator(".main-svg").first).to_be_visible()
    key(page, "keep_scenario").get_by_role("button").click()

    page.get_by_role("tab", name="What would change it?").click()
    expect(page.get_by_text("The most similar passenger with the other prediction")).to_be_visible()
    survived = share(page) >= 50
    key(page, "try_0").get_by_role("button").click()
    expect(page.get_by_text(re.compile("^[2-9] changes: "))).to_be_visible()
    assert (share(page) >= 50) != survived
    assert fits(page)

    page.reload()
    page.get_by_role("tab", name="Kept scenarios").click()
    with page.expect_download() as arriving:
        key(page, "download_scenarios").get_by_role("button").click()
    table = pd.read_csv(arriving.value.path(), encoding="utf-8-sig")
    assert table["changes"].tolist() == ["Age in years: 22 → 3"]
    assert table["Age"].tolist() == [3]
