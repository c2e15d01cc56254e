"""Makes the README's pictures from the running app: a training that moves, and a still per page.

    python -m scripts.readme_pictures                     # writes docs/pictures
    python -m scripts.readme_pictures --folder /tmp/new   # writes another folder

Needs the requirements of the tests, and Chromium or Chrome. Each picture is made in the light and
in the dark theme.
"""

from __future__ import annotations

import argparse
import io
import itertools
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page, expect, sync_playwright

from scripts.browser import find_browser
from tests.browser.conftest import CHROMIUM_ARGUMENTS, start_server, wait_until_connected
from tests.browser.steps import train, wait_for_result

REPOSITORY = Path(__file__).resolve().parent.parent
FOLDER = REPOSITORY / "docs" / "pictures"
THEMES = ("light", "dark")
# Name of a picture to the path of its page.
STILLS = {
    "start": "",
    "data": "data",
    "predict": "predict",
    "evaluate": "evaluate",
    "interactions": "interactions",
    "learn": "learn",
}
SCREEN = (1280, 900)
SIZE = (1024, 720)
# A busy computer trains more slowly: no frame of the moving picture stays longer.
_LONGEST_FRAME_MILLISECONDS = 400
_LAST_FRAME_MILLISECONDS = 4000
_SMALLEST_CHANGE = 32  # of 255, in the pixel and colour that changed most
_LONGEST_WAIT_SECONDS = 60


def make_pictures(browser: Browser, url: str, folder: Path, theme: str) -> None:
    """Train a model on the Titanic as a visitor does, and write the pictures of one theme.

    Args:
        browser: Chromium.
        url: Address of the app.
        folder: Where the pictures are written.
        theme: "light" or "dark".
    """
    width, height = SCREEN
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if theme == "dark" else "light",
    )
    page = context.new_page()
    open_page(page, f"{url}/train")
    page.get_by_role("button", name="Skip the tour").click()
    settled(page)
    deadline = time.monotonic() + _LONGEST_WAIT_SECONDS
    while page.get_by_text("warming up").count() and time.monotonic() < deadline:
        page.wait_for_timeout(2000)
        open_page(page, f"{url}/train")
        settled(page)
    save_moving(record_training(page), folder / f"training-{theme}.webp")
    for name, path in STILLS.items():
        open_page(page, f"{url}/{path}")
        settled(page).save(folder / f"{name}-{theme}.webp", quality=75, method=6)
    context.close()


def open_page(page: Page, address: str) -> None:
    """Go to a page of the app and wait until it shows something."""
    page.goto(address)
    wait_until_connected(page)


def record_training(page: Page) -> list[tuple[float, Image.Image]]:
    """Press Train, and return what the page showed until the result, with times in seconds."""
    for _step in range(2):
        # From full speed to 5 epochs per second: the curves grow before the eye.
        page.get_by_role("slider", name="Speed").press("ArrowLeft")
    frames = [(time.monotonic(), settled(page))]
    train(page)
    ended = page.get_by_test_id("stAlert").filter(has_text="Completed")
    ended = ended.or_(page.get_by_test_id("stAlert").filter(has_text="Stopped early"))
    deadline = time.monotonic() + _LONGEST_WAIT_SECONDS
    while not ended.first.is_visible() and time.monotonic() < deadline:
        frames.append((time.monotonic(), shown(page)))
    wait_for_result(page)
    page.mouse.move(0, 0)
    frames.append((time.monotonic(), settled(page)))
    return frames


def save_moving(frames: list[tuple[float, Image.Image]], file: Path) -> None:
    """Write an animated WebP: frames without a change are joined, long ones are shortened."""
    kept = [frames[0]]
    for moment, image in frames[1:]:
        change = np.asarray(ImageChops.difference(image, kept[-1][1])).max()
        if change > _SMALLEST_CHANGE:
            kept.append((moment, image))
    times = [moment for moment, _ in kept]
    durations = [
        min(round(1000 * (after - before)), _LONGEST_FRAME_MILLISECONDS)
        for before, after in itertools.pairwise(times)
    ]
    first, *others = (image for _, image in kept)
    first.save(
        file,
        save_all=True,
        append_images=others,
        duration=[*durations, _LAST_FRAME_MILLISECONDS],
        loop=0,
        quality=70,
        method=6,
    )


def shown(page: Page) -> Image.Image:
    """Return what the page shows, in the pictures' size."""
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    return image.resize(SIZE, Image.Resampling.LANCZOS)


def settled(page: Page) -> Image.Image:
    """Return the page once it no longer changes."""
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0, timeout=60_000)
    before = shown(page)
    deadline = time.monotonic() + _LONGEST_WAIT_SECONDS
    while time.monotonic() < deadline:
        page.wait_for_timeout(1500)
        now = shown(page)
        if now.tobytes() == before.tobytes():
            break
        before = now
    return before


def main() -> int:
    """Start the app with a data folder of its own, and make all pictures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where they are written")
    folder = parser.parse_args().folder
    path = find_browser()
    if path is None:
        print(
            "There is no Chromium or Chrome: python scripts/browser.py --install", file=sys.stderr
        )
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        server = start_server(REPOSITORY, Path(temporary))
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
                for theme in THEMES:
                    make_pictures(browser, server.url, folder, theme)
                browser.close()
        finally:
            server.stop()
    for file in sorted(folder.glob("*.webp")):
        print(f"{file.name}: {file.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
