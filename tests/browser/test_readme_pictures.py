"""The script that makes the README's pictures runs, and the pictures show the app as it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scripts import readme_pictures

COMMITTED = readme_pictures.FOLDER
# Mean difference of thumbnails, of 255: two pages differ by 10 or more.
ALLOWED = 4.0
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def thumbnail(file: Path) -> np.ndarray:
    with Image.open(file) as image:
        return np.asarray(image.convert("L").resize((64, 45)), dtype=float)


@pytest.fixture(scope="module")
def fresh(browser, server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with new pictures in the light theme."""
    folder = tmp_path_factory.mktemp("pictures")
    readme_pictures.make_pictures(browser, server.url, folder, "light")
    return folder


def test_the_training_moves(fresh: Path):
    with Image.open(fresh / "training-light.webp") as image:
        assert image.n_frames > 5
        assert image.size == readme_pictures.SIZE


@pytest.mark.parametrize("name", readme_pictures.STILLS)
def test_the_committed_still_shows_the_page_as_it_is(fresh: Path, name: str):
    found = thumbnail(fresh / f"{name}-light.webp") - thumbnail(COMMITTED / f"{name}-light.webp")
    assert np.abs(found).mean() < ALLOWED, "run: python -m scripts.readme_pictures"


def test_pictures_of_different_pages_differ():
    pictures = [thumbnail(COMMITTED / f"{name}-light.webp") for name in readme_pictures.STILLS]
    for number, one in enumerate(pictures):
        for other in pictures[number + 1 :]:
            assert np.abs(one - other).mean() >= ALLOWED
