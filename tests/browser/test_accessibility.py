"""The pages by keyboard, by screen reader, on paper, and as axe-core judges them.

A model of random weights stands ready, so that no page has to wait for a training.
"""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.seeded import enter_workspace, seed_model
from tests.browser.steps import key, wait_until_drawn

PAGES = ["", "data", "train", "predict", "evaluate", "interactions", "learn"]
A4_WIDTH = round((210 - 2 * 12) / 25.4 * 96)  # CSS pixels between the margins


@pytest.fixture
def open_seeded(server: Server, open_app: Callable[..., None]) -> Callable[[Page, str], None]:
    """Open a page in a workspace of its own with a model, and wait until it is drawn."""
    workspace = secrets.token_urlsafe(32)
    seed_model(server.data_folder, workspace)

    def go(page: Page, path: str = "") -> None:
        enter_workspace(page, server.url, workspace)
        open_app(page, path)
        wait_until_drawn(page)

    return go


def focused(page: Page) -> str:
    """What has the focus: the name that a screen reader says, or the text."""
    return page.evaluate(
        "(document.activeElement.ariaLabel || document.activeElement.innerText || '').trim()"
    ).split("\n")[-1]


def use_keyboard(page: Page) -> None:
    """Have the browser take what follows for a keyboard's."""
    page.keyboard.press("Shift")


def serious(page: Page) -> list[str]:
    """The violations that axe-core calls serious or critical, one line for each element.

    Elements fade while a script runs: what is there only until they have settled is none.
    """
    found = violations(page)
    for _ in range(4):
        if not found:
            break
        page.wait_for_timeout(500)
        found = violations(page)
    return found


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{page.url}: {violation['id']}: {node['target']} {node['html'][:200]}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def headings_with_gaps(page: Page) -> list[str]:
    levels = page.get_by_test_id("stMain").locator("h1, h2, h3, h4, h5, h6").all()
    numbers = [int(heading.evaluate("heading => heading.tagName[1]")) for heading in levels]
    pairs = itertools.pairwise(numbers)
    return [f"{page.url}: h{first} to h{second}" for first, second in pairs if second > first + 1]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("color_scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", ["desktop", "phone"])
def test_axe_finds_nothing_serious_on_any_page(
    new_page: Callable[..., Page], open_seeded, viewport: str, color_scheme: str
):
    page = new_page(viewport, color_scheme)
    found = []
    for path in PAGES:
        open_seeded(page, path)
        found += serious(page) + headings_with_gaps(page)
        if path == "predict":
            fare = page.get_by_role("spinbutton", name="fare GBP")
            fare.fill("35")
            fare.press("Enter")
            expect(page.get_by_text("was ")).to_be_visible()
            found += serious(page)
        if path == "learn":
            key(page, "step_next").get_by_role("button").click()
            wait_until_drawn(page)
            found += serious(page)
    assert not found, "\n".join(found)


def test_changed_answer_is_announced_and_the_focus_stays(page: Page, open_seeded):
    open_seeded(page, "predict")
    # A screen reader hears what changes in an element that stays.
    region = page.get_by_role("status").filter(has_text="Probability of survived")
    region.evaluate("region => { region.stayed = true; }")
    before = region.inner_text()
    field = page.get_by_role("spinbutton", name="fare GBP", exact=True)
    field.fill("35")
    field.press("Enter")
    expect(region).not_to_have_text(before)
    expect(region).to_have_text(re.compile(r": \d+\.\d%, [ny] \(.* against the original row\)\.$"))
    assert region.evaluate("region => region.stayed")
    assert focused(page) == "fare GBP"
    box = page.locator("[data-testid=stLayoutWrapper]:has(> .st-key-announcement)").bounding_box()
    assert box is not None
    assert box["width"] <= 1


def test_focus_goes_on_where_a_button_was_disabled_or_left(page: Page, open_seeded):
    open_seeded(page, "train")
    epochs = page.get_by_role("spinbutton", name="Epochs", exact=True)
    epochs.fill("10000")  # the training must not end before it is stopped
    epochs.press("Enter")
    page.get_by_text("Early stopping", exact=True).click()
    expect(page.get_by_role("combobox", name="Preset")).to_have_value("Custom")
    use_keyboard(page)
    key(page, "train").get_by_role("button").press("Enter")
    expect(key(page, "pause").get_by_role("button")).to_be_focused()
    key(page, "stop").get_by_role("button").press("Enter")
    expect(key(page, "train").get_by_role("button")).to_be_focused(timeout=90_000)

    open_seeded(page, "data")
    use_keyboard(page)
    key(page, "to_train").get_by_role("button").press("Enter")
    expect(page.get_by_role("heading", name="Train", level=1)).to_be_focused()


def test_popover_is_entered_by_keyboard_and_left_to_its_button(page: Page, open_seeded):
    open_seeded(page, "train")
    use_keyboard(page)
    curves = page.get_by_role("button", name="Curves")
    curves.press("Enter")
    inside = page.get_by_test_id("stPopoverBody")
    expect(inside.locator(":focus")).to_be_attached()
    page.keyboard.press("Escape")
    expect(curves).to_be_focused()


def test_help_comes_after_its_field_and_focus_can_be_seen(page: Page, open_seeded):
    open_seeded(page, "train")
    use_keyboard(page)
    page.get_by_role("combobox", name="Preset").focus()
    page.keyboard.press("Tab")
    assert focused(page) == "Help for Preset"

    link = page.get_by_test_id("stTopNavLink").filter(has_text="Predict")
    link.focus()
    assert link.evaluate("link => getComputedStyle(link).outlineStyle") == "solid"
    tool = page.get_by_test_id("stElementToolbar").first
    tool.get_by_role("button").first.focus()
    expect(tool).to_have_css("opacity", "1")


@pytest.mark.parametrize("path", ["evaluate", "interactions"])
def test_page_is_printed_whole(page: Page, open_seeded, path: str):
    # What is printed is the screen's drawing: the paper redraws nothing.
    page.add_init_script(
        "{const Observer = window.ResizeObserver;"
        "window.ResizeObserver = class extends Observer {constructor(callback) {"
        "super((...given) => window.frozen || callback(...given));}};}"
    )
    open_seeded(page, path)
    expect(page.locator("[data-testid$=Chart]").nth(4)).to_be_attached(timeout=60_000)
    wait_until_drawn(page)
    page.evaluate("window.frozen = true; window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": A4_WIDTH, "height": 1000})
    boxes = page.evaluate(
        "[...document.querySelectorAll('[data-testid=stMain] :is(canvas, svg.main-svg)')]"
        ".filter(one => one.checkVisibility() && one.clientWidth > 0)"
        ".map(one => [one.closest('[data-testid$=Chart], [data-testid=stDataFrame]'),"
        "one.getBoundingClientRect()])"
        ".filter(([chart]) => chart?.dataset.testid.endsWith('Chart'))"
        ".map(([chart, box]) => [chart.ariaLabel, box.left, box.right, box.top, box.bottom])"
    )
    assert len({name for name, *_ in boxes}) >= 5
    for name, left, right, top, bottom in boxes:
        assert left >= 0, name
        assert right <= A4_WIDTH, name
        for other, _, _, other_top, other_bottom in boxes:
            assert other == name or other_bottom <= top + 1 or other_top >= bottom - 1, (
                name,
                other,
            )
    expect(page.get_by_test_id("stHeader")).to_be_hidden()
    for outer in ("stMain", "stAppViewContainer", "stApp"):
        expect(page.get_by_test_id(outer)).to_have_css("overflow-y", "visible")
