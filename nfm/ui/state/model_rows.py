"""What the pages need of a model and its table, worked out once and kept."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from nfm.errors import NFMError
from nfm.evaluation.error_interval import ErrorInterval, error_interval
from nfm.evaluation.error_scale import fit_error_scale
from nfm.evaluation.held_out import HeldOutPredictions, evaluate_held_out, evaluate_table
from nfm.evaluation.perfection import Perfection, explain_perfection
from nfm.explanation.importance import shapley_importance
from nfm.explanation.reference_data import ReferenceData
from nfm.tabular.splitting import split_rows
from nfm.ui.state.current_model import CurrentModel

_RANKING_ROWS = 12


def reference(model: CurrentModel) -> ReferenceData | None:
    """Return what explanations compare with: the training rows; None if the table is gone.

    Of a table that stands in for the model's own, it is all rows.
    """
    if model.frame is None:
        return None
    return _reference(model.version, model)


def training_row(model: CurrentModel, position: int) -> int:
    """Return where a training row stands in the whole table.

    Args:
        model: A model whose table is there.
        position: Of the row among the training rows, as `NearestRow.position` counts them.
    """
    if model.frame is None:
        raise ValueError("The table is gone.")
    return int(_training_rows(model.version, model)[position])


def held_out(model: CurrentModel) -> HeldOutPredictions | None:
    """Return the rows that were kept from the model, with its answers; None if there are none."""
    if model.frame is None:
        return None
    return _held_out(model.version, model)


def perfection(model: CurrentModel) -> Perfection | None:
    """Return why a result is close to perfect; None if it is not, or nothing was held out."""
    evaluation = held_out(model)
    if evaluation is None or not model.has_own_table:
        return None
    return _perfection(model.version, model, evaluation)


def interval(model: CurrentModel) -> ErrorInterval | None:
    """Return how far a predicted number may be off; None for classes, or without rows for it."""
    if model.frame is None or model.bundle.target.task != "regression":
        return None
    return _interval(model.version, model)


def ranking(model: CurrentModel) -> tuple[str, ...]:
    """Return the model's columns, those that move its answers most first."""
    found = reference(model)
    if found is None:
        return model.bundle.encoder.columns
    return _ranking(model.version, found)


@st.cache_resource(max_entries=8, show_spinner=False)
def _training_rows(version: str, _model: CurrentModel) -> np.ndarray:
    frame, target = _own_or_examined(_model), _model.bundle.target
    if _model.examined_on or target.name not in frame.columns:
        return np.arange(len(frame))
    return split_rows(frame, frame[target.name], target.task, _model.split).train


@st.cache_resource(max_entries=8, show_spinner="Looking at the training rows …")
def _reference(version: str, _model: CurrentModel) -> ReferenceData:
    rows = _training_rows(version, _model)
    built = ReferenceData.build(_model.bundle, _own_or_examined(_model).iloc[rows])
    # Worked out at the first use otherwise, which would be a person's first edit.
    _ = built.candidates, built.bins, built.ranks, built.usual_distances
    return built


@st.cache_resource(max_entries=8, show_spinner=False)
def _held_out(version: str, _model: CurrentModel) -> HeldOutPredictions | None:
    try:
        return evaluate(_model)
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


@st.cache_resource(max_entries=8, show_spinner=False)
def _perfection(
    version: str, _model: CurrentModel, _evaluation: HeldOutPredictions
) -> Perfection | None:
    frame, train = _own_or_examined(_model), _training_rows(version, _model)
    return explain_perfection(_model.bundle, frame, train, _evaluation)


@st.cache_resource(max_entries=8, show_spinner=False)
def _interval(version: str, _model: CurrentModel) -> ErrorInterval | None:
    bundle, frame = _model.bundle, _own_or_examined(_model)
    values = frame[bundle.target.name]
    if _model.examined_on:
        return error_interval(bundle, frame, values)
    split = split_rows(frame, values, "regression", _model.split)
    scale = fit_error_scale(bundle, frame.iloc[split.train], values.iloc[split.train])
    rows = np.concatenate([split.validation, split.test])
    return error_interval(bundle, frame.iloc[rows], values.iloc[rows], scale=scale)


def _own_or_examined(model: CurrentModel) -> pd.DataFrame:
    if model.frame is None:
        raise NFMError("The table that this model learned from is not here.")
    return model.frame


@st.cache_resource(max_entries=8, show_spinner=False)
def _ranking(version: str, _reference: ReferenceData) -> tuple[str, ...]:
    mean = shapley_importance(_reference, _RANKING_ROWS).mean.max(axis=1)
    return tuple(_reference.columns[place] for place in np.argsort(-mean, kind="stable"))
