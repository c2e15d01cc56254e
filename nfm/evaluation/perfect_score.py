"""Explanation of almost perfect results: a column that reveals the target, or copied rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from nfm.evaluation.held_out import HeldOutPredictions, SplitPart
from nfm.inference.bundle import Bundle
from nfm.tabular.copies import row_keys
from nfm.tabular.encoded_table import EncodedTable
from nfm.tabular.encoding import Encoder
from nfm.tabular.level_values import numbers
from nfm.tabular.target import Target

Cause = Literal["columns", "copies", "together"]

# Largest remaining share of the error of a constant prediction.
_WRONG_LEFT = 0.05
_VARIANCE_LEFT = 0.03
# With fewer errors of the constant prediction, chance could avoid them all.
_FEWEST_ERRORS = 5
_FEWEST_NUMBERS = 10
# Share of held-out rows with a copy in training that explains the result.
_KNOWN = 0.5
_MOST_ROWS = 50_000
_NEIGHBOURS = 5
_FOLDS = 5


@dataclass(frozen=True)
class ColumnScore:
    """Score of one column as the only predictor of the held-out rows.

    Attributes:
        column: Name of the column.
        score: Accuracy for classes, R² for numbers.
        determines: Whether the column alone predicts almost perfectly.
    """

    column: str
    score: float
    determines: bool


@dataclass(frozen=True)
class PerfectScore:
    """Explanation of an almost perfect result.

    Attributes:
        cause: "columns": each of `columns` alone determines the target. "copies": most held-out
            rows have a copy among the training rows. "together": neither; the columns determine
            the target together.
        target: Name of the target.
        is_regression: Whether the target is a number.
        columns: Columns that determine the target, the best first; if none does, the best one.
        known: Number of held-out rows equal to a training row in every column of the model.
        rows: Number of held-out rows.
        part: Source of the held-out rows.
    """

    cause: Cause
    target: str
    is_regression: bool
    columns: tuple[ColumnScore, ...]
    known: int
    rows: int
    part: SplitPart


def is_close_to_perfect(evaluation: HeldOutPredictions) -> bool:
    """Return whether the predictions for held-out rows are suspiciously good.

    Args:
        evaluation: The held-out rows with their predictions.

    Returns:
        Whether at most 5% of the errors of a constant prediction remain (for numbers: 3% of the
        variance), given enough of these errors.
    """
    left = _error_left(evaluation.labels, evaluation.predicted, evaluation.target)
    return left <= _most_left(evaluation.target)


def explain_perfect_score(
    bundle: Bundle, frame: pd.DataFrame, train: np.ndarray, evaluation: HeldOutPredictions
) -> PerfectScore | None:
    """Explain an almost perfect result.

    Each column is tried alone, as encoded for the model: the most frequent class (or mean) of the
    training rows with the same level, or with the nearest numbers, is the prediction. A column
    that predicts held-out and training rows almost perfectly determines or reveals the target.

    Args:
        bundle: The model.
        frame: The table, all rows.
        train: Positions of the training rows, int64 (rows,).
        evaluation: The predictions of the model for the held-out rows.

    Returns:
        The explanation; None if the result is not almost perfect.
    """
    if not is_close_to_perfect(evaluation):
        return None
    target, encoder = bundle.target, bundle.encoder
    known, asked = (encoder.transform(frame.iloc[rows]) for rows in (train, evaluation.rows))
    known_values = frame[target.name].iloc[train]
    known_labels = (
        numbers(known_values) if target.task == "regression" else target.encode(known_values)
    )
    asked_labels = evaluation.labels
    known_keys, asked_keys = _keys(known), _keys(asked)
    seen = np.isin(asked_keys, known_keys)
    if copied := bool(seen.mean() >= _KNOWN):
        # Any column that identifies rows would find the copies: split again, between copies.
        known = EncodedTable(
            np.concatenate([known.codes, asked.codes]), np.concatenate([known.values, asked.values])
        )
        known_labels = np.append(known_labels, asked_labels)
        new = np.append(known_keys, asked_keys) % np.uint64(_FOLDS) == 0
        known, asked = known.take(~new), known.take(new)
        known_labels, asked_labels = known_labels[~new], known_labels[new]
    scores = []
    if len(known) and len(asked):
        step = max(1, -(-len(known) // _MOST_ROWS))
        known, known_labels = known.take(slice(None, None, step)), known_labels[::step]
        scores = _column_scores(encoder, target, (known, known_labels), (asked, asked_labels))
    alone = tuple(score for score in scores if score.determines)
    cause: Cause = "columns" if alone else "copies" if copied else "together"
    return PerfectScore(
        cause=cause,
        target=target.name,
        is_regression=evaluation.is_regression,
        columns=alone or tuple(scores[:1]),
        known=int(seen.sum()),
        rows=len(evaluation),
        part=evaluation.part,
    )


def _most_left(target: Target) -> float:
    return _VARIANCE_LEFT if target.task == "regression" else _WRONG_LEFT


def _error_left(labels: np.ndarray, predicted: np.ndarray, target: Target) -> float:
    """Return the error of predictions as a share of the error of a constant prediction."""
    if target.task == "regression":
        total = float(((labels - labels.mean()) ** 2).sum())
        if len(labels) < _FEWEST_NUMBERS or total == 0:
            return 1.0
        return float(((predicted - labels) ** 2).sum()) / total
    avoidable = int((labels != _guess(target)).sum())
    return float((predicted != labels).sum()) / avoidable if avoidable >= _FEWEST_ERRORS else 1.0


def _guess(target: Target) -> float:
    """Return the constant prediction: the code of the most frequent class, or the mean."""
    return target.mean if target.task == "regression" else int(np.argmax(target.counts or [1]))


def _keys(table: EncodedTable) -> np.ndarray:
    return row_keys([*table.codes.T, *table.values.T])


def _column_scores(
    encoder: Encoder,
    target: Target,
    known: tuple[EncodedTable, np.ndarray],
    asked: tuple[EncodedTable, np.ndarray],
) -> list[ColumnScore]:
    """Score every column by the best of its fields, the best column first.

    Args:
        encoder: Encoder of the model, with the fields of each column.
        target: The target.
        known: Training rows and their labels.
        asked: Rows to predict and their labels.
    """
    (table, labels), (asked_table, asked_labels) = known, asked
    rows = len(asked_labels)
    columns = [
        *(field.column for field in encoder.categorical),
        *(field.column for field in encoder.numeric),
    ]
    known_fields = [*table.codes.T, *table.values.T]
    asked_fields = [*asked_table.codes.T, *asked_table.values.T]
    best: dict[str, tuple[float, float]] = {}
    for column, learned, new in zip(columns, known_fields, asked_fields, strict=True):
        for predicted in _predictions(learned, np.append(new, learned), labels, target):
            new_left = _error_left(asked_labels, predicted[:rows], target)
            # Of many columns, one may fit a few new rows by chance: it must also fit the
            # training rows.
            left = max(new_left, _error_left(labels, predicted[rows:], target))
            right = float((predicted[:rows] == asked_labels).mean())
            score = 1 - new_left if target.task == "regression" else right
            best[column] = min(best.get(column, (np.inf, 0.0)), (left, score))
    return [
        ColumnScore(column, best[column][1], best[column][0] <= _most_left(target))
        for column in sorted(best, key=lambda each: best[each][0])
    ]


def _predictions(
    known: np.ndarray, asked: np.ndarray, labels: np.ndarray, target: Target
) -> Iterator[np.ndarray]:
    """Yield predictions of rows from one field: by equal levels, or by the nearest numbers.

    Args:
        known: Codes, or numbers with NaN for missing, of the training rows.
        asked: The same for the rows to predict.
        labels: Labels of the training rows.
        target: The target, for the constant prediction of unknown values.
    """
    guess: float | np.ndarray = _guess(target)
    if not np.issubdtype(known.dtype, np.floating):
        levels, cells = np.unique(known, return_inverse=True)
        predictions = _cell_predictions(cells, labels)
        place = np.minimum(np.searchsorted(levels, asked), len(levels) - 1)
        yield np.where(levels[place] == asked, predictions[place], guess)
        return
    present = np.isfinite(known)
    if not present.all():
        missing = _cell_predictions(
            np.zeros(int((~present).sum()), dtype=np.int64), labels[~present]
        )
        guess = np.where(np.isfinite(asked), guess, missing[0])
    if not present.any():
        yield np.broadcast_to(guess, asked.shape)
        return
    values, cells = np.unique(known[present], return_inverse=True)
    predictions = _cell_predictions(cells, labels[present])
    right = np.clip(np.searchsorted(values, asked), 1, max(len(values) - 1, 1))
    right = np.minimum(right, len(values) - 1)
    left = np.maximum(right - 1, 0)
    nearest = np.where(asked - values[left] <= values[right] - asked, left, right)
    near = nearest[:, None] + np.arange(_NEIGHBOURS) - _NEIGHBOURS // 2
    near_predictions = predictions[np.clip(near, 0, len(values) - 1)]
    if target.task == "regression":
        candidates = [np.interp(asked, values, predictions), near_predictions.mean(axis=1)]
    else:
        votes = (near_predictions[:, :, None] == near_predictions[:, None, :]).sum(axis=2)
        voted = near_predictions[np.arange(len(asked)), votes.argmax(axis=1)]
        candidates = [predictions[nearest], voted]
    for candidate in candidates:
        yield np.where(np.isfinite(asked), candidate, guess)


def _cell_predictions(cells: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the most frequent class, or the mean number, of each cell; no cell is empty."""
    if np.issubdtype(labels.dtype, np.floating):
        return np.bincount(cells, labels) / np.bincount(cells)
    width = int(labels.max()) + 1
    pairs, counts = np.unique(cells.astype(np.int64) * width + labels, return_counts=True)
    order = np.lexsort((-counts, pairs // width))
    _, first = np.unique(pairs[order] // width, return_index=True)
    return pairs[order][first] % width
