"""Small pictures of the sample tables, as SVG: the pattern to learn in each."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from nfm.figures.palette import BLUE, GREEN, GREY, ORANGE
from nfm.tabular.samples import load_sample

_WIDTH, _HEIGHT = 120, 60
_COLORS = (BLUE, ORANGE, GREEN)
# By sample: the two numeric columns to draw, and the one that gives each point its colour.
_POINTS: dict[str, tuple[str, str, str | None]] = {
    "penguins": ("bill_length_mm", "bill_depth_mm", "species"),
    "cars": ("weight", "mpg", None),
}


def sample_picture(key: str) -> str:
    """Draw a sample in miniature.

    Returns:
        An SVG image, legible on a light and on a dark page.

    Raises:
        ReadingError: If there is no such sample, or its file is missing.
    """
    match key:
        case "additive":
            shapes = _tiles([[row + column for column in range(5)] for row in range(3)])
        case "xor":
            shapes = _tiles([[0, 1], [1, 0]])
        case "parity":
            shapes = [*_tiles([[0, 1], [1, 0]], -31), *_tiles([[1, 0], [0, 1]], 31)]
        case "titanic":
            shapes = _survival(load_sample(key))
        case _:
            frame = load_sample(key).dropna()
            numbers = frame.select_dtypes("number").columns[:2]
            across, up, group = _POINTS.get(key) or (*numbers, None)
            groups = np.zeros(len(frame), int) if group is None else pd.factorize(frame[group])[0]
            shapes = _points(frame[across], frame[up], groups)
    content = "".join(shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'width="{_WIDTH}" height="{_HEIGHT}">{content}</svg>'
    )


def _tiles(values: list[list[int]], shift: int = 0) -> Iterable[str]:
    """Draw a centred grid of squares, darker for larger values; `shift` moves it sideways."""
    size, gap = (26, 2) if len(values) == 2 else (18, 2)
    most = max(map(max, values))
    left = _WIDTH / 2 + shift - len(values[0]) * (size + gap) / 2 + gap / 2
    top = _HEIGHT / 2 - len(values) * (size + gap) / 2 + gap / 2
    for row, line in enumerate(values):
        for column, value in enumerate(line):
            yield (
                f'<rect x="{left + column * (size + gap):g}" y="{top + row * (size + gap):g}" '
                f'width="{size}" height="{size}" rx="3" fill="{BLUE}" '
                f'fill-opacity="{0.15 + 0.85 * value / most:.2f}"/>'
            )


def _survival(frame: pd.DataFrame) -> Iterable[str]:
    """Draw the share of survivors as bars: women and men of each class."""
    rates = frame.groupby(["Pclass", "Sex"])["Survived"].mean()  # women before men
    for place, rate in enumerate(rates):
        height = 2 + 52 * rate
        color = ORANGE if place % 2 else BLUE
        yield (
            f'<rect x="{15 + 14 * place + 6 * (place // 2):g}" y="{58 - height:.1f}" width="12" '
            f'height="{height:.1f}" rx="2" fill="{color}"/>'
        )
    yield f'<line x1="8" y1="58.5" x2="112" y2="58.5" stroke="{GREY}"/>'


def _points(across: pd.Series, up: pd.Series, groups: np.ndarray) -> Iterable[str]:
    """Draw rows as points, with one colour per group."""
    horizontal = 8 + 104 * (across - across.min()) / np.ptp(across)
    vertical = 55 - 50 * (up - up.min()) / np.ptp(up)
    for x, y, group in zip(horizontal, vertical, groups, strict=True):
        yield (
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="1.9" fill="{_COLORS[group]}" '
            'fill-opacity="0.75"/>'
        )
