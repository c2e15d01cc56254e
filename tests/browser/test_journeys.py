"""What a person does: choose a table, train, ask; and what happens around it."""

from __future__ import annotations

import contextlib
import re

import pytest
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.browser.steps import button, choose, fits, key, train, wait_for_result

BOTH = pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)
HOSTILE = ["<script>alert(1)</script>", "**x**", "$x$", ":red[x]", "=cmd()"]
LONG = 10_000

# Notes whenever the loss chart looks different, and marks its node to tell it from another one.
WATCH_CHART = """() => {
  const drawing = () => document.querySelector(".st-key-curve_loss canvas.marks");
  window.seen = new Set();
  drawing().marked = true;
  window.remounts = 0;
  window.watching = setInterval(() => {
    const canvas = drawing();
    if (!canvas || !canvas.marked) { window.remounts += 1; if (canvas) canvas.marked = true; }
    if (canvas) window.seen.add(canvas.toDataURL());
  }, 50);
}"""
# The numbers below the loss chart, as a picture.
EPOCH_AXIS = """() => {
  const canvas = document.querySelector(".st-key-curve_loss canvas.marks");
  const height = canvas.height * 0.2;
  const strip = new OffscreenCanvas(canvas.width, height).getContext("2d");
  strip.drawImage(canvas, 0, height - canvas.height);
  return strip.getImageData(0, 0, canvas.width, height).data.toString();
}"""


def start_long_training(page: Page) -> None:
    """Train for as long as the test likes, and wait for its first epochs."""
    epochs = page.get_by_role("spinbutton", name="Epochs", exact=True)
    epochs.fill(str(LONG))
    epochs.press("Enter")
    page.get_by_text("Early stopping", exact=True).click()
    expect(page.get_by_role("combobox", name="Preset")).to_have_value("Custom")
    train(page)
    expect(page.get_by_test_id("stProgress")).to_contain_text(
        re.compile(r"Epoch [1-9][\d,]* of 10,000"), timeout=90_000
    )


def epoch(page: Page) -> int:
    text = page.get_by_test_id("stProgress").inner_text()
    found = re.search(r"Epoch ([\d,]+) of", text)
    assert found, text
    return int(found[1].replace(",", ""))


def zoom(page: Page, chart: Locator) -> tuple[float, float]:
    """Turn the wheel over a chart with Ctrl held; return the point."""
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    assert box is not None
    point = box["x"] + box["width"] / 3, box["y"] + box["height"] / 2
    page.mouse.move(*point)
    page.keyboard.down("Control")
    for _turn in range(8):
        page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    page.wait_for_timeout(500)
    return point


def answer_of(page: Page):
    """The big number of the Predict page."""
    return key(page, "prediction").get_by_test_id("stMetricValue")


@BOTH
def test_from_the_first_page_to_a_passengers_answer(page, open_app):
    open_app(page, "data")
    expect(page.get_by_text("891 passengers of the Titanic")).to_be_visible()
    button(page, "Next: train a model").click()
    expect(page.get_by_role("heading", name="Train", exact=True)).to_be_visible()

    train(page)
    wait_for_result(page)
    expect(page.get_by_test_id("stMetric").first).to_contain_text("points")

    button(page, "Next: make a prediction").click()
    answer = answer_of(page)
    expect(answer).to_contain_text("%")
    man = answer.inner_text()
    choose(page, "Sex", "female")
    expect(answer).not_to_have_text(man)
    woman = answer.inner_text()
    assert float(woman.removesuffix("%")) > float(man.removesuffix("%"))
    expect(page.get_by_text("1 change: Sex: male → female")).to_be_visible()
    choose(page, "Class", "1st class")
    expect(answer).not_to_have_text(woman)
    expect(page.get_by_text("2 changes:")).to_be_visible()


@BOTH
def test_curve_grows_in_one_place_from_the_first_epoch_to_the_last(page, open_app):
    open_app(page, "train")
    chart = key(page, "curve_loss").locator("canvas.marks")
    expect(chart).to_have_count(1)
    page.evaluate(WATCH_CHART)
    start_long_training(page)
    expect(page.get_by_test_id("stProgress")).to_contain_text(
        re.compile(r"Epoch (\d{3}|[\d,]{5}) of"), timeout=90_000
    )
    key(page, "stop").get_by_role("button").click()
    wait_for_result(page, "Stopped by you")
    assert page.evaluate("() => { clearInterval(window.watching); return window.seen.size; }") >= 5
    assert page.evaluate("window.remounts") == 0
    expect(chart).to_have_count(1)


def test_a_zoom_by_the_wheel_stays_while_the_curve_grows_and_ends_with_the_run(page, open_app):
    open_app(page, "train")
    start_long_training(page)
    expect(page.get_by_test_id("stProgress")).to_contain_text(
        re.compile(r"Epoch [\d,]{3,} of"), timeout=90_000
    )
    chart = key(page, "curve_loss").locator("canvas.marks")
    page.evaluate(WATCH_CHART)
    point = zoom(page, chart)
    zoomed = page.evaluate(EPOCH_AXIS)
    before = epoch(page)
    while epoch(page) < before + 60:
        page.wait_for_timeout(200)
    assert page.evaluate(EPOCH_AXIS) == zoomed
    page.mouse.dblclick(*point)
    page.wait_for_timeout(500)
    assert page.evaluate(EPOCH_AXIS) != zoomed
    assert page.evaluate("window.remounts") == 0

    zoom(page, chart)
    key(page, "stop").get_by_role("button").click()
    wait_for_result(page, "Stopped by you")
    assert page.evaluate("window.remounts") == 0
    button(page, "Train again").click()
    page.wait_for_function("() => window.remounts > 0")
    key(page, "stop").get_by_role("button").click()
    wait_for_result(page, "Stopped")


@BOTH
def test_nothing_is_wider_than_the_window(page, open_app):
    for path in ("", "train", "predict"):
        open_app(page, path)
        assert fits(page)


def test_refresh_comes_back_to_the_running_training_and_stop_keeps_the_model(page, open_app):
    open_app(page, "train")
    start_long_training(page)
    before = epoch(page)
    page.reload()
    expect(page.get_by_test_id("stProgress")).to_contain_text("of 10,000")
    assert epoch(page) >= before
    expect(key(page, "train").get_by_role("button")).to_be_disabled()

    # The page stays usable meanwhile.
    page.get_by_test_id("stTopNavLink").filter(has_text="Data").click()
    expect(page.get_by_role("heading", name="Data", exact=True)).to_be_visible()
    page.go_back()
    key(page, "stop").get_by_role("button").click()
    wait_for_result(page, "Stopped by you")
    button(page, "Next: make a prediction").click()
    expect(answer_of(page)).to_contain_text("%")


def upload(page: Page, name: str, content: bytes) -> None:
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content}
    )


def test_own_table_is_uploaded_trained_and_asked(page, open_app):
    rows = [
        f"{color};{number / 4};{'ja' if color == 'rot' else 'nein'}"
        for number in range(60)
        for color in ("rot", "blau")
    ]
    content = "\n".join(["Farbe;Größe;Antwort", *rows]).replace(".", ",").encode("cp1252")
    open_app(page, "data")
    upload(page, "eigene.csv", content)
    expect(page.get_by_text("eigene.csv: 120 rows, 3 columns.")).to_be_visible()
    expect(page.get_by_text("delimiter semicolon")).to_be_visible()
    expect(page.get_by_text("Predict Antwort from 2 columns.")).to_be_visible()
    page.get_by_role("tab", name="Profile").click()
    expect(page.get_by_text("share with Antwort = ja")).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(3)
    page.get_by_role("tab", name="Reading").click()
    choose(page, "First line", "contains data")
    expect(page.get_by_text("eigene.csv: 121 rows, 3 columns.")).to_be_visible()
    choose(page, "First line", "names the columns")
    expect(page.get_by_text("eigene.csv: 120 rows, 3 columns.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("eigene.csv: 120 rows, 3 columns.")).to_be_visible()
    button(page, "Next: train a model").click()
    train(page)
    wait_for_result(page)
    button(page, "Next: make a prediction").click()
    expect(answer_of(page)).to_contain_text("%")
    choose(page, "Farbe", "blau")
    expect(page.get_by_text("1 change: Farbe: rot → blau")).to_be_visible()


def test_bad_file_is_refused_in_a_sentence(page, open_app):
    open_app(page, "data")
    upload(page, "picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)
    alert = page.get_by_test_id("stAlert")
    expect(alert).to_contain_text("picture.csv:")
    expect(alert).not_to_contain_text("Traceback")
    expect(page.get_by_text("891 passengers of the Titanic")).to_be_visible()


def test_role_changed_in_the_table_of_columns_is_kept(page, open_app):
    open_app(page, "data")
    expect(page.get_by_text("from 8 columns")).to_be_visible()
    table = page.get_by_test_id("stDataFrame").first
    table.scroll_into_view_if_needed()
    table.locator("canvas").first.wait_for()
    # The grid is drawn on a canvas: its cell is found by its place, second column, Cabin's row.
    # While the page is still laying itself out, the place moves: then the click is repeated.
    editor = page.locator("#portal input")

    def open_editor() -> bool:
        box = table.bounding_box()
        assert box is not None
        page.mouse.dblclick(box["x"] + 170, box["y"] + 35 * 11 + 17)
        with contextlib.suppress(PlaywrightTimeoutError):
            editor.wait_for(timeout=3000)
        return editor.is_visible()

    assert any(open_editor() for _attempt in range(5))
    page.keyboard.type("ignored")
    page.keyboard.press("Enter")
    expect(page.get_by_text("from 7 columns")).to_be_visible()
    page.reload()
    expect(page.get_by_text("from 7 columns")).to_be_visible()


def test_hostile_names_are_shown_as_they_are(page, open_app):
    header = ",".join([*HOSTILE, "answer"])
    rows = [
        ",".join([*(f"{name} {(row + place) % 2}" for place, name in enumerate(HOSTILE)), answer])
        for row in range(20)
        for answer in ("**yes**", "<b>no</b>")
    ]
    open_app(page, "data")
    upload(page, "**x** :red[y].csv", "\n".join([header, *rows]).encode())
    expect(page.get_by_text("**x** :red[y].csv: 40 rows")).to_be_visible()
    button(page, "Next: train a model").click()
    for name in HOSTILE:
        expect(page.get_by_text(name, exact=True).first).to_be_visible()
    train(page)
    wait_for_result(page)
    button(page, "Next: make a prediction").click()
    expect(page.get_by_text("Probability of answer =").first).to_be_visible()
    shown = page.get_by_role("combobox").evaluate_all("boxes => boxes.map(box => box.value)")
    for place, name in enumerate(HOSTILE):
        expect(page.get_by_text(name, exact=True).first).to_be_visible()
        assert f"{name} {place % 2}" in shown
    assert page.locator("script", has_text="alert(1)").count() == 0
