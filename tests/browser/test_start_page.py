"""The first ten seconds: an answer before a question, and a model of one's own in one click."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import key


@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
def test_newcomer_has_an_answer_at_once_and_then_a_model_of_their_own(page: Page, open_app):
    open_app(page)
    answer = key(page, "start_prediction")
    expect(answer).to_contain_text("Probability of survival of Mr. Owen Harris Braund")
    expect(answer).to_contain_text("10%")
    expect(answer).to_contain_text("stored model")
    page.get_by_role("radio", name="female", exact=True).or_(
        page.get_by_role("button", name="female", exact=True)
    ).first.click()
    expect(answer).not_to_contain_text("10%")
    curve = page.get_by_role("img", name="Log loss by epoch").or_(
        page.locator("[data-testid=stImage] img")
    )
    expect(curve.first).to_be_visible()
    key(page, "start_train").get_by_role("button").click()
    expect(answer).to_contain_text("Predicted by your model.", timeout=90_000)
    page.wait_for_function("document.documentElement.scrollWidth <= window.innerWidth")
    page.reload()
    expect(answer).to_contain_text("Predicted by your model.")
    key(page, "start_explore").get_by_role("button").click()
    expect(page.get_by_role("heading", name="Predict", exact=True)).to_be_visible()


def test_everything_is_on_one_screen(page: Page, open_app):
    page.set_viewport_size({"width": 1280, "height": 720})
    open_app(page)
    expect(key(page, "start_prediction")).to_contain_text("%")
    for name in ("start_prediction", "start_train", "start_links"):
        box = key(page, name).bounding_box()
        assert box["y"] + box["height"] <= 720, name


@pytest.mark.parametrize(("preference", "plays"), [("no-preference", 1), ("reduce", 0)])
def test_the_stored_curve_plays_only_for_people_who_do_not_prefer_reduced_motion(
    page: Page, open_app, preference: str, plays: int
):
    page.emulate_media(reduced_motion=preference)
    open_app(page)
    image = key(page, "start_replay").locator("img")
    expect(image).to_be_visible()
    assert image.evaluate("image => getComputedStyle(image).animationName != 'none'") == plays
