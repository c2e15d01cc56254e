"""Time from an edit on the Predict page to the new probability and to the last figure.

    python -m benchmarks.answering              # wants an idle machine, and a Chromium
    python -m benchmarks.answering --edits 40

Titanic with the recommended settings: first what one row costs without a page, then the page
in a real browser, its age edited up and down, once for every part of the page.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter

from playwright.sync_api import Page
from threadpoolctl import threadpool_limits

from nfm.estimator import NFMClassifier
from nfm.explanation.reference_data import ReferenceData
from nfm.explanation.shapley import explain
from nfm.inference.bundle import load_bundle
from nfm.tabular.samples import load_sample
from tests.browser.conftest import open_browser, start_server

REPOSITORY = Path(__file__).parent.parent
FEATURES = ["Pclass", "Sex", "Age", "SibSp", "Parch", "Fare", "Cabin", "Embarked"]
PARTS = ("Why this prediction?", "What if?", "Two columns", "What would change it?")

# Notes when anything was last drawn on a canvas: charts update without a change of elements.
_NOTE_DRAWING = """
window.drawn = 0;
for (const name of ["fillText", "fill", "stroke", "fillRect", "clearRect"]) {
  const draw = CanvasRenderingContext2D.prototype[name];
  CanvasRenderingContext2D.prototype[name] = function (...all) {
    window.drawn = performance.now();
    return draw.apply(this, all);
  };
}
"""
# Edits the age; returns milliseconds until the answer and until the last change or drawing.
_EDIT = """async (up) => {
  const input = [...document.querySelectorAll("input")].find(
    (one) => (one.getAttribute("aria-label") || "").startsWith("Age"));
  const step = `[data-testid=stNumberInputStep${up ? "Up" : "Down"}]`;
  const button = input.closest("[data-testid=stNumberInput]").querySelector(step);
  const shown = ".st-key-prediction [data-testid=stMetric]";
  const answer = () => document.querySelector(shown).innerText;
  const before = answer(), start = performance.now();
  let answered = null, changed = start;
  window.drawn = start;
  const watch = new MutationObserver(() => {
    changed = performance.now();
    if (answered === null && answer() !== before) answered = changed;
  });
  watch.observe(document.querySelector("[data-testid=stMain]"),
    {subtree: true, childList: true, characterData: true});
  button.click();
  const quiet = () => performance.now() - Math.max(changed, window.drawn) > 1000;
  while (!(answered !== null && quiet()) && performance.now() - start < 20000) {
    await new Promise((done) => setTimeout(done, 20));
  }
  watch.disconnect();
  return [answered - start, Math.max(changed, window.drawn) - start];
}"""


def time_one_row(repeats: int = 100) -> None:
    """Print what predicting and explaining a row of eight columns costs."""
    frame = load_sample("titanic")
    model = NFMClassifier(random_state=0).fit(frame[FEATURES], frame["Survived"])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "titanic.nfm"
        model.save(path)
        bundle = load_bundle(path)
    reference = ReferenceData.build(bundle, frame)
    one = frame.iloc[[0]]

    def predict_and_explain() -> None:
        bundle.predict_proba(one)
        explain(reference, reference.read(one))

    with threadpool_limits(1, user_api="blas"):  # as the app sets it
        milliseconds = _median_time(predict_and_explain, repeats)
    print(f"One row, predicted and explained exactly: {milliseconds:.1f} ms")


def time_page(edits: int) -> None:
    """Print how soon a browser shows what follows from an edit."""
    with tempfile.TemporaryDirectory() as folder:
        server = start_server(REPOSITORY, Path(folder))
        try:
            with open_browser(REPOSITORY) as browser:
                page = browser.new_page(viewport={"width": 1280, "height": 1600})
                _time_parts(page, server.url, edits)
        finally:
            server.stop()


def _time_parts(page: Page, url: str, edits: int) -> None:
    page.set_default_timeout(120_000)
    page.add_init_script(_NOTE_DRAWING)
    page.goto(f"{url}/train")
    page.locator(".st-key-train").get_by_role("button").click()
    page.get_by_role("button", name="Next: make a prediction").click()
    page.locator(".st-key-prediction").get_by_test_id("stMetricValue").wait_for()
    print(f"{'Median milliseconds':24}{'answer':>10}{'last figure':>14}")
    for part in PARTS:
        page.get_by_role("tab", name=part, exact=True).click()
        page.wait_for_timeout(3000)
        times = [page.evaluate(_EDIT, number % 2 == 0) for number in range(edits + 2)][2:]
        answered, last = (median(column) for column in zip(*times, strict=True))
        print(f"{part:24}{answered:10.0f}{last:14.0f}")


def _median_time(action: Callable[[], None], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        began = perf_counter()
        action()
        times.append(1000 * (perf_counter() - began))
    return median(times)


def main() -> None:
    """Measure both."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--edits", type=int, default=30, help="for each part of the page")
    options = parser.parse_args()
    time_one_row()
    time_page(options.edits)


if __name__ == "__main__":
    main()
