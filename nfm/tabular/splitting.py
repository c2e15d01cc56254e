"""Splits the rows of a table into training, validation and test rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from nfm.errors import SchemaError
from nfm.files.frame_attributes import is_legacy
from nfm.files.names import with_text_names
from nfm.settings import Task
from nfm.tabular.copies import Copies, find_copies
from nfm.tabular.dates import guessed_dates, parse_dates
from nfm.tabular.grouping import quantile_groups
from nfm.tabular.level_values import level_codes, numbers
from nfm.tabular.row_selection import (
    renumber,
    select_groups,
    select_latest_copies,
    select_stratified,
    select_stratified_copies,
)
from nfm.tabular.target_values import as_series

_QUANTILES = 10


class SplitOptions(BaseModel):
    """How rows are split.

    Attributes:
        test_fraction: Share of all rows held out for the final test, 0 to 0.9.
        validation_fraction: Share of the remaining rows held out to choose the best epoch, 0 to
            0.9.
        random_state: Seed.
        stratify: Whether each part has the same share of every class (regression: of every
            decile of the target).
        group_column: Rows with the same value in this column stay in one part.
        time_column: The latest rows are test rows, and the latest of the remaining rows are
            validation rows.
        keep_copies_together: Whether rows that are equal in every column except the target stay
            in one part, so that no test row occurs in training. "auto": only if there are
            clearly more such rows than chance explains (`nfm.tabular.copies.find_copies`).

    Example:
        >>> from nfm import SplitOptions
        >>> SplitOptions(test_fraction=0.1, group_column="Ticket").validation_fraction
        0.2
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    test_fraction: float = Field(default=0.2, ge=0.0, le=0.9)
    validation_fraction: float = Field(default=0.2, ge=0.0, le=0.9)
    random_state: int = Field(default=0, ge=0, le=2**32 - 1)
    stratify: bool = True
    group_column: str | None = None
    time_column: str | None = None
    keep_copies_together: Literal["auto"] | bool = "auto"

    def keeps_together(self, copies: Copies) -> bool:
        """Say whether these copies stay in one part.

        Args:
            copies: The copies of the table.
        """
        if self.keep_copies_together == "auto":
            return copies.beyond_chance
        return self.keep_copies_together and copies.repeated > 0


@dataclass(frozen=True)
class Split:
    """Row positions of each part, int64, ascending; every row with a target is in one part."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def split_rows(
    frame: pd.DataFrame,
    target_values: Any,
    task: Task | None,
    options: SplitOptions,
    copies: Copies | None = None,
) -> Split:
    """Split rows into training, validation and test rows.

    Rows with a missing target are in no part. Equal seeds give equal parts. A part with a share
    above 0 has at least one row if there are enough rows, and training always has one. The rows
    of a class with one or two rows are training rows.

    If copies stay together, the size of a part is as near to its share as whole sets of copies
    allow. In a split by time, copies have the same time; a part that would begin among copies
    begins before or after all of them. In a split by group, copies matter only for rows without
    a group.

    Args:
        frame: The table. The group and time columns are read, and every column except the
            target to find copies.
        target_values: (rows,); None: all rows are split.
        task: The task; None: all rows are split, without stratification.
        options: Shares, seed and method.
        copies: Result of `copies_of`, if it has been computed already.

    Returns:
        The split.

    Raises:
        SchemaError: The group or time column is missing, both are given, there is only one
            group, or all rows are copies that stay together.
    """
    generator = np.random.default_rng(options.random_state)
    rows = np.arange(len(frame), dtype=np.int64)
    if copies is None and options.keep_copies_together:
        copies = copies_of(frame, target_values, task)
    units = copies.groups if copies is not None and options.keeps_together(copies) else None
    frame = with_text_names(frame)
    strata = np.zeros(len(frame), dtype=np.uint8)
    if target_values is not None and task is not None:
        values = as_series(target_values)
        rows = rows[has_target(values)]
        if options.stratify:
            strata = renumber(_strata(values, task))
    if options.group_column is not None and options.time_column is not None:
        raise SchemaError("Rows can be split by group or by time, not by both: choose one.")
    order = groups = None
    wanted = options.test_fraction > 0 or options.validation_fraction > 0
    if options.time_column is not None:
        time = _split_column(frame, options.time_column)
        order = _time_order(time, options.time_column, guess=is_legacy(frame))
    if options.group_column is not None:
        groups = _groups(_split_column(frame, options.group_column))
        if wanted and len(rows) > 1 and groups.max() == 0:
            raise SchemaError(
                f"All rows have the same value in {options.group_column!r}, so they cannot be "
                "split by it. Choose another column, or none."
            )
        if units is not None:
            groups = _joined_where_alone(groups, units)
    elif units is not None and wanted and len(rows) > 1 and (units[rows] == units[rows[0]]).all():
        raise SchemaError(
            "All rows are equal except for the target, so they cannot be split while copies stay "
            "together. Allow copies in different parts."
        )

    def part(remaining: np.ndarray, fraction: float) -> np.ndarray:
        """Select a share of the remaining rows."""
        count = _count(len(remaining), fraction)
        if count == 0:
            return remaining[:0]
        if order is not None:
            if units is None:
                return remaining[np.argsort(order[remaining], kind="stable")[-count:]]
            return remaining[select_latest_copies(units[remaining], order[remaining], count)]
        if groups is not None:
            chosen = select_groups(groups[remaining], strata[remaining], count, generator)
        elif units is not None:
            chosen = select_stratified_copies(units[remaining], strata[remaining], count, generator)
        else:
            chosen = select_stratified(strata[remaining], count, generator)
        return remaining[chosen]

    test = part(rows, options.test_fraction)
    rest = np.setdiff1d(rows, test, assume_unique=True)
    validation = part(rest, options.validation_fraction)
    train = np.setdiff1d(rest, validation, assume_unique=True)
    return Split(train, np.sort(validation), np.sort(test))


def copies_of(frame: pd.DataFrame, target_values: Any, task: Task | None) -> Copies:
    """Find rows that are equal in every column except the target.

    Args:
        frame: The table.
        target_values: (rows,), or None. If it is a Series, the frame's column of the same name
            is not compared.
        task: The task; None: all rows are compared.

    Returns:
        The copies among the rows with a target; each other row is a group of its own.
    """
    kept = np.ones(len(frame), dtype=bool)
    if target_values is not None and task is not None:
        kept = has_target(as_series(target_values))
    name = getattr(target_values, "name", None)
    if kept.all():
        return find_copies(frame, name)
    found = find_copies(frame[kept], name)
    groups = np.empty(len(frame), dtype=np.int64)
    groups[kept] = found.groups
    groups[~kept] = found.groups.max(initial=-1) + 1 + np.arange(int((~kept).sum()))
    return Copies(groups, found.beyond_chance)


def divides_alike(
    frame: pd.DataFrame,
    target_values: Any,
    task: Task | None,
    first: SplitOptions,
    second: SplitOptions,
) -> bool:
    """Say whether two options give the same split of a table.

    Raises:
        SchemaError: The rows cannot be split this way.
    """
    if first == second:
        return True
    one, other = (split_rows(frame, target_values, task, each) for each in (first, second))
    return all(
        np.array_equal(getattr(one, part), getattr(other, part))
        for part in ("train", "validation", "test")
    )


def has_target(values: pd.Series) -> np.ndarray:
    """Return for each row whether it has a target, bool (rows,): not blank and not infinite.

    Args:
        values: The target's column.
    """
    if pd.api.types.is_numeric_dtype(values):
        return np.isfinite(numbers(values))
    return level_codes(values)[0] >= 0


def _split_column(frame: pd.DataFrame, name: str) -> pd.Series:
    if name not in frame.columns:
        raise SchemaError(f"The table has no column {name!r} to split by.")
    return frame[name]


def _count(rows: int, fraction: float) -> int:
    """Return how many rows make up the share: at least one, and at least one remains."""
    if fraction == 0.0 or rows < 2:
        return 0
    return int(min(max(round(rows * fraction), 1), rows - 1))


def _strata(values: pd.Series, task: Task) -> np.ndarray:
    """Return the class, or the decile of a number, of each row as an integer."""
    if task != "regression":
        return level_codes(values)[0] + 1
    found = numbers(values)
    if np.isfinite(found).sum() < 5 * _QUANTILES:
        return np.zeros(len(values), dtype=np.int64)
    return quantile_groups(found, _QUANTILES, "right")


def _groups(series: pd.Series) -> np.ndarray:
    """Return the group of each row; a row without a value is a group of its own."""
    codes, levels = level_codes(series)
    alone = codes < 0
    codes[alone] = len(levels) + np.arange(int(alone.sum()))
    return codes


def _time_order(series: pd.Series, name: str, *, guess: bool) -> np.ndarray:
    """Return a float per row (rows,) that increases with time; rows without a time come first."""
    order = numbers(series)
    if np.isnan(order).mean() > 0.5:
        moments = guessed_dates(series) if guess else parse_dates(series)
        order = np.where(np.isnat(moments), np.nan, moments.astype(np.int64).astype(np.float64))
    if len(order) and np.isnan(order).all():
        raise SchemaError(
            f"The values of {name!r} are neither dates nor numbers, so rows cannot be split by "
            "time with it. Choose another column, or none."
        )
    return np.where(np.isnan(order), -np.inf, order)


def _joined_where_alone(groups: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Make one group of copies that are alone in their groups."""
    alone = np.bincount(groups)[groups] == 1
    return np.where(alone, groups.max() + 1 + units, groups)
