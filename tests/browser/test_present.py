"""Present, as an audience sees it: no small text, no settings, nothing to scroll sideways."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from nfm.figures.enlarged import MINIMUM_FONT
from nfm.teaching.cards import STEPS
from tests.browser.conftest import Server, wait_until_connected
from tests.browser.seeded import enter_workspace, seed_model
from tests.browser.steps import button, fits, key

WORKSPACE = "p" * 43
SMALL_GRID_TEXT = 21  # the share in a column of bars, which Streamlit draws smaller than its cells

# Writes down how large every text is drawn on a canvas of the page: ECharts, Vega, tables.
WATCH_CANVASES = """
window.drawn = new Map();
const fillText = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
    const box = this.canvas.getBoundingClientRect?.();
    if (String(text).trim() && box?.width && this.canvas.closest('[data-testid=stMain]')) {
        const { a, b } = this.getTransform();
        const scale = Math.hypot(a, b) * box.width / this.canvas.width;
        const size = scale * parseFloat(this.font.match(/([\\d.]+)px/)[1]);
        window.drawn.set(this.canvas, (window.drawn.get(this.canvas) ?? new Map()).set(text, size));
    }
    return fillText.call(this, text, ...place);
};
"""

# Every text node that is seen, HTML and SVG, and every text on a canvas, smaller than allowed.
SMALL = """
([minimum, minimumInGrids]) => {
    const small = [];
    const main = document.querySelector('[data-testid=stMain]');
    const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const element = node.parentElement;
        if (!node.textContent.trim()) continue;
        if (element.closest('style, script, .katex-mathml, .st-key-announcement, canvas')) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        const box = range.getBoundingClientRect();
        if (box.width < 2 || box.height < 2) continue;
        if (!element.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue;
        const matrix = element.closest('svg') && element.getScreenCTM?.();
        const scale = matrix ? Math.hypot(matrix.a, matrix.b) : 1;
        const size = scale * parseFloat(getComputedStyle(element).fontSize);
        if (size < minimum - 0.1) small.push(`${node.textContent}: ${size}`);
    }
    for (const [canvas, texts] of window.drawn) {
        if (!canvas.isConnected || !canvas.checkVisibility()) continue;
        const limit = canvas.closest('[data-testid=stDataFrame]') ? minimumInGrids : minimum;
        for (const [text, size] of texts) {
            if (size < limit - 0.1) small.push(`${text}: ${size} on a canvas`);
        }
    }
    return small;
}
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_text_is_small_and_nothing_scrolls_sideways(
    server: Server, new_page: Callable[..., Page], theme: str
):
    page = new_page(color_scheme=theme)
    page.add_init_script(WATCH_CANVASES)
    page.set_viewport_size({"width": 1920, "height": 1080})
    workspace = theme[0] * 43
    seed_model(server.data_folder, workspace)
    enter_workspace(page, server.url, workspace)
    page.goto(f"{server.url}/train")
    wait_until_connected(page)
    _begin(page)
    key(page, "train_settings").first.wait_for(state="attached")
    # There are two of them while the page is drawn again.
    expect(key(page, "train_settings").filter(visible=True)).to_have_count(0)
    page.get_by_text("The network:").click()
    page.get_by_test_id("stGraphVizChart").locator("text").first.wait_for()
    _look(page, "Train")
    for name in ("Start", "Data", "Predict", "Evaluate", "Interactions", "Learn"):
        page.get_by_test_id("stTopNavLink").filter(has_text=name).click()
        page.locator("h1", has_text="Titanic" if name == "Start" else name).wait_for()
        _look(page, name)
        if name == "Data":
            expect(key(page, "data_target")).to_be_hidden()
            page.get_by_role("tab", name="Profile").click()
            page.locator(".js-plotly-plot").first.wait_for()
            _look(page, "Profile")
    page.keyboard.press("n")
    expect(page.get_by_text("Card 2 of")).to_be_visible()
    page.keyboard.press("F2")
    expect(button(page, "Present Shortcut F2")).to_be_visible()
    expect(page.get_by_role("button", name="Shortcut N")).to_have_count(0)
    page.keyboard.press("n")
    page.wait_for_timeout(1000)
    expect(page.get_by_text("Card 2 of")).to_be_visible()


def test_keys_leave_input_fields_alone(server: Server, page: Page):
    seed_model(server.data_folder, WORKSPACE)
    enter_workspace(page, server.url, WORKSPACE)
    page.goto(f"{server.url}/train")
    wait_until_connected(page)
    _begin(page)
    field = page.get_by_label("More epochs")
    expect(field).to_have_count(1)  # two while the page is drawn again
    field.click()
    page.keyboard.type("t")
    page.keyboard.press("F2")
    page.wait_for_timeout(1000)
    expect(button(page, "End presentation Shortcut F2")).to_be_visible()
    expect(page.get_by_text("1 run", exact=True)).to_be_visible()


def test_the_next_card_is_a_key_away_from_an_answer(server: Server, page: Page):
    seed_model(server.data_folder, WORKSPACE)
    enter_workspace(page, server.url, WORKSPACE)
    step = STEPS[1]
    page.goto(f"{server.url}/learn?" + urlencode({"step": step.name, "card": len(step.cards)}))
    wait_until_connected(page)
    button(page, "Present Shortcut F2").click()
    expect(button(page, "End presentation Shortcut F2")).to_be_visible()
    answers = page.get_by_test_id("stRadio").filter(has_text="Question:")
    expect(answers).to_have_count(1)
    answers.get_by_text(step.cards[-1].question.right).click()
    expect(page.get_by_text("Right.", exact=True)).to_be_visible()
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name=STEPS[2].cards[0].heading)).to_be_visible()


def _begin(page: Page) -> None:
    """Press the key of Present on Train, when the page has been drawn and listens to it."""
    page.get_by_text("1 run", exact=True).wait_for()
    # The whole page is drawn once more when the first worker is ready.
    expect(page.get_by_text("The workers are warming up")).to_be_hidden(timeout=60_000)
    # The browser loads the code of buttons when the first one is drawn; headings come before.
    button(page, "Present Shortcut F2").wait_for()
    page.wait_for_timeout(1000)
    page.keyboard.press("F2")
    expect(button(page, "End presentation Shortcut F2")).to_be_visible()


def _look(page: Page, name: str) -> None:
    """Check a page at both sizes, when it has been drawn and stands still."""
    options = [MINIMUM_FONT, SMALL_GRID_TEXT]
    height = 0
    for _ in range(30):
        page.wait_for_timeout(1000)
        now = page.get_by_test_id("stMain").evaluate("element => element.scrollHeight")
        if now == height and not page.get_by_test_id("stSkeleton").count():
            break
        height = now
    assert not page.evaluate(SMALL, options), name
    assert fits(page), name
    page.set_viewport_size({"width": 1280, "height": 720})
    page.wait_for_timeout(500)
    assert fits(page), f"{name} at 1280"
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.wait_for_timeout(500)
