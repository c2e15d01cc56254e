"""Simpler models (linear, boosting) on the same rows, for comparison with the network."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from nfm.evaluation.held_out import HeldOutPredictions
from nfm.inference.bundle import Bundle
from nfm.tabular.encoding import Encoder
from nfm.tabular.level_values import numbers
from nfm.tabular.row_selection import some_rows
from nfm.tabular.splitting import SplitOptions, split_rows

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

BaselineName = Literal["linear", "boosting"]
NAMES: tuple[BaselineName, ...] = ("linear", "boosting")
MOST_ROWS = 50_000
_MOST_LEVELS = 255  # scikit-learn's limit


@dataclass(frozen=True, eq=False)
class BaselineResult:
    """Predictions of a simpler model for the held-out rows.

    Attributes:
        evaluation: The same held-out rows with its predictions.
        seconds: Training time in seconds.
        rows: Number of training rows.
    """

    evaluation: HeldOutPredictions
    seconds: float
    rows: int


def learn_baseline(
    name: BaselineName,
    bundle: Bundle,
    frame: pd.DataFrame,
    options: SplitOptions,
    evaluation: HeldOutPredictions,
) -> BaselineResult:
    """Train a simpler model on the network's training rows and predict its held-out rows.

    This imports scikit-learn and takes seconds: call it in a background thread.

    Args:
        name: "linear": logistic or ridge regression on one-hot levels and standardised
            numbers; "boosting": gradient boosting of trees. Both with scikit-learn's defaults.
        bundle: The network's bundle, which defines columns, levels and classes.
        frame: The table, all rows.
        options: Options of the train, validation and test split.
        evaluation: The network's predictions.

    Returns:
        The predictions of the simpler model, trained on a random 50,000 of the training rows if
        there are more.
    """
    from threadpoolctl import threadpool_limits

    target = bundle.target
    values = frame[target.name]
    rows = split_rows(frame, values, target.task, options).train
    rows = rows[some_rows(len(rows), MOST_ROWS)]
    started = time.perf_counter()
    settings = bundle.settings.model_copy(
        update={"numeric": "value", "numeric_scaling": "standard", "vocabulary": "training"}
    )
    encoder = Encoder.fit(frame.iloc[rows], bundle.schema.features, settings)
    train = encoder.transform(frame.iloc[rows])
    test = encoder.transform(frame.iloc[evaluation.rows])
    if target.task == "regression":
        labels: np.ndarray = numbers(values.iloc[rows])
    else:
        labels = target.encode(values.iloc[rows])
    level_count = train.codes.shape[1]
    make = _linear if name == "linear" else _boosting
    model = make(level_count, train.values.shape[1], is_regression=evaluation.is_regression)
    columns = [np.concatenate([part.codes, part.values], axis=1) for part in (train, test)]
    # Boosting cannot bin a column without any number, and nothing can be learned from one.
    blank = np.isnan(columns[0]).all(axis=0)
    for each in columns:
        each[:, blank] = 0.0
    # One thread: trainings share the processor, and idle OpenMP threads would spin.
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "not converged": compared as it is; unknown levels
        model.fit(columns[0], labels)
        if evaluation.is_regression:
            predictions = model.predict(columns[1])
        else:  # 0 for classes without a training row
            predictions = np.zeros((len(evaluation), target.class_count))
            predictions[:, model.classes_] = model.predict_proba(columns[1])
    return BaselineResult(
        evaluation.with_predictions(predictions), time.perf_counter() - started, len(rows)
    )


def _linear(level_count: int, number_count: int, *, is_regression: bool) -> Pipeline:
    """Return ridge or logistic regression on columns of level codes, then numbers."""
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    levels = list(range(level_count))
    numeric = list(range(level_count, level_count + number_count))
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), levels),
        # The numbers are standardised: 0 is the mean.
        (SimpleImputer(strategy="constant", fill_value=0.0, add_indicator=True), numeric),
    )
    return make_pipeline(columns, Ridge() if is_regression else LogisticRegression(max_iter=300))


def _boosting(level_count: int, number_count: int, *, is_regression: bool) -> Pipeline:
    """Return gradient boosting on columns of level codes, then numbers."""
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OrdinalEncoder

    rare_are_one = OrdinalEncoder(
        max_categories=_MOST_LEVELS, handle_unknown="use_encoded_value", unknown_value=np.nan
    )
    columns = make_column_transformer(
        (rare_are_one, list(range(level_count))), remainder="passthrough"
    )
    kind = HistGradientBoostingRegressor if is_regression else HistGradientBoostingClassifier
    is_level = [True] * level_count + [False] * number_count
    return make_pipeline(columns, kind(categorical_features=is_level, random_state=0))
