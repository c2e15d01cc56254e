"""First paint, page change, first point of a training, and memory when idle.

    python -m benchmarks.page_speed                # wants an idle machine, and a Chromium
    python -m benchmarks.page_speed --repeats 9

A real browser, beside an app of plain Streamlit with two pages of one heading each, on the same
machine in the same run: what the two have in common is Streamlit's.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import psutil
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Server, open_browser, start_server

REPOSITORY = Path(__file__).parent.parent
PLAIN = {
    "plain.py": 'import streamlit as st\nst.navigation(["one.py", "two.py"]).run()\n',
    "one.py": 'import streamlit as st\nst.title("one")\n',
    "two.py": 'import streamlit as st\nst.title("two")\n',
}
PAGES = ("Data", "Train", "Predict", "Interactions", "Evaluate", "Learn")
IDLE_SECONDS = 40  # after which the worker is warm

_FIRST_PAINT = """() => new Promise((done) => new PerformanceObserver((list) => {
  done(list.getEntriesByName("first-contentful-paint")[0].startTime);
}).observe({type: "paint", buffered: true}))"""
# Clicks a link of the navigation; returns milliseconds until the page has its heading.
_CHANGE_PAGE = """async (name) => {
  const link = [...document.querySelectorAll("[data-testid$=NavLink]")]
    .find((each) => each.innerText.trim().endsWith(name));
  const there = () => [...document.querySelectorAll("[data-testid=stMain] h1")]
    .some((each) => each.innerText.trim() === name && !each.closest("[data-stale=true]"));
  const start = performance.now();
  link.click();
  while (!there() && performance.now() - start < 20000) {
    await new Promise((done) => requestAnimationFrame(done));
  }
  return performance.now() - start;
}"""
# Presses Train; returns milliseconds until the first epochs of the new run are counted.
_FIRST_POINT = """async () => {
  const epochs = () => [...document.querySelectorAll("[data-testid=stMetric]")]
    .filter((each) => each.innerText.startsWith("Epoch"))
    .map((each) => Number(each.querySelector("[data-testid=stMetricValue]")
      .innerText.replaceAll(",", "")))[0] || 0;
  const before = epochs() || Infinity, start = performance.now();
  document.querySelector(".st-key-train button").click();
  while (performance.now() - start < 60000 && !(epochs() >= 1 && epochs() < before)) {
    await new Promise((done) => requestAnimationFrame(done));
  }
  return performance.now() - start;
}"""


def time_first_paint(browser: Browser, url: str, answer: str, repeats: int) -> tuple[float, float]:
    """Open a page in new browser profiles; return milliseconds to its first paint and answer.

    Args:
        browser: The browser.
        url: Address of the page.
        answer: Selector of the element that the visitor waits for.
        repeats: Number of openings after a first one, which is not counted.
    """
    paints, answers = [], []
    for _ in range(repeats + 1):
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        began = time.perf_counter()
        page.goto(url, wait_until="commit")
        page.locator(answer).first.wait_for(timeout=60_000)
        answers.append(1000 * (time.perf_counter() - began))
        paints.append(page.evaluate(_FIRST_PAINT))
        page.close()
    return median(paints[1:]), median(answers[1:])


def time_page_changes(page: Page, names: tuple[str, ...], repeats: int) -> dict[str, float]:
    """Return the median milliseconds from a click on a page's link to its heading."""
    times: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(repeats + 1):
        for name in names:
            times[name].append(page.evaluate(_CHANGE_PAGE, name))
            page.wait_for_timeout(1500)
    return {name: median(each[1:]) for name, each in times.items()}


def time_first_points(page: Page, url: str, repeats: int) -> tuple[float, float]:
    """Train networks of new and of known shapes; return milliseconds to their first points.

    Args:
        page: A tab of the browser.
        url: Address of the app.
        repeats: Number of new shapes, each of which is then trained again.
    """
    page.goto(f"{url}/train")
    page.get_by_role("spinbutton", name="Epochs", exact=True).wait_for(timeout=60_000)
    _fill(page, "Epochs", 10_000)
    page.get_by_text("Early stopping", exact=True).click()
    new: list[float] = []
    known: list[float] = []
    for number in range(repeats):
        _fill(page, "Embedding size", 20 + number)
        for times in (new, known):
            page.wait_for_timeout(3000)
            times.append(page.evaluate(_FIRST_POINT))
            page.wait_for_timeout(3000)
            page.locator(".st-key-stop").get_by_role("button").click()
            page.locator(".st-key-train button:enabled").wait_for(timeout=60_000)
    return median(new), median(known)


def _fill(page: Page, name: str, number: int) -> None:
    field = page.get_by_role("spinbutton", name=name, exact=True)
    field.fill(str(number))
    field.press("Enter")
    page.wait_for_timeout(1000)


def memory(server: Server) -> str:
    """Describe the memory of the web process and of its largest worker.

    The proportional size counts pages that several processes share, such as TensorFlow's, in parts.
    """
    app = psutil.Process(server.process.pid)
    workers = [each for each in app.children(recursive=True) if "worker-1" in each.cmdline()]
    shown = []
    for name, process in zip(("web process", "worker"), (app, *workers), strict=True):
        size = process.memory_full_info()
        shown.append(f"{name} {size.rss / 2**20:.0f} MiB ({size.pss / 2**20:.0f} proportional)")
    return ", ".join(shown)


def measure(browser: Browser, repeats: int, say: Callable[[str], None]) -> None:
    """Start both apps, and say what was measured."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in PLAIN.items():
            (Path(folder) / name).write_text(text)
        plain = start_server(Path(folder), Path(folder), "plain.py")
        try:
            first = time_first_paint(browser, plain.url, "h1", repeats)
            page = browser.new_page()
            page.goto(plain.url)
            page.locator("h1").wait_for()
            change = median(time_page_changes(page, ("two", "one"), repeats).values())
            page.close()
        finally:
            plain.stop()
    say(
        f"Plain Streamlit: first paint {first[0]:.0f} ms, heading {first[1]:.0f} ms, "
        f"page change {change:.0f} ms"
    )
    with tempfile.TemporaryDirectory() as folder:
        server = start_server(REPOSITORY, Path(folder))
        try:
            time.sleep(IDLE_SECONDS)
            say(f"Memory when idle: {memory(server)}")
            answer = ".st-key-start_prediction [data-testid=stMetricValue]"
            paint, answered = time_first_paint(browser, server.url, answer, repeats)
            say(
                f"Start: first paint {paint:.0f} ms, first answer {answered:.0f} ms "
                f"({answered / first[1]:.2f} × plain Streamlit's heading)"
            )
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            new, known = time_first_points(page, server.url, max(2, repeats // 2))
            say(f"First point after Train: {new:.0f} ms, known shape {known:.0f} ms")
            changes = time_page_changes(page, PAGES, repeats)
            shown = ", ".join(f"{name} {each:.0f}" for name, each in changes.items())
            say(
                f"Page change: {shown} ms "
                f"(median {median(changes.values()) / change:.2f} × plain Streamlit's)"
            )
            page.close()
        finally:
            server.stop()


def main() -> None:
    """Measure, with the browser that the tests use."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    with open_browser(REPOSITORY) as browser:
        measure(browser, options.repeats, print)


if __name__ == "__main__":
    main()
