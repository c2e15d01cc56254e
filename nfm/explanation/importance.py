"""Which columns matter to a model, over many rows."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from nfm.evaluation.confidence_intervals import draws
from nfm.explanation.reference_data import ReferenceData
from nfm.explanation.shapley import Explanation, explain
from nfm.tabular.target import Target

PERMUTED_ROWS = 2_000
EXPLAINED_ROWS = 64


def losses_of_rows(target: Target, labels: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return what training makes small, row by row.

    Args:
        target: Says the task.
        labels: As `Target.encode` returns them, (rows,).
        scores: The network's raw values, float64 (rows, outputs).

    Returns:
        Log loss in nats, or the squared error of the standardised target, float64 (rows,).
    """
    if target.task == "regression":
        return np.square(scores[:, 0] - labels)
    if target.task == "binary":
        return np.logaddexp(0.0, np.where(labels == 1, -scores[:, 0], scores[:, 0]))
    shifted = scores - scores.max(axis=1, keepdims=True)
    return np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(labels)), labels]


def shown_loss(target: Target, loss: np.ndarray) -> np.ndarray:
    """Turn mean losses into what people read: log loss, or the RMSE in the target's own unit."""
    return np.sqrt(loss) * target.scale if target.task == "regression" else loss


def loss_unit(target: Target, unit: str = "") -> str:
    """Name what `shown_loss` returns.

    Args:
        target: Says the task.
        unit: Of a number, as people wrote it, if it has one.
    """
    if target.task != "regression":
        return "log loss, in nats"
    return f"RMSE, in {unit or target.name}"


def loss_deltas(
    target: Target, before: np.ndarray, after: np.ndarray, *, together: bool = False, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Compare losses on the same rows.

    Args:
        target: Says the task.
        before: The model's `losses_of_rows`, (rows,).
        after: Those of n models that something was taken from, (rows, n).
        together: Whether the intervals are to hold for all n at once (Bonferroni), so that the
            largest of many does not stand out by chance.
        seed: Of the bootstrap, which draws the same rows for all.

    Returns:
        How much larger the shown loss is, float64 (n,), and the 95 % intervals, float64 (n, 2).
    """

    def difference(weights: np.ndarray) -> np.ndarray:
        shares = weights / weights.sum(axis=1, keepdims=True)
        return shown_loss(target, shares @ after) - shown_loss(target, shares @ before)[:, None]

    samples = np.concatenate([difference(weights) for weights in draws(len(before), seed)])
    value = difference(np.ones((1, len(before))))[0]
    count = after.shape[1]
    if together and count > 1:  # too far out for quantiles of the draws
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
    """How much worse a model gets when a column's values are shuffled.

    Attributes:
        columns: Names.
        increases: Of the loss, for each column and shuffle, float64 (columns, repeats).
        intervals: 95 % intervals over the rows of the average increase, float64 (columns, 2).
        loss: Without any shuffling: the log loss, or the RMSE in the target's own unit.
        rows: How many rows were looked at.
        unit: Of the loss.
    """

    columns: tuple[str, ...]
    increases: np.ndarray
    intervals: np.ndarray
    loss: float
    rows: int
    unit: str

    @property
    def mean(self) -> np.ndarray:
        """Average over the shuffles, float64 (columns,)."""
        return self.increases.mean(axis=1)

    @property
    def order(self) -> np.ndarray:
        """Places of the columns, those that matter most first, int64 (columns,)."""
        return np.argsort(-self.mean, kind="stable")

    @property
    def matters(self) -> np.ndarray:
        """Whether each column's increase is more than noise, bool (columns,)."""
        return self.intervals[:, 0] > 0


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

    @property
    def margin(self) -> np.ndarray:
        """Half of the mean's 95 % interval over the rows, float64 (columns, outputs)."""
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
    """Shuffle one column after the other and measure how much the loss grows.

    Source: Breiman 2001, "Random Forests", section 10; Fisher et al. 2019, "All Models are
    Wrong, but Many are Useful". Columns that say the same stand in for each other: each alone
    then seems to matter little.

    Args:
        reference: The model.
        frame: Rows that the model has not learned from; `PERMUTED_ROWS` at most are used.
        target_values: Targets of the rows, (rows,).
        repeats: Shuffles of each column.
        seed: Of the shuffles.

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
    parts = reference.parts_of_frame(frame.iloc[chosen])
    total = parts.sum(axis=1)

    def losses(sums: np.ndarray) -> np.ndarray:
        return losses_of_rows(bundle.target, labels, reference.scores_of_sums(sums))

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
    """Explain rows, and average.

    Args:
        reference: The model and the sample that rows are compared with.
        rows: How many rows to explain at most, drawn at random.
        frame: The rows; None for the reference sample, of which they are evenly spaced in
            the order of the answers.

    Returns:
        The importance of every column.

    Raises:
        SchemaError: If a column is missing.
        ValueError: If there are no rows.
    """
    source = reference.frame if frame is None else frame
    chosen = reference.sample if frame is None else np.arange(len(frame))
    if len(chosen) == 0:
        raise ValueError("Expected at least one row. Received: none")
    if frame is not None and len(chosen) > rows:
        chosen = np.sort(np.random.default_rng(0).choice(len(frame), rows, replace=False))
    elif len(chosen) > rows:
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
