"""The app's settings: known to Streamlit, private, and readable on a projector."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
CONFIGURATION = tomllib.loads((REPOSITORY / ".streamlit" / "config.toml").read_text())
MODES = ["light", "dark"]


def flat_keys(section: dict, prefix: str) -> set[str]:
    """Name every key of a section and of those below it, as Streamlit names its options."""
    found: set[str] = set()
    for name, value in section.items():
        key = f"{prefix}.{name}"
        found |= flat_keys(value, key) if isinstance(value, dict) else {key}
    return found


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1 to 21: WCAG 2.2, "relative luminance"."""
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def mixed(colour: str, ground: str, share: float) -> str:
    """Return #RRGGBB of a colour that is laid over another one with some opacity."""
    pairs = ((int(colour[i : i + 2], 16), int(ground[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(share * top + (1 - share) * below):02X}" for top, below in pairs)


def luminance(colour: str) -> float:
    """Relative luminance of #RRGGBB, 0 (black) to 1 (white)."""
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


# Simulation of dichromacy in linear RGB: Viénot, Brettel and Mollon 1999, "Digital video
# colourmaps for checking the legibility of displays by dichromats".
DICHROMATS = {
    "protanope": [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
    "deuteranope": [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
    "everyone else": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
}


def seen_by(colour: str, matrix: list[list[float]]) -> tuple[float, float, float]:
    """CIELAB coordinates of #RRGGBB as a dichromat sees it."""
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    red, green, blue = (
        min(1.0, max(0.0, sum(m * v for m, v in zip(row, linear, strict=True)))) for row in matrix
    )
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.089
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def test_streamlit_knows_every_key():
    from streamlit import config

    known = set(config.get_config_options())
    keys = {key for name, section in CONFIGURATION.items() for key in flat_keys(section, name)}
    assert keys - known == set()


def test_nothing_is_reported_to_others_and_nothing_is_fetched_from_them():
    assert CONFIGURATION["browser"]["gatherUsageStats"] is False
    assert CONFIGURATION["client"]["showErrorLinks"] is False
    text = (REPOSITORY / ".streamlit" / "config.toml").read_text()
    assert "http" not in text


def test_a_stranger_sees_no_trace_of_an_error():
    assert CONFIGURATION["client"]["showErrorDetails"] == "none"


@pytest.mark.parametrize("mode", MODES)
def test_text_can_be_read(mode: str):
    theme = CONFIGURATION["theme"][mode]
    grounds = [theme["backgroundColor"], theme["secondaryBackgroundColor"]]
    grounds += theme["sidebar"].values()
    for ground in grounds:
        assert contrast(theme["textColor"], ground) >= 7
        assert contrast(theme["linkColor"], ground) >= 4.5
        # Streamlit writes captions in the text's colour at 60%.
        assert contrast(mixed(theme["textColor"], ground, 0.6), ground) >= 4.5
    assert contrast("#FFFFFF", theme["primaryColor"]) >= 4.5


@pytest.mark.parametrize("mode", MODES)
def test_lines_of_a_chart_stand_out_from_its_ground(mode: str):
    theme = CONFIGURATION["theme"][mode]
    for colour in [*theme["chartCategoricalColors"], theme["primaryColor"]]:
        assert contrast(colour, theme["backgroundColor"]) >= 3


@pytest.mark.parametrize("viewer", DICHROMATS)
@pytest.mark.parametrize("mode", MODES)
def test_lines_of_a_chart_can_be_told_apart(mode: str, viewer: str):
    colours = CONFIGURATION["theme"][mode]["chartCategoricalColors"]
    seen = [seen_by(colour, DICHROMATS[viewer]) for colour in colours]
    for i, first in enumerate(seen):
        for second in seen[i + 1 :]:
            distance = sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) ** 0.5
            assert distance >= 20


@pytest.mark.parametrize("mode", MODES)
def test_scales_of_a_chart_have_the_ten_steps_that_streamlit_asks_for(mode: str):
    theme = CONFIGURATION["theme"][mode]
    assert len(theme["chartSequentialColors"]) == 10
    assert len(theme["chartDivergingColors"]) == 10
    steps = [luminance(colour) for colour in theme["chartSequentialColors"]]
    assert steps == sorted(steps, reverse=mode == "light")
