"""A database that goes away and comes back, as a person sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import AT_ONCE, Server, start_server
from tests.browser.steps import expect_epoch, start_long_training

SCRIPT = "tests/browser/support/app_with_a_switch.py"
MESSAGE = "The database is not responding. Your run continues."
# Keeps what the page sends, so that a timer's request can be sent once more: on a busy machine,
# one may be under way while the server draws the page on its own account.
KEEP_REQUESTS = """
const send = WebSocket.prototype.send;
window.requests = [];
WebSocket.prototype.send = function (data) {
    window.requests.push(data);
    window.sendAgain = request => send.call(this, request);
    return send.call(this, data);
};
"""


@pytest.fixture
def switched(repository: Path, tmp_path: Path) -> Iterator[Server]:
    running = start_server(repository, tmp_path, SCRIPT, **AT_ONCE)
    yield running
    running.stop()


def test_pages_wait_for_the_database_and_the_run_keeps_its_model(
    switched: Server, page: Page, open_app: Callable[..., None]
):
    away = switched.data_folder / "away"
    open_app(page, "train", url=switched.url)
    page.get_by_role("button", name="Train", exact=True).click()
    predict = page.get_by_role("button", name="Next: make a prediction")
    expect(predict).to_be_visible(timeout=90_000)

    # A click that draws the whole page, while nothing can be read.
    away.touch()
    page.get_by_role("link", name="Evaluate").click()
    expect(page.get_by_text(MESSAGE)).to_be_visible()
    page.wait_for_timeout(4_000)
    expect(page.get_by_text(MESSAGE)).to_be_visible()
    away.unlink()
    expect(page.get_by_text(MESSAGE)).to_be_hidden()
    expect(page.get_by_role("heading", name="Evaluate", exact=True)).to_be_visible()

    # A run that ends while nothing can be written.
    page.get_by_role("link", name="Train", exact=True).click()
    page.get_by_role("button", name="Train again").click()
    expect(predict).to_be_hidden()
    away.touch()
    page.wait_for_timeout(15_000)
    expect(page.get_by_text("Uncaught")).to_be_hidden()
    away.unlink()
    expect(predict).to_be_visible(timeout=90_000)
    assert "Traceback" not in switched.output(1_000_000)
    assert list((switched.data_folder / "unsaved_outcomes").glob("*")) == []


def test_a_request_for_a_part_of_the_page_that_failed_does_not_end_the_page(
    switched: Server, page: Page, open_app: Callable[..., None]
):
    away = switched.data_folder / "away"
    page.add_init_script(KEEP_REQUESTS)
    open_app(page, "train", url=switched.url)
    start_long_training(page)
    expect_epoch(page, 1, 10_000)
    page.evaluate("window.timers = window.requests.slice(-4)")

    away.touch()
    page.get_by_role("link", name="Train", exact=True).click()
    expect(page.get_by_text(MESSAGE)).to_be_visible()
    away.unlink()
    page.evaluate("window.timers.forEach(window.sendAgain)")
    expect(page.get_by_text(MESSAGE)).to_be_hidden()
    expect_epoch(page, 1, 10_000)
