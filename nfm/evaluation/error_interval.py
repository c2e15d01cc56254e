"""How far a predicted number may be off, from the errors on rows that the model did not see."""

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
_GROUPS = (4, 2)
_ROWS_OF_A_GROUP = 100


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
        target_values: Targets of the rows, (rows,).

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


@dataclass(frozen=True, eq=False)
class ErrorInterval:
    """A margin around every prediction.

    Attributes:
        coverage: The share of new rows whose target lies within, if they are like these.
        margin: Half of the interval's width where errors are of their usual size, in the
            target's own unit.
        rows: How many rows it was learned from.
        scale: Says where errors are large; None: the margin is the same for all rows.
        limits: Scales at which the next group of rows begins, increasing, (groups - 1,).
        factors: What a row's scale is multiplied by to give its margin, one for each group.
    """

    coverage: float
    margin: float
    rows: int
    scale: ErrorScale | None = None
    limits: tuple[float, ...] = ()
    factors: tuple[float, ...] = ()

    def around(self, value: float) -> tuple[float, float]:
        """Return the interval of one prediction whose margin is the usual one."""
        return value - self.margin, value + self.margin

    def margins(self, table: EncodedTable, outputs: np.ndarray) -> np.ndarray:
        """Return the margin of every row.

        Args:
            table: Encoded rows.
            outputs: The network's values for them, float64 (rows, 1).

        Returns:
            In the target's own unit, float64 (rows,).
        """
        if self.scale is None:
            return np.full(len(outputs), self.margin)
        scales = self.scale.of(table, outputs)
        return np.array(self.factors)[np.searchsorted(self.limits, scales, side="right")] * scales

    def margin_of(self, bundle: Bundle, row: pd.DataFrame) -> float:
        """Return the margin of one row, in the target's own unit.

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
) -> ErrorInterval | None:
    """Learn the margins from rows that the model was not trained on.

    Source: split conformal prediction with errors in units of their local size (Lei et al.
    2018, "Distribution-Free Predictive Inference for Regression", section 5.2): the
    ⌈(n + 1) coverage⌉-th smallest absolute error, each divided by its row's scale; among rows
    of small and of large scale separately, where there are enough (Mondrian conformal
    prediction, Vovk et al. 2005, "Algorithmic Learning in a Random World", section 4.5). So
    the coverage holds in each of these groups, also where the scale is too timid.

    Args:
        bundle: A model of a regression.
        frame: The rows; validation rows also chose the best epoch, which makes the margins a
            little too small.
        target_values: Targets of the rows, (rows,).
        coverage: Between 0 and 1. New rows like these are covered so often, however wrong the
            scale is, for it was not learned from these rows.
        scale: Where the errors are large, learned from other rows, the training rows for
            instance; None: the same margin for all.

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
        return None if margin is None else ErrorInterval(coverage, margin, len(errors))
    scales = scale.of(table, outputs)[known]
    limits, factors = _factors(errors / scales, scales, scale.learned, coverage)
    margin = float(np.median(np.array(factors)))
    return ErrorInterval(coverage, margin, len(errors), scale, limits, factors)


def _factors(
    ratios: np.ndarray, scales: np.ndarray, learned: np.ndarray, coverage: float
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return where groups of similar scale begin, and the conformal quantile of each.

    The groups are chosen by rows other than these, or their coverage would not be exact.
    """
    for groups in _GROUPS:
        if len(ratios) < groups * _ROWS_OF_A_GROUP:
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
