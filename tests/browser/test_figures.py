"""No figure of the app has text outside its box, as a browser draws it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from nfm.figures.enlarged import MINIMUM_FONT, enlarge
from tests.browser.conftest import Server, start_server
from tests.figures.gallery import FIGURES

# Every text that is seen, and how far it stands out of its drawing, in pixels. A phone's column
# is 358 pixels wide, the narrowest one of a page 300.
MEASURE = """
() => [...document.querySelectorAll('[class*=st-key-figure_]')].map(place => {
    const drawing = place.querySelector('.svg-container')
        ?? [...place.querySelectorAll('svg')].find(svg => svg.querySelector('text'));
    if (!drawing) return {place: place.className, texts: 0, outside: []};
    const box = drawing.getBoundingClientRect();
    const seen = [...place.querySelectorAll('text')].filter(text => text.textContent.trim()
        && text.getBoundingClientRect().width > 0
        && drawing.contains(text)
        && !text.closest('[clip-path]')  // the pages of a legend
        && text.checkVisibility({opacityProperty: true, visibilityProperty: true}));
    const outside = seen.map(text => {
        const own = text.getBoundingClientRect();
        const beyond = Math.max(box.left - own.left, own.right - box.right,
                                box.top - own.top, own.bottom - box.bottom);
        return {text: text.textContent, beyond: Math.round(beyond * 10) / 10};
    }).filter(found => found.beyond > 1.5);
    const hyphens = seen.map(text => text.textContent).filter(text => /^-\\s?[\\d.]/.test(text));
    return {place: place.className.match(/figure_(\\d+)/)[1], texts: seen.length, outside,
            hyphens};
})
"""


SMALL = """
(minimum) => [...document.querySelectorAll('[class*=st-key-figure_] svg text')].filter(text =>
    text.textContent.trim() && !text.closest('.heatmap-label')  // Plotly fits them to the cells
    && text.getBoundingClientRect().width > 0
    && parseFloat(getComputedStyle(text).fontSize) < minimum - 0.1
).map(text => ({
    place: text.closest('[class*=st-key-figure_]').className.match(/figure_(\\d+)/)[1],
    text: text.textContent, size: getComputedStyle(text).fontSize,
}))
"""


@pytest.fixture(scope="module")
def gallery(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that shows every figure."""
    folder = tmp_path_factory.mktemp("gallery")
    running = start_server(repository, folder, "tests/figures/gallery_app.py")
    yield running
    running.stop()


@pytest.mark.parametrize("width", [300, 620])
def test_no_figure_has_text_outside_its_box(gallery: Server, page: Page, width: int) -> None:
    warnings: list[str] = []
    page.on("console", lambda message: warnings.append(message.text))
    page.goto(f"{gallery.url}/?width={width}")
    found = _measured(page)
    names = list(FIGURES)
    assert len(found) == len(names)
    outside = {names[int(one["place"])]: one["outside"] for one in found if one["outside"]}
    assert not outside
    assert not {names[int(one["place"])]: one["hyphens"] for one in found if one["hyphens"]}
    assert not [names[int(one["place"])] for one in found if one["texts"] < 3]
    assert not [text for text in warnings if "Infinite extent" in text]


def test_no_enlarged_figure_has_small_text_or_text_outside_its_box(
    gallery: Server, page: Page
) -> None:
    width = enlarge(300)  # the narrowest place for a figure, on a page that presents
    page.goto(f"{gallery.url}/?width={width}&enlarged=true")
    found = _measured(page)
    names = list(FIGURES)
    assert len(found) == len(names)
    assert not {names[int(one["place"])]: one["outside"] for one in found if one["outside"]}
    small = page.evaluate(SMALL, MINIMUM_FONT)
    drawn = {name for name, entry in FIGURES.items() if entry.kind != "graphviz"}
    assert not [one for one in small if names[int(one["place"])] in drawn]


def _measured(page: Page) -> list[dict]:
    """Wait until every figure is drawn and stands still."""
    last: list[dict] = []
    for _ in range(60):
        page.wait_for_timeout(1000)
        now = page.evaluate(MEASURE)
        drawn = len(now) == len(FIGURES) and all(one["texts"] for one in now)
        if drawn and now == last:
            return now
        last = now
    return last
