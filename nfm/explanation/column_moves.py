"""Changes of one column of a row: its allowed values, and the smallest that reaches a goal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from nfm.explanation.column_scale import column_distances
from nfm.explanation.column_values import CANDIDATE_NUMBERS
from nfm.explanation.reference_data import ReferenceData, ReferenceRow
from nfm.tabular.encoded_table import EncodedTable

Direction = Literal["either", "up", "down"]

# Numbers tried per round, for each of two kinds of spacing.
_POINTS = 256
_MOST_ROUNDS = 12
_ROUNDING = 1e-6
_MOST_DECIMALS = 6
# Smallest change of a number, as a share of its training range.
_FINEST_SHARE = 1e-5


@dataclass(frozen=True)
class ColumnLimit:
    """Constraint on the new values of a column.

    Attributes:
        minimum: Smallest allowed number, or earliest date in days since 1970; None for that of
            the training rows.
        maximum: Largest allowed number, or latest date; None for that of the training rows.
        direction: "up": only larger numbers or later dates; "down": only smaller or earlier
            ones; "either": both.
        levels: Allowed levels as text; None for all.
    """

    minimum: float | None = None
    maximum: float | None = None
    direction: Direction = "either"
    levels: tuple[str, ...] | None = None


NO_LIMIT = ColumnLimit()


@dataclass(frozen=True, eq=False)
class Values:
    """Possible new values of a column.

    Attributes:
        coordinates: Codes or numbers, NaN for a missing number, float64 (m,).
        steps: Change of the network's sums from the row's own value to each value, float64
            (m, width).
        distances: Distances from the row's own value, float64 (m,).
    """

    coordinates: np.ndarray
    steps: np.ndarray
    distances: np.ndarray

    def __len__(self) -> int:
        return len(self.coordinates)

    def take(self, chosen: np.ndarray) -> Values:
        """Return the values at the given positions or mask."""
        return Values(self.coordinates[chosen], self.steps[chosen], self.distances[chosen])


@dataclass(frozen=True, eq=False)
class ColumnMoves:
    """One column of one row with its possible new values.

    Attributes:
        reference: The model with its reference data.
        row: The row to explain.
        place: Index of the column.
        limit: Constraint on the new values.
    """

    reference: ReferenceData
    row: ReferenceRow
    place: int
    limit: ColumnLimit = NO_LIMIT

    @property
    def column(self) -> str:
        """Name of the column."""
        return self._scale.column

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers, which need not occur in training rows."""
        return self._scale.kind == "number"

    @cached_property
    def values(self) -> Values:
        """About forty values at most: levels and dates of training rows, and numbers."""
        choices = self.reference.candidates[self.place]
        values = self._values(choices.coordinates, choices.parts)
        if self.is_number:
            if not self._has_limit:
                numbers = choices.coordinates[~np.isnan(choices.coordinates)]
            else:
                within = self._scale.present[
                    (self._scale.present >= self._low) & (self._scale.present <= self._high)
                ]
                # The ends of the range, rounded towards its inside.
                step = 10.0**-self._decimals
                ends = np.array(
                    [np.ceil(self._low / step - _ROUNDING), np.floor(self._high / step + _ROUNDING)]
                )
                ends = np.round(ends * step, self._decimals)
                shares = np.linspace(0, 1, CANDIDATE_NUMBERS)
                numbers = (
                    np.quantile(within, shares, method="inverted_cdf") if len(within) else ends
                )
                numbers = np.unique(np.concatenate([numbers, ends]))
            missing = values.take(np.isnan(values.coordinates))
            numbers_only = self.numbers(numbers)
            values = Values(
                np.concatenate([numbers_only.coordinates, missing.coordinates]),
                np.concatenate([numbers_only.steps, missing.steps]),
                np.concatenate([numbers_only.distances, missing.distances]),
            )
        return values.take(self._allowed(values.coordinates) & (values.distances > 0))

    def numbers(self, numbers: np.ndarray) -> Values:
        """Return the values for numbers, float64 (m,)."""
        encoder = self.reference.bundle.encoder
        field = next(
            place
            for place, each in enumerate(encoder.numeric)
            if each.column == self.column and each.part is None
        )
        codes = np.zeros((len(numbers), len(encoder.categorical)), np.int32)
        encoded = np.zeros((len(numbers), len(encoder.numeric)), np.float32)
        encoded[:, field] = encoder.numeric[field].values(numbers)
        parts = self.reference.parts_of_table(EncodedTable(codes, encoded))
        return self._values(numbers, parts[:, self.place])

    def nearest(
        self, reached: Callable[[np.ndarray], np.ndarray], end: float | None = None
    ) -> Iterator[Values]:
        """Yield the nearest value that reaches a goal, on each side of the row's own value.

        Numbers are searched with as many decimals as the training numbers have, so whole
        numbers stay whole. For dates, all dates of training rows are tried.

        Args:
            reached: Function from steps (m, width) to whether each reaches the goal, bool (m,).
            end: A value that reaches the goal and bounds the search; None for no bound.

        Yields:
            A single value per side where one is found.
        """
        own = float(self.row.coordinates[self.place])
        if self._scale.kind == "levels" or np.isnan(own):
            return
        for is_up in (True, False):
            if end is not None and (end > own) != is_up:
                continue
            low = self._low if end is None or is_up else max(end, self._low)
            high = self._high if end is None or not is_up else min(end, self._high)
            found = None
            if self._scale.kind == "date":
                found = self._nearest_date(reached, low, high, own, is_up=is_up)
            elif self._scale.kind == "number":
                found = self._nearest_number(reached, low, high, own, is_up=is_up)
            if found is not None:
                yield found

    def text(self, coordinate: float) -> str:
        """Return a value as text."""
        return self._scale.text(coordinate, self.cell(coordinate))

    def cell(self, coordinate: float) -> Any:
        """Return a value as a table cell: a number, or the cell of a training row."""
        if self.is_number:
            return coordinate
        column = self.reference.coordinates[:, self.place]
        same = np.isnan(column) if np.isnan(coordinate) else column == coordinate
        return self.reference.frame[self.column].iloc[int(np.flatnonzero(same)[0])]

    def _nearest_number(
        self,
        reached: Callable[[np.ndarray], np.ndarray],
        low: float,
        high: float,
        own: float,
        *,
        is_up: bool,
    ) -> Values | None:
        """Search on a grid, then between the best number and its predecessor, and so on.

        Half of the grid is evenly spaced, half follows the training numbers: where they are
        dense, the prediction may change within a small part of the range.
        """
        if not np.isfinite([own, low, high]).all():
            return None
        step = 10.0**-self._decimals
        smallest, largest = np.ceil(low / step - _ROUNDING), np.floor(high / step + _ROUNDING)
        if is_up:
            first, last = max(np.floor(own / step + _ROUNDING) + 1, smallest), largest
        else:
            first, last = min(np.ceil(own / step - _ROUNDING) - 1, largest), smallest
        best: Values | None = None
        for _ in range(_MOST_ROUNDS):
            if (first > last) if is_up else (first < last):
                break
            places = np.round(np.linspace(first, last, _POINTS))
            inside = np.round(self._scale.present / step)
            inside = inside[(inside > min(first, last)) & (inside < max(first, last))]
            if len(inside):
                chosen = np.linspace(0, len(inside) - 1, min(_POINTS, len(inside)))
                places = np.append(places, inside[chosen.astype(np.int64)])
            places = np.unique(places)
            places = places if is_up else places[::-1]
            values = self.numbers(np.round(places * step, self._decimals))
            hits = np.flatnonzero(reached(values.steps))
            if not len(hits):
                return best
            best = values.take(hits[:1])
            if hits[0] == 0:
                return best
            sign = 1 if is_up else -1
            first, last = places[hits[0] - 1] + sign, places[hits[0]] - sign
        return best

    def _nearest_date(
        self,
        reached: Callable[[np.ndarray], np.ndarray],
        low: float,
        high: float,
        own: float,
        *,
        is_up: bool,
    ) -> Values | None:
        column = self.reference.coordinates[:, self.place]
        dates, rows = np.unique(column, return_index=True)
        keep = (dates >= low) & (dates <= high) & ((dates > own) if is_up else (dates < own))
        dates, rows = dates[keep], rows[keep]
        if not len(dates):
            return None
        values = self._values(dates, self.reference.parts_of(rows)[:, self.place])
        hits = np.flatnonzero(reached(values.steps))
        return values.take(hits[:1] if is_up else hits[-1:]) if len(hits) else None

    def _values(self, coordinates: np.ndarray, parts: np.ndarray) -> Values:
        own = self._scale.ranks(self.row.coordinates[[self.place]])
        ranks = self._scale.ranks(coordinates)[:, None]
        distances = column_distances((self._scale,), ranks, own)[:, 0]
        return Values(coordinates, parts - self.row.parts[self.place], distances)

    def _allowed(self, coordinates: np.ndarray) -> np.ndarray:
        """Return which values the limit allows; a missing number only without a limit."""
        limit = self.limit
        if self._scale.kind == "levels":
            if limit.levels is None:
                return np.ones(len(coordinates), dtype=bool)
            return np.array([self.text(code) in limit.levels for code in coordinates], dtype=bool)
        inside = (coordinates >= self._low) & (coordinates <= self._high)
        return inside if self._has_limit else inside | np.isnan(coordinates)

    @property
    def _scale(self) -> Any:
        return self.reference.scales[self.place]

    @property
    def _has_limit(self) -> bool:
        return self.limit != NO_LIMIT

    @property
    def _low(self) -> float:
        return self._end(self.limit.minimum, 0, "up")

    @property
    def _high(self) -> float:
        return self._end(self.limit.maximum, -1, "down")

    def _end(self, limit: float | None, place: int, direction: Direction) -> float:
        """Return one end of the allowed range: from the limit, else from the training rows."""
        present = self._scale.present
        own = float(self.row.coordinates[self.place])
        if limit is not None:
            end = limit
        elif len(present):
            end = float(present[place])
        else:
            return np.inf if direction == "up" else -np.inf  # an empty range
        if self.limit.direction != direction or np.isnan(own):
            return end
        return max(end, own) if direction == "up" else min(end, own)

    @cached_property
    def _decimals(self) -> int:
        """Number of decimals of the training numbers, limited by their range."""
        present = self._scale.present
        spread = float(present[-1] - present[0]) if len(present) else 0.0
        finest = 0
        if 0 < spread < np.inf:
            finest = max(0, int(np.ceil(-np.log10(_FINEST_SHARE * spread))))
        for decimals in range(min(finest, _MOST_DECIMALS)):
            if np.abs(present - np.round(present, decimals)).max(initial=0.0) < 1e-9:
                return decimals
        return finest
