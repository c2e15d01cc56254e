"""Colours of all figures, and what Plotly figures have in common: margins, titles, axes."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plotly.graph_objects import Figure, Scatter

# A palette change touches this module, .streamlit/config.toml and nfm/ui/stylesheet.css.
# After Okabe and Ito 2008, "Color Universal Design": colour-blind people can tell them apart.
# The contrast of each to the light and to the dark page is about 3:1 or more.
BLUE = "#0072B2"
ORANGE = "#D55E00"
GREEN = "#009E73"
PINK = "#CC79A7"
GREY = "#7F8A96"
# Text of images, which do not follow the page's theme by themselves.
TEXT_ON_LIGHT = "#2B3440"
TEXT_ON_DARK = "#E6EAF0"
FIELD_COLORS = (BLUE, ORANGE, GREEN, PINK, "#A6761D", "#6A51A3", "#56B4E9", GREY)
FIELD_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star", "hexagon", "x")

# Opaque, so that the numbers in the cells are legible on a light and on a dark page.
SEQUENTIAL = ((0.0, "#EAF3FA"), (0.5, "#5AA0CE"), (1.0, "#04345A"))
DIVERGING = (
    (0.0, "#8A3B00"),
    (0.25, "#E08A4A"),
    (0.5, "#F2F2F2"),
    (0.75, "#5AA0CE"),
    (1.0, "#04345A"),
)

# Pale cells with dark text, legible on a light and on a dark page.
CORRECT_CELLS = ("#DCEBF6", "#6FAAD2")
WRONG_CELLS = ("#FBE6D8", "#E08A4A")
DARK_TEXT = "#16202C"
CELL_BORDER = "rgba(128,128,128,0.25)"
STRONG_CELL_BORDER = "rgba(128, 128, 128, 0.35)"
PALE_GREY = "rgba(127,138,150,0.12)"
# Behind a value that differs from the one beside it: orange, translucent.
HIGHLIGHT = "rgba(213, 94, 0, 0.25)"
# A mark on a heat map, and its outline.
MARK, MARK_OUTLINE = "#FFFFFF", "#000000"
# Nodes of the network's picture.
NODE_FIELD, NODE_VECTOR, NODE_POOL = "#F1F5F9", "#CFE5F5", "#FBD9C4"
NODE_LAYER, NODE_ANSWER = "#CDEBDD", "#F3D9E8"

FONT_SIZE = 14
_TITLE_SPACE, _TITLE_LINE, _LEGEND_LINE = 44, 20, 22
_LINE, _AXIS_LINE = 38, 27  # characters


def wrapped(text: str, length: int = _LINE) -> str:
    """Break a text into lines between words, joined by "<br>".

    Args:
        text: The text, escaped where it holds user text.
        length: Maximum number of characters per line; the default fits the narrowest column
            of a page.
    """
    lines: list[str] = []
    for word in text.split():
        # An entity such as &lt; is drawn as one character.
        if lines and len(html.unescape(f"{lines[-1]} {word}")) <= length:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "<br>".join(lines)


def plotly_figure(
    traces: Any, title: str, height: int, *, legend_lines: int = 0, **more: Any
) -> Figure:
    """Return a figure with the layout that all share; background colours come from the theme.

    Args:
        traces: A trace, or several.
        title: Title that states what to see; escaped where it holds user text.
        height: Height in pixels.
        legend_lines: Number of lines of the legend, between title and plot, in the narrowest
            column of a page; 0 for no legend.
        **more: Further attributes of Plotly's layout.
    """
    from plotly import graph_objects

    title = wrapped(title)
    more_lines = title.count("<br>")
    top = _TITLE_SPACE + _TITLE_LINE * more_lines
    legend = {
        # Relative to the container: relative to the plot, a wide legend narrows the plot.
        "orientation": "h",
        "x": 0,
        "xref": "container",
        "xanchor": "left",
        "y": 1 - (top - 8) / height,
        "yref": "container",
        "yanchor": "top",
        "font": {"size": 13},
        "itemclick": False,
        "itemdoubleclick": False,
    }
    layout = {
        "title": {
            "text": title,
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yanchor": "top",
            "pad": {"t": 10 + 8 * more_lines, "l": 2},
            "font": {"size": 15},
        },
        "height": height,
        "margin": {"l": 8, "r": 16, "t": top + _LEGEND_LINE * legend_lines, "b": 8},
        "font": {"size": FONT_SIZE},
        "showlegend": legend_lines > 0,
        "dragmode": False,
        **({"legend": legend} if legend_lines else {}),
        **more,
    }
    return graph_objects.Figure(traces, layout)


def axis(title: str, **more: Any) -> dict[str, Any]:
    """Return an axis with a title, and with enough margin for its tick labels.

    Args:
        title: The quantity with its unit; escaped where it holds user text.
        **more: Further attributes of Plotly's axis.
    """
    return {
        "title": {"text": wrapped(title, _AXIS_LINE), "font": {"size": FONT_SIZE}},
        "automargin": True,
        "zeroline": False,
        # 20,000 and 0.0001 instead of Plotly's 20k and 100μ.
        "exponentformat": "none",
        "separatethousands": True,
        **more,
    }


def color_bar(title: str) -> dict[str, Any]:
    """Return a narrow colour bar with its title beside it."""
    return {
        "title": {"text": wrapped(title), "side": "right", "font": {"size": 12}},
        "thickness": 14,
        "exponentformat": "none",
        "separatethousands": True,
    }


def legend_entry(name: str, color: str, symbol: str = "square") -> Scatter:
    """Return a trace without points, which only adds an entry to the legend.

    Args:
        name: Text of the entry.
        color: Colour of its symbol.
        symbol: One of Plotly's symbols, or "line" or "dot" for a solid or dotted line.
    """
    from plotly import graph_objects

    line = symbol in ("line", "dot")
    return graph_objects.Scatter(
        x=[None],
        y=[None],
        name=name,
        mode="lines" if line else "markers",
        line={"color": color, "width": 3, "dash": "dot" if symbol == "dot" else "solid"},
        marker={"color": color, "size": 11, **({} if line else {"symbol": symbol})},
        hoverinfo="skip",
        showlegend=True,
    )


def category_axis(
    title: str, names: list[str], *, downwards: bool = False, **more: Any
) -> dict[str, Any]:
    """Return an axis with a name at each of the positions 0, 1, 2 ...

    Plotly's own categories would merge equal names, and read some as numbers.

    Args:
        title: Title of the axis, escaped.
        names: Tick labels, escaped.
        downwards: Whether a vertical axis begins at the top.
        **more: Further attributes of Plotly's axis.
    """
    ticks = {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": names}
    ends = [-0.5, len(names) - 0.5]
    return axis(title, **ticks, range=ends[::-1] if downwards else ends, **more)
