"""Leading a training: pause, step, slow motion, stop; runs side by side; queue."""

from __future__ import annotations

import contextlib
import re

import pytest
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.browser.steps import expect_epoch, fill_epochs, key, press, start_long_training

EPOCH = re.compile(r"^([\d,]+)$")


def counter(page: Page, label: str) -> str:
    """What one of the big numbers says."""
    metric = page.get_by_test_id("stMetric").filter(has_text=label).first
    return metric.get_by_test_id("stMetricValue").inner_text()


def epoch(page: Page) -> int:
    found = EPOCH.match(counter(page, "Epoch"))
    assert found
    return int(found[1].replace(",", ""))


def pause_long_training(page: Page) -> tuple[Locator, int]:
    """Start a training and pause it; return the progress bar and the epoch of the pause."""
    start_long_training(page)
    expect_epoch(page, 1, 10_000)
    bar = page.get_by_test_id("stProgress")
    press(page, "pause")
    expect(bar).to_contain_text("Paused after epoch")
    return bar, epoch(page)


def test_pause_step_resume_and_stop(page, open_app):
    open_app(page, "train")
    bar, held = pause_long_training(page)

    for step in (1, 2):
        press(page, "step")
        expect(bar).to_contain_text(f"Paused after epoch {held + step:,} of")
        assert epoch(page) == held + step
    page.reload()
    expect(bar).to_contain_text(f"Paused after epoch {held + 2:,} of")

    rate = page.get_by_role("spinbutton", name="Current learning rate")
    rate.fill("0.005")
    rate.press("Enter")
    expect(rate).to_have_value("0.005")
    press(page, "pause")
    expect(key(page, "pause")).to_contain_text("Pause")
    expect(bar).to_contain_text(re.compile(r"^Epoch [\d,]+ of"))
    expect(rate).to_have_value("0.005")
    press(page, "stop")
    expect(page.get_by_test_id("stAlert")).to_contain_text("Stopped by you", timeout=90_000)
    page.get_by_role("button", name="Next: make a prediction").click()
    expect(key(page, "prediction").get_by_test_id("stMetricValue")).to_contain_text("%")


# The frontend sends a click in a timeout of zero. Longer than the panel's timer, it lets the
# timer send the click first, as it happens now and then on a busy machine.
SLOW_CLICKS = """
const soon = window.setTimeout;
window.setTimeout = (run, wait, ...values) =>
    soon(run, window.slowClicks && !wait ? 700 : wait, ...values);
"""


def test_a_click_that_the_timer_sends_too_acts_once(page, open_app):
    page.add_init_script(SLOW_CLICKS)
    open_app(page, "train")
    bar, held = pause_long_training(page)
    page.evaluate("window.slowClicks = true")
    for step in (1, 2, 3):
        press(page, "step")
        expect(bar).to_contain_text(f"Paused after epoch {held + step:,} of")
    # A second step would have come by now: the panel is drawn several times a second.
    page.wait_for_timeout(1500)
    assert epoch(page) == held + 3
    page.evaluate("window.slowClicks = false")
    press(page, "stop")
    expect(page.get_by_test_id("stAlert")).to_contain_text("Stopped by you", timeout=90_000)


def train_epochs(page: Page, count: int, number: int) -> None:
    """Train so many epochs, as the run of that number, to the end."""
    fill_epochs(page, count)
    expect(page.get_by_role("combobox", name="Preset")).to_have_value("Custom")
    press(page, "train")
    expect(runs_heading(page, number)).to_be_visible(timeout=90_000)
    expect(page.get_by_test_id("stAlert")).to_contain_text(
        f"Completed after {count} epoch", timeout=90_000
    )


def test_run_of_another_table_is_named_as_such(page, open_app):
    open_app(page, "train")
    train_epochs(page, 2, 1)
    open_app(page, "data")
    key(page, "sample_penguins").get_by_role("button").click()
    expect(page.get_by_text("**Penguins**").or_(page.get_by_text("344 rows"))).to_be_visible()
    open_app(page, "train")
    said = page.get_by_test_id("stAlert").filter(has_text="Run 1 below was trained on")
    expect(said).to_contain_text("Titanic")
    expect(said).to_contain_text("Train again to use Penguins")
    press(page, "train")
    expect(runs_heading(page, 2)).to_be_visible(timeout=90_000)
    expect(said).to_have_count(0)


def runs_heading(page: Page, count: int):
    return page.get_by_role("heading", name=f"{count} run{'s' if count > 1 else ''}", exact=True)


def click_run(page: Page, row: int, shown) -> None:
    """Click the box of a row of the runs; while the page is moving, the click is repeated."""
    table = page.get_by_test_id("stDataFrame").first
    for _attempt in range(5):
        table.scroll_into_view_if_needed()
        box = table.bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + 18, box["y"] + 36 * (row + 1) + 18)
        with contextlib.suppress(PlaywrightTimeoutError):
            shown.wait_for(timeout=4000)
            return
    shown.wait_for()


def test_runs_are_compared_renamed_deleted_and_found_again(page, open_app):
    open_app(page, "train")
    train_epochs(page, 2, 1)
    train_epochs(page, 3, 2)
    curves = key(page, "run_list-curves").locator("[aria-label*='Run 1']").first
    expect(curves).to_be_attached()

    name = page.get_by_role("textbox", name="Name", exact=True)
    click_run(page, 1, name)
    expect(name).to_have_value("Run 1")
    name.fill("<b>first</b>")
    name.press("Enter")
    renamed = key(page, "run_list-curves").locator("[aria-label*='<b>first</b>']").first
    expect(renamed).to_be_attached()
    press(page, "run_list-current")
    alert = page.get_by_test_id("stAlert")
    expect(alert).to_contain_text("Completed after 2 epochs")
    press(page, "run_list-load")
    expect(page.get_by_role("spinbutton", name="Epochs", exact=True)).to_have_value("2")

    second_tab = page.context.new_page()
    open_app(second_tab, "train")
    expect(second_tab.get_by_test_id("stAlert")).to_contain_text("Completed after 2 epochs")
    expect(runs_heading(second_tab, 2)).to_be_visible()
    second_tab.close()

    press(page, "run_list-delete")
    expect(page.get_by_text("<b>first</b> was deleted.")).to_be_visible()
    expect(runs_heading(page, 1)).to_be_visible()
    press(page, "run_list-undo")
    expect(runs_heading(page, 2)).to_be_visible()
    page.reload()
    expect(alert).to_contain_text("Completed after 2 epochs")
    expect(renamed).to_be_attached()


def test_quick_presses_on_the_speed_are_followed(page, open_app):
    open_app(page, "train")
    start_long_training(page)
    expect_epoch(page, 1, 10_000)
    slider = page.get_by_role("slider", name="Speed")
    slider.focus()
    for _ in range(3):
        for arrow in ["ArrowLeft"] * 5 + ["ArrowRight"] * 4:
            page.keyboard.press(arrow)
        page.wait_for_timeout(300)
    expect(key(page, "run_pace")).to_contain_text("10 epochs/s")
    expect(page.get_by_test_id("stException")).to_have_count(0)
    press(page, "stop")
    expect(page.get_by_test_id("stAlert")).to_contain_text("Stopped by you", timeout=90_000)
    expect(page.get_by_test_id("stException")).to_have_count(0)


@pytest.mark.timeout(900)
def test_four_people_train_at_the_same_time_and_each_sees_their_own_curve(new_page, open_app):
    tabs = {9_001 + number: new_page() for number in range(4)}
    for planned, tab in tabs.items():
        tab.set_default_timeout(90_000)
        open_app(tab, "train")
        start_long_training(tab, planned)
        tab.goto("about:blank")
    for first, second in ((9_001, 9_002), (9_003, 9_004)):
        # While all four train, two at a time watch: four browsers that draw on the machine of the
        # workers, whose priority is lower, would leave them no time.
        watching = {planned: tabs[planned] for planned in (first, second)}
        for tab in watching.values():
            open_app(tab, "train")
        for planned, tab in watching.items():
            expect_epoch(tab, 1, planned, seconds=400)
            expect_epoch(tab, epoch(tab) + 5, planned, seconds=400)
            expect(tab.get_by_test_id("stAlert")).to_have_count(0)
        for tab in watching.values():
            tab.goto("about:blank")
    for tab in tabs.values():
        open_app(tab, "train")
        press(tab, "stop")
        expect(tab.get_by_test_id("stAlert")).to_contain_text("Stopped by you", timeout=90_000)
        expect(runs_heading(tab, 1)).to_be_visible()


def test_run_and_its_numbers_survive_a_restart_of_the_server(page, open_app, own_server):
    running = own_server()
    open_app(page, "train", running.url)
    train_epochs(page, 3, 1)
    alert = page.get_by_test_id("stAlert").inner_text().splitlines()[-1]
    # Those of the training go when those of the test rows are drawn.
    expect(page.get_by_test_id("stMetricValue")).to_have_count(3)
    figures = page.get_by_test_id("stMetricValue").all_inner_texts()
    curve = key(page, "curve_loss").locator("canvas.marks")
    drawn = curve.evaluate("canvas => canvas.toDataURL()")
    # What the tab asks while nobody answers is no mistake of the app.
    page.goto("about:blank")
    running.stop()

    again = own_server()
    open_app(page, "train", again.url)

    expect(page.get_by_test_id("stAlert")).to_contain_text(alert)
    expect(page.get_by_test_id("stMetricValue")).to_have_text(figures)
    page.wait_for_function(
        "drawn => document.querySelector('.st-key-curve_loss canvas.marks').toDataURL() === drawn",
        arg=drawn,
    )
    expect(runs_heading(page, 1)).to_be_visible()
