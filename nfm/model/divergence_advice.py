"""Why a training diverged: the sentence that names the likely setting."""

from __future__ import annotations

import numpy as np

from nfm.errors import DivergenceError
from nfm.settings import Settings

# Rates that usually work, and the most that often still does.
_USUAL_RATE = {"adam": 1e-3, "adagrad": 0.05, "sgd": 0.01}
_BOLD = 30.0
_LARGE_VALUE = 20.0


def divergence(
    settings: Settings,
    epoch: int,
    *,
    learning_rate: float,
    largest_value: float,
    what: str = "loss",
) -> DivergenceError:
    """Make the error for a loss or a weight that is infinite or not a number.

    Args:
        settings: Those of the training.
        epoch: Number of the epoch in which it happened.
        learning_rate: The rate in force.
        largest_value: Largest absolute number in the encoded numeric columns.
        what: What was not finite.

    Returns:
        The error, which names the setting that is most likely the cause.
    """
    usual = _USUAL_RATE[settings.optimizer]
    raw = settings.numeric != "piecewise" and largest_value > _LARGE_VALUE
    if learning_rate > _BOLD * usual:
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
    """Return the largest absolute number, 0 if there is none."""
    if values.size == 0:
        return 0.0
    low, high = np.fmin.reduce(values, axis=None), np.fmax.reduce(values, axis=None)
    return float(np.nan_to_num(max(-low, high, 0.0)))
