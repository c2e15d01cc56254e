"""How many rows make a batch, and how many batches a call of the graph."""

from __future__ import annotations

import math

import numpy as np

_SMALLEST_AUTOMATIC = 32
_LARGEST_AUTOMATIC = 4096
_SECONDS_PER_CALL = 0.4
_FIRST_ROWS_PER_CALL = 8192
_MOST_GROWTH = 8.0


def automatic_batch_size(rows: int) -> int:
    """Choose how many rows one step learns from.

    The power of two nearest to the square root of the number of rows, at least 32 and at
    most 4096: a larger table gives both more steps an epoch and larger ones. 700 rows: 32,
    20,000: 128, 200,000: 512, a million: 1024.

    Args:
        rows: Number of training rows.

    Returns:
        The batch size.
    """
    nearest = 2 ** round(math.log2(max(rows, 1)) / 2)
    return min(max(nearest, _SMALLEST_AUTOMATIC), _LARGEST_AUTOMATIC)


def batch_bounds(rows: int, batch_size: int, *, smallest: int = 1) -> np.ndarray:
    """Say where the batches of an epoch begin and end.

    Args:
        rows: Number of training rows.
        batch_size: Rows of a batch; the last one may have fewer.
        smallest: A last batch of fewer rows than this is joined to the one before it;
            batch norm needs two rows.

    Returns:
        Int32 (batches + 1,): batch i has the rows bounds[i] to bounds[i + 1] − 1.
    """
    starts = np.arange(0, rows, max(batch_size, smallest))
    if len(starts) > 1 and rows - starts[-1] < smallest:
        starts = starts[:-1]
    return np.append(starts, rows).astype(np.int32)


class CallBudget:
    """Cuts an epoch into calls of the graph that take at most about half a second each.

    Between two calls the training can be stopped and its learning rate changed. The cut
    has no influence on the result.
    """

    def __init__(self) -> None:
        self._rows = float(_FIRST_ROWS_PER_CALL)

    def last_batch(self, bounds: np.ndarray, first: int) -> int:
        """Say where the next call should end.

        Args:
            bounds: As `batch_bounds` returns them.
            first: The call's first batch.

        Returns:
            The batch after the call's last one; at least one batch is in between.
        """
        limit = bounds[first] + self._rows
        return max(first + 1, int(np.searchsorted(bounds, limit, side="right")) - 1)

    def record(self, rows: int, seconds: float) -> None:
        """Learn from a call how many rows the next one may have."""
        affordable = rows * _SECONDS_PER_CALL / max(seconds, 1e-6)
        self._rows = min(affordable, self._rows * _MOST_GROWTH)
