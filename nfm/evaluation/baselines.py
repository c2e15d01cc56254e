"""Simpler models (linear, boosting) on the same rows, for comparison with the network."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from nfm.evaluation.held_out import HeldOutPredictions
from nfm.inference.bundle import Bundle
from nfm.tabular.encoded_table import EncodedTable
from nfm.tabular.encoding import Encoder
from nfm.tabular.level_values import numbers
from nfm.tabular.splitting import SplitOptions, split_rows

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

BaselineName = Literal["linear", "boosting"]
NAMES: tuple[BaselineName, ...] = ("linear", "boosting")
MOST_ROWS = 50_000
_MOST_LEVELS = 254  # scikit-learn's limit, minus one for all other levels


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
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    target = bundle.target
    values = frame[target.name]
    rows = split_rows(frame, values, target.task, options).train
    if len(rows) > MOST_ROWS:
        rows = np.sort(np.random.default_rng(0).choice(rows, MOST_ROWS, replace=False))
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
    learn = _learn_linear if name == "linear" else _learn_boosting
    # One thread: trainings share the processor, and idle OpenMP threads would spin.
    with threadpool_limits(1):
        answers = learn(encoder, train, labels, test, evaluation)
    return BaselineResult(
        evaluation.with_answers(answers), time.perf_counter() - started, len(rows)
    )


def _learn_linear(
    encoder: Encoder,
    train: EncodedTable,
    labels: np.ndarray,
    test: EncodedTable,
    evaluation: HeldOutPredictions,
) -> np.ndarray:
    from sklearn.linear_model import LogisticRegression, Ridge

    columns = _one_hot(encoder, train), _one_hot(encoder, test)
    if evaluation.is_regression:
        return Ridge().fit(columns[0], labels).predict(columns[1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "not converged": compared as it is
        model = LogisticRegression(max_iter=300).fit(columns[0], labels)
    return _all_classes(model, columns[1], evaluation)


def _learn_boosting(
    encoder: Encoder,
    train: EncodedTable,
    labels: np.ndarray,
    test: EncodedTable,
    evaluation: HeldOutPredictions,
) -> np.ndarray:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    is_level = [True] * train.codes.shape[1] + [False] * train.values.shape[1]
    kept = [_frequent_codes(train.codes[:, place]) for place in range(train.codes.shape[1])]
    columns = _side_by_side(train, kept), _side_by_side(test, kept)
    options: dict[str, Any] = {"categorical_features": is_level, "random_state": 0}
    if evaluation.is_regression:
        numbers_model = HistGradientBoostingRegressor(**options).fit(columns[0], labels)
        return numbers_model.predict(columns[1])
    model = HistGradientBoostingClassifier(**options).fit(columns[0], labels)
    return _all_classes(model, columns[1], evaluation)


def _one_hot(encoder: Encoder, table: EncodedTable) -> csr_matrix:
    """Encode levels as columns of 0 and 1, and numbers with an indicator of missing values."""
    from scipy import sparse

    layout = encoder.layout
    columns = table.codes + layout.level_offsets[: table.codes.shape[1]]
    rows = np.repeat(np.arange(len(table)), table.codes.shape[1])
    shape = (len(table), int(sum(layout.level_counts)))
    levels = sparse.csr_matrix((np.ones(columns.size), (rows, columns.ravel())), shape=shape)
    missing = np.isnan(table.values)
    dense = np.concatenate([np.where(missing, 0.0, table.values), missing], axis=1)
    return sparse.hstack([levels, sparse.csr_matrix(dense)], format="csr")


def _frequent_codes(codes: np.ndarray) -> np.ndarray:
    """Return the codes of the most frequent levels of a column, sorted, at most 254."""
    found, counts = np.unique(codes, return_counts=True)
    return np.sort(found[np.argsort(-counts, kind="stable")[:_MOST_LEVELS]])


def _side_by_side(table: EncodedTable, kept: list[np.ndarray]) -> np.ndarray:
    """Return codes, renumbered from 0 with all rare levels last, followed by numbers."""
    columns = []
    for place, frequent in enumerate(kept):
        codes = table.codes[:, place]
        found = np.minimum(np.searchsorted(frequent, codes), len(frequent) - 1)
        columns.append(np.where(frequent[found] == codes, found, len(frequent)))
    levels = np.stack(columns, axis=1) if columns else np.empty((len(table), 0))
    return np.concatenate([levels, table.values], axis=1).astype(np.float64)


def _all_classes(model: Any, columns: Any, evaluation: HeldOutPredictions) -> np.ndarray:
    """Return probabilities of all classes, 0 for classes without a training row."""
    answers = np.zeros((len(evaluation), evaluation.target.class_count))
    answers[:, model.classes_] = model.predict_proba(columns)
    return answers
