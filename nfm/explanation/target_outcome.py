"""What answer one looks for: another class, or a value beyond a limit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from nfm.explanation.reference_data import ReferenceData


@dataclass(frozen=True)
class TargetOutcome:
    """A condition on the answer.

    Attributes:
        kind: The answer is at least, or below, a limit; or the class is the most probable.
        output: Index of the output.
        limit: The limit, in the answer's unit; of no meaning for the most probable class.
    """

    kind: Literal["at_least", "below", "wins"]
    output: int = 0
    limit: float = 0.5

    def gap(self, answers: np.ndarray) -> np.ndarray:
        """Return how far answers (..., outputs) are from the goal, (...): 0 or less is there."""
        value = answers[..., self.output]
        if self.kind == "at_least":
            return self.limit - value
        if self.kind == "below":
            return np.nextafter(value - self.limit, np.inf)
        others = np.delete(answers, self.output, axis=-1).max(axis=-1)
        return np.nextafter(others - value, np.inf)

    def reached(self, answers: np.ndarray) -> np.ndarray:
        """Say which answers (..., outputs) are there, bool (...)."""
        return self.gap(answers) <= 0


def opposite_outcome(
    reference: ReferenceData,
    answers: np.ndarray,
    *,
    threshold: float = 0.5,
    wanted: int | None = None,
) -> TargetOutcome:
    """Return the goal that flips an answer.

    Args:
        reference: The model.
        answers: The answer for the row, (outputs,).
        threshold: From which probability on the decision is for the positive class (binary).
        wanted: The class that is to win (multiclass); None: the second most probable one.

    Returns:
        Binary: the other side of the threshold. Multiclass: another class wins. Regression:
        the other side of the average answer.
    """
    task = reference.bundle.target.task
    if task == "multiclass":
        order = np.argsort(-answers, kind="stable")
        chosen = int(order[1]) if wanted is None else wanted
        return TargetOutcome("wins", chosen, 0.0)
    limit = threshold if task == "binary" else float(reference.average[0])
    return TargetOutcome("below" if answers[0] >= limit else "at_least", 0, limit)
