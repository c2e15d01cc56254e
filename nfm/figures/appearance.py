"""What figures have in common: colours that everybody can tell apart, margins, titles."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plotly.graph_objects import Scatter

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
_TITLE_SPACE, _TITLE_LINE, _LEGEND_LINE = 44, 20, 22
_LINE, _AXIS_LINE = 38, 27  # letters


def wrapped(text: str, length: int = _LINE) -> str:
    """Break a text into lines between its words, as Plotly reads them.

    Args:
        text: Escaped where it holds user's text.
        length: Letters in a line, which fit the narrowest column of a page.
    """
    lines: list[str] = []
    for word in text.split():
        # An entity such as &lt; is one letter.
        if lines and len(html.unescape(f"{lines[-1]} {word}")) <= length:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return "<br>".join(lines)


def layout(title: str, height: int, *, legend_lines: int = 0, **more: Any) -> dict[str, Any]:
    """Return the layout that all figures share: no colours of paper, the theme gives them.

    Args:
        title: What there is to see; escaped where it holds user's text.
        height: In pixels.
        legend_lines: Of the legend between the title and the plot, where the chart stands in
            the narrowest column of a page; 0 for no legend.
        **more: Further attributes of Plotly's layout.
    """
    title = wrapped(title)
    more_lines = title.count("<br>")
    top = _TITLE_SPACE + _TITLE_LINE * more_lines
    legend = {
        # Beside the container, not the plot: else a wide legend narrows the plot.
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
    return {
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


def axis(title: str, **more: Any) -> dict[str, Any]:
    """Return an axis with a title that makes room for its labels.

    Args:
        title: The quantity with its unit.
        **more: Further attributes of Plotly's axis.
    """
    return {
        "title": {"text": wrapped(title, _AXIS_LINE), "font": {"size": FONT_SIZE}},
        "automargin": True,
        "zeroline": False,
        # 20,000 and 0.0001, where Plotly would write 20k and 100μ.
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
    """Return an entry of a legend that stands for what others draw.

    Args:
        name: What it means.
        color: Of what it stands for.
        symbol: One of Plotly's, or "line" or "dot" for a line.
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


def plotly_axis(title: str, names: list[str], **more: Any) -> dict[str, Any]:
    """Return an axis with a name at each of 0, 1, 2 ...: names may repeat or look like numbers.

    Args:
        title: Of the axis; escaped.
        names: Escaped.
        **more: Further attributes of Plotly's axis.
    """
    ticks = {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": names}
    return axis(title, **ticks, range=[-0.5, len(names) - 0.5], **more)
