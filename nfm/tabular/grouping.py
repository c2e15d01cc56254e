"""Divide the rows of a column into a few groups for a bar chart: levels, or ranges of numbers."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from nfm.tabular.categorical_field import MISSING_LEVEL
from nfm.tabular.dates import day_numbers, guessed_dates
from nfm.tabular.kinds import Kind
from nfm.tabular.level_values import level_codes, numbers, parse_numbers

MAX_LEVELS = 10
_RANGES = 10
OTHERS_TEXT = "(all others)"
# Possible lengths of a range of dates in days: about a day, a week, a month, a quarter ...
_DAY_STEPS = (1, 7, 31, 92, 366, 1827, 3653)


@dataclass(frozen=True, eq=False)
class Grouping:
    """Groups of a column's rows.

    Attributes:
        texts: Names of the groups in the order of display; "(missing)" is the last.
        codes: Group of each row, int64 (rows,).
        ordered: Whether the groups are ranges or numbers, which have an order.
        ends: Lower ends of the ranges, "" for an open one; () if the groups are not ranges.
    """

    texts: tuple[str, ...]
    codes: np.ndarray
    ordered: bool
    ends: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.texts)


def group_rows(series: pd.Series, kind: Kind, day_first: bool | None = None) -> Grouping:
    """Divide the rows of a column into groups.

    Args:
        series: The column, (rows,).
        kind: The column's kind. Numbers and dates are divided into ranges of equal width, the
            first and last of which are open if rows are beyond the 1st and 99th percentile. For
            other kinds, the ten most frequent levels are groups.
        day_first: Whether dates such as 3/5/24 begin with the day; None if not known.

    Returns:
        About ten groups, one for all other levels, and one for missing values.
    """
    if kind == "numeric":
        return _ranges(numbers(series))
    if kind == "date":
        return _date_ranges(day_numbers(guessed_dates(series, day_first)))
    return group_levels(*level_codes(series))


def group_levels(codes: np.ndarray, levels: np.ndarray) -> Grouping:
    """Group rows by the ten most frequent levels; the others are one group.

    Args:
        codes: Level of each row, int64 (rows,), -1 where it is missing.
        levels: Levels as canonical text, (levels,).

    Returns:
        Levels by decreasing count, or all of them in their order if they are a few numbers.
    """
    counts = np.bincount(codes[codes >= 0], minlength=len(levels))
    order = np.argsort(-counts, kind="stable")
    kept = order[: MAX_LEVELS if len(levels) > MAX_LEVELS + 1 else MAX_LEVELS + 1]
    sizes = parse_numbers(levels[kept])
    if len(kept) == len(levels) and np.isfinite(sizes).all():
        kept = kept[np.argsort(sizes, kind="stable")]  # classes 1, 2, 3 in their order
    texts = [str(levels[place]) for place in kept]
    group_of = np.full(len(levels) + 1, len(kept), dtype=np.int64)
    group_of[kept] = np.arange(len(kept))
    if len(kept) < len(levels):
        texts.append(OTHERS_TEXT)
    return _finished(texts, group_of[codes], codes < 0, ordered=False)


def quantile_groups(values: np.ndarray, count: int, side: Literal["left", "right"]) -> np.ndarray:
    """Divide numbers into ranges with about equal numbers of rows.

    Args:
        values: float64 (rows,), NaN where missing; at least one number.
        count: Number of ranges; ranges between equal quantiles stay empty.
        side: Range of a number that equals a quantile: the one to its left or right.

    Returns:
        Range of each row, int64 (rows,); `count` where missing.
    """
    missing = np.isnan(values)
    inner = np.quantile(values[~missing], np.linspace(0, 1, count + 1)[1:-1])
    return np.where(missing, count, np.searchsorted(inner, values, side=side))


def _ranges(values: np.ndarray) -> Grouping:
    """Group numbers into ranges, or by the numbers themselves if they are few."""
    present = values[np.isfinite(values)]
    distinct = np.unique(present)
    absent = ~np.isfinite(values)
    if len(distinct) <= _RANGES:
        codes = np.searchsorted(distinct, values)
        return _finished([f"{value:.6g}" for value in distinct], codes, absent, ordered=True)
    edges = _edges(present)
    texts = [f"{low:.6g} to {high:.6g}" for low, high in itertools.pairwise(edges)]
    return _cut(values, present, edges, [f"{edge:.6g}" for edge in edges], texts, absent)


def _cut(
    values: np.ndarray,
    present: np.ndarray,
    edges: np.ndarray,
    ends: list[str],
    texts: list[str],
    absent: np.ndarray,
) -> Grouping:
    """Assign rows to the ranges between edges; the first and last include all beyond them."""
    if present.min() < edges[0]:
        texts[0] = f"below {ends[1]}"
        ends = ["", *ends[1:]]
    if present.max() > edges[-1]:
        texts[-1] = f"from {ends[-2]}"
    codes = np.searchsorted(edges[1:-1], values, side="right")
    return replace(_finished(texts, codes, absent, ordered=True), ends=tuple(ends[:-1]))


def _edges(present: np.ndarray) -> np.ndarray:
    """Return round edges, (ranges + 1,), that span nearly all numbers."""
    low, high = np.quantile(present, (0.01, 0.99))
    if not np.isfinite(high - low) or high <= low:
        low, high = float(present.min()), float(present.max())
    if not np.isfinite(high - low):  # near the largest floating-point numbers
        return np.linspace(-1.0, 1.0, 5) * float(np.abs(present).max())
    step = _round_step((high - low) / _RANGES)
    first = np.floor(low / step)
    count = max(2, int(np.ceil(high / step - first)))
    edges = (first + np.arange(count + 1)) * step
    # If numbers differ only in the last digits, edges may coincide.
    distinct = np.unique(edges)
    return distinct if len(distinct) >= 3 else np.linspace(present.min(), present.max(), 5)


def _round_step(width: float) -> float:
    """Round a width up to 1, 2, 2.5 or 5 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(max(width, 1e-300)))
    return float(next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= width))


def _date_ranges(days: np.ndarray) -> Grouping:
    absent = ~np.isfinite(days)
    present = days[~absent]
    if not len(present):
        return _finished([], np.zeros(len(days), dtype=np.int64), absent, ordered=True)
    span = (present.max() - present.min()) / _RANGES
    step = next((step for step in _DAY_STEPS if step >= span), float(np.ceil(span)))
    count = max(2, int((present.max() - present.min()) // step) + 1)
    edges = np.floor(present.min()) + step * np.arange(count + 1)
    unit: Literal["Y", "M", "D"] = "Y" if step > 366 else "M" if step > 31 else "D"
    ends = [str(np.datetime64(int(edge), "D").astype(f"datetime64[{unit}]")) for edge in edges]
    return _cut(days, present, edges, ends, [f"from {end}" for end in ends[:-1]], absent)


def _finished(
    texts: list[str], codes: np.ndarray, absent: np.ndarray, *, ordered: bool
) -> Grouping:
    if absent.any():
        codes = np.where(absent, len(texts), codes)
        texts = [*texts, MISSING_LEVEL]
    return Grouping(tuple(texts), codes.astype(np.int64), ordered)
