"""Why a result is close to perfect: a column that gives the target away, copies, or neither."""

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

# Share of the error of always giving the same answer that is left, at most.
_WRONG_LEFT = 0.05
_VARIANCE_LEFT = 0.03
# Fewer errors of the same answer could be avoided by chance.
_FEWEST_ERRORS = 5
_FEWEST_NUMBERS = 10
# The share of the held-out rows that must be known from training to explain the result.
_KNOWN = 0.5
_MOST_ROWS = 50_000
_NEIGHBOURS = 5
_FOLDS = 5


@dataclass(frozen=True)
class ColumnScore:
    """How well one column predicts the held-out rows without any other.

    Attributes:
        column: Its name.
        score: Share of rows that are right, or R² of a number.
        determines: Whether it is by itself close to perfect.
    """

    column: str
    score: float
    determines: bool


@dataclass(frozen=True)
class Perfection:
    """What explains a result that is close to perfect.

    Attributes:
        cause: "columns": each of `columns` alone determines the target. "copies": the model has
            learned from rows that are equal to most of the held-out ones. "together": neither;
            the columns tell the target together.
        target: Name of the target.
        is_regression: Whether the target is a number.
        columns: Those that determine the target, the best first; else the best one.
        known: Held-out rows that are equal to a training row in every column of the model.
        rows: Held-out rows.
        part: Which rows they are.
    """

    cause: Cause
    target: str
    is_regression: bool
    columns: tuple[ColumnScore, ...]
    known: int
    rows: int
    part: SplitPart


def is_close_to_perfect(evaluation: HeldOutPredictions) -> bool:
    """Say whether a model's answers for held-out rows are suspiciously good.

    Args:
        evaluation: The held-out rows.

    Returns:
        Whether at most a twentieth of the errors of always giving the same answer are left (of
        a number: 3 % of the variance), where there are errors enough to tell.
    """
    left = _error_left(evaluation.labels, evaluation.predicted, evaluation.target)
    return left <= _most_left(evaluation.target)


def explain_perfection(
    bundle: Bundle, frame: pd.DataFrame, train: np.ndarray, evaluation: HeldOutPredictions
) -> Perfection | None:
    """Find out why a result is close to perfect.

    Each column is tried alone, as the model's encoder sees it: the training rows' most frequent
    class (or mean) for each of its levels, and for a number that of the nearest training rows,
    predicts the others. A column that is close to perfect by itself, on held-out and training
    rows, determines the target or gives it away.

    Args:
        bundle: The model.
        frame: The table, all rows.
        train: Positions of the training rows.
        evaluation: The model's answers for the held-out rows.

    Returns:
        The explanation; None if the result is not close to perfect.
    """
    if not is_close_to_perfect(evaluation):
        return None
    target, encoder = bundle.target, bundle.encoder
    known, asked = (encoder.transform(frame.iloc[rows]) for rows in (train, evaluation.rows))
    known_labels = _labels(target, frame[target.name].iloc[train])
    asked_labels = evaluation.labels
    known_keys, asked_keys = _keys(known), _keys(asked)
    seen = np.isin(asked_keys, known_keys)
    if copied := bool(seen.mean() >= _KNOWN):
        # Any column that tells rows apart would find the copies: divide anew, between copies.
        known = _joined(known, asked)
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
    return Perfection(
        cause=cause,
        target=target.name,
        is_regression=evaluation.is_regression,
        columns=alone or tuple(scores[:1]),
        known=int(seen.sum()),
        rows=len(evaluation),
        part=evaluation.part,
    )


def _joined(first: EncodedTable, second: EncodedTable) -> EncodedTable:
    return EncodedTable(
        np.concatenate([first.codes, second.codes]), np.concatenate([first.values, second.values])
    )


def _most_left(target: Target) -> float:
    return _VARIANCE_LEFT if target.task == "regression" else _WRONG_LEFT


def _error_left(labels: np.ndarray, predicted: np.ndarray, target: Target) -> float:
    """Return the error of some answers as a share of that of always giving the same answer."""
    if target.task == "regression":
        total = float(((labels - labels.mean()) ** 2).sum())
        if len(labels) < _FEWEST_NUMBERS or total == 0:
            return 1.0
        return float(((predicted - labels) ** 2).sum()) / total
    avoidable = int((labels != _guess(target)).sum())
    return float((predicted != labels).sum()) / avoidable if avoidable >= _FEWEST_ERRORS else 1.0


def _guess(target: Target) -> float:
    """Return the code of the training rows' most frequent class, or their mean."""
    return target.mean if target.task == "regression" else int(np.argmax(target.counts or [1]))


def _keys(table: EncodedTable) -> np.ndarray:
    return row_keys([*table.codes.T, *table.values.T])


def _labels(target: Target, values: pd.Series) -> np.ndarray:
    return numbers(values) if target.task == "regression" else target.encode(values)


def _column_scores(
    encoder: Encoder,
    target: Target,
    known: tuple[EncodedTable, np.ndarray],
    asked: tuple[EncodedTable, np.ndarray],
) -> list[ColumnScore]:
    """Score every column by the best of its fields, the best column first.

    Args:
        encoder: Says which fields a column has.
        target: What is predicted.
        known: Rows to learn from, and their target.
        asked: Rows to predict, and their target.
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
            # Among many columns one may fit a few new rows by chance: it has to fit those it has
            # learned from as well.
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
    """Predict rows from one field: by equal values, and for numbers by near ones.

    Args:
        known: Codes, or numbers with NaN where one is missing, of the training rows.
        asked: The same of the rows to predict.
        labels: Target of the training rows.
        target: Says what is answered where nothing is known.
    """
    guess: float | np.ndarray = _guess(target)
    if not np.issubdtype(known.dtype, np.floating):
        levels, cells = np.unique(known, return_inverse=True)
        answers = _cell_answers(cells, labels)
        place = np.minimum(np.searchsorted(levels, asked), len(levels) - 1)
        yield np.where(levels[place] == asked, answers[place], guess)
        return
    present = np.isfinite(known)
    if not present.all():
        missing = _cell_answers(np.zeros(int((~present).sum()), dtype=np.int64), labels[~present])
        guess = np.where(np.isfinite(asked), guess, missing[0])
    if not present.any():
        yield np.broadcast_to(guess, asked.shape)
        return
    values, cells = np.unique(known[present], return_inverse=True)
    answers = _cell_answers(cells, labels[present])
    right = np.clip(np.searchsorted(values, asked), 1, max(len(values) - 1, 1))
    right = np.minimum(right, len(values) - 1)
    left = np.maximum(right - 1, 0)
    nearest = np.where(asked - values[left] <= values[right] - asked, left, right)
    near = nearest[:, None] + np.arange(_NEIGHBOURS) - _NEIGHBOURS // 2
    near_answers = answers[np.clip(near, 0, len(values) - 1)]
    if target.task == "regression":
        candidates = [np.interp(asked, values, answers), near_answers.mean(axis=1)]
    else:
        votes = (near_answers[:, :, None] == near_answers[:, None, :]).sum(axis=2)
        voted = near_answers[np.arange(len(asked)), votes.argmax(axis=1)]
        candidates = [answers[nearest], voted]
    for candidate in candidates:
        yield np.where(np.isfinite(asked), candidate, guess)


def _cell_answers(cells: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return each cell's most frequent class, or its mean number; all cells have rows."""
    if np.issubdtype(labels.dtype, np.floating):
        return np.bincount(cells, labels) / np.bincount(cells)
    width = int(labels.max()) + 1
    pairs, counts = np.unique(cells.astype(np.int64) * width + labels, return_counts=True)
    order = np.lexsort((-counts, pairs // width))
    _, first = np.unique(pairs[order] // width, return_index=True)
    return pairs[order][first] % width
