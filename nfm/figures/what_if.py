"""ICE curves of single columns for one row, as options of Apache ECharts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nfm.explanation.ice_curves import ICECurve
from nfm.figures.echarts import chart, value_axes, write_negatives
from nfm.figures.labels import PredictionAxis
from nfm.figures.palette import BLUE, GREY, ORANGE
from nfm.tabular.wording import PLAIN, Wording
from nfm.text import shorten

LEVELS = 8
PANEL_HEIGHT = 270
_WIDTH = 260  # pixels, of the narrowest panel
_PREDICTION, _MARK = "Prediction", "Value now"
_DAY = 86_400_000  # in the milliseconds of a time axis
_FEW_LEVELS = 4


def prediction_limits(
    found: Sequence[ICECurve], scale: PredictionAxis, output: int = 0
) -> tuple[float, float]:
    """Return the ends of an axis of predictions that fits all panels."""
    drawn = [
        scale.factor * float(value)
        for profile in found
        for value in (*profile.predictions[:, output], profile.current_prediction[output])
    ] or [0.0, 1.0]
    low, high = min(drawn), max(drawn)
    room = 0.08 * (high - low) or 1.0
    if scale.limits is None:
        return low - room, high + room
    return max(scale.limits[0] - 3, low - room), min(scale.limits[1] + 3, high + room)


def what_if_panel(
    profile: ICECurve,
    scale: PredictionAxis,
    limits: tuple[float, float],
    output: int = 0,
    wording: Wording = PLAIN,
) -> dict[str, Any]:
    """Draw the ICE curve of one column, with a mark at the row's own value.

    Args:
        profile: ICE curve of the column.
        scale: Axis of the prediction.
        limits: Ends of the axis of predictions, as `prediction_limits` returns them.
        output: Index of the output.
        wording: Display names of columns and levels; a canvas draws them as plain text.

    Returns:
        An ECharts option: points for levels, a line for numbers, a diamond for the row.
    """
    values = scale.factor * profile.predictions[:, output]
    current = scale.factor * float(profile.current_prediction[output])
    if profile.candidates.kind == "levels":
        across, series = _levels(profile, values, current, wording)
    else:
        across, series = _numbers(profile, values, current)
    name = shorten(wording.column(profile.candidates.column), 28)
    option = chart(
        name,
        note=f"Moves the prediction by {scale.span(profile.range(output))}",
        legend=[_PREDICTION, _MARK],
        size=14,
        width=_WIDTH,
        right=14,
        useUTC=True,
        tooltip={
            "trigger": "axis",
            "valueFormatter": scale.reading(*limits),
            "confine": True,
        },
        x=across,
        y=value_axes(
            *limits,
            {"axisLabel": {"fontSize": 12, "showMinLabel": False, "showMaxLabel": False}},
            # Without a template, ECharts writes 20,000 with a comma.
            suffix="%" if scale.is_share else "",
        ),
        series=series,
    )
    return write_negatives(option, scale.drawn)


def describe_panel(
    profile: ICECurve, scale: PredictionAxis, output: int = 0, wording: Wording = PLAIN
) -> str:
    """Describe what a panel shows, for screen readers."""
    values = [float(value) for value in profile.predictions[:, output]]
    column = wording.column(profile.candidates.column)
    if not values:
        return f"{column} has no values to try"
    own = wording.level(profile.candidates.column, profile.current_text)
    text = f"{column}: from {scale.text(min(values))} to {scale.text(max(values))}; {own} now"
    return text[:300]


def _levels(
    profile: ICECurve, values: np.ndarray, current: float, wording: Wording
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the horizontal axis and the series for levels."""
    choices = profile.candidates
    # The most frequent levels, and the row's own, in the encoder's order.
    counts = choices.counts.astype(np.float64)
    counts[choices.coordinates == profile.current] = np.inf
    kept = np.sort(np.argsort(-counts, kind="stable")[:LEVELS])
    length = 14 if len(kept) <= _FEW_LEVELS else 9
    column = choices.column
    names = [shorten(wording.level(column, choices.texts[k]), length) for k in kept]
    same = [place for place, k in enumerate(kept) if choices.coordinates[k] == profile.current]
    if not same:
        names.append(shorten(wording.level(column, profile.current_text), length))
    mark = same[0] if same else len(names) - 1
    slanted = len(names) > _FEW_LEVELS
    across = {
        "type": "category",
        "data": names,
        "axisTick": {"show": False},
        "axisLabel": {"fontSize": 12, "interval": 0, "rotate": 40 if slanted else 0},
    }
    points = [[place, float(values[k])] for place, k in enumerate(kept)]
    return across, [_points(points), _mark([mark, current])]


def _numbers(
    profile: ICECurve, values: np.ndarray, current: float
) -> tuple[Any, list[dict[str, Any]]]:
    """Return the horizontal axis and the series for numbers or dates."""
    choices = profile.candidates
    scale = _DAY if choices.kind == "date" else 1
    known = ~np.isnan(choices.coordinates)
    numbers = scale * choices.coordinates[known]
    own = None if np.isnan(profile.current) else float(scale * profile.current)
    everything = np.append(numbers, [] if own is None else [own])
    low, high = (everything.min(), everything.max()) if len(everything) else (0.0, 1.0)
    room = (high - low) or 1.0
    beside = float(high + 0.14 * room)
    has_missing = bool((~known).any()) or own is None
    start = float(low - 0.02 * room)
    end = beside + 0.06 * room if has_missing else float(high + 0.02 * room)
    axis: dict[str, Any] = {
        "splitLine": {"show": False},
        "axisLabel": {
            "fontSize": 12,
            "showMinLabel": False,
            "showMaxLabel": False,
            "hideOverlap": True,
        },
    }
    across: Any = value_axes(start, end, axis, below=True)
    if choices.kind == "date":
        across = {"type": "time", "min": start, "max": end, "splitNumber": 4, **axis}
    line = {
        "type": "line",
        "name": _PREDICTION,
        "data": [[float(x), float(y)] for x, y in zip(numbers, values[known], strict=True)],
        "showSymbol": len(numbers) == 1,
        "symbolSize": 9,
        "lineStyle": {"width": 3, "color": BLUE},
        "itemStyle": {"color": BLUE},
        "emphasis": {"disabled": True},
    }
    missing = _points([[beside, float(y)] for y in values[~known]], "Prediction if missing")
    missing["label"] = {
        "show": True,
        "formatter": "missing",
        "position": "bottom",
        "fontSize": 12,
    }
    return across, [line, missing, _mark([beside if own is None else own, current])]


def _points(points: list[list[float]], name: str = _PREDICTION) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": name,
        "data": points,
        "symbolSize": 11,
        "itemStyle": {"color": BLUE},
        "emphasis": {"disabled": True},
    }


def _mark(point: list[float]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": _MARK,
        "data": [point],
        "symbol": "diamond",
        "symbolSize": 18,
        "itemStyle": {"color": ORANGE, "borderColor": GREY, "borderWidth": 1},
        "emphasis": {"disabled": True},
        "z": 5,
    }
