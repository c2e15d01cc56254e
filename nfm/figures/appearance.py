"""What Plotly figures have in common: margins, titles, axes."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plotly.graph_objects import Figure, Scatter

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
