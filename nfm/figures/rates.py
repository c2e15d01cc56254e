"""What the charts of shares against shares have in common, as options of Apache ECharts."""

from __future__ import annotations

from typing import Any

import numpy as np

_POINTS = 400


def share_axis(name: str, *, below: bool) -> dict[str, Any]:
    """Return an axis of percents.

    Args:
        name: What it shows; "(%)" is added.
        below: Whether it is the horizontal one.

    Returns:
        An axis of an ECharts option, 0..100.
    """
    return {
        "type": "value",
        "name": f"{name} (%)",
        "nameLocation": "middle",
        "nameGap": 28 if below else 40,
        "nameTextStyle": {"fontSize": 14},
        "min": 0,
        "max": 100,
        "interval": 20,
        "axisLabel": {"fontSize": 14},
        "splitLine": {"show": not below},
    }


def share_chart(
    title: str,
    across: str,
    up: str,
    *,
    curve: tuple[str, np.ndarray, np.ndarray],
    guessing: list[list[float]],
    mark: tuple[str, float, float] | None,
) -> dict[str, Any]:
    """Draw a curve of shares, what guessing would give, and the place of one threshold on it.

    Args:
        title: What to see.
        across: Name of the horizontal axis.
        up: Name of the vertical axis.
        curve: Its name, and its points in 0..1, (m,) each; thinned to a few hundred.
        guessing: Two points in percent that end the line of guessing.
        mark: Name and place in 0..1 of the threshold; None draws none.

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
            "name": "Threshold" if mark is None else mark[0],
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
    return {
        "animation": False,
        "grid": {"left": 12, "right": 20, "top": 66, "bottom": 8, "outerBoundsMode": "same"},
        "title": {
            "text": title,
            "left": 4,
            "top": 0,
            "textStyle": {"fontSize": 15, "fontWeight": 600},
        },
        "legend": {
            "left": 4,
            "top": 30,
            "data": [each["name"] for each in series],
            "textStyle": {"fontSize": 13},
            "itemWidth": 24,
            "itemGap": 12,
            "selectedMode": False,
        },
        "tooltip": {"trigger": "item", "valueFormatter": "%.1f %%"},
        "xAxis": share_axis(across, below=True),
        "yAxis": share_axis(up, below=False),
        "series": series,
    }


def _thin(count: int) -> np.ndarray:
    """Return positions of at most a few hundred points, the first and the last among them."""
    return np.unique(np.linspace(0, count - 1, min(count, _POINTS)).round().astype(np.int64))
