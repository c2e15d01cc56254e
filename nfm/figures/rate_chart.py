"""What the charts of shares against shares have in common, as options of Apache ECharts."""

from __future__ import annotations

from typing import Any

import numpy as np

from nfm.figures.echarts import grid, heading, named_axis
from nfm.figures.shares import share_step

_POINTS = 400
_WHOLE = (0.0, 100.0)


def share_axis(
    name: str, *, below: bool, limits: tuple[float, float] = _WHOLE, rows: bool = True
) -> dict[str, Any]:
    """Return an axis of percents.

    Args:
        name: What it shows; "(%)" is added.
        below: Whether it is the horizontal one.
        limits: Where it begins and ends, as `share_limits` gives them.
        rows: Whether its ticks have lines across the plot.

    Returns:
        An axis of an ECharts option.
    """
    return {
        "type": "value",
        **named_axis(f"{name} (%)", below=below),
        "min": limits[0],
        "max": limits[1],
        "interval": share_step(limits),
        "axisLabel": {"fontSize": 13},
        "splitLine": {"show": rows and not below},
    }


def share_chart(
    title: str,
    note: str,
    across: str,
    up: str,
    *,
    curve: tuple[str, np.ndarray, np.ndarray],
    guessing: list[list[float]],
    mark: tuple[str, float, float] | None,
    limits: tuple[float, float] = _WHOLE,
) -> dict[str, Any]:
    """Draw a curve of shares, what guessing would give, and the place of one threshold on it.

    Args:
        title: What is shown, with its summary.
        note: What is good.
        across: Name of the horizontal axis.
        up: Name of the vertical axis.
        curve: Its name, and its points in 0..1, (m,) each; thinned to a few hundred.
        guessing: Two points in percent that end the line of guessing.
        mark: Name and place in 0..1 of the threshold; None draws none.
        limits: Ends of the vertical axis, in percent.

    Returns:
        An ECharts option, which the browser updates in place.
    """
    name, horizontal, vertical = curve
    kept = _thin(len(horizontal))
    points = np.round(100 * np.column_stack([horizontal[kept], vertical[kept]]), 2).tolist()
    series: list[dict[str, Any]] = [
        {
            "type": "line",
            "name": name,
            "data": points,
            "showSymbol": False,
            "lineStyle": {"width": 3},
            "emphasis": {"disabled": True},
            "z": 2,
        },
        {
            "type": "scatter",
            "name": "No threshold" if mark is None else mark[0],
            "data": [] if mark is None else [[round(100 * mark[1], 2), round(100 * mark[2], 2)]],
            "symbol": "diamond",
            "symbolSize": 18,
            "z": 3,
        },
        {
            "type": "line",
            "name": "Guessing",
            "data": guessing,
            "showSymbol": False,
            "lineStyle": {"width": 2, "type": "dotted"},
            "emphasis": {"disabled": True},
        },
    ]
    named = [each["name"] for each in series if each["data"]]
    shown, top = heading(title, note, named)
    return {
        **shown,
        "animation": False,
        "grid": grid(top),
        "tooltip": {"trigger": "item", "valueFormatter": "%.1f %%"},
        "xAxis": share_axis(across, below=True),
        "yAxis": share_axis(up, below=False, limits=limits),
        "series": series,
    }


def _thin(count: int) -> np.ndarray:
    """Return positions of at most a few hundred points, the first and the last among them."""
    return np.unique(np.linspace(0, count - 1, min(count, _POINTS)).round().astype(np.int64))
