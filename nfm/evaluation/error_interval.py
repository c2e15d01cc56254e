"""Prediction intervals of a regression, from the errors on rows that the model was not trained on.

An `ErrorScale` predicts where errors are large; an `PredictionInterval` has the margins.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from nfm.files.names import with_text_names
from nfm.inference.bundle import Bundle
from nfm.tabular.encoded_table import EncodedTable
from nfm.tabular.level_values import numbers
from nfm.tabular.row_selection import some_rows

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingRegressor


ROWS = 10_000
_FEWEST_ROWS = 60
_CATEGORIES = 64
# Errors far below the usual size say nothing more about the noise.
_SMALLEST = 0.01
_GROUPS = (4, 2)
_ROWS_PER_GROUP = 100


@dataclass(frozen=True, eq=False)
class ErrorScale:
    """A model of the size of another model's errors, relative to their usual size.

    Attributes:
        trees: Regressor of the absolute error of a row from its codes, its numbers and the
            output of the model.
        usual: Geometric mean of its predictions for its own training rows.
        learned: Scales of these training rows, sorted, float64 (n,).
    """

    trees: HistGradientBoostingRegressor
    usual: float
    learned: np.ndarray

    def of(self, table: EncodedTable, outputs: np.ndarray) -> np.ndarray:
        """Return the scales of rows: expected sizes of their errors relative to the usual size.

        Args:
            table: Encoded rows.
            outputs: Outputs of the network for these rows, float64 (rows, 1).

        Returns:
            Positive numbers, float64 (rows,).
        """
        if not len(table):
            return np.empty(0)
        with _one_thread():
            return self.trees.predict(_features(table, outputs)) / self.usual


def fit_error_scale(bundle: Bundle, frame: pd.DataFrame, target_values: Any) -> ErrorScale | None:
    """Learn where the errors of a regression model are large.

    The trees are few and shallow, with many rows per leaf: if the noise is the same everywhere,
    their predictions hardly differ. The loss is the gamma deviance, which the mean absolute error
    minimises.

    Args:
        bundle: A regression model.
        frame: Its training rows, of which at most `ROWS` are used. Errors on training rows are
            too small, but only their relative size is learned.
        target_values: Targets of the rows, (rows,).

    Returns:
        The scale; None if there are fewer than 60 rows with a target, or no errors.
    """
    observed = numbers(pd.Series(target_values).reset_index(drop=True))
    known = np.flatnonzero(~np.isnan(observed))
    known = known[some_rows(len(known), ROWS)]
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
    # The trees cannot bin a column without any number; they never split a constant one.
    features[:, np.isnan(features).all(axis=0)] = 0.0
    with _one_thread():
        trees.fit(features, np.maximum(errors / mean, _SMALLEST))
        predicted = trees.predict(features)
    usual = float(np.exp(np.log(predicted).mean()))
    return ErrorScale(trees, usual, np.sort(predicted / usual))


def _one_thread() -> threadpool_limits:
    """Limit OpenMP to one thread: with few rows, or beside a training, more are slower."""
    return threadpool_limits(1, user_api="openmp")


def _features(table: EncodedTable, outputs: np.ndarray) -> np.ndarray:
    """Concatenate codes, numbers and outputs of rows, float64 (rows, F + D + 1)."""
    return np.column_stack([table.codes, table.values, outputs])


@dataclass(frozen=True, eq=False)
class PredictionInterval:
    """Margins of predicted numbers.

    Attributes:
        coverage: Share of new rows from the same distribution whose target lies within the
            margin.
        margin: Half of the interval's width for errors of the usual size, in the unit of the
            target.
        rows: Number of rows that the margins were computed from.
        scale: Scales of the errors; None if the margin is the same for all rows.
        limits: Scales that separate groups of rows, increasing, (groups - 1,).
        factors: Factor per group that turns a row's scale into its margin, (groups,).
    """

    coverage: float
    margin: float
    rows: int
    scale: ErrorScale | None = None
    limits: tuple[float, ...] = ()
    factors: tuple[float, ...] = ()

    def margins(self, table: EncodedTable, outputs: np.ndarray) -> np.ndarray:
        """Return the margin of every row.

        Args:
            table: Encoded rows.
            outputs: Outputs of the network for these rows, float64 (rows, 1).

        Returns:
            Margins in the unit of the target, float64 (rows,).
        """
        if self.scale is None:
            return np.full(len(outputs), self.margin)
        scales = self.scale.of(table, outputs)
        return np.array(self.factors)[np.searchsorted(self.limits, scales, side="right")] * scales

    def margin_of(self, bundle: Bundle, row: pd.DataFrame) -> float:
        """Return the margin of one row, in the unit of the target.

        Args:
            bundle: The model.
            row: One row with the columns that the model needs.
        """
        if self.scale is None:
            return self.margin
        table = bundle.encoder.transform(row)
        return float(self.margins(table, bundle.outputs(table))[0])


def error_interval(
    bundle: Bundle,
    frame: pd.DataFrame,
    target_values: Any,
    coverage: float = 0.8,
    scale: ErrorScale | None = None,
) -> PredictionInterval | None:
    """Compute the margins from rows that the model was not trained on.

    Source: locally weighted split conformal prediction (Lei et al. 2018, "Distribution-Free
    Predictive Inference for Regression", section 5.2): the margin is the ⌈(n + 1) coverage⌉-th
    smallest of the absolute errors, each divided by the scale of its row. Given enough rows, this
    is done separately for groups of similar scale (Mondrian conformal prediction, Vovk et al.
    2005, "Algorithmic Learning in a Random World", section 4.5), so that the coverage holds in
    each group, also where the scale varies too little.

    Args:
        bundle: A regression model.
        frame: The rows; validation rows were also used to choose the best epoch, which makes the
            margins slightly too small.
        target_values: Targets of the rows, (rows,).
        coverage: Required coverage, between 0 and 1, default 0.8. It holds however wrong the
            scale is, because the scale was learned from other rows.
        scale: Scales of the errors, learned from other rows, such as the training rows; None for
            the same margin for all rows.

    Returns:
        The margins; None if there are too few rows for this coverage.
    """
    if len(frame) == 0:
        return None
    observed = numbers(pd.Series(target_values).reset_index(drop=True))
    table = bundle.encoder.transform(with_text_names(frame))
    outputs = bundle.outputs(table)
    errors = np.abs(bundle.target.decode(outputs[:, 0]) - observed)
    known = ~np.isnan(errors)
    errors = errors[known]
    margin = _conformal_quantile(errors, coverage)
    if margin is None or scale is None:
        return None if margin is None else PredictionInterval(coverage, margin, len(errors))
    scales = scale.of(table, outputs)[known]
    limits, factors = _factors(errors / scales, scales, scale.learned, coverage)
    margin = float(np.median(np.array(factors)))
    return PredictionInterval(coverage, margin, len(errors), scale, limits, factors)


def _factors(
    ratios: np.ndarray, scales: np.ndarray, learned: np.ndarray, coverage: float
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return the limits of groups of similar scale, and the conformal quantile of each group.

    The limits come from other rows; otherwise the coverage would not be exact.
    """
    for groups in _GROUPS:
        if len(ratios) < groups * _ROWS_PER_GROUP:
            continue
        limits = np.unique(np.quantile(learned, np.arange(1, groups) / groups))
        places = np.searchsorted(limits, scales, side="right")
        quantiles = [
            _conformal_quantile(ratios[places == group], coverage)
            for group in range(len(limits) + 1)
        ]
        factors = [quantile for quantile in quantiles if quantile is not None]
        if len(factors) == len(quantiles):
            return tuple(limits.tolist()), tuple(factors)
    pooled = _conformal_quantile(ratios, coverage)
    return (), () if pooled is None else (pooled,)


def _conformal_quantile(values: np.ndarray, coverage: float) -> float | None:
    """Return the ⌈(n + 1) coverage⌉-th smallest value; None if there are too few."""
    place = int(np.ceil((len(values) + 1) * coverage - 1e-9))
    if not 0 < place <= len(values):
        return None
    return float(np.partition(values, place - 1)[place - 1])
