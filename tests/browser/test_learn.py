"""Through the cards of the Learn page, and into its calculator."""

from __future__ import annotations

import contextlib

import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from nfm.teaching.cards import STEPS
from tests.browser.steps import key

BOTH = pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
CARDS = sum(len(step.cards) for step in STEPS)


def fits(page: Page) -> None:
    """Nothing lies beyond the right edge of the window, no formula either."""
    page.wait_for_function("document.documentElement.scrollWidth <= window.innerWidth")
    cut = page.evaluate(
        """() => [...document.querySelectorAll(".katex-display")]
          .filter((formula) => formula.scrollWidth > formula.clientWidth + 2)
          .map((formula) => formula.textContent.slice(0, 60))"""
    )
    assert cut == []


@BOTH
def test_next_leads_through_all_cards_and_the_address_leads_back(page, open_app):
    open_app(page, "learn")
    heading = page.get_by_test_id("stMain").get_by_role("heading", level=2)
    seen = [heading.inner_text()]
    fits(page)
    for _ in range(CARDS - 1):
        key(page, "step_next").get_by_role("button").click()
        expect(heading).not_to_have_text(seen[-1])
        seen.append(heading.inner_text())
        fits(page)
    assert len(set(seen)) == CARDS
    expect(key(page, "step_next")).to_have_count(0)
    page.reload()
    expect(heading).to_have_text(seen[-1])


@BOTH
def test_a_card_begins_at_its_top(page, open_app):
    open_app(page, "learn?step=2+Vectors&card=3")
    heading = page.get_by_test_id("stMain").get_by_role("heading", level=2)
    for _ in range(3):
        before = heading.inner_text()
        button = key(page, "step_next").get_by_role("button")
        button.scroll_into_view_if_needed()
        button.click()
        expect(heading).not_to_have_text(before)
        expect(heading).to_be_in_viewport(ratio=1)
        page.wait_for_timeout(1500)  # what comes later must not move it away
        box = heading.bounding_box()
        assert box is not None
        assert 0 < box["y"] < 450


def test_card_and_figure_are_on_one_screen_beside_the_tour(page, open_app):
    page.set_viewport_size({"width": 1280, "height": 720})
    open_app(page, "learn")
    expect(key(page, "tour")).to_be_visible()  # without it there is more room
    heading = page.get_by_test_id("stMain").get_by_role("heading", level=2)
    seen = heading.inner_text()
    for place in range(CARDS):
        page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
        below = key(page, "learn_more").bounding_box()
        assert below is not None
        assert below["y"] <= 720, seen
        buttons = key(page, "step_buttons").bounding_box()
        assert buttons is not None
        assert buttons["y"] + buttons["height"] <= 720, seen
        if place < CARDS - 1:
            key(page, "step_next").get_by_role("button").click()
            expect(heading).not_to_have_text(seen)
            seen = heading.inner_text()


def test_next_by_keyboard_leads_to_the_heading(page, open_app):
    open_app(page, "learn?step=2+Vectors")
    heading = page.get_by_test_id("stMain").get_by_role("heading", level=2)
    before = heading.inner_text()
    key(page, "step_next").get_by_role("button").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(heading).not_to_have_text(before)
    expect(heading).to_be_focused()


def test_action_completes_a_card_and_a_question_is_checked(page, open_app):
    open_app(page, "learn")
    announced = page.locator(".st-key-announcement").filter(has_text="Done.")
    expect(announced).to_have_count(0)
    key(page, "lamp_2").get_by_text("↑↑", exact=True).click()
    expect(page.get_by_text("Done: Turn the lamp on for other")).to_be_visible()
    expect(announced).to_have_count(1)
    open_app(page, "learn?step=1+Why+pairs&card=5")
    question = page.get_by_role("radiogroup", name="How many of the four positions")
    question.get_by_text("2", exact=True).click()
    expect(page.get_by_text("Not quite.").last).to_be_visible()
    question.get_by_text("4", exact=True).click()
    expect(page.get_by_text("Right.").last).to_be_visible()
    expect(page.get_by_text("2 of 36 cards done")).to_be_visible()  # kept over the reload


def test_number_typed_into_the_calculator_is_pooled_and_can_be_taken_back(page, open_app):
    open_app(page, "learn?step=3+Pooling")
    expect(page.get_by_text("Both give [19, 10, 27, 4]")).to_be_visible()
    grid = page.get_by_test_id("stDataFrame").first
    grid.scroll_into_view_if_needed()
    grid.locator("canvas").first.wait_for()
    editor = page.locator("#portal input")

    # The grid is drawn on a canvas: the cell is found by its place, first row, v1. While the
    # page is still laying itself out, the place moves: then the click is repeated.
    def open_editor() -> bool:
        box = grid.bounding_box()
        assert box is not None
        page.mouse.dblclick(box["x"] + box["width"] * 0.3, box["y"] + 35 + 17)
        with contextlib.suppress(PlaywrightTimeoutError):
            editor.wait_for(timeout=3000)
        return editor.is_visible()

    assert any(open_editor() for _attempt in range(5))
    editor.fill("10")
    page.keyboard.press("Enter")
    # v1 is 10, 1, 4: half of 15² less 10² + 1² + 4².
    expect(page.get_by_text("Both give [54, 10, 27, 4]")).to_be_visible()
    expect(page.get_by_text("one number: 95")).to_be_visible()
    key(page, "learn_rows_reset").get_by_role("button").click()
    expect(page.get_by_text("Both give [19, 10, 27, 4]")).to_be_visible()


def test_lamp_that_is_wired_anew_is_learned_anew(page, open_app):
    open_app(page, "learn")
    expect(page.get_by_text("Linear 0 of 4")).to_be_visible()
    key(page, "lamp_2").get_by_text("↓↑", exact=True).click()
    expect(page.get_by_text("Linear 4 of 4")).to_be_visible()
