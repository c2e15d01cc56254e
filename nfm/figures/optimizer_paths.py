"""Optimisers on their way down a valley, as options of Apache ECharts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nfm.figures.echarts import grid, heading, named_axis, value_axes
from nfm.teaching.optimizer_paths import valley_loss

_DASHES = ("solid", "dashed", "dotted")
_SYMBOLS = ("circle", "rect", "triangle")
_WIDE, _HIGH = 2.5, 2.5
_LABEL = {"fontSize": 13}
_CONTOURS = "Equal loss"


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
            "name": _CONTOURS,
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
    axis = {"axisLabel": _LABEL, "splitLine": {"show": False}}
    shown, top = heading("Path of the two weights", "", [*paths, _CONTOURS])
    return {
        "animation": False,
        **shown,
        "grid": grid(top),
        "xAxis": value_axes(
            -_WIDE, _WIDE, axis | named_axis("w₁ (steep)", below=True), splits=5, below=True
        ),
        "yAxis": value_axes(-_HIGH, _HIGH, axis | named_axis("w₂ (flat)", below=False), splits=5),
        "series": [*lines, *contours],
    }


def descent_curves(paths: Mapping[str, np.ndarray], steepness: float) -> dict[str, Any]:
    """Draw the loss after each step on a logarithmic axis.

    Args:
        paths: As for `valley_map`.
        steepness: Of the valley, as for `valley_map`.

    Returns:
        An ECharts option.
    """
    shown, top = heading("Loss (logarithmic)", "", list(paths), symbol=34)
    return {
        "animation": False,
        **shown,
        "grid": grid(top),
        "tooltip": {"trigger": "axis", "valueFormatter": "%,.6f"},
        "xAxis": {
            "type": "value",
            "axisLabel": _LABEL,
            **named_axis("Step", below=True),
            "minInterval": 1,
        },
        "yAxis": {
            "type": "log",
            "axisLabel": {"fontSize": 13, "formatter": "{value}"},
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


def describe_descent(paths: Mapping[str, np.ndarray], steepness: float) -> str:
    """Say in words where each path ends."""
    ends: Sequence[str] = [
        f"{name} at a loss of {valley_loss(places[-1], steepness):.2g}"
        for name, places in paths.items()
    ]
    return "After the last step: " + ", ".join(ends)
