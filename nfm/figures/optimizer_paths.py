"""Paths of optimisers down a valley of the loss, as options of Apache ECharts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nfm.figures.echarts import LABELS, axis_name, chart, line, value_axes
from nfm.figures.palette import GREY
from nfm.teaching.optimizer_paths import valley_loss

_DASHES = ("solid", "dashed", "dotted")
_SYMBOLS = ("circle", "rect", "triangle")
_LIMIT = 2.5  # of both axes
_CONTOURS = "Equal loss"


def valley_map(paths: Mapping[str, np.ndarray], steepness: float) -> dict[str, Any]:
    """Draw paths over contour lines of the loss.

    Args:
        paths: Weights after each step, float64 (steps + 1, 2), by name of the optimiser; a path
            is cut where it leaves the picture.
        steepness: c of the loss ½ (c w₁² + w₂²).
    """
    levels = valley_loss(np.array([0.0, 1.0]), steepness) * np.array([0.25, 1.0, 2.25, 4.0, 6.25])
    contours = [
        line(
            _CONTOURS,
            _ellipse(float(level), steepness),
            silent=True,
            lineStyle={"width": 1, "color": GREY, "opacity": 0.7},
            itemStyle={"color": GREY},
            tooltip={"show": False},
        )
        for level in levels
    ]
    lines = [
        line(
            name,
            _inside(places),
            symbol=symbol,
            symbolSize=7,
            showAllSymbol=True,
            lineStyle={"width": 2, "type": dash},
            clip=True,
        )
        for (name, places), dash, symbol in zip(paths.items(), _DASHES, _SYMBOLS, strict=False)
    ]
    axis = {"axisLabel": LABELS, "splitLine": {"show": False}}
    return chart(
        "Path of the two weights",
        legend=[*paths, _CONTOURS],
        x=value_axes(
            -_LIMIT, _LIMIT, axis | axis_name("w₁ (steep)", below=True), splits=5, below=True
        ),
        y=value_axes(-_LIMIT, _LIMIT, axis | axis_name("w₂ (flat)", below=False), splits=5),
        series=[*lines, *contours],
    )


def descent_curves(paths: Mapping[str, np.ndarray], steepness: float) -> dict[str, Any]:
    """Draw the loss after each step on a logarithmic axis.

    Args:
        paths: Weights after each step, float64 (steps + 1, 2), by name of the optimiser.
        steepness: c of the loss ½ (c w₁² + w₂²).
    """
    return chart(
        "Loss (logarithmic)",
        legend=list(paths),
        symbol=34,
        tooltip={"trigger": "axis", "valueFormatter": "%,.6f"},
        x={
            "type": "value",
            "axisLabel": LABELS,
            **axis_name("Step", below=True),
            "minInterval": 1,
        },
        y={
            "type": "log",
            "axisLabel": {**LABELS, "formatter": "{value}"},
            "min": 1e-6,
            "max": 1e3,
        },
        series=[
            line(
                name,
                [
                    [step, float(np.clip(loss, 1e-6, 1e3))]
                    for step, loss in enumerate(valley_loss(places, steepness))
                ],
                dash=dash,
            )
            for (name, places), dash in zip(paths.items(), _DASHES, strict=False)
        ],
    )


def _ellipse(level: float, steepness: float) -> list[list[float]]:
    angles = np.linspace(0, 2 * np.pi, 61)
    across = np.sqrt(2 * level / steepness) * np.cos(angles)
    along = np.sqrt(2 * level) * np.sin(angles)
    return [[round(float(x), 4), round(float(y), 4)] for x, y in zip(across, along, strict=True)]


def _inside(places: np.ndarray) -> list[list[float]]:
    """Cut a path some way outside the picture, so that a leap out of it is still visible."""
    outside = np.abs(places).max(axis=1) > 4 * _LIMIT
    end = int(outside.argmax()) + 1 if outside.any() else len(places)
    return [[round(float(x), 4), round(float(y), 4)] for x, y in places[:end]]


def describe_descent(paths: Mapping[str, np.ndarray], steepness: float) -> str:
    """Describe where each path ends, for screen readers.

    Args:
        paths: Weights after each step, float64 (steps + 1, 2), by name of the optimiser.
        steepness: c of the loss ½ (c w₁² + w₂²).
    """
    ends: Sequence[str] = [
        f"{name} at a loss of {valley_loss(places[-1], steepness):.2g}"
        for name, places in paths.items()
    ]
    return "After the last step: " + ", ".join(ends)
