"""Training, validation and test rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from nfm.errors import SchemaError
from nfm.files.frame_formats import is_legacy
from nfm.files.names import with_text_names
from nfm.settings import Task
from nfm.tabular.copies import Copies, find_copies
from nfm.tabular.dates import guessed_dates, parse_dates
from nfm.tabular.level_values import level_codes, numbers
from nfm.tabular.target import as_series

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
        keep_copies_together: Whether rows that are equal in every column, target aside, stay in
            one part, so that no test row is known from training. "auto": where there are
            clearly more of them than chance explains (`nfm.tabular.copies.find_copies`).

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
        """Say whether these copies stay in one part."""
        if self.keep_copies_together == "auto":
            return copies.beyond_chance
        return self.keep_copies_together and copies.repeated > 0


@dataclass(frozen=True)
class Split:
    """Row positions of each part, int64, ascending; together every row with a target once."""

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
    """Divide rows into training, validation and test.

    Rows whose target is missing teach and judge nothing: they are in no part. Equal seeds
    give equal parts. A part whose share is not 0 has at least one row wherever
    there are enough rows, and training always has one. Rows of a class of one or two
    are training rows.

    Where copies stay together, a part has the share of rows that whole sets of copies come
    nearest to. In time order they are of the same time, so that only where a part begins
    between them it begins before or after all of them. Beside groups they matter only for
    rows without a group.

    Args:
        frame: The table. Its group and time columns are looked at, and every column but the
            target where copies are looked for.
        target_values: (rows,), or None: all rows count.
        task: The task; None: all rows count, and the split is not stratified.
        options: Shares, seed and manner.
        copies: What `copies_of` has found, if that is known already.

    Returns:
        The split.

    Raises:
        SchemaError: If group or time column is not there, both are asked for, there is but
            one group, or all rows are copies that are to stay together.
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
            strata = _numbered(_strata(values, task))
    if options.group_column is not None and options.time_column is not None:
        raise SchemaError("A split goes by group or in time order, not both; choose one.")
    order = groups = None
    wanted = options.test_fraction > 0 or options.validation_fraction > 0
    if options.time_column is not None:
        time = _split_column(frame, options.time_column)
        order = _time_order(time, options.time_column, guess=is_legacy(frame))
    if options.group_column is not None:
        groups = _groups(_split_column(frame, options.group_column))
        if wanted and len(rows) > 1 and groups.max() == 0:
            raise SchemaError(
                f"All rows have the same value in {options.group_column!r}: they cannot be "
                "divided by it. Choose another column, or none."
            )
        if units is not None:
            groups = _joined_where_alone(groups, units)
    elif units is not None and wanted and len(rows) > 1 and (units[rows] == units[rows[0]]).all():
        raise SchemaError(
            "All rows are copies of one another (target aside), so they cannot be divided while "
            "copies stay together. Let copies be divided."
        )

    def part(remaining: np.ndarray, fraction: float) -> np.ndarray:
        """Choose a share of the remaining rows."""
        count = _count(len(remaining), fraction)
        if count == 0:
            return remaining[:0]
        if order is not None:
            if units is None:
                return remaining[np.argsort(order[remaining], kind="stable")[-count:]]
            return remaining[_latest_copies(units[remaining], order[remaining], count)]
        if groups is not None:
            chosen = _whole_groups(groups[remaining], strata[remaining], count, generator)
        elif units is not None:
            chosen = _stratified_copies(units[remaining], strata[remaining], count, generator)
        else:
            chosen = _stratified(strata[remaining], count, generator)
        return remaining[chosen]

    test = part(rows, options.test_fraction)
    rest = np.setdiff1d(rows, test, assume_unique=True)
    validation = part(rest, options.validation_fraction)
    train = np.setdiff1d(rest, validation, assume_unique=True)
    return Split(train, np.sort(validation), np.sort(test))


def copies_of(frame: pd.DataFrame, target_values: Any, task: Task | None) -> Copies:
    """Look for rows that are equal in every column, target aside.

    Args:
        frame: The table.
        target_values: (rows,), or None. A series is the frame's column of its name, which is
            left aside.
        task: The task; None: all rows count.

    Returns:
        The copies among the rows that count; each other row is a group of its own.
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
    """Say whether two options divide a table's rows in the same way.

    Raises:
        SchemaError: If the rows cannot be split this way.
    """
    if first == second:
        return True
    one, other = (split_rows(frame, target_values, task, each) for each in (first, second))
    return all(
        np.array_equal(getattr(one, part), getattr(other, part))
        for part in ("train", "validation", "test")
    )


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


def _time_order(series: pd.Series, name: str, *, guess: bool) -> np.ndarray:
    """Return a float (rows,) that grows with time; rows without a time come first."""
    order = numbers(series)
    if np.isnan(order).mean() > 0.5:
        moments = guessed_dates(series) if guess else parse_dates(series)
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
    # Two rows of each stratum stay: a class of one row cannot be learned.
    quota = _quotas(sizes, np.maximum(sizes - 2, 0), count, generator)
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


def _quotas(
    sizes: np.ndarray, room: np.ndarray, count: int, generator: np.random.Generator
) -> np.ndarray:
    """Share `count` rows out among strata by their sizes (largest remainders).

    Args:
        sizes: Rows of each stratum, (S,).
        room: How many of them may be taken at most, (S,).
        count: Rows to take.
        generator: Decides between equal remainders.

    Returns:
        int64 (S,).
    """
    ideal = sizes * (count / sizes.sum())
    quota = np.minimum(np.floor(ideal).astype(np.int64), room)
    shuffled = generator.permutation(len(sizes))
    by_need = shuffled[np.argsort(-(ideal - quota)[shuffled], kind="stable")]
    while quota.sum() < min(count, room.sum()):
        open_strata = by_need[quota[by_need] < room[by_need]]
        quota[open_strata[: count - quota.sum()]] += 1
    return quota


def _stratified_copies(
    units: np.ndarray, strata: np.ndarray, count: int, generator: np.random.Generator
) -> np.ndarray:
    """Choose positions of whole sets of copies: near `count` rows, from each stratum its share.

    A set belongs to the rarest stratum that it has a row of. Of each stratum one set of several
    rows, or two rows, stay.
    """
    members, classes = _numbered(units).astype(np.int64), _numbered(strata).astype(np.int64)
    sizes = np.bincount(members)
    if len(sizes) < 2:
        return np.arange(0)
    rarity = np.argsort(np.argsort(np.bincount(classes), kind="stable"))
    stratum = np.full(len(sizes), len(rarity))
    np.minimum.at(stratum, members, rarity[classes])
    stratum = _numbered(stratum).astype(np.int64)

    # The sets in random order, one stratum after the other; `ends` counts rows within a stratum.
    order = generator.permutation(len(sizes))
    order = order[np.argsort(stratum[order], kind="stable")]
    ordered, size = stratum[order], sizes[order]
    rows = np.bincount(stratum, weights=sizes).astype(np.int64)
    number = np.bincount(stratum)
    last = np.cumsum(number) - 1
    ends = np.cumsum(size) - (np.cumsum(rows) - rows)[ordered]
    stays = np.zeros(len(order), dtype=bool)
    stays[last] = True
    stays[last[(number > 1) & (size[last] == 1)] - 1] = True
    kept = np.bincount(ordered, weights=size * stays).astype(np.int64)
    quota = _quotas(rows, rows - kept, count, generator)

    taken = ends <= quota[ordered]
    # What does not fit is made up for with single rows, else with the next set if that is nearer.
    short = quota - np.bincount(ordered, weights=size * taken, minlength=len(rows)).astype(np.int64)
    single = ~taken & ~stays & (size == 1)
    before = np.cumsum(single) - single
    first = np.searchsorted(ordered, np.arange(len(rows)))
    fills = single & (before - before[first][ordered] < short[ordered])
    taken |= fills
    short -= np.bincount(ordered[fills], minlength=len(rows))
    following = first + np.bincount(ordered, weights=taken & ~fills, minlength=len(rows)).astype(
        int
    )
    following = following[(short > 0) & (following <= last)]
    nearer = size[following] <= 2 * short[ordered[following]]
    taken[following[nearer & ~stays[following]]] = True
    if not taken.any():  # every set is larger than the part: the smallest one comes nearest
        taken[np.argmin(size + len(units) * stays)] = True
    chosen = np.zeros(len(sizes), dtype=bool)
    chosen[order[taken]] = True
    return np.flatnonzero(chosen[members])


def _latest_copies(units: np.ndarray, order: np.ndarray, count: int) -> np.ndarray:
    """Choose near `count` latest positions, none of them a copy of an earlier one at its time."""
    ascending = np.lexsort((units, order))
    sets = np.stack([order[ascending], units[ascending]])
    begins = np.flatnonzero(np.append(True, (sets[:, 1:] != sets[:, :-1]).any(axis=0)))
    if len(begins) < 2:
        return ascending[:0]
    wanted = len(order) - count
    return ascending[begins[1:][np.abs(begins[1:] - wanted).argmin()] :]


def _joined_where_alone(groups: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Let copies that are in no group with other rows be a group."""
    alone = np.bincount(groups)[groups] == 1
    return np.where(alone, groups.max() + 1 + units, groups)


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
