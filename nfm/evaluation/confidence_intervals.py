"""How far chance alone may have moved a number."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

# Standard normal quantile of 97.5 %.
_NORMAL_QUANTILE = 1.959963984540054


class Interval(NamedTuple):
    """The middle 95 %."""

    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether all of it lies on one side of zero."""
        return self.low > 0 or self.high < 0


def wilson(successes: np.ndarray, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95 % interval of a share, also where it is 0 or 1 or rests on few rows.

    Wilson, E. B. (1927), Probable inference, the law of succession, and statistical
    inference.

    Args:
        successes: How often it happened, (n,).
        counts: How often it could have, (n,).

    Returns:
        Lower and upper ends, float64 (n,); 0 and 1 where there are no rows.
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
