"""Which columns matter to a model, over many rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nfm.inference.background import Background
from nfm.inference.metrics import evaluate
from nfm.inference.shapley import Explanation, explain

PERMUTED_ROWS = 2_000
EXPLAINED_ROWS = 64


@dataclass(frozen=True, eq=False)
class PermutationImportance:
    """How much worse a model gets when a column's values are shuffled.

    Attributes:
        columns: Names.
        increases: Of the loss, for each column and shuffle, float64 (columns, repeats).
        loss: Without any shuffling.
        rows: How many rows were looked at.
        unit: Of the loss.
    """

    columns: tuple[str, ...]
    increases: np.ndarray
    loss: float
    rows: int
    unit: str

    @property
    def mean(self) -> np.ndarray:
        """Average over the shuffles, float64 (columns,)."""
        return self.increases.mean(axis=1)

    @property
    def deviation(self) -> np.ndarray:
        """Standard deviation over the shuffles, float64 (columns,)."""
        return self.increases.std(axis=1)


@dataclass(frozen=True, eq=False)
class ShapleyImportance:
    """How much each column adds to the answers, whichever way.

    Attributes:
        columns: Names.
        contributions: Shapley values of each row, float64 (rows, columns, outputs).
        coordinates: The rows' codes or numbers, float64 (rows, columns).
        description: Which rows, and how.
    """

    columns: tuple[str, ...]
    contributions: np.ndarray
    coordinates: np.ndarray
    description: str

    @property
    def mean(self) -> np.ndarray:
        """Mean absolute contribution, float64 (columns, outputs)."""
        return np.abs(self.contributions).mean(axis=0)


def permutation_importance(
    background: Background,
    frame: pd.DataFrame,
    target_values: Any,
    *,
    repeats: int = 5,
    seed: int = 0,
) -> PermutationImportance:
    """Shuffle one column after the other and measure how much the loss grows.

    Source: Breiman 2001, "Random Forests", section 10; Fisher et al. 2019, "All Models are
    Wrong, but Many are Useful". Columns that say the same stand in for each other: each alone
    then seems to matter little.

    Args:
        background: The model.
        frame: Rows that the model has not learned from; `PERMUTED_ROWS` at most are used.
        target_values: Their target, (rows,).
        repeats: Shuffles of each column.
        seed: Of the shuffles.

    Returns:
        The importance of every column.

    Raises:
        SchemaError: If a column is missing, or a target is no class of the training rows.
        ValueError: If there are no rows.
    """
    if len(frame) == 0:
        raise ValueError("Expected at least one row. Received: none")
    random = np.random.default_rng(seed)
    bundle = background.bundle
    labels = bundle.target.encode(target_values)
    chosen = np.arange(len(frame))
    if len(frame) > PERMUTED_ROWS:
        chosen = np.sort(random.choice(len(frame), PERMUTED_ROWS, replace=False))
    labels = labels[chosen]
    parts = background.parts_of_frame(frame.iloc[chosen])
    total = parts.sum(axis=1)

    def loss(sums: np.ndarray) -> float:
        return evaluate(bundle.target, labels, background.scores_of_sums(sums)).loss

    before = loss(total)
    increases = np.empty((len(background.columns), repeats))
    for place in range(len(background.columns)):
        column = parts[:, place]
        for repeat in range(repeats):
            shuffled = column[random.permutation(len(column))]
            increases[place, repeat] = loss(total - column + shuffled) - before
    regression = bundle.target.task == "regression"
    return PermutationImportance(
        columns=background.columns,
        increases=increases,
        loss=before,
        rows=len(chosen),
        unit="squared error (standardised)" if regression else "log loss (nats)",
    )


def shapley_importance(background: Background, rows: int = EXPLAINED_ROWS) -> ShapleyImportance:
    """Explain the rows of the background sample, and average.

    Args:
        background: The model and the sample.
        rows: How many rows at most, evenly spaced in the order of the answers.

    Returns:
        The importance of every column.
    """
    chosen = background.sample
    if len(chosen) > rows:
        chosen = chosen[((np.arange(rows) + 0.5) * len(chosen) / rows).astype(np.int64)]
    explained: list[Explanation] = [
        explain(background, background.read(background.frame.iloc[[row]])) for row in chosen
    ]
    return ShapleyImportance(
        columns=background.columns,
        contributions=np.stack([one.contributions for one in explained]),
        coordinates=background.coordinates[chosen],
        description=f"{len(chosen):,} training rows were explained. {explained[0].description}",
    )
