"""Rare levels are replaced by "(other)" at random while training."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

# Levels may matter together with other columns even where their means do not differ; and a
# column of few levels has little room to memorise anything.
_MOST_ROWS = 300.0
_MOST_ROWS_PER_LEVEL = 0.5


class RareLevelDropout:
    """Replaces a level by "(other)" with probability s·k / (s·k + n), where it has n training rows.

    k is the field's credibility coefficient. A level's own vector is learned from its n rows
    only; where these say little, the network memorises them instead. The levels that are kept
    learn from their rows, and "(other)" from the rest, so that a level without training rows
    has a vector that was trained too.

    Args:
        codes: int32 (rows, F), the codes of the training rows.
        level_counts: Number of codes per field, including code 0, "(other)".
        labels: The rows' labels, (rows,): float, or int32 for classes.
        class_count: Number of classes of "multiclass"; 1 for binary and regression.
        strength: The factor s, > 0.
        seed: Of the random numbers.

    Reference:
        Volkovs, Yu and Poutanen 2017, "DropoutNet: Addressing Cold Start in Recommender
        Systems", which drops the vectors of all users and items at one rate.
    """

    def __init__(
        self,
        codes: np.ndarray,
        level_counts: Sequence[int],
        labels: np.ndarray,
        class_count: int,
        strength: float,
        seed: int,
    ) -> None:
        rates = []
        for column, levels in zip(codes.T, level_counts, strict=True):
            rows = strength * credibility_coefficient(column, labels, class_count)
            counts = np.bincount(column, minlength=levels)
            rates.append(rows / np.maximum(rows + counts, 1.0))
            rates[-1][0] = 0.0
        self._rates = np.concatenate(rates).astype(np.float32)
        self._others = np.cumsum((0, *level_counts), dtype=np.int32)[:-1, None]
        self._seed = seed
        self.start_epoch(0)

    def start_epoch(self, number: int) -> None:
        """Start the random numbers of an epoch, which is counted from 0."""
        self._generator = np.random.default_rng([self._seed, number, 1])

    def apply(self, ids: np.ndarray) -> np.ndarray:
        """Replace levels of the epoch's next rows.

        Args:
            ids: int32 (F, rows), for each field and row, the level's row in the table of all
                levels of all fields.

        Returns:
            int32 (F, rows). The result does not depend on how the rows are divided into calls.
        """
        numbers = self._generator.random(ids.shape[::-1], dtype=np.float32).T
        return np.where(numbers < self._rates[ids], self._others, ids)


def credibility_coefficient(codes: np.ndarray, labels: np.ndarray, class_count: int = 1) -> float:
    """Return Bühlmann's k: with how many rows a level's mean says as much as the mean of all.

    It is the variance of the labels within the levels over the variance between the levels'
    true means, which the analysis of variance estimates.

    Args:
        codes: Codes of one field, int32 (rows,).
        labels: Labels, (rows,): float, or int32 for classes.
        class_count: Number of classes; with more than 1 the variances of their shares are added.

    Returns:
        Number of rows, at most 300 and at most half the number of levels; 0 for a field with a
        single level in these rows.

    Reference:
        Bühlmann and Gisler 2005, "A Course in Credibility Theory", chapter 4.
    """
    counts = np.bincount(codes)
    present = counts > 0
    rows, levels = len(codes), int(present.sum())
    if levels < 2:
        return 0.0
    most = min(_MOST_ROWS, _MOST_ROWS_PER_LEVEL * levels)
    if rows == levels:
        return most
    if class_count == 1:
        centred = labels - labels.mean(dtype=float)
        sums = np.bincount(codes, weights=centred)
        between = float((sums[present] ** 2 / counts[present]).sum())
        total = float(centred @ centred)
    else:  # the sums over an indicator for each class, of which most pairs with a level are zero
        pairs, pair_counts = np.unique(
            codes.astype(np.int64) * class_count + labels, return_counts=True
        )
        shares = np.bincount(labels) / rows
        squares = float(shares @ shares)
        between = float((pair_counts**2.0 / counts[pairs // class_count]).sum()) - rows * squares
        total = rows * (1 - squares)
    within = (total - between) / (rows - levels)
    mean_count = (rows - float(counts.astype(float) @ counts) / rows) / (levels - 1)
    variance = (between / (levels - 1) - within) / mean_count
    return min(within / variance, most) if variance > 0 else most
