"""What figures have in common: colours that everybody can tell apart, margins, titles."""

from __future__ import annotations

from typing import Any

# After Okabe and Ito 2008, "Color Universal Design"; each has a contrast of 3:1 or nearly so
# to the light and to the dark page.
BLUE = "#0072B2"
ORANGE = "#D55E00"
GREEN = "#009E73"
PINK = "#CC79A7"
GREY = "#7F8A96"
FIELD_COLORS = (BLUE, ORANGE, GREEN, PINK, "#A6761D", "#6A51A3", "#56B4E9", GREY)
FIELD_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star", "hexagon", "x")

# Opaque, so that the figures in the cells stand out on a light and on a dark page.
SEQUENTIAL = ((0.0, "#EAF3FA"), (0.5, "#5AA0CE"), (1.0, "#04345A"))
DIVERGING = (
    (0.0, "#8A3B00"),
    (0.25, "#E08A4A"),
    (0.5, "#F2F2F2"),
    (0.75, "#5AA0CE"),
    (1.0, "#04345A"),
)

FONT_SIZE = 14


def layout(title: str, height: int, **more: Any) -> dict[str, Any]:
    """Return the layout that all figures share: no colours of paper, the theme gives them.

    Args:
        title: What there is to see; escaped where it holds user's text.
        height: In pixels.
        **more: Further attributes of Plotly's layout.
    """
    return {
        "title": {"text": title, "x": 0, "xanchor": "left", "font": {"size": 15}},
        "height": height,
        "margin": {"l": 8, "r": 16, "t": 56, "b": 8},
        "font": {"size": FONT_SIZE},
        "showlegend": False,
        "dragmode": False,
        **more,
    }


def axis(title: str, **more: Any) -> dict[str, Any]:
    """Return an axis with a title that makes room for its labels."""
    return {"title": {"text": title}, "automargin": True, "zeroline": False, **more}


def color_bar(title: str) -> dict[str, Any]:
    """Return a narrow colour bar with its title beside it."""
    return {"title": {"text": title, "side": "right", "font": {"size": 12}}, "thickness": 14}


def named_axis(title: str, names: list[str], **more: Any) -> dict[str, Any]:
    """Return an axis with a name at each of 0, 1, 2 ...: names may repeat or look like numbers.

    Args:
        title: Of the axis; escaped.
        names: Escaped.
        **more: Further attributes of Plotly's axis.
    """
    ticks = {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": names}
    return axis(title, **ticks, range=[-0.5, len(names) - 0.5], **more)
