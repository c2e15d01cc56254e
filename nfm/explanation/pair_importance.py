"""Importance of pairs: whether an interaction helps the model on unseen rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from nfm.evaluation.confidence_intervals import Interval
from nfm.explanation.importance import loss_deltas, shown_loss
from nfm.explanation.pair_strengths import LevelPairTable
from nfm.explanation.reference_data import ReferenceData
from nfm.files.names import with_text_names
from nfm.metrics import losses_of_rows
from nfm.tabular.row_selection import some_rows

ROWS = 5_000
# More pairs would be too weak to name, and would widen the simultaneous intervals.
JUDGED_PAIRS = 20

Verdict = Literal["helps", "noise", "harms"]


@dataclass(frozen=True, eq=False)
class PairImportance:
    """Increase of the loss when the interaction of two columns is removed.

    Attributes:
        table: The interaction.
        increase: Increase of the loss: log loss in nats, or RMSE in the unit of the target.
        interval: Interval of the increase over the rows; simultaneous 95% intervals for all
            pairs measured together.
        loss: Loss of the full model.
        rows: Number of rows.
    """

    table: LevelPairTable
    increase: float
    interval: Interval
    loss: float
    rows: int

    @property
    def verdict(self) -> Verdict:
        """Whether the pair helps or harms on these rows, or neither is more than noise."""
        if not self.interval.excludes_zero:
            return "noise"
        return "helps" if self.increase > 0 else "harms"


def pair_importance(
    reference: ReferenceData,
    tables: Sequence[LevelPairTable],
    frame: pd.DataFrame,
    target_values: Any,
) -> tuple[PairImportance, ...]:
    """Compute the increase of the loss without the interaction of each pair.

    Args:
        reference: The model with its reference data.
        tables: The interactions of some pairs.
        frame: Rows that the model was not trained on, of which at most `ROWS` are used.
        target_values: Targets of the rows, (rows,).

    Returns:
        The importance of every pair, all on the same resamples of the same rows.

    Raises:
        SchemaError: If a column is missing, or a target is not a class of the training rows.
        ValueError: If there are no rows.
    """
    if len(frame) == 0:
        raise ValueError("Expected at least one row. Received: none")
    if not tables:
        return ()
    bundle = reference.bundle
    labels = bundle.target.encode(target_values)
    chosen = some_rows(len(frame), ROWS)
    frame, labels = with_text_names(frame).iloc[chosen], labels[chosen]
    table = bundle.encoder.transform(frame)
    scores = bundle.scorer.logits(table)
    before = losses_of_rows(bundle.target.task, labels, scores)
    scale = bundle.target.scale if bundle.target.task == "regression" else 1.0
    groups: dict[str, np.ndarray] = {}
    after = np.empty((len(frame), len(tables)))
    for number, found in enumerate(tables):
        effects = np.pad(found.effect, ((0, 1), (0, 1), (0, 0)))  # index -1: no bin, no effect
        for bins in (found.first, found.second):
            if bins.column not in groups:
                measure = reference.scales[reference.columns.index(bins.column)]
                groups[bins.column] = bins.groups_of(measure.coordinates(frame[bins.column], table))
        effect = effects[groups[found.first.column], groups[found.second.column]]
        after[:, number] = losses_of_rows(bundle.target.task, labels, scores - effect / scale)
    increases, intervals = loss_deltas(bundle.target, before, after, together=True)
    loss = float(shown_loss(bundle.target, before.mean()))
    return tuple(
        PairImportance(found, float(increase), Interval(float(low), float(high)), loss, len(frame))
        for found, increase, (low, high) in zip(tables, increases, intervals, strict=True)
    )


def helping_pairs(importances: Sequence[PairImportance]) -> set[tuple[str, str]] | None:
    """Return the columns of the pairs that help on these rows; None if no pair was measured."""
    if not importances:
        return None
    return {
        (found.table.first.column, found.table.second.column)
        for found in importances
        if found.verdict == "helps"
    }
