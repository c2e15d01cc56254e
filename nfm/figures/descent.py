"""Optimisers on their way down a valley, as options of Apache ECharts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nfm.inference.lessons.optimizer_paths import valley_loss

_DASHES = ("solid", "dashed", "dotted")
_SYMBOLS = ("circle", "rect", "triangle")
_WIDE, _HIGH = 2.5, 2.5
_LABEL = {"fontSize": 14}


def valley_map(paths: Mapping[str, np.ndarray], steepness: float) -> dict[str, Any]:
    """Draw paths over lines of equal loss.

    Args:
        paths: Places by the rule's name, float64 (steps + 1, 2); those far outside are cut.
        steepness: c of the valley ½ (c w₁² + w₂²).

    Returns:
        An ECharts option.
    """
    levels = valley_loss(np.array([0.0, 1.0]), steepness) * np.array([0.25, 1.0, 2.25, 4.0, 6.25])
    contours = [
        {
            "type": "line",
            "name": "Equal loss",
            "data": _ellipse(float(level), steepness),
            "symbol": "none",
            "silent": True,
            "lineStyle": {"width": 1, "color": "#7F8A96", "opacity": 0.7},
            "itemStyle": {"color": "#7F8A96"},
            "tooltip": {"show": False},
        }
        for level in levels
    ]
    lines = [
        {
            "type": "line",
            "name": name,
            "data": _inside(places),
            "symbol": symbol,
            "symbolSize": 7,
            "showAllSymbol": True,
            "lineStyle": {"width": 2, "type": dash},
            "clip": True,
        }
        for (name, places), dash, symbol in zip(paths.items(), _DASHES, _SYMBOLS, strict=False)
    ]
    axis = {"type": "value", "axisLabel": _LABEL, "splitLine": {"show": False}, "interval": 1}
    return {
        "animation": False,
        "title": _title("The way of the two weights"),
        "legend": {"left": 0, "top": 28, "textStyle": _LABEL, "data": list(paths), "itemGap": 14},
        "grid": {"left": 8, "right": 16, "top": 66, "bottom": 8, "outerBoundsMode": "same"},
        "xAxis": {**axis, **_named("w₁ (steep)"), "min": -_WIDE, "max": _WIDE},
        "yAxis": {**axis, "name": "w₂ (flat)", "min": -_HIGH, "max": _HIGH, "nameTextStyle": _LABEL}
        | {"nameLocation": "middle", "nameGap": 34},
        "series": [*lines, *contours],
    }


def descent_curves(paths: Mapping[str, np.ndarray], steepness: float) -> dict[str, Any]:
    """Draw the loss after each step on a logarithmic axis.

    Args:
        paths: As for `valley_map`.
        steepness: Likewise.

    Returns:
        An ECharts option.
    """
    return {
        "animation": False,
        "title": _title("Loss (logarithmic)"),
        "legend": {"left": 0, "top": 28, "textStyle": _LABEL, "itemGap": 14, "itemWidth": 34},
        "grid": {"left": 8, "right": 16, "top": 66, "bottom": 8, "outerBoundsMode": "same"},
        "tooltip": {"trigger": "axis", "valueFormatter": "%.2g"},
        "xAxis": {"type": "value", "axisLabel": _LABEL, **_named("Step"), "minInterval": 1},
        "yAxis": {
            "type": "log",
            "axisLabel": {"fontSize": 14, "formatter": "{value}"},
            "min": 1e-6,
            "max": 1e3,
        },
        "series": [
            {
                "type": "line",
                "name": name,
                "data": [
                    [step, float(np.clip(loss, 1e-6, 1e3))]
                    for step, loss in enumerate(valley_loss(places, steepness))
                ],
                "symbol": "none",
                "lineStyle": {"width": 3, "type": dash},
            }
            for (name, places), dash in zip(paths.items(), _DASHES, strict=False)
        ],
    }


def _ellipse(level: float, steepness: float) -> list[list[float]]:
    angles = np.linspace(0, 2 * np.pi, 61)
    across = np.sqrt(2 * level / steepness) * np.cos(angles)
    along = np.sqrt(2 * level) * np.sin(angles)
    return [[round(float(x), 4), round(float(y), 4)] for x, y in zip(across, along, strict=True)]


def _inside(places: np.ndarray) -> list[list[float]]:
    """Cut a path a little outside the picture, so that a leap can still be seen leaving."""
    outside = np.abs(places).max(axis=1) > 4 * _WIDE
    end = int(outside.argmax()) + 1 if outside.any() else len(places)
    return [[round(float(x), 4), round(float(y), 4)] for x, y in places[:end]]


def _title(text: str) -> dict[str, Any]:
    style = {"fontSize": 16, "fontWeight": 600}
    return {"text": text, "left": 4, "top": 2, "textStyle": style}


def _named(name: str) -> dict[str, Any]:
    return {"name": name, "nameLocation": "middle", "nameGap": 28, "nameTextStyle": _LABEL}


def describe_descent(paths: Mapping[str, np.ndarray], steepness: float) -> str:
    """Say in words where each path ends."""
    ends: Sequence[str] = [
        f"{name} at a loss of {valley_loss(places[-1], steepness):.2g}"
        for name, places in paths.items()
    ]
    return "After the last step: " + ", ".join(ends)
