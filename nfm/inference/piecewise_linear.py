"""Piecewise-linear embeddings of numeric fields: interpolation between knots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nfm.network_architecture import NetworkArchitecture
from nfm.tabular.encoded_table import EncodedShape


@dataclass(frozen=True)
class Place:
    """Positions of numbers between the knots of their fields.

    Attributes:
        lower: Row of the knot at or below the number, int64 (rows, D).
        weight: Fraction of the distance to the next knot, float64 (rows, D, 1).
    """

    lower: np.ndarray
    weight: np.ndarray

    def read(self, knots: np.ndarray) -> np.ndarray:
        """Interpolate linearly between knots.

        Args:
            knots: Float64 (knots, columns), as `knots_of` returns them.

        Returns:
            Float64 (rows, D, columns).
        """
        below = knots[self.lower]
        return below + self.weight * (knots[self.lower + 1] - below)


@dataclass(frozen=True)
class Ramps:
    """The knots of the numeric fields.

    With ramps p_t = clip(u - t, 0, 1), the vector Σ p_t v_t is linear between one partial sum
    V_t = v_0 + ... + v_{t-1} and the next. It needs two rows of a table, for any number of bins.
    With the setting "value", the number itself is the only feature: the line through 0 and v_0.

    Attributes:
        first: Row of each field's V_0 among the knots, int64 (D,).
        bins: Number of ramps of each field, int64 (D,).
        bounded: Whether numbers are clipped to 0..bins ("piecewise") or not ("value").
    """

    first: np.ndarray
    bins: np.ndarray
    bounded: bool

    @classmethod
    def make(cls, architecture: NetworkArchitecture) -> Ramps | None:
        """Return the ramps of a network's numeric fields; None if it has none."""
        if not architecture.has_ramps:
            return None
        bins = np.array(architecture.layout.bin_counts, dtype=np.int64)
        return cls(
            first=np.cumsum(np.append(0, bins + 3))[:-1], bins=bins, bounded=architecture.has_bins
        )

    def place(self, values: np.ndarray) -> Place:
        """Return the positions of numbers between the knots.

        Args:
            values: Float (rows, D), NaN where missing.
        """
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
    """Return the knots of all fields: partial sums of the ramps' vectors, missing, a spare row.

    A field without an id for missing numbers has zeros there.

    Args:
        layout: Sizes of the encoded table.
        ramps: Float32 (sum of ramp_counts, columns); None without ramps.

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
