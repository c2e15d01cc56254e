"""What several journeys do on their way."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError


def key(page: Page, name: str) -> Locator:
    """The element that the app calls so; not the copy of it that leaves while another comes."""
    return page.locator(f".st-key-{name}:not([data-retained=true])")


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def train(page: Page) -> None:
    key(page, "train").get_by_role("button").click()


def fill_epochs(page: Page, count: int) -> None:
    """Ask for so many epochs; a new server on a busy machine draws its first page slowly."""
    box = page.get_by_role("spinbutton", name="Epochs", exact=True)
    expect(box).to_be_editable(timeout=90_000)
    box.fill(str(count))
    box.press("Enter")


def start_long_training(page: Page, epochs: int = 10_000) -> None:
    """Train for as long as the test likes."""
    fill_epochs(page, epochs)
    page.get_by_text("Early stopping", exact=True).click()
    expect(page.get_by_role("combobox", name="Preset")).to_have_value("Custom")
    press(page, "train")


def expect_epoch(page: Page, at_least: int, of: int, seconds: int = 90) -> None:
    """Wait until the big counter has come so far."""
    page.wait_for_function(
        """([least, of]) => [...document.querySelectorAll("[data-testid=stMetric]")]
            .filter(shown => shown.innerText.startsWith("Epoch"))
            .map(shown => Number(shown.querySelector("[data-testid=stMetricValue]")
                .innerText.replaceAll(",", "")))
            .some(done => done >= least && done <= of)""",
        arg=[at_least, of],
        timeout=1000 * seconds,
    )


def press(page: Page, name: str) -> None:
    """Click one of the buttons of the training."""
    key(page, name).get_by_role("button").click()


def wait_for_result(page: Page, said: str = "") -> None:
    """Wait until the page says how the run ended."""
    # Other alerts may stand beside it, such as a column that gives the target away.
    ended = page.get_by_test_id("stAlert").filter(
        has_text=said or re.compile("Completed|Stopped early")
    )
    expect(ended).to_be_visible(timeout=90_000)


def train_on_the_way_to(page: Page, open_app: Callable[..., None], path: str) -> None:
    """Go to a page that wants a model, train the one that it offers, and come back."""
    open_app(page, path)
    button(page, "Train a model").click()
    train(page)
    wait_for_result(page)
    open_app(page, path)


def choose(page: Page, label: str, option: str) -> None:
    """Pick an option of a select box; while the page is still moving, a click may miss it."""
    offered = page.get_by_role("option", name=option, exact=True)
    for _attempt in range(5):
        page.get_by_role("combobox", name=label).click()
        with contextlib.suppress(PlaywrightTimeoutError):
            offered.click(timeout=3000)
            return
    offered.click()


def fits(page: Page) -> bool:
    """Whether nothing of the page is wider than the window."""
    main = page.get_by_test_id("stMain")
    return main.evaluate("element => element.scrollWidth - element.clientWidth") <= 0


def wait_until_drawn(page: Page) -> None:
    """Wait until the script has ended, and every chart is drawn."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for()
    waiting = (
        "[data-testid=stEChartsChart]:not(:has(canvas)), "
        "[data-testid=stPlotlyChart]:not(:has(svg.main-svg))"
    )
    expect(page.locator(waiting)).to_have_count(0, timeout=30_000)
