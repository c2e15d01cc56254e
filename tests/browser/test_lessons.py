"""A lesson link goes from one person to another; a hostile one does no harm."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.steps import key

LESSON = "lesson=1&data=titanic&epochs=2&random_state=7&row=2&edit.Sex=male"
HOSTILE = (
    "lesson=1&data=..%2Fetc&epochs=1e99&%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E=1"
    "&edit.%5Ba%5D(javascript%3Aalert(1))=" + "%F0%9F%92%A5" * 300
)


def test_lesson_is_trained_by_its_viewer_and_its_link_is_copied(page, new_page, open_app):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_app(page, f"train?{LESSON}&hide=true")
    expect(page.get_by_text("Epochs 2 · Seed 7")).to_be_visible()
    expect(page.get_by_text("Hidden layers")).to_have_count(0)
    key(page, "train").get_by_role("button").click()
    key(page, "to_predict").get_by_role("button").click(timeout=60_000)
    expect(page.get_by_text("1 change: Sex: female → male")).to_be_visible()
    key(page, "show_controls").locator("button:visible").click()
    key(page, "lesson_link").locator("button:visible").click()
    code = page.get_by_test_id("stCode")
    code.hover()
    page.get_by_role("button", name="Copy to clipboard").click()
    link = urlsplit(page.evaluate("navigator.clipboard.readText()"))
    assert link.path == "/predict"
    added = "preset=recommended&split.keep_copies_together=auto"
    assert parse_qs(f"{LESSON}&{added}") == parse_qs(link.query)

    other = new_page("phone")
    open_app(other, f"train?{link.query}")
    expect(other.get_by_text("Press Train to start")).to_be_visible()
    expect(other.get_by_role("spinbutton", name="Epochs")).to_have_value("2")
    assert other.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_hostile_link_is_a_sentence_and_then_the_defaults(page, open_app):
    page.on("dialog", lambda dialog: pytest.fail(f"A script ran: {dialog.message}"))
    open_app(page, f"?{HOSTILE}")
    warning = page.get_by_test_id("stAlert")
    expect(warning).to_contain_text("In the link, 'data' is '../etc': choose one of titanic")
    expect(warning).to_contain_text("<img src=x onerror=alert(1)>")
    expect(warning.get_by_role("link")).to_have_count(0)
    expect(page.get_by_text("891 passengers").first).to_be_visible()
    page.wait_for_function("document.documentElement.scrollWidth <= window.innerWidth")
