"""Columns of many levels that a model has memorised instead of learned from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nfm.inference.bundle import Bundle
from nfm.metrics import losses_of_rows
from nfm.tabular.encoded_table import EncodedTable
from nfm.tabular.splitting import Split

_FEWEST_LEVELS = 30
_FEWEST_VALIDATION_ROWS = 50
_MOST_ROWS = 20_000  # of each part: the result comes while a page is drawn
# In standard errors: a gain on the training rows is beyond doubt, one on the validation rows is
# not even likely.
_CERTAIN, _UNLIKELY = 3.0, 1.0
# A column that helps new rows has about the same gain there; a memorised one less than this share.
_MOST_KEPT = 0.25


@dataclass(frozen=True)
class MemorisedColumn:
    """A column whose levels lower the loss of the training rows, but not of the validation rows.

    Attributes:
        column: Name of the column.
        levels: Number of its levels, "(other)" included.
        training_gain: How much the mean loss of the training rows would rise if all levels were
            "(other)"; positive.
        validation_gain: The same for the validation rows; negative if the loss would fall.
        standard_error: Standard error of `validation_gain`.
    """

    column: str
    levels: int
    training_gain: float
    validation_gain: float
    standard_error: float


def memorised_columns(
    bundle: Bundle, frame: pd.DataFrame, split: Split
) -> tuple[MemorisedColumn, ...]:
    """Find the columns of at least 30 levels that a model has memorised.

    Each column's levels are replaced by "(other)", and the losses compared row by row. Test rows
    are not used: to ignore a column is a decision about the model.

    Args:
        bundle: The model.
        frame: The table, all rows.
        split: Positions of the rows that the model was trained and validated on.

    Returns:
        The columns, that with the largest gain on the training rows first; empty with fewer
        than 50 validation rows.
    """
    counts = bundle.encoder.layout.level_counts
    fields = [place for place, count in enumerate(counts) if count >= _FEWEST_LEVELS]
    if not fields or len(split.validation) < _FEWEST_VALIDATION_ROWS:
        return ()
    trained, validated = (
        _gains(bundle, frame.iloc[rows[:: -(-len(rows) // _MOST_ROWS)]], fields)
        for rows in (split.train, split.validation)
    )
    found = []
    for place, (gain, error), (new_gain, new_error) in zip(fields, trained, validated, strict=True):
        if (
            gain > _CERTAIN * error
            and new_gain < _UNLIKELY * new_error
            and new_gain < _MOST_KEPT * gain
        ):
            column = bundle.encoder.categorical[place].column
            found.append(MemorisedColumn(column, counts[place], gain, new_gain, new_error))
    return tuple(sorted(found, key=lambda one: -one.training_gain))


def _gains(bundle: Bundle, frame: pd.DataFrame, fields: list[int]) -> list[tuple[float, float]]:
    """Return for each field how much its levels lower the mean loss, and its standard error."""
    target = bundle.target
    frame = frame[target.known(frame[target.name])]
    table, labels = bundle.encoder.transform(frame), target.encode(frame[target.name])
    loss = bundle.settings.regression_loss
    losses = losses_of_rows(target.task, labels, bundle.outputs(table), loss)
    gains = []
    for place in fields:
        codes = table.codes.copy()
        codes[:, place] = 0
        outputs = bundle.outputs(EncodedTable(codes, table.values))
        gain = losses_of_rows(target.task, labels, outputs, loss) - losses
        gains.append((float(gain.mean()), float(gain.std() / np.sqrt(len(gain)))))
    return gains
