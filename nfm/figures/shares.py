"""Axes of shares that fit what is drawn: of a rare class, probabilities lie close to 0."""

from __future__ import annotations

import numpy as np

# Percent: what an axis may end at, so that its ticks are round numbers.
_ENDS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 25.0, 40.0, 50.0)
_ROOM = 1.04


def share_limits(*values: np.ndarray) -> tuple[float, float]:
    """Return the ends of an axis of shares, in percent.

    Args:
        values: Shares, in 0..1, of any shape; NaN is left out.

    Returns:
        0 and 100 where they fill more than half of that; else the half, or less, that has them
        all, from 0 up or from 100 down.
    """
    drawn = 100 * np.concatenate([np.zeros(0), *(np.ravel(part) for part in values)])
    drawn = drawn[np.isfinite(drawn)]
    if not drawn.size:
        return 0.0, 100.0
    low, high = float(drawn.min()), float(drawn.max())
    top = next((end for end in _ENDS if end >= _ROOM * high), 100.0)
    depth = next((end for end in _ENDS if end >= _ROOM * (100 - low)), 100.0)
    if top <= depth:
        return 0.0, top
    return 100.0 - depth, 100.0


def share_step(limits: tuple[float, float]) -> float:
    """Return the distance of the ticks of such an axis: four or five parts."""
    span = limits[1] - limits[0]
    return span / 4 if span in (2.0, 20.0, 40.0) else span / 5
