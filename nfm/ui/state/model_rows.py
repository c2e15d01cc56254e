"""Results about a model and its table that several pages use, computed once and cached."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nfm.computing_process import compute
from nfm.errors import NFMError
from nfm.evaluation.error_interval import PredictionInterval, error_interval, fit_error_scale
from nfm.evaluation.held_out import HeldOutPredictions, predict_held_out, predict_rows
from nfm.evaluation.memorised_columns import MemorisedColumn, memorised_columns
from nfm.evaluation.perfect_score import PerfectScore, explain_perfect_score
from nfm.explanation.importance import shapley_importance
from nfm.explanation.reference_data import ReferenceData
from nfm.tabular.splitting import split_rows
from nfm.ui.state.byte_cache import kept
from nfm.ui.state.current_model import CurrentModel

_RANKING_ROWS = 12


def reference(model: CurrentModel) -> ReferenceData | None:
    """Return the reference data of explanations: the training rows.

    Args:
        model: The model. If another table replaces its training table, all rows of it count.

    Returns:
        The reference data; None if the model has no table.
    """
    return None if model.frame is None else _reference(model)


def training_row(model: CurrentModel, position: int) -> int:
    """Return the position of a training row in the whole table.

    Args:
        model: A model that has a table.
        position: Position among the training rows, as in `NearestRow.position`.

    Raises:
        NFMError: If the model has no table.
    """
    return int(_training_rows(model)[position])


def held_out(model: CurrentModel) -> HeldOutPredictions | None:
    """Return the held-out rows with the model's predictions.

    Returns:
        The test rows or, without test rows, the validation rows; None if there are neither.
    """
    return None if model.frame is None else _held_out(model)


def perfect_score(model: CurrentModel) -> PerfectScore | None:
    """Return why a model's result is close to perfect.

    Returns:
        The explanation; None if the result isn't close to perfect, or the model has no held-out
        rows of its own table.
    """
    return _perfect_score(model) if model.has_own_table else None


def memorised(model: CurrentModel) -> tuple[MemorisedColumn, ...]:
    """Return the columns of many levels that a model has memorised.

    Returns:
        The columns; empty if there are none, or the model's own table is not there.
    """
    return _memorised(model) if model.has_own_table else ()


def interval(model: CurrentModel) -> PredictionInterval | None:
    """Return how far a predicted number may be off.

    Returns:
        The interval; None for classification, or without rows to compute it from.
    """
    if model.frame is None or model.bundle.target.task != "regression":
        return None
    return _interval(model)


def ranking(model: CurrentModel) -> tuple[str, ...]:
    """Return the model's columns, the most important first.

    Args:
        model: The model. Without a table, its columns are returned in their own order.
    """
    return model.bundle.encoder.columns if model.frame is None else _ranking(model)


@kept()
def _training_rows(model: CurrentModel) -> np.ndarray:
    frame, target = _own_or_examined(model), model.bundle.target
    if model.examined_on or target.name not in frame.columns:
        return np.arange(len(frame))
    return split_rows(frame, frame[target.name], target.task, model.split).train


@kept("Analysing the training rows …")
def _reference(model: CurrentModel) -> ReferenceData:
    rows = _training_rows(model)
    built = ReferenceData.build(model.bundle, _own_or_examined(model).iloc[rows])
    # Computed here, or else the first edit of a row would have to wait for them.
    _ = built.candidates, built.bins, built.ranks, built.usual_distances
    return built


@kept()
def _held_out(model: CurrentModel) -> HeldOutPredictions | None:
    try:
        return evaluate(model)
    except NFMError:
        return None


def evaluate(model: CurrentModel) -> HeldOutPredictions:
    """Return the predictions of a model for the rows that it is evaluated on.

    Raises:
        NFMError: If there are no such rows; the message says why.
    """
    frame = _own_or_examined(model)
    if model.examined_on:
        return predict_rows(model.bundle, frame, frame[model.bundle.target.name])
    return predict_held_out(model.bundle, frame, model.split)


@kept()
def _perfect_score(model: CurrentModel) -> PerfectScore | None:
    evaluation = held_out(model)
    if evaluation is None:
        return None
    frame, train = _own_or_examined(model), _training_rows(model)
    return explain_perfect_score(model.bundle, frame, train, evaluation)


@kept()
def _memorised(model: CurrentModel) -> tuple[MemorisedColumn, ...]:
    frame, target = _own_or_examined(model), model.bundle.target
    try:
        split = split_rows(frame, frame[target.name], target.task, model.split)
        return memorised_columns(model.bundle, frame, split)
    except NFMError:  # such as weights that overflow on some row
        return ()


@kept()
def _interval(model: CurrentModel) -> PredictionInterval | None:
    bundle, frame = model.bundle, _own_or_examined(model)
    values = frame[bundle.target.name]
    if model.examined_on:
        return error_interval(bundle, frame, values)
    split = split_rows(frame, values, "regression", model.split)
    scale = fit_error_scale(bundle, frame.iloc[split.train], values.iloc[split.train])
    rows = np.concatenate([split.validation, split.test])
    return error_interval(bundle, frame.iloc[rows], values.iloc[rows], scale=scale)


def _own_or_examined(model: CurrentModel) -> pd.DataFrame:
    if model.frame is None:
        raise NFMError("The table that this model was trained on is not available.")
    return model.frame


@kept()
def _ranking(model: CurrentModel) -> tuple[str, ...]:
    found = _reference(model)
    mean = compute(shapley_importance, found, _RANKING_ROWS).mean.max(axis=1)
    return tuple(found.columns[place] for place in np.argsort(-mean, kind="stable"))
