"""Leading a training: pause, step, slow motion, stop; runs side by side; queue."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

EPOCH = re.compile(r"^([\d,]+) /")
BEGUN = re.compile(r"Epoch [1-9][\d,]* of 10,000")


def key(page: Page, name: str):
    """The element that the app calls so."""
    return page.locator(f".st-key-{name}")


def start_long_training(page: Page) -> None:
    """Train for as long as the test likes, and wait for its first epochs."""
    epochs = page.get_by_role("spinbutton", name="Epochs")
    epochs.fill("10000")
    epochs.press("Enter")
    page.get_by_text("Early stopping", exact=True).click()
    expect(page.get_by_role("combobox", name="Preset")).to_have_value("Custom")
    press(page, "train")
    expect(page.get_by_test_id("stProgress")).to_contain_text(BEGUN, timeout=90_000)


def press(page: Page, name: str) -> None:
    """Click one of the buttons of the training."""
    key(page, name).get_by_role("button").click()


def counter(page: Page, label: str) -> str:
    """What one of the big numbers says."""
    metric = page.get_by_test_id("stMetric").filter(has_text=label).first
    return metric.get_by_test_id("stMetricValue").inner_text()


def epoch(page: Page) -> int:
    found = EPOCH.match(counter(page, "Epoch"))
    assert found
    return int(found[1].replace(",", ""))


def test_pause_step_resume_and_stop(page, open_app):
    open_app(page, "train")
    start_long_training(page)
    bar = page.get_by_test_id("stProgress")
    press(page, "pause")
    expect(bar).to_contain_text("Paused after epoch")
    held = epoch(page)

    for step in (1, 2):
        press(page, "step")
        expect(bar).to_contain_text(f"Paused after epoch {held + step:,} of")
        assert epoch(page) == held + step
    page.reload()
    expect(bar).to_contain_text(f"Paused after epoch {held + 2:,} of")

    rate = page.get_by_role("spinbutton", name="Learning rate now")
    rate.fill("0.005")
    rate.press("Enter")
    expect(rate).to_have_value("0.005")
    press(page, "pause")
    expect(key(page, "pause")).to_contain_text("Pause")
    expect(bar).to_contain_text(re.compile(r"^Epoch [\d,]+ of"))
    expect(rate).to_have_value("0.005")
    press(page, "stop")
    expect(page.get_by_test_id("stAlert")).to_contain_text("Stopped by you", timeout=90_000)
    page.get_by_role("button", name="Next: ask the model").click()
    expect(key(page, "answer").get_by_test_id("stMetricValue")).to_contain_text("%")
