"""How far a predicted number may be off, from the errors on rows that the model did not see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nfm.inference.bundle import Bundle
from nfm.tabular.values import numbers


@dataclass(frozen=True)
class ErrorInterval:
    """A margin around every prediction.

    Attributes:
        coverage: The share of new rows whose target lies within, if they are like these.
        margin: Half of the interval's width, in the target's own unit.
        rows: How many rows it was learned from.
    """

    coverage: float
    margin: float
    rows: int

    def around(self, value: float) -> tuple[float, float]:
        """Return the interval of one prediction."""
        return value - self.margin, value + self.margin


def error_interval(
    bundle: Bundle, frame: pd.DataFrame, target_values: Any, coverage: float = 0.8
) -> ErrorInterval | None:
    """Learn the margin from rows that the model was not trained on.

    Source: split conformal prediction (Lei et al. 2018, "Distribution-Free Predictive
    Inference for Regression"): the ⌈(n + 1) coverage⌉-th smallest absolute error.

    Args:
        bundle: A model of a regression.
        frame: The rows; validation rows also chose the best epoch, which makes the margin a
            little too small.
        target_values: Their target, (rows,).
        coverage: Between 0 and 1.

    Returns:
        The margin; None if there are too few rows for this coverage.
    """
    if len(frame) == 0:
        return None
    observed = numbers(pd.Series(target_values).reset_index(drop=True))
    errors = np.sort(np.abs(bundle.predict(frame) - observed))
    errors = errors[~np.isnan(errors)]
    place = int(np.ceil((len(errors) + 1) * coverage - 1e-9))
    if not 0 < place <= len(errors):
        return None
    return ErrorInterval(coverage, float(errors[place - 1]), len(errors))
