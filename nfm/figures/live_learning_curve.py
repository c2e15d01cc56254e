"""Learning curve that grows during training and can be zoomed, as a chart of Vega-Lite."""

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
    smooth,
    thin,
)
from nfm.figures.palette import GREEN

ZOOM = "zoom"
"""Name of the Vega-Lite selection with the zoom."""

_SOURCES = {"Training": "train", "Validation": "validation"}
_PARTS = list(_SOURCES)
_MEMBERS = "Members"
_MARK, _CORNER, _CEILING = "mark", "corner", "ceiling"
_DOT, _BEST_DOT = 80, 140
# Without a modifier key, the wheel scrolls the page as usual.
_WHEEL = "wheel![event.ctrlKey || event.metaKey]"
_FONTS = {"labelFontSize": 14, "titleFontSize": 14}
_NO_VALUE = "none"
_FALLING = {"loss", "mae"}
_DATA = "epochs"
# As SVG, every point would be a DOM node.
_CANVAS = {"embedOptions": {"renderer": "canvas"}}


@dataclass(frozen=True)
class LiveCurve:
    """A chart as specification and data: if only the data change, the browser keeps its view.

    Attributes:
        spec: Specification of Vega-Lite; independent of the epochs.
        data: One row per point, with the columns `epoch`, `value`, `part` ("Training" or
            "Validation" for the curves, "Members" for the validation curves of an ensemble's
            members, "mark" for marks on them, "corner" for the ends of the axes, "ceiling" for the
            best possible value), `curve` (the curve of a mark, or the number of a member), `text`
            (label of a mark; "none" for the placeholder of an empty curve), `size` (of a dot, in
            square pixels) and `side` (alignment of the label).
    """

    spec: dict[str, Any]
    data: pd.DataFrame

    def with_data(self) -> dict[str, Any]:
        """Return the specification with the data as a named data set.

        Named data are available when the browser first lays out the axes. Data without a name
        arrive later, and Vega warns of every axis without data.
        """
        return self.spec | {"data": {"name": _DATA}, "datasets": {_DATA: self.data}}


def learning_curve(
    epochs: Sequence[Epoch],
    measure: CurveMeasure,
    title: str,
    *,
    planned: int,
    finished: bool = False,
    view: View = PLAIN_VIEW,
    ceiling: float | None = None,
    members: int = 1,
) -> LiveCurve:
    """Draw one measure on training and validation rows against the epoch.

    Colours come from the palette of the theme: colour-blind people can tell its first two
    apart, and the training curve is dashed.

    Args:
        epochs: The epochs in order; without any, only the axes are drawn.
        measure: The measure to draw.
        title: Title, as `measure_title` returns it.
        planned: Number of epochs in the settings.
        finished: Whether training has ended.
        view: Smoothing, scale and range of epochs.
        ceiling: Best possible value, drawn as a line across; None if it is not known.
        members: Number of networks that are averaged; the loss of each of several is a thin line.
    """
    first, last = _axis_ends(len(epochs), planned, view, finished=finished)
    shown = thin(epochs[first - 1 : last])
    logarithmic = view.logarithmic and measure == "loss"
    measured = {part: curve_points(shown, measure, source) for part, source in _SOURCES.items()}
    numbers = range(members) if members > 1 and measure == "loss" else ()
    measured |= {
        str(member + 1): [
            (epoch.number, epoch.member_losses[member]) for epoch in shown if epoch.member_losses
        ]
        for member in numbers
    }
    curves = {
        name: {
            epoch: value
            for epoch, value in smooth(points, view.smoothing)
            if value > 0 or not logarithmic  # a logarithmic axis has positive values only
        }
        for name, points in measured.items()
    }
    best = max((epoch.number for epoch in shown if epoch.best), default=None)
    percent = measure in PERCENT
    return LiveCurve(
        _spec(
            f"{title}, smoothed" if view.smoothing else title,
            measure,
            logarithmic=logarithmic and any(curves.values()),
            has_ceiling=ceiling is not None,
            has_members=bool(numbers),
        ),
        _data(curves, best, (first, last), percent=percent, ceiling=ceiling),
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
    ceiling: float | None,
) -> pd.DataFrame:
    """Return all rows of the chart's data.

    Vega warns of every layer without rows, so an empty part gets an invisible row: a line of one
    point, or a dot of size 0.

    Args:
        curves: Value by epoch, for both parts, and for each member by its number.
        best: The best epoch; None if it is not among the drawn ones.
        ends: First and last epoch of the axis.
        percent: Whether the values are percentages.
        ceiling: Best possible value; None if it is not known.
    """
    values = [value for curve in curves.values() for value in curve.values()]
    low, high = (min(values), max(values)) if values else (0.0, 100.0 if percent else 1.0)
    first, last = ends
    if ceiling is not None and values:
        low, high = min(low, ceiling), max(high, ceiling)
    rows: list[tuple[int, float, str, str, str, int]] = []
    for name, curve in curves.items():
        part = name if name in _SOURCES else _MEMBERS
        rows += [(epoch, value, part, name, "", 0) for epoch, value in curve.items()]
        if not curve:
            rows.append((first, low, part, name, _NO_VALUE, 0))
        if len(curve) == 1 and part == name:
            ((epoch, value),) = curve.items()
            rows.append((epoch, value, _MARK, part, "", _DOT))
    validation = curves["Validation"]
    if best in validation:
        rows.append((best, validation[best], _MARK, "Validation", f"best: {best}", _BEST_DOT))
    rows += [(first, low, _MARK, "Validation", "", 0), (last, low, _MARK, "Validation", "", 0)]
    rows += [(first, low, _CORNER, "", "", 0), (last, high, _CORNER, "", "", 0)]
    if ceiling is not None:
        rows.append((first, ceiling, _CEILING, "", f"best possible: {ceiling:.1f}%", 0))
    data = pd.DataFrame(rows, columns=["epoch", "value", "part", "curve", "text", "size"])
    # Labels extend towards the middle, where the edge of the chart cannot cut them.
    data["side"] = np.where(data["epoch"] > (first + last) / 2, "right", "left")
    # Small types: the data are sent to the browser several times per second.
    texts = dict.fromkeys(("part", "curve", "text", "side"), "category")
    return data.astype({"epoch": "int32", "size": "int16", **texts})


def _spec(
    title: str,
    measure: CurveMeasure,
    *,
    logarithmic: bool,
    has_ceiling: bool,
    has_members: bool,
) -> dict[str, Any]:
    """Return the specification without the data.

    Args:
        title: Title of the chart.
        measure: The measure to draw.
        logarithmic: Whether the vertical axis is logarithmic.
        has_ceiling: Whether a line marks the best possible value.
        has_members: Whether thin lines show the members of an ensemble.
    """
    form, unit = ".4f", ""  # number format of d3
    if measure in PERCENT:
        form, unit = ".1f", "%"
    elif measure in COUNTED:
        form = ",.5~r"
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
                # Room for longer tick labels: a zoom does not repeat the layout.
                "axis": {"labelExpr": f"datum.label + '{unit}'", "minExtent": 58, **_FONTS},
            },
        },
        "layer": [
            _lines(has_members=has_members),
            *_marks(high_is_best=measure not in _FALLING),
            *(_ceiling() if has_ceiling else []),
            # Invisible points keep the axes at their full length.
            {"transform": [_only(_CORNER)], "mark": {"type": "point", "opacity": 0}},
            _readings(form, unit),
        ],
        "padding": {"left": 2, "top": 2, "right": 8, "bottom": 8},
        "usermeta": _CANVAS,
    }


def _lines(*, has_members: bool) -> dict[str, Any]:
    """Draw the two curves, and thin ones of an ensemble's members, with zoom and pan."""
    names, dashes = [*_PARTS], [[6, 4], [1, 0]]
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
    mark: dict[str, Any] = {"type": "line", "strokeWidth": 3, "clip": True}
    thin: dict[str, Any] = {}
    if has_members:
        del mark["strokeWidth"]  # it would win over the encoding
        names, dashes = [*names, _MEMBERS], [*dashes, [1, 0]]
        legend |= {"symbolSize": 400, "columnPadding": 8}  # three entries side by side
        # A condition, not a scale: Vega warns of widths for what has no order.
        is_member = {"test": f"datum.part === '{_MEMBERS}'", "value": 1.2}
        thin = {"detail": {"field": "curve"}, "strokeWidth": {"condition": is_member, "value": 3}}
    part = {"field": "part", "type": "nominal", "legend": legend}
    return {
        "params": [
            {"name": ZOOM, "select": {"type": "interval", "zoom": _WHEEL}, "bind": "scales"}
        ],
        "transform": [_only(*names)],
        "mark": mark,
        "encoding": {
            "color": part | {"scale": {"domain": names}},
            "strokeDash": part | {"scale": {"domain": names, "range": dashes}},
            **thin,
        },
    }


def _marks(*, high_is_best: bool) -> list[dict[str, Any]]:
    """Mark the best epoch, and the point of a curve with only one."""
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
                # At the end without the curve: a loss is low at its best epoch, a score is high.
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


def _ceiling() -> list[dict[str, Any]]:
    """Draw a line at the best possible value, and say what it is."""
    common: dict[str, Any] = {"transform": [_only(_CEILING)]}
    return [
        common
        | {
            "mark": {"type": "rule", "strokeDash": [8, 4], "strokeWidth": 2, "clip": True},
            "encoding": {"x": None, "color": {"value": GREEN}},
        },
        common
        | {
            "mark": {
                "type": "text",
                "align": "left",
                "dx": 6,
                "dy": 12,
                "fontSize": 14,
                "clip": True,
            },
            "encoding": {"text": {"field": "text"}, "color": {"value": GREEN}},
        },
    ]


def _readings(form: str, unit: str) -> dict[str, Any]:
    """Show the values at the epoch nearest to the pointer.

    Args:
        form: Number format of d3.
        unit: Text after each number.
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
