"""How far a predicted number may be off, from the errors on rows that the model did not see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from nfm.evaluation.error_scale import ErrorScale
from nfm.files.names import with_text_names
from nfm.inference.bundle import Bundle
from nfm.tabular.encoded_table import EncodedTable
from nfm.tabular.level_values import numbers

_GROUPS = (4, 2)
_ROWS_OF_A_GROUP = 100


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
        target_values: Their target, (rows,).
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
