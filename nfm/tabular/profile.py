"""Profile a table: the distribution of each column and its relation to the target."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from nfm.errors import SchemaError
from nfm.files.names import with_text_names
from nfm.settings import Task
from nfm.tabular.categorical_field import MISSING_LEVEL
from nfm.tabular.grouping import MAX_LEVELS, OTHERS_TEXT, Grouping, group_rows
from nfm.tabular.kinds import Kind
from nfm.tabular.level_values import numbers
from nfm.tabular.list_field import YES, ListField
from nfm.tabular.schema import USABLE_KINDS, Column, Schema
from nfm.tabular.splitting import has_target
from nfm.tabular.target import Target

PROFILE_ROWS = 50_000
_CELLS = 4_000_000
_CLASSES = 6
_BLOCKS = 100
_FEW = 10  # groups of fewer rows do not affect the colour scale


@dataclass(frozen=True)
class Bar:
    """A bar of a column's chart: one group of its rows.

    Attributes:
        text: A level, a number, a range of numbers, "(all others)" or "(missing)".
        count: Number of rows.
        mean: Mean of the target in the group: the positive class's share, 0..1, or the mean of
            the number; None if no row has a target or there are more than two classes.
        counts: Number of rows per class if there are more than two classes; else ().
    """

    text: str
    count: int
    mean: float | None = None
    counts: tuple[int, ...] = ()


@dataclass(frozen=True)
class ColumnProfile:
    """The profile of a column.

    Attributes:
        name: The column's name.
        kind: The column's kind.
        bars: The groups of its rows.
        ordered: Whether the groups have an order, as ranges do.
        ends: Lower ends of the ranges, "" for an open one; () if the groups are not ranges.
        explained: Share of the target's variance that the groups explain on their own, 0..1.
    """

    name: str
    kind: Kind
    bars: tuple[Bar, ...]
    ordered: bool
    ends: tuple[str, ...] = ()
    explained: float = 0.0

    @property
    def missing(self) -> int:
        """Number of rows without a value."""
        return next((bar.count for bar in self.bars[-1:] if bar.text == MISSING_LEVEL), 0)


@dataclass(frozen=True, eq=False)
class TableProfile:
    """The profile of a table.

    Attributes:
        rows: Number of rows that were used, evenly spaced.
        total: Number of rows in the table.
        task: The task; None if no target is chosen or it cannot be learned.
        classes: The most frequent classes, then "(all others)" if there are more than six. Of two
            classes, the second is the positive one. () if the target is a number.
        mean: The positive class's share, or the mean of the number; None for several classes.
        spread: Largest distance of a bar's mean from `mean`: the end of the colour scale.
        target: The target's profile; None if no target is chosen.
        columns: Profiles of the other columns, the one that explains most first.
        left_out: Names of columns without a profile: identifiers, free text, constants.
        missing_columns: Names of columns with missing values, the one with most first.
        missing: Share of missing values per block of consecutive rows, float64 (blocks, columns).
    """

    rows: int
    total: int
    task: Task | None
    classes: tuple[str, ...]
    mean: float | None
    spread: float
    target: ColumnProfile | None
    columns: tuple[ColumnProfile, ...]
    left_out: tuple[str, ...]
    missing_columns: tuple[str, ...]
    missing: np.ndarray


def profile_table(frame: pd.DataFrame, schema: Schema) -> TableProfile:
    """Profile each column, and its relation to the target.

    Args:
        frame: The table; if it has more than 50,000 rows or 4,000,000 cells, evenly spaced rows
            are used.
        schema: The table's schema.

    Returns:
        The profile. `explained` is Goodman and Kruskal's tau of the column's groups (eta squared
        if the target is a number), corrected for the number of groups as in epsilon squared
        (Kelley 1935, "An Unbiased Correlation Ratio Measure").
    """
    total = len(frame)
    most = max(1, min(PROFILE_ROWS, _CELLS // max(frame.shape[1], 1)))
    frame = with_text_names(frame.iloc[:: max(1, -(-total // most))])
    known = {column.name: column for column in schema.columns if column.name in frame.columns}
    target_values = _target_of_rows(frame, schema)
    drawn = [
        _column(frame[name], column, target_values)
        for name, column in known.items()
        if name != schema.target and column.kind in USABLE_KINDS
    ]
    target = None
    if schema.target in known:
        column = known[schema.target]
        kind: Kind = "numeric" if schema.task == "regression" else "categorical"
        target = _column(
            frame[column.name], column.model_copy(update={"kind": kind}), target_values
        )
    columns = sorted(drawn, key=lambda each: -each.explained)
    bars = [bar for each in columns for bar in each.bars if bar.count >= _FEW]
    means = [bar.mean for bar in bars if bar.mean is not None]
    overall_mean = None if target_values is None else target_values.mean
    spread = max((abs(mean - (overall_mean or 0.0)) for mean in means), default=0.0)
    shown = {each.name for each in columns}
    missing_columns, missing = _missing(frame)
    return TableProfile(
        rows=len(frame),
        total=total,
        task=None if target_values is None else schema.task,
        classes=() if target_values is None else target_values.classes,
        mean=overall_mean,
        spread=spread,
        target=target,
        columns=tuple(columns),
        left_out=tuple(name for name in known if name not in shown and name != schema.target),
        missing_columns=missing_columns,
        missing=missing,
    )


@dataclass(frozen=True, eq=False)
class _TargetValues:
    """The target of each row.

    Attributes:
        classes: Names of the classes; () for a number.
        values: float64 (rows, C), NaN where missing: one-hot classes, or one column for two
            classes or a number.
        mean: Mean of the one column; None for several.
    """

    classes: tuple[str, ...]
    values: np.ndarray
    mean: float | None


def _target_of_rows(frame: pd.DataFrame, schema: Schema) -> _TargetValues | None:
    if schema.target is None or schema.task is None or schema.target not in frame.columns:
        return None
    series = frame[schema.target]
    if schema.task == "regression":
        values = numbers(series)
        overall = float(np.nanmean(values)) if np.isfinite(values).any() else 0.0
        return _TargetValues((), values[:, None], overall)
    present = has_target(series)
    try:
        target = Target.fit(
            series[present], schema.task, schema.target, smallest_class=1, positive=schema.positive
        )
    except SchemaError:
        return None
    codes = target.encode(series[present])
    names = list(target.class_names)
    if target.task == "binary":
        hot = codes[:, None].astype(np.float64)
    else:
        order = np.argsort(-np.bincount(codes, minlength=len(names)), kind="stable")
        if len(names) > _CLASSES:
            order = order[: _CLASSES - 1]
        rank = np.full(len(names), len(order))
        rank[order] = np.arange(len(order))
        names = [names[place] for place in order] + [OTHERS_TEXT] * (len(order) < len(names))
        hot = (rank[codes][:, None] == np.arange(len(names))).astype(np.float64)
    values = np.full((len(series), hot.shape[1]), np.nan)
    values[present] = hot
    mean = float(hot.mean()) if target.task == "binary" else None
    return _TargetValues(tuple(names), values, mean)


def _column(
    series: pd.Series, column: Column, target_values: _TargetValues | None
) -> ColumnProfile:
    groups = group_rows(series, column.kind, column.day_first)
    if column.kind == "list":
        return _list_column(series, column, groups, target_values)
    counts = np.bincount(groups.codes, minlength=len(groups))
    means: list[float | None] = [None] * len(groups)
    classes: list[tuple[int, ...]] = [()] * len(groups)
    explained = 0.0
    if target_values is not None:
        present = np.isfinite(target_values.values[:, 0])
        values, codes = target_values.values[present], groups.codes[present]
        rows = np.bincount(codes, minlength=len(groups))
        sums = np.stack(
            [np.bincount(codes, weight, minlength=len(groups)) for weight in values.T], axis=1
        )
        if values.shape[1] == 1:
            totals = zip(sums[:, 0], rows, strict=True)
            means = [float(total / row) if row else None for total, row in totals]
        else:
            classes = [tuple(round(part) for part in total) for total in sums]
        explained = _explained(values, codes, groups)
    drawn = zip(groups.texts, counts.tolist(), means, classes, strict=True)
    bars = tuple(Bar(*each) for each in drawn)
    return ColumnProfile(column.name, column.kind, bars, groups.ordered, groups.ends, explained)


def _list_column(
    series: pd.Series, column: Column, groups: Grouping, target_values: _TargetValues | None
) -> ColumnProfile:
    """Profile a column of lists: a bar per frequent item; a row may count in several of them."""
    field, _ = ListField.fit(column.name, series, set())
    members = field.codes(series) == YES
    order = np.argsort(-members.sum(axis=0), kind="stable")
    last = [place for place in order if field.labels[place] == MISSING_LEVEL]
    shown = [place for place in order if place not in last][:MAX_LEVELS] + last
    bars, explained = [], 0.0
    for place in shown:
        rows, mean, counts = members[:, place], None, ()
        if target_values is not None:
            values = target_values.values[rows & np.isfinite(target_values.values[:, 0])]
            if target_values.values.shape[1] > 1:
                counts = tuple(round(part) for part in values.sum(axis=0))
            elif len(values):
                mean = float(values.mean())
        bars.append(Bar(field.labels[place], int(rows.sum()), mean, counts))
    if target_values is not None:
        present = np.isfinite(target_values.values[:, 0])
        explained = _explained(target_values.values[present], groups.codes[present], groups)
    return ColumnProfile(column.name, column.kind, tuple(bars), ordered=False, explained=explained)


def _explained(values: np.ndarray, codes: np.ndarray, groups: Grouping) -> float:
    """Return the share of the variance between the groups, corrected for their number."""
    used = len(np.unique(codes))
    if len(values) <= used or used < 2:
        return 0.0
    largest = float(np.abs(values).max()) or 1.0
    centred = values / largest
    centred = centred - centred.mean(axis=0)
    total = float((centred**2).sum())
    if total == 0.0:
        return 0.0
    rows = np.maximum(np.bincount(codes, minlength=len(groups)), 1)
    between = sum(
        float((np.bincount(codes, column, minlength=len(groups)) ** 2 / rows).sum())
        for column in centred.T
    )
    shrunk = 1 - (1 - between / total) * (len(values) - 1) / (len(values) - used)
    return float(min(max(shrunk, 0.0), 1.0))


def _missing(frame: pd.DataFrame) -> tuple[tuple[str, ...], np.ndarray]:
    """Return columns with missing values, and the shares missing in blocks of consecutive rows."""
    shares = frame.isna().mean()
    names = shares[shares > 0].sort_values(ascending=False, kind="stable").index
    absent = frame[names].isna().to_numpy(dtype=np.float64)
    edges = np.unique(np.linspace(0, len(frame), min(len(frame), _BLOCKS) + 1).astype(np.int64))
    blocks = [absent[low:high].mean(axis=0) for low, high in itertools.pairwise(edges)]
    return tuple(names), np.array(blocks).reshape(len(blocks), len(names))
