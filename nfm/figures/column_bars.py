"""Bar chart of one column of a table: counts of rows, and the target in each group."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nfm.figures.appearance import axis, plotly_figure
from nfm.figures.labels import label
from nfm.figures.number_format import number
from nfm.figures.palette import BLUE, FIELD_COLORS, GREY, ORANGE
from nfm.tabular.profile import Bar, ColumnProfile, TableProfile
from nfm.tabular.wording import PLAIN, Wording
from nfm.text import counted

if TYPE_CHECKING:
    from plotly.graph_objects import Bar as BarTrace
    from plotly.graph_objects import Figure

_HEIGHT = 290
_LENGTH = 18


def column_bars(column: ColumnProfile, profile: TableProfile, wording: Wording = PLAIN) -> Figure:
    """Draw the number of rows in each group of a column.

    With two classes or a number as the target, the colour of a bar and the text beside it show
    the mean of the target in the group; with several classes, the bars are stacked.

    Args:
        column: A column of the profile, or its target.
        profile: Profile of the table, with the classes and the mean of the target.
        wording: Display names of the classes.

    Returns:
        A figure: horizontal bars for levels, vertical bars for ranges of numbers.
    """
    is_target = profile.target is not None and column.name == profile.target.name
    if is_target:
        bars = tuple(replace(bar, text=wording.label(bar.text)) for bar in column.bars)
        column = replace(column, bars=bars)
    is_stacked = any(bar.counts for bar in column.bars)
    traces = _stacked(column, profile) if is_stacked else [_single(column, profile)]
    places, names = _ticks(column)
    ticks = {"tickmode": "array", "tickvals": places, "ticktext": names}
    most = max((bar.count for bar in column.bars), default=1)
    room = [0, (1.5 if traces[0].textangle else 1.22) * most]
    groups = axis("", **ticks)
    counts = axis("Rows", range=room, nticks=5)
    if column.ordered:
        axes: dict[str, Any] = {"xaxis": groups, "yaxis": counts}
    else:
        groups["range"] = [len(column.bars) - 0.5, -0.5]
        axes = {"xaxis": counts, "yaxis": groups}
    title = label(column.name, 26)
    if not is_target and profile.task is not None:
        title += f" · explains {100 * column.explained:.0f}%"
    # With more classes than colours, only the tooltip names them.
    lines = -(-len(traces) // 2) if 1 < len(traces) <= len(FIELD_COLORS) else 0
    return plotly_figure(
        traces,
        title,
        _HEIGHT + 22 * lines,
        legend_lines=lines,
        bargap=0.12,
        barmode="stack",
        font={"size": 12},
        **axes,
    )


def _ticks(column: ColumnProfile) -> tuple[list[float], list[str]]:
    """Return positions and texts of the ticks: names of groups, or ends of ranges."""
    ends = [(place - 0.5, label(end)) for place, end in enumerate(column.ends) if end]
    whole = [
        (float(place), label(bar.text, _LENGTH))
        for place, bar in enumerate(column.bars)
        if place >= len(column.ends)
    ]
    places, names = zip(*ends, *whole, strict=True) if ends or whole else ((), ())
    return list(places), list(names)


def _single(column: ColumnProfile, profile: TableProfile) -> BarTrace:
    """Return one trace whose bars show the mean of the target."""
    is_target = profile.target is not None and column.name == profile.target.name
    binary = profile.task == "binary"
    if is_target:
        texts = [f"{100 * bar.count / max(profile.rows, 1):.0f}%" for bar in column.bars]
    else:
        texts = [_mean_text(bar, binary=binary) for bar in column.bars]
    return _trace(
        column,
        [bar.count for bar in column.bars],
        texts,
        [BLUE if is_target else _color(bar, profile) for bar in column.bars],
        "",
    )


def _stacked(column: ColumnProfile, profile: TableProfile) -> list[BarTrace]:
    """Return a trace per class."""
    traces = []
    for place, name in enumerate(profile.classes):
        counts = [bar.counts[place] if bar.counts else 0 for bar in column.bars]
        color = FIELD_COLORS[place % len(FIELD_COLORS)]
        traces.append(_trace(column, counts, [""] * len(counts), [color] * len(counts), name))
    return traces


def _trace(
    column: ColumnProfile, counts: list[int], texts: list[str], colors: list[str], name: str
) -> BarTrace:
    from plotly import graph_objects

    places = list(range(len(column.bars)))
    along = {"x": places, "y": counts} if column.ordered else {"x": counts, "y": places}
    return graph_objects.Bar(
        **along,
        orientation="v" if column.ordered else "h",
        name=label(name, 20),
        text=texts,
        textposition="outside" if any(texts) else "none",
        # Rotated where ten of them would not fit side by side.
        textangle=-90 if column.ordered and max(map(len, texts), default=0) > 4 else 0,
        textfont={"size": 11},
        cliponaxis=False,
        constraintext="none",
        marker={"color": colors, "line": {"width": 0}},
        customdata=[
            [label(bar.text, 60), counted(count, "row"), label(name or text)]
            for bar, count, text in zip(column.bars, counts, texts, strict=True)
        ],
        hovertemplate="%{customdata[0]}<br>%{customdata[1]}<br>%{customdata[2]}<extra></extra>",
    )


def _mean_text(bar: Bar, *, binary: bool) -> str:
    if bar.mean is None:
        return ""
    if binary:
        return f"{100 * bar.mean:.0f}%"
    return number(bar.mean)


def _color(bar: Bar, profile: TableProfile) -> str:
    """Return blue above the mean of all rows, orange below it, grey near it."""
    if bar.mean is None or profile.mean is None or not profile.spread:
        return GREY
    share = (bar.mean - profile.mean) / profile.spread
    end = BLUE if share > 0 else ORANGE
    weight = min(abs(share) ** 0.5, 1.0)
    mixed = [
        round((1 - weight) * int(GREY[at : at + 2], 16) + weight * int(end[at : at + 2], 16))
        for at in (1, 3, 5)
    ]
    return "#" + "".join(f"{part:02X}" for part in mixed)
