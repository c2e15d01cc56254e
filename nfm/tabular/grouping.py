"""The rows of a column in a few groups, to be drawn as bars: levels, or ranges of numbers."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from nfm.tabular.dates import day_numbers, guessed_dates
from nfm.tabular.fields import MISSING
from nfm.tabular.kinds import Kind
from nfm.tabular.level_values import level_codes, numbers, parse_numbers

LEVELS = 10
RANGES = 10
OTHERS_TEXT = "(all others)"
# Steps between two ranges of dates, in days, about a day, a week, a month, a quarter ... long.
_DAY_STEPS = (1, 7, 31, 92, 366, 1827, 3653)


@dataclass(frozen=True, eq=False)
class Grouping:
    """Groups of a column's rows.

    Attributes:
        texts: Name of each group, in the order of drawing; "(missing)" comes last.
        codes: Group of each row, int64 (rows,).
        ordered: Whether the groups are ranges or numbers, which follow on each other.
        ends: Of ranges: where each begins, "" for an open one; else ().
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
        series: (rows,).
        kind: Numbers and dates are divided into ranges of the same width, with open ends where
            one row in a hundred lies beyond; of anything else the ten most frequent
            levels are groups.
        day_first: Dates such as 3/5/24 begin with the day.

    Returns:
        At most ten groups or so, one for all other levels, and one for missing values.
    """
    if kind == "numeric":
        return _ranges(numbers(series))
    if kind == "date":
        return _date_ranges(day_numbers(guessed_dates(series, day_first)))
    codes, levels = level_codes(series)
    counts = np.bincount(codes[codes >= 0], minlength=len(levels))
    order = np.argsort(-counts, kind="stable")
    kept = order[: LEVELS if len(levels) > LEVELS + 1 else LEVELS + 1]
    sizes = parse_numbers(levels[kept])
    if len(kept) == len(levels) and np.isfinite(sizes).all():
        kept = kept[np.argsort(sizes, kind="stable")]  # classes 1, 2, 3 in their order
    texts = [str(levels[place]) for place in kept]
    group_of = np.full(len(levels) + 1, len(kept), dtype=np.int64)
    group_of[kept] = np.arange(len(kept))
    if len(kept) < len(levels):
        texts.append(OTHERS_TEXT)
    return _finished(texts, group_of[codes], codes < 0, ordered=False)


def _ranges(values: np.ndarray) -> Grouping:
    """Ranges of numbers, or the numbers themselves if they are few."""
    present = values[np.isfinite(values)]
    distinct = np.unique(present)
    absent = ~np.isfinite(values)
    if len(distinct) <= RANGES:
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
    """Put rows into the ranges between edges; the first and the last one take what is beyond."""
    if present.min() < edges[0]:
        texts[0] = f"below {ends[1]}"
        ends = ["", *ends[1:]]
    if present.max() > edges[-1]:
        texts[-1] = f"from {ends[-2]}"
    codes = np.searchsorted(edges[1:-1], values, side="right")
    return replace(_finished(texts, codes, absent, ordered=True), ends=tuple(ends[:-1]))


def _edges(present: np.ndarray) -> np.ndarray:
    """Round edges (ranges + 1,) around nearly all numbers."""
    low, high = np.quantile(present, (0.01, 0.99))
    if not np.isfinite(high - low) or high <= low:
        low, high = float(present.min()), float(present.max())
    if not np.isfinite(high - low):  # near the largest numbers that there are
        return np.linspace(-1.0, 1.0, 5) * float(np.abs(present).max())
    step = _round_step((high - low) / RANGES)
    first = np.floor(low / step)
    count = max(2, int(np.ceil(high / step - first)))
    edges = (first + np.arange(count + 1)) * step
    # Numbers that differ in the last digits only: no two edges may be the same.
    distinct = np.unique(edges)
    return distinct if len(distinct) >= 3 else np.linspace(present.min(), present.max(), 5)


def _round_step(width: float) -> float:
    """The next larger of 1, 2, 2.5 and 5 times a power of ten."""
    power = 10.0 ** np.floor(np.log10(max(width, 1e-300)))
    return float(next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= width))


def _date_ranges(days: np.ndarray) -> Grouping:
    absent = ~np.isfinite(days)
    present = days[~absent]
    if not len(present):
        return _finished([], np.zeros(len(days), dtype=np.int64), absent, ordered=True)
    span = (present.max() - present.min()) / RANGES
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
        texts = [*texts, MISSING]
    return Grouping(tuple(texts), codes.astype(np.int64), ordered)
