"""Axes of ECharts: one, or several of which the first has the numbers."""

from __future__ import annotations

from typing import Any


def first_axis(axes: dict[str, Any] | list[dict[str, Any]]) -> dict[str, Any]:
    """Return the axis that the series belong to."""
    return axes[0] if isinstance(axes, list) else axes
