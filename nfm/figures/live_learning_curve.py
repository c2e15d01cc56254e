"""A learning curve that grows in place and can be zoomed meanwhile, as a chart of Vega-Lite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nfm.epoch import Epoch
from nfm.figures.learning_curve_data import (
    COUNTED,
    PERCENT,
    PLAIN_VIEW,
    CurveMeasure,
    View,
    curve_points,
    epoch_limit,
    measure_title,
    smooth,
    thin,
)
from nfm.settings import Task

ZOOM = "zoom"
"""Name of the selection that holds how far the chart is zoomed."""

_SOURCES = {"Training": "train", "Validation": "validation"}
_PARTS = list(_SOURCES)
_MARK, _CORNER = "mark", "corner"
_DOT, _BEST_DOT = 80, 140
# A wheel without a key scrolls the page, as everywhere else on it.
_WHEEL = "wheel![event.ctrlKey || event.metaKey]"
_FONTS = {"labelFontSize": 14, "titleFontSize": 14}
_NO_VALUE = "none"
_FALLING = {"loss", "mae"}
_DATA = "epochs"
# As SVG, every point would be a node of its own, for the pointer to be near to.
_CANVAS = {"embedOptions": {"renderer": "canvas"}}


@dataclass(frozen=True)
class LiveCurve:
    """A chart in two parts: while only the data change, the browser keeps its drawing.

    Attributes:
        spec: Of Vega-Lite; depends on what is drawn, not on the epochs.
        data: One row for each point, with columns `epoch`, `value`, `part` ("Training" or
            "Validation" for the curves, "mark" for what is marked on one, "corner" for where
            the axes end), `curve` (the one that a mark is on), `text` (the mark's name; "none"
            for a point that stands for a curve without any) `size` (of a dot, square
            pixels) and `side` (where the mark's name begins, or ends).
    """

    spec: dict[str, Any]
    data: pd.DataFrame

    def with_data(self) -> dict[str, Any]:
        """Return the chart with its data under a name.

        Named data are there when the browser first lays the axes out. Data without a name
        come afterwards, and Vega warns of each axis that has none yet.
        """
        return self.spec | {"data": {"name": _DATA}, "datasets": {_DATA: self.data}}


def learning_curve(
    epochs: Sequence[Epoch],
    measure: CurveMeasure,
    task: Task,
    *,
    planned: int,
    finished: bool = False,
    view: View = PLAIN_VIEW,
    unit: str = "",
) -> LiveCurve:
    """Draw one measure on the training and the validation rows against the epoch.

    Colours come from the theme's palette: its first two can be distinguished by colour-blind
    people too, and the training curve is dashed.

    Args:
        epochs: In order; may be empty, which draws the axes alone.
        measure: What to draw.
        task: Names the loss.
        planned: Epochs asked for.
        finished: Whether no more epochs will come.
        view: How to look at it.
        unit: Of the target, if it has one.

    Returns:
        The chart.
    """
    first, last = _axis_ends(len(epochs), planned, view, finished=finished)
    shown = thin(epochs[first - 1 : last])
    logarithmic = view.logarithmic and measure == "loss"
    curves = {}
    for part, source in _SOURCES.items():
        points = smooth(curve_points(shown, measure, source), view.smoothing)
        # What is not positive has no place on a logarithmic axis.
        curves[part] = {epoch: value for epoch, value in points if value > 0 or not logarithmic}
    best = max((epoch.number for epoch in shown if epoch.best), default=None)
    percent = measure in PERCENT
    title = measure_title(measure, task, unit) + (", smoothed" if view.smoothing else "")
    return LiveCurve(
        _spec(title, measure, logarithmic=logarithmic and any(curves.values())),
        _data(curves, best, (first, last), percent=percent),
    )


def _axis_ends(trained: int, planned: int, view: View, *, finished: bool) -> tuple[int, int]:
    """Return the first and the last epoch on the axis."""
    if view.span is not None:
        first, last = view.span
        return first, max(last, first + 1)
    if view.last is not None:
        first = max(1, trained - view.last + 1)
        return first, max(trained, first + 1)
    return 1, epoch_limit(trained, planned, finished=finished)


def _data(
    curves: dict[str, dict[int, float]],
    best: int | None,
    ends: tuple[int, int],
    *,
    percent: bool,
) -> pd.DataFrame:
    """Return all rows of the chart.

    Vega warns of every layer that has no rows, so a part that has none gets one that is not
    seen: a line of one point, a dot without a size.

    Args:
        curves: Value at each epoch, of both parts.
        best: The best epoch, if it is in sight.
        ends: First and last epoch on the axis.
        percent: Whether the values are percentages.
    """
    values = [value for curve in curves.values() for value in curve.values()]
    low, high = (min(values), max(values)) if values else (0.0, 100.0 if percent else 1.0)
    first, last = ends
    rows: list[tuple[int, float, str, str, str, int]] = []
    for part, curve in curves.items():
        rows += [(epoch, value, part, part, "", 0) for epoch, value in curve.items()]
        if not curve:
            rows.append((first, low, part, part, _NO_VALUE, 0))
        if len(curve) == 1:
            ((epoch, value),) = curve.items()
            rows.append((epoch, value, _MARK, part, "", _DOT))
    validation = curves["Validation"]
    if best in validation:
        rows.append((best, validation[best], _MARK, "Validation", f"best: {best}", _BEST_DOT))
    rows += [(first, low, _MARK, "Validation", "", 0), (last, low, _MARK, "Validation", "", 0)]
    rows += [(first, low, _CORNER, "", "", 0), (last, high, _CORNER, "", "", 0)]
    data = pd.DataFrame(rows, columns=["epoch", "value", "part", "curve", "text", "size"])
    # A name is written towards the middle: the chart's edge would cut it.
    data["side"] = np.where(data["epoch"] > (first + last) / 2, "right", "left")
    # Small types: the browser gets them all several times a second.
    texts = dict.fromkeys(("part", "curve", "text", "side"), "category")
    return data.astype({"epoch": "int32", "size": "int16", **texts})


def _form(measure: CurveMeasure) -> str:
    """Return how a value is written, in the notation of d3."""
    if measure in PERCENT:
        return ".1f"
    return ",.5~r" if measure in COUNTED else ".4f"


def _spec(title: str, measure: CurveMeasure, *, logarithmic: bool) -> dict[str, Any]:
    """Return everything of the chart but its data.

    Args:
        title: Above it.
        measure: What is drawn.
        logarithmic: Whether the vertical axis is.
    """
    unit = " %" if measure in PERCENT else ""
    return {
        "title": {"text": title, "anchor": "start", "fontSize": 16, "fontWeight": 600, "offset": 4},
        "encoding": {
            "x": {
                "field": "epoch",
                "type": "quantitative",
                "title": "Epoch",
                "scale": {"nice": False, "zero": False},
                "axis": {"tickMinStep": 1, "format": "d", "grid": False, **_FONTS},
            },
            "y": {
                "field": "value",
                "type": "quantitative",
                "title": None,
                "scale": {"type": "log", "base": 2} if logarithmic else {"zero": False},
                # Room for the longer numbers of a zoom, for which nothing is laid out anew.
                "axis": {"labelExpr": f"datum.label + '{unit}'", "minExtent": 58, **_FONTS},
            },
        },
        "layer": [
            _lines(),
            *_marks(high_is_best=measure not in _FALLING),
            _corners(),
            _readings(_form(measure), unit),
        ],
        "padding": {"left": 2, "top": 2, "right": 8, "bottom": 8},
        "usermeta": _CANVAS,
    }


def _lines() -> dict[str, Any]:
    """Draw the two curves, and let them be zoomed and moved."""
    legend = {
        "orient": "top",
        "offset": 6,
        "padding": 0,
        "title": None,
        "labelFontSize": 14,
        "symbolType": "stroke",
        "symbolSize": 700,
        "symbolStrokeWidth": 3,
    }
    part = {"field": "part", "type": "nominal", "legend": legend}
    dashes = [[6, 4], [1, 0]]
    return {
        "params": [
            {"name": ZOOM, "select": {"type": "interval", "zoom": _WHEEL}, "bind": "scales"}
        ],
        "transform": [_only(*_PARTS)],
        "mark": {"type": "line", "strokeWidth": 3, "clip": True},
        "encoding": {
            "color": part | {"scale": {"domain": _PARTS}},
            "strokeDash": part | {"scale": {"domain": _PARTS, "range": dashes}},
        },
    }


def _marks(*, high_is_best: bool) -> list[dict[str, Any]]:
    """Mark the epoch of the lowest validation loss, and a curve's point while it has but one."""
    color: dict[str, Any] = {"color": {"value": {"expr": "scale('color', datum.curve)"}}}
    named = {"test": "datum.text !== ''", "value": 1}
    across: Any = {"expr": "height - 10"} if high_is_best else 10
    common: dict[str, Any] = {"transform": [_only(_MARK)]}
    return [
        common
        | {
            "mark": {"type": "rule", "strokeDash": [2, 3], "strokeWidth": 2, "clip": True},
            "encoding": {**color, "y": None, "opacity": {"condition": named, "value": 0}},
        },
        *(
            {
                "transform": [_only(_MARK), {"filter": {"field": "side", "equal": side}}],
                "mark": {"type": "text", "align": side, "dx": dx, "fontSize": 14, "clip": True},
                # Where no curve runs through it: a loss is low at its best, a score high.
                "encoding": color | {"y": {"value": across}, "text": {"field": "text"}},
            }
            for side, dx in (("left", 6), ("right", -6))
        ),
        common
        | {
            "mark": {"type": "point", "filled": True, "opacity": 1, "clip": True},
            "encoding": {**color, "size": {"field": "size", "type": "quantitative", "scale": None}},
        },
    ]


def _corners() -> dict[str, Any]:
    """Hold the axes open; nothing is seen of it."""
    return {"transform": [_only(_CORNER)], "mark": {"type": "point", "opacity": 0}}


def _readings(form: str, unit: str) -> dict[str, Any]:
    """Show the values of the epoch nearest to the pointer.

    Args:
        form: How they are written, in the notation of d3.
        unit: Behind them.
    """
    reading = (
        f"datum.text === '{_NO_VALUE}' ? datum.text : format(datum.value, '{form}') + '{unit}'"
    )
    texts = [
        {"calculate": f"datum['{part}'] || '{_NO_VALUE}'", "as": f"{part} text"} for part in _PARTS
    ]
    nearest = {
        "type": "point",
        "fields": ["epoch"],
        "nearest": True,
        "on": "pointermove",
        "clear": "pointerout",
    }
    pointed = {"param": "pointed", "empty": False, "value": 0.4}
    return {
        "transform": [
            _only(*_PARTS),
            {"calculate": reading, "as": "reading"},
            {"pivot": "part", "value": "reading", "op": "max", "groupby": ["epoch"]},
            *texts,
        ],
        "params": [{"name": "pointed", "select": nearest}],
        "mark": {"type": "rule", "clip": True},
        "encoding": {
            "y": None,
            "opacity": {"condition": pointed, "value": 0},
            "tooltip": [
                {"field": "epoch", "type": "quantitative", "title": "Epoch"},
                *({"field": f"{part} text", "type": "nominal", "title": part} for part in _PARTS),
            ],
        },
    }


def _only(*parts: str) -> dict[str, Any]:
    return {"filter": {"field": "part", "oneOf": list(parts)}}
