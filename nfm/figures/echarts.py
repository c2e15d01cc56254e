"""What options of Apache ECharts have in common: titles, legends and the room for both.

A canvas clips what does not fit, and an option says in pixels where things stand. So the room
above the plot is worked out from the texts that stand there, for the narrowest column of a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

NARROW = 300
"""Width in pixels of the narrowest column that a chart stands in."""

_TOP = 8
_LEFT = 4
_TITLE_HEIGHT, _NOTE_HEIGHT, _LEGEND_HEIGHT = 20, 18, 22
_GAP = 6
_LEGEND_GAP, _SYMBOL_GAP = 12, 5
# Width of a letter on average, in parts of the font's size.
_LETTER = 0.56


def text_width(text: str, size: int, *, bold: bool = False) -> float:
    """Estimate how wide a text is drawn, in pixels, a little more rather than less."""
    return _LETTER * (1.06 if bold else 1.0) * size * len(text)


def heading(
    title: str,
    note: str = "",
    legend: Sequence[str] = (),
    *,
    size: int = 16,
    width: int = NARROW,
    symbol: int = 24,
) -> tuple[dict[str, Any], int]:
    """Lay out title, note and legend above a plot.

    Args:
        title: What is shown; cut with "…" where it is wider than the chart.
        note: What to look for, in a line below it.
        legend: Names of the legend's entries, if there is one.
        size: Of the title's letters, in pixels.
        width: Of the narrowest place for the chart, in pixels.
        symbol: Width of a legend's symbol, in pixels.

    Returns:
        The option's "title" and, with entries, "legend"; and where the plot may begin, in
        pixels from the top.
    """
    room = width - 2 * _LEFT
    option: dict[str, Any] = {
        "title": {
            "text": title,
            "left": _LEFT,
            "top": _TOP,
            "padding": 0,
            "itemGap": 4,
            "textStyle": {
                "fontSize": size,
                "fontWeight": 600,
                "lineHeight": _TITLE_HEIGHT,
                "width": room,
                "overflow": "truncate",
            },
        }
    }
    bottom = _TOP + (_TITLE_HEIGHT if title else 0)
    if note:
        option["title"] |= {
            "subtext": note,
            "subtextStyle": {
                "fontSize": 13,
                "lineHeight": _NOTE_HEIGHT,
                "width": room,
                "overflow": "truncate",
            },
        }
        bottom += 4 + _NOTE_HEIGHT
    if legend:
        option["legend"] = {
            "left": _LEFT,
            "top": bottom + _GAP,
            "padding": 0,
            "data": list(legend),
            "textStyle": {
                "fontSize": 13,
                "width": room - symbol - 2 * _LEFT,
                "overflow": "truncate",
            },
            "itemWidth": symbol,
            "itemGap": _LEGEND_GAP,
            "selectedMode": False,
        }
        bottom += _GAP + _LEGEND_HEIGHT * _legend_lines(legend, room, symbol)
    if not title and not note:
        del option["title"]
    return option, bottom + _GAP + 8


def named_axis(name: str, *, below: bool, gap: int | None = None) -> dict[str, Any]:
    """Return an axis's name, in its middle.

    Args:
        name: The quantity with its unit.
        below: Whether it is the horizontal axis.
        gap: Between the axis and its name, in pixels.
    """
    return {
        "name": name,
        "nameLocation": "middle",
        "nameGap": gap or (28 if below else 42),
        "nameTextStyle": {"fontSize": 13},
    }


def grid(top: int, *, right: int = 20) -> dict[str, Any]:
    """Return the plot's place: whatever its axes need lies within the chart."""
    return {
        "left": 8,
        "right": right,
        "top": top,
        "bottom": 8,
        "outerBoundsMode": "same",
        "outerBoundsContain": "all",
    }


def _legend_lines(entries: Sequence[str], room: int, symbol: int) -> int:
    """Count the lines of a legend, which begins a new one where an entry does not fit."""
    lines, used = 1, 0.0
    for entry in entries:
        text = min(text_width(entry, 13), room - symbol - 2 * _LEFT)
        wide = symbol + _SYMBOL_GAP + text
        if used and used + _LEGEND_GAP + wide > room:
            lines, used = lines + 1, 0.0
        used += wide + (_LEGEND_GAP if used else 0)
    return lines
