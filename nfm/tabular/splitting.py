"""Training, validation and test rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from nfm.errors import SchemaError
from nfm.settings import Task
from nfm.tabular.dates import parse_dates
from nfm.tabular.names import with_text_names
from nfm.tabular.target import as_series
from nfm.tabular.values import level_codes, numbers

_QUANTILES = 10
_GROUP_TRIALS = 20


class SplitOptions(BaseModel):
    """How rows are divided.

    Attributes:
        test_fraction: Share of all rows that are kept for the final test.
        validation_fraction: Share of the remaining rows that choose the best epoch.
        random_state: Seed.
        stratify: Every part gets its share of each class (regression: of each tenth of the
            numbers).
        group_column: Rows with the same value here stay together.
        time_column: The latest rows are the test, the latest of the others the validation.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    test_fraction: float = Field(default=0.2, ge=0.0, le=0.9)
    validation_fraction: float = Field(default=0.2, ge=0.0, le=0.9)
    random_state: int = Field(default=0, ge=0, le=2**32 - 1)
    stratify: bool = True
    group_column: str | None = None
    time_column: str | None = None


@dataclass(frozen=True)
class Split:
    """Row positions of each part, int64, ascending; together every row with a target once."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def split_rows(
    frame: pd.DataFrame, target_values: Any, task: Task | None, options: SplitOptions
) -> Split:
    """Divide rows into training, validation and test.

    Rows whose target is missing teach and judge nothing: they are in no part. Equal seeds
    give equal parts. A part whose share is not 0 has at least one row wherever
    there are enough rows, and training always has one. Rows of a class of one or two
    are training rows.

    Args:
        frame: The table; only group and time column are looked at.
        target_values: (rows,), or None: all rows count.
        task: The task; None: all rows count, and the split is not stratified.
        options: Shares, seed and manner.

    Returns:
        The split.

    Raises:
        SchemaError: If group or time column is not there, both are asked for, or there is but
            one group.
    """
    generator = np.random.default_rng(options.random_state)
    rows = np.arange(len(frame), dtype=np.int64)
    frame = with_text_names(frame)
    strata = np.zeros(len(frame), dtype=np.uint8)
    if target_values is not None and task is not None:
        values = as_series(target_values)
        rows = rows[has_target(values)]
        if options.stratify:
            strata = _numbered(_strata(values, task))
    if options.group_column is not None and options.time_column is not None:
        raise SchemaError("A split goes by group or in time order, not both; choose one.")
    order = groups = None
    if options.time_column is not None:
        order = _time_order(_split_column(frame, options.time_column), options.time_column)
    if options.group_column is not None:
        groups = _groups(_split_column(frame, options.group_column))
        wanted = options.test_fraction > 0 or options.validation_fraction > 0
        if wanted and len(rows) > 1 and groups.max() == 0:
            raise SchemaError(
                f"All rows have the same value in {options.group_column!r}: they cannot be "
                "divided by it. Choose another column, or none."
            )

    def part(remaining: np.ndarray, fraction: float) -> np.ndarray:
        """Choose a share of the remaining rows."""
        count = _count(len(remaining), fraction)
        if count == 0:
            return remaining[:0]
        if order is not None:
            return remaining[np.argsort(order[remaining], kind="stable")[-count:]]
        if groups is not None:
            chosen = _whole_groups(groups[remaining], strata[remaining], count, generator)
        else:
            chosen = _stratified(strata[remaining], count, generator)
        return remaining[chosen]

    test = part(rows, options.test_fraction)
    rest = np.setdiff1d(rows, test, assume_unique=True)
    validation = part(rest, options.validation_fraction)
    train = np.setdiff1d(rest, validation, assume_unique=True)
    return Split(train, np.sort(validation), np.sort(test))


def has_target(values: pd.Series) -> np.ndarray:
    """Return for each row whether its target is there, bool (rows,): not blank, not infinite.

    Args:
        values: The target's column.
    """
    if pd.api.types.is_numeric_dtype(values):
        return np.isfinite(numbers(values))
    return level_codes(values)[0] >= 0


def _split_column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame.columns:
        raise SchemaError(f"There is no column {name!r} to split by.")
    return frame[name]


def _count(rows: int, fraction: float) -> int:
    """Return how many of the rows make the share: at least one, and one is left over."""
    if fraction == 0.0 or rows < 2:
        return 0
    return int(min(max(round(rows * fraction), 1), rows - 1))


def _strata(values: pd.Series, task: Task) -> np.ndarray:
    """Number the classes, or the tenths of a number."""
    if task != "regression":
        return level_codes(values)[0] + 1
    found = numbers(values)
    finite = found[np.isfinite(found)]
    if len(finite) < 5 * _QUANTILES:
        return np.zeros(len(values), dtype=np.int64)
    inner = np.quantile(finite, np.linspace(0, 1, _QUANTILES + 1)[1:-1])
    return np.where(np.isnan(found), _QUANTILES, np.searchsorted(inner, found, side="right"))


def _groups(series: pd.Series) -> np.ndarray:
    """Number the groups; a row without a value is a group of its own."""
    codes, levels = level_codes(series)
    alone = codes < 0
    codes[alone] = len(levels) + np.arange(int(alone.sum()))
    return codes


def _time_order(series: pd.Series, name: str) -> np.ndarray:
    """Return a float (rows,) that grows with time; rows without a time come first."""
    order = numbers(series)
    if np.isnan(order).mean() > 0.5:
        moments = parse_dates(series)
        order = np.where(np.isnat(moments), np.nan, moments.astype(np.int64).astype(np.float64))
    if len(order) and np.isnan(order).all():
        raise SchemaError(
            f"The values of {name!r} are neither dates nor numbers: rows cannot be put in time "
            "order by it. Choose another column, or none."
        )
    return np.where(np.isnan(order), -np.inf, order)


def _stratified(strata: np.ndarray, count: int, generator: np.random.Generator) -> np.ndarray:
    """Choose `count` positions at random, from each stratum its share (largest remainders)."""
    members = _numbered(strata)
    sizes = np.bincount(members)
    ideal = sizes * (count / len(strata))
    quota = np.floor(ideal).astype(np.int64)
    # Two rows of each stratum stay: a class of one row cannot be learned.
    room = np.maximum(sizes - 2, 0)
    quota = np.minimum(quota, room)
    shuffled = generator.permutation(len(sizes))
    by_need = shuffled[np.argsort(-(ideal - quota)[shuffled], kind="stable")]
    while quota.sum() < min(count, room.sum()):
        open_strata = by_need[quota[by_need] < room[by_need]]
        quota[open_strata[: count - quota.sum()]] += 1
    order = generator.permutation(len(strata))
    order = order[np.argsort(members[order], kind="stable")]
    starts = np.cumsum(sizes) - sizes
    used = np.flatnonzero(quota)
    parts = [order[starts[each] : starts[each] + quota[each]] for each in used]
    chosen = np.concatenate([order[:0], *parts])
    if len(chosen) < count:  # hardly anything but strata of one or two rows
        others = np.setdiff1d(np.arange(len(strata)), chosen, assume_unique=True)
        chosen = np.append(chosen, generator.permutation(others)[: count - len(chosen)])
    return np.sort(chosen)


def _numbered(codes: np.ndarray) -> np.ndarray:
    """Number the codes that occur, in their order and in the smallest type that holds them.

    Args:
        codes: Whole numbers (rows,), none negative, not much larger than there are rows.
    """
    occurs = np.bincount(codes) > 0
    places = np.cumsum(occurs) - 1
    return places.astype(np.min_scalar_type(len(places)))[codes]


def _whole_groups(
    groups: np.ndarray, strata: np.ndarray, count: int, generator: np.random.Generator
) -> np.ndarray:
    """Choose positions of whole groups: near `count` rows, with the classes' shares.

    Of twenty random choices the one is taken whose counts are nearest to the shares.
    """
    members, classes = _numbered(groups), _numbered(strata)
    number, width = int(members.max()) + 1, int(classes.max()) + 1
    if number < 2:
        return np.arange(0)
    sizes = np.bincount(members)
    ideal = np.bincount(classes, minlength=width) * (count / len(groups))
    best, best_distance = np.arange(0), np.inf
    for _ in range(_GROUP_TRIALS):
        order = generator.permutation(number)
        reached = np.cumsum(sizes[order])
        last = int(np.abs(reached[:-1] - count).argmin()) + 1  # one group is left over
        chosen = np.isin(members, order[:last])
        counts = np.bincount(classes[chosen], minlength=width)
        distance = float(np.abs(counts - ideal).sum())
        if distance < best_distance:
            best, best_distance = np.flatnonzero(chosen), distance
    return best
