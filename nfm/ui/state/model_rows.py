"""What the pages need of a model and its table, worked out once and kept."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nfm.computing_process import compute
from nfm.errors import NFMError
from nfm.evaluation.error_interval import ErrorInterval, error_interval
from nfm.evaluation.error_scale import fit_error_scale
from nfm.evaluation.held_out import HeldOutPredictions, evaluate_held_out, evaluate_table
from nfm.evaluation.perfection import Perfection, explain_perfection
from nfm.explanation.importance import shapley_importance
from nfm.explanation.reference_data import ReferenceData
from nfm.tabular.splitting import split_rows
from nfm.ui.state.byte_cache import kept
from nfm.ui.state.current_model import CurrentModel

_RANKING_ROWS = 12


def reference(model: CurrentModel) -> ReferenceData | None:
    """Return what explanations compare with: the training rows; None if the table is gone.

    Of a table that stands in for the model's own, it is all rows.
    """
    return None if model.frame is None else _reference(model)


def training_row(model: CurrentModel, position: int) -> int:
    """Return where a training row stands in the whole table.

    Args:
        model: A model whose table is there.
        position: Of the row among the training rows, as `NearestRow.position` counts them.
    """
    if model.frame is None:
        raise ValueError("The table is gone.")
    return int(_training_rows(model)[position])


def held_out(model: CurrentModel) -> HeldOutPredictions | None:
    """Return the rows that were kept from the model, with its answers; None if there are none."""
    return None if model.frame is None else _held_out(model)


def perfection(model: CurrentModel) -> Perfection | None:
    """Return why a result is close to perfect; None if it is not, or nothing was held out."""
    evaluation = held_out(model)
    if evaluation is None or not model.has_own_table:
        return None
    return _perfection(model)


def interval(model: CurrentModel) -> ErrorInterval | None:
    """Return how far a predicted number may be off; None for classes, or without rows for it."""
    if model.frame is None or model.bundle.target.task != "regression":
        return None
    return _interval(model)


def ranking(model: CurrentModel) -> tuple[str, ...]:
    """Return the model's columns, those that move its answers most first."""
    return model.bundle.encoder.columns if model.frame is None else _ranking(model)


@kept()
def _training_rows(model: CurrentModel) -> np.ndarray:
    frame, target = _own_or_examined(model), model.bundle.target
    if model.examined_on or target.name not in frame.columns:
        return np.arange(len(frame))
    return split_rows(frame, frame[target.name], target.task, model.split).train


@kept("Looking at the training rows …")
def _reference(model: CurrentModel) -> ReferenceData:
    rows = _training_rows(model)
    built = ReferenceData.build(model.bundle, _own_or_examined(model).iloc[rows])
    # Worked out at the first use otherwise, which would be a person's first edit.
    _ = built.candidates, built.bins, built.ranks, built.usual_distances
    return built


@kept()
def _held_out(model: CurrentModel) -> HeldOutPredictions | None:
    try:
        return evaluate(model)
    except NFMError:
        return None


def evaluate(model: CurrentModel) -> HeldOutPredictions:
    """Ask a model about the rows that it is measured on.

    Raises:
        NFMError: If there are none, saying why.
    """
    frame = _own_or_examined(model)
    if model.examined_on:
        return evaluate_table(model.bundle, frame)
    return evaluate_held_out(model.bundle, frame, model.split)


@kept()
def _perfection(model: CurrentModel) -> Perfection | None:
    evaluation = held_out(model)
    if evaluation is None:
        return None
    frame, train = _own_or_examined(model), _training_rows(model)
    return explain_perfection(model.bundle, frame, train, evaluation)


@kept()
def _interval(model: CurrentModel) -> ErrorInterval | None:
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
        raise NFMError("The table that this model learned from is not here.")
    return model.frame


@kept()
def _ranking(model: CurrentModel) -> tuple[str, ...]:
    found = _reference(model)
    mean = compute(shapley_importance, found, _RANKING_ROWS).mean.max(axis=1)
    return tuple(found.columns[place] for place in np.argsort(-mean, kind="stable"))
