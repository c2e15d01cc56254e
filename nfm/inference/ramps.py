"""Numeric fields as polygons: where a number lies, and what its vector is there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nfm.settings import Settings
from nfm.tabular.encoded_table import EncodedShape


@dataclass(frozen=True)
class Place:
    """Where numbers lie among the knots of their fields.

    Attributes:
        lower: Row of the knot at or below the number, (rows, D).
        weight: Share of the way from there to the next knot, float64 (rows, D, 1).
    """

    lower: np.ndarray
    weight: np.ndarray

    def read(self, knots: np.ndarray) -> np.ndarray:
        """Interpolate between knots (rows of a table), to (rows, D, columns)."""
        below = knots[self.lower]
        return below + self.weight * (knots[self.lower + 1] - below)


@dataclass(frozen=True)
class Ramps:
    """The numeric embedding as a polygon.

    With ramps p_t = clip(u - t, 0, 1), the vector Σ p_t v_t runs straight from one partial
    sum V_t = v_0 + ... + v_{t-1} to the next: two rows to read, however many bins there are.
    The number itself as the only base (setting "value") is the line through 0 and v_0.

    Attributes:
        first: Row of each field's V_0 among the knots, int64 (D,).
        bins: Number of ramps of each field, int64 (D,).
        bounded: Whether numbers are clipped to 0..bins (piecewise), or go on straight (value).
    """

    first: np.ndarray
    bins: np.ndarray
    bounded: bool

    @classmethod
    def make(cls, layout: EncodedShape, settings: Settings) -> Ramps | None:
        """Return the ramps of a layout's numeric fields; None if numbers have no vectors."""
        if settings.numeric == "concat" or not layout.numeric:
            return None
        bins = np.array(layout.bin_counts, dtype=np.int64)
        return cls(
            first=np.cumsum(np.append(0, bins + 3))[:-1],
            bins=bins,
            bounded=settings.numeric == "piecewise",
        )

    def place(self, values: np.ndarray) -> Place:
        """Find numbers, float (rows, D), NaN where missing, among the knots."""
        missing = np.isnan(values)
        known = np.where(missing, 0.0, values)
        if self.bounded:
            known = np.clip(known, 0, self.bins)
            whole = known.astype(np.int64)
        else:
            whole = np.zeros(values.shape, dtype=np.int64)
        weight = known - whole
        whole = np.where(missing, self.bins + 1, whole)
        return Place(self.first + whole, weight[:, :, None])


def knots_of(layout: EncodedShape, ramps: np.ndarray | None) -> np.ndarray | None:
    """Turn the ramps' vectors into each field's partial sums, its missing id, and a spare row.

    A field without a missing id has zeros in its place.

    Args:
        layout: The numeric fields.
        ramps: (sum of ramp_counts, columns).

    Returns:
        float64 (sum of bins + 3, columns), or None without ramps.
    """
    if ramps is None:
        return None
    parts = []
    spare = np.zeros((1, ramps.shape[1]))
    start = 0
    for bins, missing in zip(layout.bin_counts, layout.has_missing, strict=True):
        sums = np.cumsum(ramps[start : start + bins], axis=0, dtype=np.float64)
        absent = ramps[start + bins : start + bins + 1] if missing else spare
        parts += [spare, sums, absent, spare]
        start += bins + missing
    return np.concatenate(parts)
