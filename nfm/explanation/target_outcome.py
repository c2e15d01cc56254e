"""Goals of counterfactuals: another class, or a number beyond a limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from nfm.explanation.reference_data import ReferenceData


@dataclass(frozen=True)
class TargetOutcome:
    """A condition on the prediction.

    Attributes:
        kind: "at_least" or "below": the prediction is at least, or below, the limit; "wins": the
            class is the most probable one.
        output: Index of the output.
        limit: The limit in the unit of the prediction; unused for "wins".
    """

    kind: Literal["at_least", "below", "wins"]
    output: int = 0
    limit: float = 0.5

    def gap(self, predictions: np.ndarray) -> np.ndarray:
        """Return how far predictions (..., outputs) are from the goal, (...); reached if <= 0."""
        value = predictions[..., self.output]
        if self.kind == "at_least":
            return self.limit - value
        if self.kind == "below":
            return np.nextafter(value - self.limit, np.inf)
        others = np.delete(predictions, self.output, axis=-1).max(axis=-1)
        return np.nextafter(others - value, np.inf)

    def reached(self, predictions: np.ndarray) -> np.ndarray:
        """Return which predictions (..., outputs) reach the goal, bool (...)."""
        return self.gap(predictions) <= 0


def opposite_outcome(
    reference: ReferenceData,
    predictions: np.ndarray,
    *,
    threshold: float = 0.5,
    wanted: int | None = None,
) -> TargetOutcome:
    """Return the goal of changing the decision for a row.

    Args:
        reference: The model with its reference data.
        predictions: Prediction for the row, float64 (outputs,).
        threshold: Lowest probability at which the positive class is predicted (binary).
        wanted: Target class (multiclass); None for the second most probable one.

    Returns:
        Binary: the other side of the threshold. Multiclass: the target class is the most probable
        one. Regression: the other side of the mean prediction.
    """
    task = reference.bundle.target.task
    if task == "multiclass":
        order = np.argsort(-predictions, kind="stable")
        chosen = int(order[1]) if wanted is None else wanted
        return TargetOutcome("wins", chosen, 0.0)
    limit = threshold if task == "binary" else float(reference.average[0])
    return TargetOutcome("below" if predictions[0] >= limit else "at_least", 0, limit)
