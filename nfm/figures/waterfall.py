"""Waterfall chart from the average prediction to that of a row, for ECharts and for Plotly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from nfm.explanation.shapley import Explanation
from nfm.figures.appearance import axis, category_axis, legend_entry, plotly_figure, wrapped
from nfm.figures.echarts import LABELS, axis_name, chart, value_axes
from nfm.figures.labels import PredictionAxis, label
from nfm.figures.number_format import decimals_of, fixed, round_to_sum, with_unit
from nfm.figures.palette import BLUE, GREY, ORANGE
from nfm.tabular.wording import PLAIN, Wording
from nfm.text import shorten

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

COLUMNS = 12
_NAME_LENGTH, _LEVEL_LENGTH = 22, 14
_NAME_WIDTH = 130  # pixels: two lines of 13 pixels
_LINE_HEIGHT = 36
_RAISES, _LOWERS, _TOTALS = "Raises", "Lowers", "Average and prediction"
_COLORS = {_RAISES: BLUE, _LOWERS: ORANGE, _TOTALS: GREY}


@dataclass(frozen=True)
class WaterfallBar:
    """One bar of a waterfall chart, in the unit of the axis.

    Attributes:
        name: Label of the bar; user text.
        start: Start of the bar.
        end: End of the bar.
        rounded: Its size as printed; the printed sizes add up.
        decimals: Number of printed decimals.
        text: The printed size, with the unit (predictions) or the standard error (contributions).
    """

    name: str
    start: float
    end: float
    rounded: float
    decimals: int
    text: str


def waterfall_steps(
    explanation: Explanation, scale: PredictionAxis, output: int = 0, wording: Wording = PLAIN
) -> list[WaterfallBar]:
    """Compute the bars of a waterfall chart.

    Returns:
        The average prediction, the columns with the largest contributions, all others together, and
        the row's prediction; each contribution starts at the end of the previous bar.
    """
    contributions = explanation.contributions[:, output]
    order = np.argsort(-np.abs(contributions), kind="stable")
    shown = order if len(order) <= COLUMNS else order[: COLUMNS - 1]
    others = order[len(shown) :]
    parts = [float(contributions[place]) for place in shown]
    names = []
    for place in shown:
        column, text = explanation.columns[place], explanation.texts[place]
        level = shorten(wording.level(column, text), _LEVEL_LENGTH)
        names.append(f"{shorten(wording.column(column), _NAME_LENGTH)} = {level}")
    errors = [_error(explanation, place, output, scale) for place in shown]
    if len(others):
        parts.append(float(contributions[others].sum()))
        names.append(f"{len(others)} other columns")
        errors.append("")
    average, end = (
        scale.factor * float(total[output])
        for total in (explanation.average, explanation.prediction)
    )
    drawn = [scale.factor * part for part in parts]
    # Three digits of the predictions, and two of the largest contribution.
    decimals = max(decimals_of(average, end), decimals_of(*drawn) - 1)
    decimals = 1 if scale.is_share else decimals
    first, last = round(average, decimals), round(end, decimals)
    written = round_to_sum(drawn, last - first, decimals)
    text = with_unit(fixed(first, decimals), scale.unit)
    steps = [WaterfallBar("Average", 0.0, average, first, decimals, text)]
    for name, part, rounded, error in zip(names, drawn, written, errors, strict=True):
        start = steps[-1].end
        text = fixed(rounded, decimals, plus=True) + error
        steps.append(WaterfallBar(name, start, start + part, rounded, decimals, text))
    text = with_unit(fixed(last, decimals), scale.unit)
    return [*steps, WaterfallBar(f"This {wording.row}", 0.0, end, last, decimals, text)]


def waterfall(steps: list[WaterfallBar], scale: PredictionAxis) -> dict[str, Any]:
    """Draw the contribution of each column to the prediction.

    Args:
        steps: The bars.
        scale: Axis of the prediction; its title is drawn on a canvas, never read as HTML.

    Returns:
        An ECharts option. The average and the prediction are bars if the axis includes zero, else
        marks: the length of a bar from a cut axis would mean nothing. Signed numbers are in a
        column on the right, so the chart can be read without colours.
    """
    ends = [step.end for step in steps]
    low, high, has_zero = _limits(min(ends), max(ends))
    below: list[float] = []
    bars: dict[str, list[float]] = {name: [] for name in (_RAISES, _LOWERS, _TOTALS)}
    for place, step in enumerate(steps):
        total = place in (0, len(steps) - 1)
        kind = _TOTALS if total else _RAISES if step.end >= step.start else _LOWERS
        hidden = total and not has_zero
        below.append(0.0 if hidden else min(step.start, step.end))
        for name, values in bars.items():
            values.append(abs(step.end - step.start) if name == kind and not hidden else 0.0)
    common = {
        "type": "bar",
        "stack": "waterfall",
        "stackStrategy": "all",
        "barWidth": "64%",
        "silent": True,
        "emphasis": {"disabled": True},
    }
    series: list[dict[str, Any]] = [
        {**common, "name": "below", "data": below, "itemStyle": {"color": "transparent"}}
    ]
    for name, values in bars.items():
        series.append(
            {**common, "name": name, "data": values, "itemStyle": {"color": _COLORS[name]}}
        )
    if not has_zero:
        last = len(steps) - 1
        series[-1] = {
            "type": "scatter",
            "name": _TOTALS,
            "data": [[steps[0].end, 0], [steps[last].end, last]],
            "symbol": "diamond",
            "symbolSize": 16,
            "itemStyle": {"color": GREY},
            "silent": True,
            "z": 3,
        }
    names = {
        "type": "category",
        "inverse": True,
        "axisTick": {"show": False},
        "axisLine": {"show": False},
        "splitLine": {"show": False},
    }
    option = chart(
        "",
        legend=list(bars),
        right=8,
        animationDuration=0,
        animationDurationUpdate=200,
        x=value_axes(
            low,
            high,
            {
                **axis_name(scale.title, below=True),
                "axisLabel": {
                    "fontSize": 13,
                    "showMinLabel": has_zero and low == 0,
                    "showMaxLabel": False,
                    "hideOverlap": True,
                },
            },
            splits=3,
            below=True,
        ),
        y=[
            {
                **names,
                "data": [step.name for step in steps],
                "axisLabel": {
                    "fontSize": 13,
                    "lineHeight": 15,
                    "width": _NAME_WIDTH,
                    "overflow": "break",
                    "interval": 0,
                },
            },
            {
                **names,
                "position": "right",
                "show": True,
                "data": [
                    {
                        "value": step.text,
                        "textStyle": {"fontWeight": 600 if place in (0, len(steps) - 1) else 400},
                    }
                    for place, step in enumerate(steps)
                ],
                "axisLabel": {**LABELS, "interval": 0},
            },
        ],
        series=series,
    )
    del option["animation"]  # bars move to their new lengths after an edit
    return option


def waterfall_figure(
    steps: list[WaterfallBar], scale: PredictionAxis, row: str = PLAIN.row
) -> Figure:
    """Draw the contribution of each column to the prediction with Plotly, for notebooks.

    Args:
        steps: The bars; their sizes are written beside them.
        scale: Axis of the prediction, escaped for Plotly.
        row: What a row is called.

    Returns:
        The figure. The average and the prediction are bars or marks, as in `waterfall`.
    """
    from plotly import graph_objects as go

    low, high, has_zero = _limits(min(step.end for step in steps), max(step.end for step in steps))
    names = [wrapped(label(step.name, 60), 20) for step in steps]
    hover = [f"{label(step.name, 60)}: {step.text}" for step in steps]
    totals = [0, len(steps) - 1]
    between = range(1, len(steps) - 1)
    places = {
        _RAISES: [place for place in between if steps[place].end >= steps[place].start],
        _LOWERS: [place for place in between if steps[place].end < steps[place].start],
        _TOTALS: totals,
    }
    traces: list[Any] = []
    for name, drawn in places.items():
        common = {
            "name": name,
            "y": drawn,
            "customdata": [hover[place] for place in drawn],
            "hovertemplate": "%{customdata}<extra></extra>",
            "showlegend": False,
        }
        if name == _TOTALS and not has_zero:
            marker = {"color": GREY, "size": 14, "symbol": "diamond"}
            ends = [steps[place].end for place in drawn]
            traces.append(go.Scatter(x=ends, mode="markers", marker=marker, **common))
        elif drawn:
            traces.append(
                go.Bar(
                    orientation="h",
                    x=[steps[place].end - steps[place].start for place in drawn],
                    base=[steps[place].start for place in drawn],
                    width=0.64,
                    marker={"color": _COLORS[name]},
                    **common,
                )
            )
        if drawn:
            traces.append(legend_entry(name, _COLORS[name]))
    figure = plotly_figure(
        traces,
        f"{steps[-1].text} for this {row}, {steps[0].text} on average",
        _LINE_HEIGHT * len(steps) + 150,
        barmode="overlay",
        yaxis=category_axis("", names, downwards=True, showgrid=False),
        # Half of the width more, for the numbers beside the bars on a narrow page.
        xaxis=axis(scale.title, range=[low, high + (high - low) / 2], nticks=5),
        legend_lines=2,
    )
    for place, step in enumerate(steps):
        figure.add_annotation(
            x=max(step.start, step.end) if has_zero or place not in totals else step.end,
            y=place,
            text=f"<b>{step.text}</b>" if place in totals else step.text,
            xanchor="left",
            xshift=4 if has_zero or place not in totals else 10,
            showarrow=False,
        )
    return figure


def waterfall_height(steps: list[WaterfallBar]) -> int:
    """Return the height of the chart in pixels."""
    return 120 + _LINE_HEIGHT * len(steps)


def describe_waterfall(steps: list[WaterfallBar]) -> str:
    """Describe what the chart shows, for screen readers."""
    return "; ".join(f"{step.name}: {step.text}" for step in steps)[:600]


def _limits(low: float, high: float) -> tuple[float, float, bool]:
    """Return the ends of the axis, and whether it includes zero: not if that wastes half of it."""
    span = (high - low) or abs(high) or 1.0
    room = 0.06 * span
    if low <= 0 <= high:
        return (low - room if low < 0 else 0.0), (high + room if high > 0 else 0.0), True
    if 0 < low <= span:
        return 0.0, high + room, True
    if 0 < -high <= span:
        return low - room, 0.0, True
    return low - 2 * room, high + 2 * room, False


def _error(explanation: Explanation, column: int, output: int, scale: PredictionAxis) -> str:
    if explanation.standard_errors is None:
        return ""
    error = scale.factor * float(explanation.standard_errors[column, output])
    return f" ± {fixed(error, max(decimals_of(error) - 1, 0))}"
