"""Where a model's errors are large: what makes error intervals differ from row to row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from nfm.files.names import with_text_names
from nfm.inference.bundle import Bundle
from nfm.tabular.encoded_table import EncodedTable
from nfm.tabular.level_values import numbers

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingRegressor

ROWS = 10_000
_FEWEST_ROWS = 60
_CATEGORIES = 64
# The logarithm of an error far below the usual one says nothing more about the noise.
_SMALLEST = 0.01


@dataclass(frozen=True, eq=False)
class ErrorScale:
    """A model of the size of another model's errors, relative to their usual size.

    Attributes:
        trees: Predict the absolute error of a row from its codes, its numbers and the model's
            own output.
        usual: Geometric mean of what they predict for the rows that they learned from.
        learned: What `of` is for those rows, sorted, float64 (n,).
    """

    trees: HistGradientBoostingRegressor
    usual: float
    learned: np.ndarray

    def of(self, table: EncodedTable, outputs: np.ndarray) -> np.ndarray:
        """Return how large the errors of rows are, as a multiple of the usual size.

        Args:
            table: Encoded rows.
            outputs: The network's values for them, float64 (rows, 1).

        Returns:
            Positive, float64 (rows,).
        """
        if not len(table):
            return np.empty(0)
        with _one_thread():
            return self.trees.predict(_features(table, outputs)) / self.usual


def fit_error_scale(bundle: Bundle, frame: pd.DataFrame, target_values: Any) -> ErrorScale | None:
    """Learn where the errors of a model are large.

    Few shallow trees, each leaf of many rows: where the noise is the same everywhere, they
    hardly differ. Their loss is the gamma deviance, whose minimum is the mean absolute error.

    Args:
        bundle: A model of a regression.
        frame: Its training rows; `ROWS` at most are used. That the errors on them are too small
            does not matter, for only their relative size is learned.
        target_values: Their target, (rows,).

    Returns:
        The scale; None if there are too few rows, or no errors.
    """
    observed = numbers(pd.Series(target_values).reset_index(drop=True))
    known = np.flatnonzero(~np.isnan(observed))
    if len(known) > ROWS:
        known = np.sort(np.random.default_rng(0).choice(known, ROWS, replace=False))
    if len(known) < _FEWEST_ROWS:
        return None
    table = bundle.encoder.transform(with_text_names(frame).iloc[known])
    outputs = bundle.outputs(table)
    errors = np.abs(bundle.target.decode(outputs[:, 0]) - observed[known])
    mean = float(errors.mean())
    if not 0 < mean < np.inf:
        return None
    from sklearn.ensemble import HistGradientBoostingRegressor

    levels = np.array(bundle.encoder.layout.level_counts, dtype=np.int64)
    is_category = np.append(levels <= _CATEGORIES, np.zeros(table.values.shape[1] + 1, bool))
    trees = HistGradientBoostingRegressor(
        loss="gamma",
        learning_rate=0.05,
        max_iter=100,
        max_depth=2,
        min_samples_leaf=max(20, len(known) // 50),
        l2_regularization=1.0,
        categorical_features=is_category if is_category.any() else None,
        early_stopping=False,
        random_state=0,
    )
    features = _features(table, outputs)
    with _one_thread():
        trees.fit(features, np.maximum(errors / mean, _SMALLEST))
        predicted = trees.predict(features)
    usual = float(np.exp(np.log(predicted).mean()))
    return ErrorScale(trees, usual, np.sort(predicted / usual))


def _one_thread() -> threadpool_limits:
    """Keep to one thread: on so few rows, and beside a training, more only wait for each other."""
    return threadpool_limits(1, user_api="openmp")


def _features(table: EncodedTable, outputs: np.ndarray) -> np.ndarray:
    """Return the codes, the numbers and the outputs of rows, float64 (rows, F + D + 1)."""
    return np.column_stack([table.codes, table.values, outputs])
