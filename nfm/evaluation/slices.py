"""Errors of a model by slice: by the values of a column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from nfm.evaluation.confidence_intervals import (
    Interval,
    bootstrap,
    mean_of,
    percentile_interval,
    wilson,
)
from nfm.tabular.categorical_field import MISSING_LEVEL
from nfm.tabular.grouping import MAX_LEVELS, OTHERS_TEXT, group_levels, quantile_groups
from nfm.tabular.level_values import level_codes, numbers, value_type
from nfm.tabular.row_selection import some_rows

# Probability of naming any slice if errors depend on no column. Well below the usual 5%, because
# the page repeats the test for every model.
FALSE_ALARMS = 0.01
_BINS = 5
_WORST = 5
_SMALLEST = 10
_SHUFFLES = 1_000
_FEWEST_SHUFFLES = 300
_SHUFFLED_ENTRIES = 400_000_000  # rows · columns · shuffles: two or three seconds
_SHUFFLED_ROWS = 20_000  # a sample of larger tables: enough for any slice that matters
_CHUNK = 2_000_000  # errors at a time: 16 MB
_LEAST_SKEWNESS = 1e-6  # below it, the transformation is the identity up to rounding


@dataclass(frozen=True)
class Slice:
    """Rows with the same value, or range of values, in a column.

    Attributes:
        column: Name of the column.
        name: The value or range of values: "male", "21 to 29".
        count: Number of rows.
        mean: Mean error: the share of wrong predictions, or a mean of numbers.
        interval: 95% interval of the mean; None for a single row whose errors are numbers.
    """

    column: str
    name: str
    count: int
    mean: float
    interval: Interval | None


def slice_groups(values: pd.Series) -> tuple[np.ndarray, tuple[str, ...]]:
    """Group rows by the values of a column.

    Args:
        values: The column, (rows,).

    Returns:
        The group of each row, int64 (rows,), and the names of the groups: the ten most frequent
        values and all others together, or five ranges with about equal numbers of rows if the
        column has more than ten numbers; and missing values. No group is empty.
    """
    codes, levels = level_codes(values)
    if value_type(values) == "number" and len(levels) > MAX_LEVELS:
        return _ranges(numbers(values))
    groups = group_levels(codes, levels)
    return groups.codes, groups.texts


def slices(values: pd.Series, errors: np.ndarray) -> tuple[Slice, ...]:
    """Compute the mean error of each slice of a column.

    Args:
        values: The column, (rows,).
        errors: Errors of the rows, (rows,): bool (whether a prediction is wrong) or float.

    Returns:
        A slice per group: numbers in increasing order, other values by decreasing count.
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
        intervals = []
        for group in range(len(names)):
            inside = errors[groups == group]
            samples = bootstrap({"mean": mean_of(inside)}, len(inside))["mean"]
            interval = percentile_interval(samples, len(inside)) if len(inside) > 1 else None
            intervals.append(interval)
    return tuple(
        Slice(column, name, int(count), float(total / count), ends)
        for name, count, total, ends in zip(names, counts, sums, intervals, strict=True)
    )


def worst_slices(
    frame: pd.DataFrame, errors: np.ndarray, columns: Sequence[str]
) -> tuple[Slice, ...]:
    """Find the slices whose errors are larger than chance explains, with all slices tested at once.

    The errors are shuffled among the rows many times. A slice is named if its score exceeds the
    largest score of any slice in almost all shuffles, so the probability of naming any slice if
    the errors depend on no column is `FALSE_ALARMS`, whatever the number of columns and values.

    Source: Westfall and Young (1993), "Resampling-Based Multiple Testing", the single-step
    maximum of test statistics.

    Args:
        frame: The rows.
        errors: Errors of the rows, larger is worse, (rows,): bool or float.
        columns: Names of the columns to test.

    Returns:
        At most five slices of at least ten rows, at most one per column, the most significant
        first.
    """
    chosen = some_rows(len(frame), _SHUFFLED_ROWS)
    candidates = _candidates(frame, columns, chosen)
    tested = errors[chosen].astype(np.float64)
    if not candidates or np.all(tested == tested[0]):
        return ()
    scores = _Scores.of(candidates, tested)
    limit = scores.largest_by_chance()
    best: dict[str, tuple[float, str]] = {}
    for candidate, score in zip(candidates, scores.observed, strict=True):
        if score > best.get(candidate.column, (limit, ""))[0]:
            best[candidate.column] = (float(score), candidate.name)
    found = sorted(best, key=lambda column: -best[column][0])[:_WORST]
    return tuple(
        next(each for each in slices(frame[column], errors) if each.name == best[column][1])
        for column in found
    )


@dataclass(frozen=True, eq=False)
class _Candidate:
    """A slice to test: its column and name, and its positions among the tested rows."""

    column: str
    name: str
    rows: np.ndarray


def _candidates(
    frame: pd.DataFrame, columns: Sequence[str], chosen: np.ndarray
) -> list[_Candidate]:
    """Return the slices of the chosen rows that are large enough to be named."""
    found = []
    for column in columns:
        groups, names = slice_groups(frame[column])
        groups = groups[chosen]
        for group, name in enumerate(names):
            rows = np.flatnonzero(groups == group)
            if _SMALLEST <= len(rows) < len(chosen) and name != OTHERS_TEXT:
                found.append(_Candidate(column, name, rows))
    return found


@dataclass(frozen=True, eq=False)
class _Scores:
    """Standardised mean errors of slices.

    The mean error of a slice is standardised by its mean, standard deviation and skewness under
    shuffling (the Wilson-Hilferty transformation of a gamma variate). Without the skewness, small
    slices would set a limit that no large slice could reach.

    Attributes:
        rows: Rows of all slices, one slice after another, int64 (entries,).
        starts: Position of the first row of each slice in `rows`, int64 (slices,).
        errors: Errors with mean 0 and standard deviation 1, float64 (rows,).
        counts: Number of rows per slice, float64 (slices,).
        observed: Score of each slice, float64 (slices,).
    """

    rows: np.ndarray
    starts: np.ndarray
    errors: np.ndarray
    counts: np.ndarray
    observed: np.ndarray

    @classmethod
    def of(cls, candidates: Sequence[_Candidate], errors: np.ndarray) -> _Scores:
        """Compute the scores of slices; the errors must not all be equal."""
        counts = np.array([len(candidate.rows) for candidate in candidates])
        rows = np.concatenate([candidate.rows for candidate in candidates])
        starts = np.append(0, np.cumsum(counts))[:-1]
        standard = (errors - errors.mean()) / errors.std()
        found = cls(rows, starts, standard, counts.astype(np.float64), np.empty(0))
        return replace(found, observed=found.score(standard[:, None])[:, 0])

    def score(self, errors: np.ndarray) -> np.ndarray:
        """Return the scores of shuffled errors (rows, shuffles), float64 (slices, shuffles)."""
        rows, taken = float(len(errors)), self.counts
        # Moments of the mean of `taken` out of `rows` errors, drawn without replacement.
        deviation = np.sqrt((rows - taken) / (taken * (rows - 1)))
        skewness = (self.errors**3).mean() * (rows - 2 * taken) * np.sqrt(rows - 1)
        skewness /= max(rows - 2, 1.0) * np.sqrt(taken * (rows - taken))
        sums = np.add.reduceat(errors[self.rows], self.starts, axis=0)
        z = sums / (taken * deviation)[:, None]
        bent = np.where(np.abs(skewness) < _LEAST_SKEWNESS, _LEAST_SKEWNESS, skewness)[:, None]
        cube_root = np.cbrt(np.maximum(bent * z / 2 + 1, 0))
        return 6 / bent * (cube_root - 1) + bent / 6

    def largest_by_chance(self) -> float:
        """Return the limit that the largest shuffled score exceeds in `FALSE_ALARMS` of cases."""
        random = np.random.default_rng(0)
        shuffles = int(np.clip(_SHUFFLED_ENTRIES // len(self.rows), _FEWEST_SHUFFLES, _SHUFFLES))
        largest: list[float] = []
        while len(largest) < shuffles:
            count = min(shuffles - len(largest), max(1, _CHUNK // len(self.rows)))
            tiled = np.tile(self.errors[:, None], count)
            largest += self.score(random.permuted(tiled, axis=0)).max(axis=0).tolist()
        # This many of all shuffles, the observed order included, may reach the limit.
        allowed = int(np.floor(FALSE_ALARMS * (shuffles + 1)))
        return sorted(largest, reverse=True)[allowed - 1]


def _ranges(values: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    groups = quantile_groups(values, _BINS, "left")
    names = []
    for group in range(_BINS):
        inside = values[groups == group]
        if len(inside):
            low, high = (
                f"{end:,.0f}" if abs(end) >= 1000 else f"{end:.4g}"
                for end in (inside.min(), inside.max())
            )
            names.append(low if low == high else f"{low} to {high}")
        else:
            names.append("")
    names.append(MISSING_LEVEL)
    used, groups = np.unique(groups, return_inverse=True)
    return groups, tuple(names[group] for group in used)
