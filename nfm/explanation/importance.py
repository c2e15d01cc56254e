"""Importance of columns: permutation importance, and mean absolute Shapley values."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from nfm.evaluation.confidence_intervals import draws
from nfm.explanation.reference_data import ReferenceData
from nfm.explanation.shapley import Explanation, explain
from nfm.metrics import losses_of_rows
from nfm.tabular.row_selection import some_rows
from nfm.tabular.target import Target

PERMUTED_ROWS = 2_000
EXPLAINED_ROWS = 64


def shown_loss(target: Target, loss: np.ndarray) -> np.ndarray:
    """Convert mean losses for display: log loss in nats, or RMSE in the unit of the target.

    Args:
        target: The target.
        loss: Mean losses by `losses_of_rows`, float64 of any shape.
    """
    return np.sqrt(loss) * target.scale if target.task == "regression" else loss


def loss_unit(target: Target, unit: str = "") -> str:
    """Name the loss and unit of `shown_loss`.

    Args:
        target: The target.
        unit: Unit of the target; "" if it has none.
    """
    if target.task != "regression":
        return "log loss, in nats"
    return f"RMSE, in {unit or target.name}"


def loss_deltas(
    target: Target, before: np.ndarray, after: np.ndarray, *, together: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Return the increase of the loss of n reduced models, with bootstrap intervals.

    Args:
        target: The target.
        before: Losses of the full model by `losses_of_rows`, (rows,).
        after: Losses of the reduced models on the same rows, (rows, n).
        together: Whether the intervals hold for all n models simultaneously (Bonferroni).

    Returns:
        Increases of the displayed loss, float64 (n,), and their 95% intervals, float64 (n, 2).
    """

    def difference(weights: np.ndarray) -> np.ndarray:
        shares = weights / weights.sum(axis=1, keepdims=True)
        return shown_loss(target, shares @ after) - shown_loss(target, shares @ before)[:, None]

    samples = np.concatenate([difference(weights) for weights in draws(len(before))])
    value = difference(np.ones((1, len(before))))[0]
    count = after.shape[1]
    if together and count > 1:  # such extreme quantiles need more resamples than there are
        reach = NormalDist().inv_cdf(1 - 0.025 / count) * samples.std(axis=0)
        ends = np.stack([value - reach, value + reach], axis=1)
    else:
        ends = np.quantile(samples, [0.025, 0.975], axis=0).T
    rounding = 1e-9 * shown_loss(target, before.mean())
    value[np.abs(value) <= rounding] = 0.0
    ends[np.abs(ends) <= rounding] = 0.0
    return value, ends


@dataclass(frozen=True, eq=False)
class PermutationImportance:
    """Permutation importance: increase of the loss when a column is shuffled.

    Attributes:
        columns: Names of the columns.
        increases: Increase of the loss per column and shuffle, float64 (columns, repeats).
        intervals: 95% intervals over the rows of the mean increases, float64 (columns, 2).
        loss: Loss without shuffling: log loss in nats, or RMSE in the unit of the target.
        rows: Number of rows.
        unit: Name and unit of the loss.
    """

    columns: tuple[str, ...]
    increases: np.ndarray
    intervals: np.ndarray
    loss: float
    rows: int
    unit: str

    @property
    def mean(self) -> np.ndarray:
        """Mean increase over the shuffles, float64 (columns,)."""
        return self.increases.mean(axis=1)

    @property
    def order(self) -> np.ndarray:
        """Indices of the columns by decreasing importance, int64 (columns,)."""
        return np.argsort(-self.mean, kind="stable")

    @property
    def matters(self) -> np.ndarray:
        """Whether each column's increase is more than noise, bool (columns,)."""
        return self.intervals[:, 0] > 0


@dataclass(frozen=True, eq=False)
class ShapleyImportance:
    """Importance of columns by the Shapley values of many rows.

    Attributes:
        columns: Names of the columns.
        contributions: Shapley values of each row, float64 (rows, columns, outputs).
        coordinates: Codes or numbers of the rows, float64 (rows, columns).
        description: Rows and method, in one or two sentences.
    """

    columns: tuple[str, ...]
    contributions: np.ndarray
    coordinates: np.ndarray
    description: str

    @property
    def mean(self) -> np.ndarray:
        """Mean absolute contribution, float64 (columns, outputs)."""
        return np.abs(self.contributions).mean(axis=0)

    @property
    def margin(self) -> np.ndarray:
        """Half width of the 95% interval of the mean, float64 (columns, outputs)."""
        rows = len(self.contributions)
        return 1.96 * np.abs(self.contributions).std(axis=0) / np.sqrt(max(1, rows - 1))


def permutation_importance(
    reference: ReferenceData,
    frame: pd.DataFrame,
    target_values: Any,
    *,
    repeats: int = 5,
    seed: int = 0,
) -> PermutationImportance:
    """Compute the permutation importance of every column.

    Source: Breiman 2001, "Random Forests", section 10; Fisher et al. 2019, "All Models are
    Wrong, but Many are Useful". Columns with the same information replace each other, so each
    alone looks unimportant.

    Args:
        reference: The model with its reference data.
        frame: Rows that the model was not trained on, of which at most `PERMUTED_ROWS` are used.
        target_values: Targets of the rows, (rows,).
        repeats: Number of shuffles per column.
        seed: Seed of the shuffles.

    Returns:
        The importance of every column.

    Raises:
        SchemaError: If a column is missing, or a target is not a class of the training rows.
        ValueError: If there are no rows.
    """
    if len(frame) == 0:
        raise ValueError("Expected at least one row. Received: none")
    random = np.random.default_rng(seed)
    bundle = reference.bundle
    labels = bundle.target.encode(target_values)
    chosen = np.arange(len(frame))
    if len(frame) > PERMUTED_ROWS:
        chosen = np.sort(random.choice(len(frame), PERMUTED_ROWS, replace=False))
    labels = labels[chosen]
    parts = reference.parts_of_table(bundle.encoder.transform(frame.iloc[chosen]))
    total = parts.sum(axis=1)

    def losses(sums: np.ndarray) -> np.ndarray:
        return losses_of_rows(bundle.target.task, labels, reference.scores_of_sums(sums))

    before = losses(total)
    loss = float(shown_loss(bundle.target, before.mean()))
    increases = np.empty((len(reference.columns), repeats))
    after = np.zeros((len(chosen), len(reference.columns)))
    for place in range(len(reference.columns)):
        column = parts[:, place]
        for repeat in range(repeats):
            shuffled = column[random.permutation(len(column))]
            found = losses(total - column + shuffled)
            after[:, place] += found / repeats
            increases[place, repeat] = shown_loss(bundle.target, found.mean()) - loss
    return PermutationImportance(
        columns=reference.columns,
        increases=increases,
        intervals=loss_deltas(bundle.target, before, after)[1],
        loss=loss,
        rows=len(chosen),
        unit=loss_unit(bundle.target, bundle.schema.unit),
    )


def shapley_importance(
    reference: ReferenceData, rows: int = EXPLAINED_ROWS, frame: pd.DataFrame | None = None
) -> ShapleyImportance:
    """Compute the mean absolute Shapley value of every column over rows.

    Args:
        reference: The model with its reference data.
        rows: Maximum number of rows to explain.
        frame: Rows to draw from at random; None for rows of the reference sample, evenly spaced
            in the order of their predictions.

    Returns:
        The importance of every column.

    Raises:
        SchemaError: If a column is missing.
        ValueError: If there are no rows.
    """
    source = reference.frame if frame is None else frame
    chosen = reference.sample if frame is None else some_rows(len(frame), rows)
    if len(chosen) == 0:
        raise ValueError("Expected at least one row. Received: none")
    if len(chosen) > rows:
        chosen = chosen[((np.arange(rows) + 0.5) * len(chosen) / rows).astype(np.int64)]
    read = [reference.read(source.iloc[row : row + 1]) for row in chosen]
    explained: list[Explanation] = [explain(reference, row) for row in read]
    kind = "training rows" if frame is None else "rows"
    return ShapleyImportance(
        columns=reference.columns,
        contributions=np.stack([one.contributions for one in explained]),
        coordinates=np.stack([row.coordinates for row in read]),
        description=f"{len(chosen):,} {kind} were explained. {explained[0].description}",
    )
