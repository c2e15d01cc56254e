"""Rows worth a look: those that a model gets wrong, is sure of, or cannot decide."""

from __future__ import annotations

import numpy as np

from nfm.evaluation.held_out import HeldOutPredictions

_CONFIDENT = 0.95
_BORDERLINE_SHARE = 0.1
_FEWEST = 5


def row_groups(evaluation: HeldOutPredictions, threshold: float = 0.5) -> dict[str, np.ndarray]:
    """Group held-out rows by how the model does on them.

    Args:
        evaluation: The rows with their answers.
        threshold: From which probability on the decision is for the positive class (binary).

    Returns:
        Name to positions in the table, int64; groups without rows are left out. For classes:
        "wrong", "confident" (the most probable class has 95 % or more), and "borderline" (the
        tenth of the rows nearest to another decision). For numbers: "far off" and "close", the
        tenth of the rows with the largest and with the smallest error.
    """
    few = min(len(evaluation), max(_FEWEST, round(_BORDERLINE_SHARE * len(evaluation))))
    if evaluation.is_regression:
        order = np.argsort(np.abs(evaluation.residuals), kind="stable")
        return {"far off": evaluation.rows[order[-few:]], "close": evaluation.rows[order[:few]]}
    answers = evaluation.answers
    if evaluation.target.task == "binary":
        decided = (answers[:, 1] >= threshold).astype(np.int64)
        distance = np.abs(answers[:, 1] - threshold)
    else:
        decided = answers.argmax(axis=1)
        best = np.sort(answers, axis=1)
        distance = best[:, -1] - best[:, -2]
    groups = {
        "wrong": np.flatnonzero(decided != evaluation.labels),
        "confident": np.flatnonzero(answers.max(axis=1) >= _CONFIDENT),
        "borderline": np.argsort(distance, kind="stable")[:few],
    }
    return {name: evaluation.rows[rows] for name, rows in groups.items() if len(rows)}
