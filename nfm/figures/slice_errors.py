"""Errors by slice: a point with its interval per group of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nfm.evaluation.slices import Slice
from nfm.figures.appearance import axis, category_axis, plotly_figure
from nfm.figures.labels import label
from nfm.figures.number_format import number
from nfm.figures.palette import GREY
from nfm.text import counted

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_FRAME_HEIGHT = 175  # pixels: title, legend and axis
_SLICE_HEIGHT = 34


def slice_errors(
    slices: Sequence[Slice], overall: float, measure: str, *, percent: bool = False
) -> Figure:
    """Draw the mean error of each slice, and a line at the mean of all rows.

    Args:
        slices: Slices of one column, at least one.
        overall: Mean error of all rows.
        measure: Name of the horizontal axis with its unit, for instance "Wrong (%)".
        percent: Whether the means are shares, shown in percent.
    """
    from plotly import graph_objects

    factor = 100 if percent else 1
    means = [factor * each.mean for each in slices]
    lows = [each.mean if each.interval is None else each.interval.low for each in slices]
    highs = [each.mean if each.interval is None else each.interval.high for each in slices]
    # Positions, not names, define the axis: two shortened names may be equal.
    places = list(range(len(slices)))
    points = graph_objects.Scatter(
        x=means,
        y=places,
        error_x={
            "type": "data",
            "array": [factor * high - mean for high, mean in zip(highs, means, strict=True)],
            "arrayminus": [factor * -low + mean for low, mean in zip(lows, means, strict=True)],
            "thickness": 2,
            "width": 5,
        },
        mode="markers",
        name="Slice, 95% interval",
        marker={"size": 11},
        customdata=[
            [
                label(each.name),
                number(factor * each.mean),
                counted(each.count, "row"),
                f"{number(factor * low)} to {number(factor * high)}",
            ]
            for each, low, high in zip(slices, lows, highs, strict=True)
        ],
        hovertemplate=(
            "%{customdata[0]}: %{customdata[1]}<br>%{customdata[2]}, "
            "interval %{customdata[3]}<extra></extra>"
        ),
    )
    column = label(slices[0].column, 20)
    names = [f"{label(each.name, 18)} ({each.count:,})" for each in slices]
    figure = plotly_figure(
        points,
        "Slices: right of the line is worse",
        _FRAME_HEIGHT + _SLICE_HEIGHT * len(slices),
        xaxis=axis(measure, rangemode="tozero", nticks=5),
        yaxis=category_axis(f"{column} (rows)", names, downwards=True),
        legend_lines=2,
    )
    figure.add_vline(
        x=factor * overall,
        line={"dash": "dot", "width": 2, "color": GREY},
        name="All rows",
        showlegend=True,
    )
    return figure
