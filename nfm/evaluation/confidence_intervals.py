"""Confidence intervals: Wilson's for a share, and the bootstrap for any statistic, vectorised.

Bootstrap: Efron, B. (1979), "Bootstrap methods: another look at the jackknife". Each resample draws
as many rows as there are, with replacement; the statistic is computed on each resample, and the
middle 95% of the results is its interval. With few rows that is too narrow; there, the quantiles
are widened so that the interval of a mean is as wide as Student's (Hesterberg 2015, "What Teachers
Should Know About the Bootstrap", section 5.3). A resample is a vector of weights: the number of
times each row was drawn. Statistics of two models with the same rows use the same resamples, so
their differences are paired.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

# 97.5% quantile of the standard normal distribution.
_NORMAL_QUANTILE = 1.959963984540054
DRAWS = 1000
# 97.5% quantiles of Student's t for 2 to 9 degrees of freedom.
_T_QUANTILES = (4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)
_FEWEST_DRAWS = 100
_DRAWN_ROWS = 3_000_000  # in all resamples together: well under a second
_CHUNK = 1_000_000  # weights at a time: 8 MB
Statistic = Callable[[np.ndarray], np.ndarray]
"""A function from weights (draws, rows) to values (draws,)."""


class Interval(NamedTuple):
    """A 95% interval, from its lower to its upper end."""

    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval lies on one side of zero."""
        return self.low > 0 or self.high < 0


def wilson(successes: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return Wilson's 95% interval of a share, which is valid for 0, 1 and few rows too.

    Source: Wilson, E. B. (1927), "Probable inference, the law of succession, and statistical
    inference".

    Args:
        successes: Number of successes, (n,).
        counts: Number of trials, (n,).

    Returns:
        Lower and upper ends, float64 (n,) each; 0 and 1 for no trials.
    """
    successes = np.asarray(successes, dtype=np.float64)
    counts = np.asarray(counts, dtype=np.float64)
    some = np.maximum(counts, 1)
    share = successes / some
    z2 = _NORMAL_QUANTILE**2
    middle = (share + z2 / (2 * some)) / (1 + z2 / some)
    half = _NORMAL_QUANTILE * np.sqrt(share * (1 - share) / some + z2 / (4 * some**2))
    half /= 1 + z2 / some
    low = np.where(successes == 0, 0.0, middle - half)
    high = np.where(successes == counts, 1.0, middle + half)
    return low, high


def draw_count(rows: int) -> int:
    """Return the number of resamples for a number of rows: fewer for more rows."""
    return int(np.clip(_DRAWN_ROWS // max(rows, 1), _FEWEST_DRAWS, DRAWS))


def draws(rows: int, seed: int = 0, count: int | None = None) -> Iterator[np.ndarray]:
    """Yield resamples of rows in chunks.

    Args:
        rows: Number of rows.
        seed: Seed; the same seed gives the same resamples.
        count: Number of resamples; None for `draw_count(rows)`.

    Yields:
        The number of times each row was drawn, float64 (draws, rows).
    """
    generator = np.random.default_rng(seed)
    left = draw_count(rows) if count is None else count
    while left > 0:
        some = min(left, max(1, _CHUNK // max(rows, 1)))
        drawn = generator.integers(0, rows, (some, rows))
        drawn += np.arange(some)[:, None] * rows
        weights = np.bincount(drawn.ravel(), minlength=some * rows)
        yield weights.reshape(some, rows).astype(np.float64)
        left -= some


def bootstrap(statistics: Mapping[str, Statistic], rows: int) -> dict[str, np.ndarray]:
    """Compute statistics on every resample.

    Args:
        statistics: Name to a function from weights (draws, rows) to values (draws,).
        rows: Number of rows; the same number always gives the same resamples.

    Returns:
        Name to the values on all resamples, float64 (draws,).
    """
    parts: dict[str, list[np.ndarray]] = {name: [] for name in statistics}
    for weights in draws(rows):
        for name, statistic in statistics.items():
            parts[name].append(statistic(weights))
    return {name: np.concatenate(values) for name, values in parts.items()}


def percentile_interval(samples: np.ndarray, rows: int | None = None) -> Interval | None:
    """Return the 95% interval of a statistic from its values on resamples.

    Args:
        samples: Values of the statistic on every resample, float64 (draws,); NaN if undefined.
        rows: Number of rows that were resampled; None for no widening.

    Returns:
        The interval; None if the statistic is undefined on more than half of the resamples.
    """
    finite = samples[np.isfinite(samples)]
    if len(finite) < len(samples) / 2 or not len(finite):
        return None
    tail = 0.025  # the share of resamples to leave out on each side
    if rows is not None:
        t = math.sqrt(rows / (rows - 1)) * _t_quantile(rows - 1) if rows > 2 else math.inf
        tail = NormalDist().cdf(-t)
    low, high = np.quantile(finite, [tail, 1 - tail])
    return Interval(float(low), float(high))


def _t_quantile(degrees: int) -> float:
    """Return the 97.5% quantile of Student's t, correct to at least three digits.

    Not from SciPy, which takes a second to import. Source: Abramowitz and Stegun, expansion
    26.7.5; for few degrees of freedom, table 26.10.
    """
    if degrees < 2 + len(_T_QUANTILES):
        return _T_QUANTILES[degrees - 2]
    z = _NORMAL_QUANTILE
    return (
        z
        + (z**3 + z) / (4 * degrees)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * degrees**3)
    )


def mean_of(values: np.ndarray) -> Statistic:
    """Return the statistic "mean" of one value per row, (rows,)."""
    values = np.asarray(values, dtype=np.float64)
    return lambda weights: weights @ values / weights.sum(axis=1)


def area_under_curve_of(positive: np.ndarray, scores: np.ndarray) -> Statistic:
    """Return the statistic "area under the ROC curve".

    Args:
        positive: True labels, bool (rows,).
        scores: Scores or probabilities of the positive class, (rows,).

    Returns:
        The statistic; NaN on resamples with rows of one kind only.
    """
    order = np.argsort(scores, kind="stable")
    ordered = scores[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    is_positive = positive[order].astype(np.float64)

    def area(weights: np.ndarray) -> np.ndarray:
        weights = weights[:, order]
        positives = np.add.reduceat(weights * is_positive, starts, axis=1)
        negatives = np.add.reduceat(weights * (1 - is_positive), starts, axis=1)
        below = np.cumsum(negatives, axis=1) - negatives
        won = (positives * (below + negatives / 2)).sum(axis=1)
        pairs = positives.sum(axis=1) * negatives.sum(axis=1)
        return np.divide(won, pairs, out=np.full(len(won), np.nan), where=pairs > 0)

    return area


def r2_of(actual: np.ndarray, predicted: np.ndarray) -> Statistic:
    """Return the statistic R² of numbers, (rows,) each; NaN on resamples of equal numbers.

    Args:
        actual: Actual numbers, float64 (rows,).
        predicted: Predicted numbers, float64 (rows,).
    """
    centred = actual - actual.mean()
    squared_errors = np.square(actual - predicted)

    def determination(weights: np.ndarray) -> np.ndarray:
        totals = weights.sum(axis=1)
        spread = weights @ np.square(centred) - np.square(weights @ centred) / totals
        rest = weights @ squared_errors
        return 1 - np.divide(rest, spread, out=np.full(len(rest), np.nan), where=spread > 0)

    return determination
