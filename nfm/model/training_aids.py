"""Parts of the training loop without TensorFlow: batches, best epoch, the advice on divergence."""

from __future__ import annotations

import math

import numpy as np

from nfm.errors import DivergenceError
from nfm.settings import Settings

_SMALLEST_AUTOMATIC = 32
_LARGEST_AUTOMATIC = 4096
_SECONDS_PER_CALL = 0.4
_FIRST_ROWS_PER_CALL = 8192
_MOST_GROWTH = 8.0
# Learning rates that usually work; more than 30 times as much rarely does.
_USUAL_RATE = {"adam": 1e-3, "adagrad": 0.05, "sgd": 0.01}
_TOO_HIGH_FACTOR = 30.0
_LARGE_VALUE = 20.0


def automatic_batch_size(rows: int) -> int:
    """Return the batch size for a table.

    It is the power of two nearest to the square root of the number of rows, at least 32 and at
    most 4096: a larger table has both more steps per epoch and larger ones. 32 for 700 rows,
    128 for 20,000, 512 for 200,000 and 1024 for a million.

    Args:
        rows: Number of training rows.

    Returns:
        Number of rows in one step.
    """
    nearest = 2 ** round(math.log2(max(rows, 1)) / 2)
    return min(max(nearest, _SMALLEST_AUTOMATIC), _LARGEST_AUTOMATIC)


def batch_bounds(rows: int, batch_size: int, *, smallest: int = 1) -> np.ndarray:
    """Return where the batches of an epoch begin and end.

    Args:
        rows: Number of training rows.
        batch_size: Number of rows in a batch; the last one may have fewer.
        smallest: Fewest rows in a batch, default 1. A smaller last batch joins the one before
            it; batch norm needs two rows.

    Returns:
        Int32 (batches + 1,): batch i has the rows bounds[i] to bounds[i + 1] − 1.
    """
    starts = np.arange(0, rows, max(batch_size, smallest))
    if len(starts) > 1 and rows - starts[-1] < smallest:
        starts = starts[:-1]
    return np.append(starts, rows).astype(np.int32)


class CallBudget:
    """Divides an epoch into calls of the graph that take about half a second at most.

    Between two calls the training can be stopped and its learning rate changed. The division
    doesn't affect the result.
    """

    def __init__(self) -> None:
        self._rows = float(_FIRST_ROWS_PER_CALL)

    def last_batch(self, bounds: np.ndarray, first: int) -> int:
        """Return where the next call ends.

        Args:
            bounds: Int32 (batches + 1,), as `batch_bounds` returns them.
            first: Index of the call's first batch.

        Returns:
            Index after the call's last batch; a call has at least one batch.
        """
        limit = bounds[first] + self._rows
        return max(first + 1, int(np.searchsorted(bounds, limit, side="right")) - 1)

    def record(self, rows: int, seconds: float) -> None:
        """Adapt the number of rows of the next call to the duration of one.

        Args:
            rows: Number of rows of the call.
            seconds: Its duration.
        """
        affordable = rows * _SECONDS_PER_CALL / max(seconds, 1e-6)
        self._rows = min(affordable, self._rows * _MOST_GROWTH)


class BestEpoch:
    """Tracks the epoch with the lowest validation loss, and the patience of early stopping.

    Args:
        patience: Number of epochs without a better one before training ends.
    """

    def __init__(self, patience: int) -> None:
        self._patience = patience
        self._loss = float("inf")
        self._wait = 0

    def update(self, loss: float) -> bool:
        """Record an epoch's validation loss, and return whether it is the lowest so far."""
        better = loss < self._loss
        if better:
            self._loss = loss
        self._wait = 0 if better else self._wait + 1
        return better

    @property
    def patience_exhausted(self) -> bool:
        """Whether the last `patience` epochs were not better than the best."""
        return self._wait >= self._patience

    def reset_patience(self) -> None:
        """Start counting again, for a training that continues."""
        self._wait = 0


def divergence(
    settings: Settings,
    epoch: int,
    *,
    learning_rate: float,
    largest_value: float,
    what: str = "loss",
) -> DivergenceError:
    """Return the error for a loss or a weight that is infinite or not a number.

    Args:
        settings: Settings of the training.
        epoch: Number of the epoch in which it happened.
        learning_rate: Learning rate of that epoch.
        largest_value: Largest absolute number in the encoded numeric columns.
        what: What is not finite, default "loss".

    Returns:
        The error, which names the setting that is the most likely cause.
    """
    usual = _USUAL_RATE[settings.optimizer]
    raw = settings.numeric != "piecewise" and largest_value > _LARGE_VALUE
    if learning_rate > _TOO_HIGH_FACTOR * usual:
        advice = (
            f"The likely cause is learning_rate = {learning_rate:g}: "
            f"try {usual:g}, which suits {settings.optimizer}"
        )
    elif raw and settings.numeric_scaling == "none":
        advice = (
            f"The likely cause is numeric_scaling = none with numbers up to {largest_value:,.0f}: "
            'choose "standard"'
        )
    elif raw:
        advice = (
            f"The likely cause is an outlier {largest_value:,.0f} standard deviations from its "
            'column\'s mean: choose numeric = "piecewise"'
        )
    else:
        advice = (
            f"The likely cause is learning_rate = {learning_rate:g}: try {learning_rate / 10:g}"
        )
    return DivergenceError(
        f"Training diverged in epoch {epoch}: the {what} is infinite or not a number. {advice}."
    )


def largest_number(values: np.ndarray) -> float:
    """Return the largest absolute number of an array, NaN left out; 0 if there is none."""
    if values.size == 0:
        return 0.0
    low, high = np.fmin.reduce(values, axis=None), np.fmax.reduce(values, axis=None)
    return float(np.nan_to_num(max(-low, high, 0.0)))
