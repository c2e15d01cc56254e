"""Where a model is wrong: its errors by the values of a column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nfm.inference.evaluation.bootstrap import bootstrap, interval, mean_of
from nfm.inference.evaluation.chance import Interval, wilson
from nfm.tabular.fields import MISSING
from nfm.tabular.values import level_codes, numbers, value_type

OTHER = "(other values)"
_BINS = 5
_LEVELS = 10
_WORST = 5
_SMALLEST = 10


@dataclass(frozen=True)
class Slice:
    """Rows that have something in common.

    Attributes:
        column: The column by which they were gathered.
        name: Their value, or range of values: "male", "21 to 29".
        count: Number of rows.
        mean: Mean of what was asked for: share of wrong answers, error ...
        interval: 95 % interval of the mean; None for a single row whose errors are numbers.
    """

    column: str
    name: str
    count: int
    mean: float
    interval: Interval | None


def slice_groups(values: pd.Series) -> tuple[np.ndarray, tuple[str, ...]]:
    """Gather rows by a column's values.

    Args:
        values: The column, (rows,).

    Returns:
        The group of each row, int64 (rows,), and the groups' names: at most ten values, the
        most frequent by name and the others together; numbers of many values in five ranges
        of about equally many rows; and the missing ones. Every group has a row.
    """
    codes, levels = level_codes(values)
    is_number = value_type(values) == "number"
    if is_number and len(levels) > _LEVELS:
        return _ranges(numbers(values))
    counts = np.bincount(codes[codes >= 0], minlength=len(levels))
    kept = np.argsort(-counts, kind="stable")[:_LEVELS]
    if is_number:
        kept = kept[np.argsort([float(levels[place]) for place in kept], kind="stable")]
    renumbered = np.full(len(levels) + 1, len(kept))
    renumbered[kept] = np.arange(len(kept))
    renumbered[-1] = len(kept) + 1  # serves code -1
    return _without_empty(renumbered[codes], [*(levels[place] for place in kept), OTHER, MISSING])


def slices(values: pd.Series, errors: np.ndarray) -> tuple[Slice, ...]:
    """Average errors over the groups of a column.

    Args:
        values: The column, (rows,).
        errors: One number a row, (rows,): bool for right or wrong, else float.

    Returns:
        A slice for each group: numbers in their order, others by falling count.
    """
    groups, names = slice_groups(values)
    column = str(values.name)
    counts = np.bincount(groups, minlength=len(names))
    sums = np.bincount(groups, weights=errors, minlength=len(names))
    intervals: list[Interval | None]
    if errors.dtype == bool:
        ends = zip(*wilson(sums, counts), strict=True)
        intervals = [Interval(float(low), float(high)) for low, high in ends]
    else:
        intervals = [_mean_interval(errors[groups == group]) for group in range(len(names))]
    return tuple(
        Slice(column, name, int(count), float(total / count), ends)
        for name, count, total, ends in zip(names, counts, sums, intervals, strict=True)
    )


def worst_slices(
    frame: pd.DataFrame, errors: np.ndarray, columns: Sequence[str]
) -> tuple[Slice, ...]:
    """Find the rows that have something in common and worse answers than chance explains.

    Args:
        frame: The rows.
        errors: One number a row, the higher the worse, (rows,): bool or float.
        columns: Columns to look at.

    Returns:
        At most five slices of at least ten rows whose interval lies above the overall mean,
        the one with the highest lower end first; at most one of a column.
    """
    overall = float(errors.mean())
    found = []
    for name in columns:
        worse = [
            each
            for each in slices(frame[name], errors)
            if each.interval is not None
            and each.count >= _SMALLEST
            and each.interval.low > overall
            and each.name != OTHER
        ]
        if worse:
            found.append(max(worse, key=_lower_end))
    return tuple(sorted(found, key=_lower_end, reverse=True)[:_WORST])


def _lower_end(each: Slice) -> float:
    return -np.inf if each.interval is None else each.interval.low


def _ranges(values: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    present = values[~np.isnan(values)]
    inner = np.quantile(present, np.linspace(0, 1, _BINS + 1)[1:-1])
    groups = np.searchsorted(inner, values, side="left")
    groups = np.where(np.isnan(values), _BINS, groups)
    names = []
    for group in range(_BINS):
        inside = values[groups == group]
        if len(inside):
            low, high = _short(inside.min()), _short(inside.max())
            names.append(low if low == high else f"{low} to {high}")
        else:
            names.append("")
    return _without_empty(groups, [*names, MISSING])


def _without_empty(groups: np.ndarray, names: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    used, groups = np.unique(groups, return_inverse=True)
    return groups, tuple(names[group] for group in used)


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _mean_interval(values: np.ndarray) -> Interval | None:
    if len(values) < 2:
        return None
    return interval(bootstrap({"mean": mean_of(values)}, len(values))["mean"])
