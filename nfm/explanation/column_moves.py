"""What one column of a row may be changed to, and the smallest change that reaches a goal."""

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

# Values of a number that are tried in one round, of each of two kinds of spacing.
_POINTS = 256
_MOST_ROUNDS = 12
_ROUNDING = 1e-6
_MOST_DECIMALS = 6
# A number is changed by no less than about this share of its training range.
_FINEST_SHARE = 1e-5


@dataclass(frozen=True)
class ColumnLimit:
    """What a column may be changed to.

    Attributes:
        minimum: Smallest number, or earliest date in days since 1970; None: the training rows'.
        maximum: Largest number, or latest date; None: the training rows'.
        direction: "up": only larger numbers or later dates; "down": only smaller or earlier.
        levels: The levels that it may become, as people read them; None: all.
    """

    minimum: float | None = None
    maximum: float | None = None
    direction: Direction = "either"
    levels: tuple[str, ...] | None = None


NO_LIMIT = ColumnLimit()


@dataclass(frozen=True, eq=False)
class Values:
    """Some values that a column may be changed to.

    Attributes:
        coordinates: Codes or numbers; NaN: a missing number; float64 (m,).
        steps: What each adds to the network's sums, less what the row's own value adds, float64
            (m, width).
        distances: From the row's own value, float64 (m,).
    """

    coordinates: np.ndarray
    steps: np.ndarray
    distances: np.ndarray

    def __len__(self) -> int:
        return len(self.coordinates)

    def take(self, chosen: np.ndarray) -> Values:
        """Return some of the values."""
        return Values(self.coordinates[chosen], self.steps[chosen], self.distances[chosen])


@dataclass(frozen=True, eq=False)
class ColumnMoves:
    """One column of one row, and where it may move to.

    Attributes:
        reference: The model and the training rows.
        row: The row to explain.
        place: Which column.
        limit: What it may be changed to.
    """

    reference: ReferenceData
    row: ReferenceRow
    place: int
    limit: ColumnLimit = NO_LIMIT

    @property
    def column(self) -> str:
        """Its name."""
        return self._scale.column

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers, which can be any between two training rows'."""
        return self._scale.kind == "number"

    @cached_property
    def values(self) -> Values:
        """Up to about forty values: levels and dates of training rows, numbers also at the ends."""
        choices = self.reference.candidates[self.place]
        values = self._values(choices.coordinates, choices.parts)
        if self.is_number:
            if not self._has_limit:
                numbers = choices.coordinates[~np.isnan(choices.coordinates)]
            else:
                within = self._scale.present[
                    (self._scale.present >= self._low) & (self._scale.present <= self._high)
                ]
                ends = self._on_grid(np.array([self._low, self._high]))
                shares = np.linspace(0, 1, CANDIDATE_NUMBERS)
                numbers = (
                    np.quantile(within, shares, method="inverted_cdf") if len(within) else ends
                )
                numbers = np.unique(np.concatenate([numbers, ends]))
            missing = values.take(np.isnan(values.coordinates))
            values = _joined(self.numbers(numbers), missing)
        return values.take(self._allowed(values.coordinates) & (values.distances > 0))

    def numbers(self, numbers: np.ndarray) -> Values:
        """Return these numbers as values."""
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

        Numbers are narrowed down to the last decimal that the training numbers have; whole
        numbers stay whole. Of dates, all those of training rows are tried.

        Args:
            reached: Says for steps (m, width) whether they reach it, bool (m,).
            end: A value that reaches it: only those up to there are tried; None: all.
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
        """Write a value for people."""
        return self._scale.text(coordinate, self.cell(coordinate))

    def cell(self, coordinate: float) -> Any:
        """Return a value as it may stand in a table: a number, or a training row's cell."""
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
        """Look for it among some numbers, then between the best and the one before, and so on.

        Some are spaced evenly, some as the training numbers are: where many rows are, the
        answer may change within a small part of the range.
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
        """Say which values the limit allows; a missing number only where there is no limit."""
        limit = self.limit
        if self._scale.kind == "levels":
            if limit.levels is None:
                return np.ones(len(coordinates), dtype=bool)
            return np.array([self.text(code) in limit.levels for code in coordinates], dtype=bool)
        inside = (coordinates >= self._low) & (coordinates <= self._high)
        return inside if self._has_limit else inside | np.isnan(coordinates)

    def _on_grid(self, numbers: np.ndarray) -> np.ndarray:
        """Round the smallest number up and the largest down."""
        step = 10.0**-self._decimals
        rounded = [np.ceil(numbers[0] / step - _ROUNDING), np.floor(numbers[1] / step + _ROUNDING)]
        return np.round(np.array(rounded) * step, self._decimals)

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
        """Return one end of what is allowed: the limit's, else the training rows'."""
        present = self._scale.present
        own = float(self.row.coordinates[self.place])
        if limit is not None:
            end = limit
        elif len(present):
            end = float(present[place])
        else:
            return np.inf if direction == "up" else -np.inf  # nothing lies between these two
        if self.limit.direction != direction or np.isnan(own):
            return end
        return max(end, own) if direction == "up" else min(end, own)

    @cached_property
    def _decimals(self) -> int:
        """Decimals of the training numbers, but no more than their range asks for."""
        present = self._scale.present
        spread = float(present[-1] - present[0]) if len(present) else 0.0
        finest = 0
        if 0 < spread < np.inf:
            finest = max(0, int(np.ceil(-np.log10(_FINEST_SHARE * spread))))
        for decimals in range(min(finest, _MOST_DECIMALS)):
            if np.abs(present - np.round(present, decimals)).max(initial=0.0) < 1e-9:
                return decimals
        return finest


def _joined(first: Values, second: Values) -> Values:
    return Values(
        np.concatenate([first.coordinates, second.coordinates]),
        np.concatenate([first.steps, second.steps]),
        np.concatenate([first.distances, second.distances]),
    )
