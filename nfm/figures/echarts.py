"""What all options of Apache ECharts have in common: title, legend, plot area, axes.

A canvas clips what does not fit, and an option gives positions in pixels. So the space above the
plot is computed from the texts there, for the narrowest column of a page.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nfm.figures.number_format import fixed

NARROW = 300
"""Width in pixels of the narrowest column with a chart."""

LABELS = {"fontSize": 13}
"""Tick labels of most axes."""

_TOP = 8
_LEFT = 4
_TITLE_HEIGHT, _NOTE_HEIGHT, _LEGEND_HEIGHT = 20, 18, 22
_GAP = 6
_LEGEND_GAP, _SYMBOL_GAP = 12, 5
# Mean width of a character as a fraction of the font size, rather too large than too small.
_LETTER = 0.56
_PALE = 0.3


def chart(
    title: str,
    *,
    x: dict[str, Any] | list[dict[str, Any]],
    y: dict[str, Any] | list[dict[str, Any]],
    series: list[dict[str, Any]],
    note: str = "",
    legend: Sequence[str] = (),
    size: int = 16,
    width: int = NARROW,
    symbol: int = 24,
    right: int = 20,
    **more: Any,
) -> dict[str, Any]:
    """Return the option of a chart without animation: heading, plot area, axes and series.

    Args:
        title: Title; see `heading`.
        x: Horizontal axis, or several.
        y: Vertical axis, or several.
        series: The series.
        note: Line below the title.
        legend: Names of the legend's entries.
        size: Font size of the title in pixels.
        width: Width of the narrowest place for the chart in pixels.
        symbol: Width of a legend symbol in pixels.
        right: Space to the right of the plot in pixels.
        **more: Further attributes of the option, "tooltip" for instance.
    """
    shown, top = heading(title, note, legend, size=size, width=width, symbol=symbol)
    return {
        "animation": False,
        **shown,
        "grid": {
            "left": 8,
            "right": right,
            "top": top,
            "bottom": 8,
            # Tick labels and axis names stay within the chart.
            "outerBoundsMode": "same",
            "outerBoundsContain": "all",
        },
        "xAxis": x,
        "yAxis": y,
        "series": series,
        **more,
    }


def line(
    name: str, points: Sequence[Any], *, dash: str = "solid", symbol: str = "none", **more: Any
) -> dict[str, Any]:
    """Return a series drawn as a line.

    Args:
        name: Name of the series.
        points: Its values, or pairs of position and value.
        dash: "solid", "dashed" or "dotted".
        symbol: Symbol of the points; "none" draws none.
        **more: Further attributes of the series.
    """
    return {
        "type": "line",
        "name": name,
        "data": points,
        "symbol": symbol,
        "lineStyle": {"width": 3, "type": dash},
        **more,
    }


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
        note: What to look for, in a line below the title.
        legend: Names of the legend's entries; empty for no legend.
        size: Font size of the title in pixels.
        width: Width of the narrowest place for the chart in pixels.
        symbol: Width of a legend symbol in pixels.

    Returns:
        The option's "title" and, with entries, "legend"; and the top of the plot area in pixels.
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


def axis_name(name: str, *, below: bool, gap: int | None = None) -> dict[str, Any]:
    """Return the attributes of an axis that give it a name, centred.

    Args:
        name: The quantity with its unit.
        below: Whether it is the horizontal axis.
        gap: Distance of the name from the axis in pixels.
    """
    return {
        "name": name,
        "nameLocation": "middle",
        "nameGap": gap or (28 if below else 42),
        "nameTextStyle": {"fontSize": 13},
    }


def value_axes(
    low: float,
    high: float,
    axis: Mapping[str, Any],
    *,
    splits: int = 4,
    suffix: str = "",
    below: bool = False,
) -> dict[str, Any] | list[dict[str, Any]]:
    """Return an axis of numbers whose labels have a true minus sign.

    ECharts writes a hyphen before negative numbers, and a template cannot change that. If there
    are any, the labels belong to a second axis, of texts, on top of the first.

    Args:
        low: Start of the axis.
        high: End of the axis.
        axis: Further attributes of the axis.
        splits: Approximate number of intervals between ticks.
        suffix: Text after each number, such as "%".
        below: Whether it is the horizontal axis.

    Returns:
        The value of "xAxis" or "yAxis"; series refer to the first of two axes.
    """
    label: dict[str, Any] = dict(axis.get("axisLabel", {}))
    step = _nice_step((high - low) / splits) if low < high else 1.0
    if low > -step:
        # The ends are not round numbers, except 0.
        label = {"showMinLabel": low == 0, "showMaxLabel": False} | label
        if suffix:
            label["formatter"] = f"{{value}}{suffix}"
        limits = {"min": low, "max": high} if low < high else {}
        split = {"splitNumber": splits, "axisLabel": label}
        return {"type": "value", **axis, **limits, **split}
    # Texts, and the ends of both axes, are at multiples of a tenth of a step.
    first, last = math.floor(10 * low / step), math.ceil(10 * high / step)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    texts = [
        fixed(place * step / 10, decimals) + suffix if place % 10 == 0 else ""
        for place in range(first, last + 1)
    ]
    ticks = [place * step / 10 for place in range(first, last + 1) if place % 10 == 0]
    return [
        {
            "type": "value",
            **axis,
            "min": first * step / 10,
            "max": last * step / 10,
            "axisTick": {"customValues": ticks},
            "axisLabel": {"show": False},
        },
        {
            "type": "category",
            "data": texts,
            "boundaryGap": False,
            "position": "bottom" if below else "left",
            "silent": True,
            "axisLabel": {"fontSize": label.get("fontSize", 13), "interval": 0},
            "axisLine": {"show": False},
            "axisTick": {"show": False},
            "splitLine": {"show": False},
            "axisPointer": {"show": False, "triggerTooltip": False},
        },
    ]


def highlight_series(option: dict[str, Any], name: str) -> dict[str, Any]:
    """Make all series of a chart paler but one.

    Returns:
        The option itself if no series has that name, else a changed copy.
    """
    if all(series.get("name") != name for series in option["series"]):
        return option
    pale = {style: {"opacity": _PALE} for style in ("itemStyle", "lineStyle")}
    series = [
        one
        if one.get("name") == name
        else {**one, **{style: one.get(style, {}) | opacity for style, opacity in pale.items()}}
        for one in option["series"]
    ]
    return {**option, "series": series}


def write_negatives(option: dict[str, Any], write: Callable[[float], str]) -> dict[str, Any]:
    """Give the tooltip of a chart true minus signs, if it shows any negative number.

    A printf format writes a hyphen. So each item gets its text, which the tooltip shows.

    Args:
        option: Option of a chart whose series hold numbers, or pairs of position and number.
        write: Formats a number.

    Returns:
        The option itself without negative numbers, else a changed copy.
    """
    pairs = [
        [
            item if isinstance(item, list | tuple) else (place, item)
            for place, item in enumerate(data)
        ]
        for data in (series["data"] for series in option["series"])
    ]
    if not any(value < 0 for items in pairs for _, value in items):
        return option
    series = [
        {
            **one,
            "data": [[place, value, write(value)] for place, value in items],
            "dimensions": [{}, {}, {"name": "text", "type": "ordinal"}],
            "encode": {"x": 0, "y": 1, "tooltip": [2]},
        }
        for one, items in zip(option["series"], pairs, strict=True)
    ]
    tooltip = {name: value for name, value in option["tooltip"].items() if name != "valueFormatter"}
    return {**option, "series": series, "tooltip": tooltip}


def _nice_step(size: float) -> float:
    """Round a step to 1, 2, 3, 5 or 10 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(size))
    share = size / power
    limits = ((1.5, 1), (2.5, 2), (4, 3), (7, 5))
    return power * next((nice for limit, nice in limits if share < limit), 10)


def _legend_lines(entries: Sequence[str], room: int, symbol: int) -> int:
    """Count the lines of a legend; an entry that does not fit begins a new one."""
    lines, used = 1, 0.0
    for entry in entries:
        text = min(_LETTER * 13 * len(entry), room - symbol - 2 * _LEFT)
        wide = symbol + _SYMBOL_GAP + text
        if used and used + _LEGEND_GAP + wide > room:
            lines, used = lines + 1, 0.0
        used += wide + (_LEGEND_GAP if used else 0)
    return lines
