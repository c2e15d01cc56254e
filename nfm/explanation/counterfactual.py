"""Counterfactuals: the smallest changes of a row with which the prediction reaches a goal."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from nfm.explanation.column_moves import NO_LIMIT, ColumnLimit, ColumnMoves, Values
from nfm.explanation.reference_data import ReferenceData, ReferenceRow
from nfm.explanation.target_outcome import TargetOutcome
from nfm.text import counted

# Words in names of columns that a person cannot change.
_FIXED_WORDS = frozenset({"age", "sex", "gender", "race", "ethnicity", "birth", "birthday", "dob"})
_EVALUATIONS = 200_000
_EXHAUSTIVE_CHANGES = 3
MOST_CHANGES = 6
_NUMBER_WORDS = {1: "one column", 2: "two", 3: "three"}
# Number of sets of columns whose changes are refined before the best are chosen.
_REFINED_SETS = 8
_ROUNDS = 3
_SAME = 1e-9  # smaller differences of predictions are rounding errors


@dataclass(frozen=True)
class Change:
    """Change of one column.

    Attributes:
        column: Name of the column.
        before: The row's value as text; user text.
        after: The new value as text; user text.
        cell: The new value as a table cell: a number (NaN for missing), or the cell of a training
            row.
        distance: Distance by `column_distances`: 1 between levels, usually 0..1 between numbers.
    """

    column: str
    before: str
    after: str
    cell: Any
    distance: float


@dataclass(frozen=True, eq=False)
class Counterfactual:
    """Changes to a row and the resulting prediction.

    Attributes:
        changes: The changed columns.
        prediction: Prediction for the changed row, float64 (outputs,).
        distance: Sum of the distances of the changes.
    """

    changes: tuple[Change, ...]
    prediction: np.ndarray
    distance: float


@dataclass(frozen=True, eq=False)
class CounterfactualResult:
    """Result of a search for counterfactuals.

    Attributes:
        found: Counterfactuals with different sets of columns, the best first; may be empty.
        description: What was tried, in one sentence.
        nearest_miss: If none was found, the tried changes whose prediction is nearest to the goal;
            None if no change brings the prediction nearer.
    """

    found: tuple[Counterfactual, ...]
    description: str
    nearest_miss: Counterfactual | None = None


@dataclass(frozen=True, eq=False)
class NearestRow:
    """The most similar training row whose prediction reaches the goal.

    Attributes:
        row: Its position in the reference data.
        position: Its position in the table that the reference data were built from.
        prediction: Prediction for this row, float64 (outputs,).
        distance: Sum of the distances over columns.
        changes: The columns in which it differs.
    """

    row: int
    position: int
    prediction: np.ndarray
    distance: float
    changes: tuple[Change, ...]


def immutable_columns(columns: Collection[str]) -> tuple[str, ...]:
    """Return the columns that a person cannot change, judging by their names, such as age.

    Args:
        columns: Names of columns; they are split into words, at capitals too ("birthDate").
    """
    return tuple(
        column
        for column in columns
        if _FIXED_WORDS & {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", column)}
    )


def find_counterfactuals(
    reference: ReferenceData,
    row: ReferenceRow,
    goal: TargetOutcome,
    *,
    locked: Collection[str] = (),
    limits: Mapping[str, ColumnLimit] | None = None,
    most_changes: int = MOST_CHANGES,
    count: int = 3,
) -> CounterfactualResult:
    """Search for the fewest, then smallest, changes that reach a goal.

    All changes of one column are tried, then all of two, then of three columns (the most
    promising ones if there are too many combinations). If none reaches the goal, a greedy search
    makes the most helpful change repeatedly, and then drops changes that are not needed. Finally,
    each changed number and date is moved as close to the row's own value as the goal allows.

    Args:
        reference: The model with its reference data.
        row: The row to explain.
        goal: The condition on the prediction.
        locked: Names of columns to keep fixed.
        limits: Constraints on the new values, by column; numbers and dates without a limit stay
            within the range of the training rows.
        most_changes: Maximum number of changed columns, 1 to `MOST_CHANGES`.
        count: Maximum number of counterfactuals, with different sets of columns.

    Returns:
        The counterfactuals, and what was tried.
    """
    if goal.reached(row.predictions):
        met = "The prediction already meets this goal: no change is needed."
        return CounterfactualResult((), met)
    limits = limits or {}
    free = [
        ColumnMoves(reference, row, place, limits.get(column, NO_LIMIT))
        for place, column in enumerate(reference.columns)
        if column not in locked
    ]
    free = [moves for moves in free if len(moves.values)]
    if not free:
        return CounterfactualResult(
            (), "Every column is kept fixed or has no other allowed value: nothing can be changed."
        )
    trial = _Trial(reference, row, goal)
    tried = []
    for size in range(1, min(_EXHAUSTIVE_CHANGES, most_changes, len(free)) + 1):
        chosen = _promising(trial, free, size)
        if len(chosen) < size:
            break
        reached, count_tried = _combinations(trial, chosen, size)
        some = ""
        if len(chosen) < len(free):
            some = f" (of the {counted(len(chosen), 'most promising column')})"
        changes = "the 1 change" if count_tried == 1 else f"all {count_tried:,} changes"
        tried.append(f"{changes} of {_NUMBER_WORDS[size]}{some}")
        if reached:
            return CounterfactualResult(trial.smallest(reached, count), f"Tried {_listed(tried)}.")
    greedy = _greedy(trial, free, most_changes)
    if most_changes > 1:
        tried.append(f"one change after another, up to {counted(most_changes, 'column')}")
    description = f"Tried {_listed(tried)}."
    if greedy is not None:
        return CounterfactualResult(trial.smallest([greedy], count), description)
    return CounterfactualResult((), description, trial.nearest_miss())


def nearest_row(
    reference: ReferenceData, row: ReferenceRow, goal: TargetOutcome
) -> NearestRow | None:
    """Find the most similar training row whose prediction reaches the goal.

    Args:
        reference: The model with its reference data.
        row: The row to explain.
        goal: The condition on the prediction.

    Returns:
        The row; None if no prediction of the reference data reaches the goal.
    """
    candidates = np.flatnonzero(goal.reached(reference.predictions))
    if len(candidates) == 0:
        return None
    apart = reference.distances(row)[candidates]
    nearest = int(apart.sum(axis=1).argmin())
    chosen = int(candidates[nearest])
    changes = []
    for place in np.flatnonzero(apart[nearest] > 0):
        scale = reference.scales[place]
        cell = reference.frame[scale.column].iloc[chosen]
        after = scale.text(reference.coordinates[chosen, place], cell)
        changes.append(
            Change(scale.column, row.texts[place], after, cell, float(apart[nearest, place]))
        )
    return NearestRow(
        row=chosen,
        position=int(reference.positions[chosen]),
        prediction=reference.predictions[chosen],
        distance=float(apart[nearest].sum()),
        changes=tuple(changes),
    )


@dataclass(frozen=True, eq=False)
class _Move:
    """One column with its new value."""

    column: ColumnMoves
    value: Values

    @property
    def distance(self) -> float:
        return float(self.value.distances[0])

    @property
    def step(self) -> np.ndarray:
        return self.value.steps[0]


_Moved = tuple[_Move, ...]


@dataclass(eq=False)
class _Trial:
    """State of a search: the goal, and the tried changes whose prediction is nearest to it."""

    reference: ReferenceData
    row: ReferenceRow
    goal: TargetOutcome
    _miss: _Moved = ()
    _gap: float = field(init=False)

    def __post_init__(self) -> None:
        self.total = self.row.parts.sum(axis=0)
        self._gap = float(self.goal.gap(self.row.predictions))

    def gaps(self, steps: np.ndarray) -> np.ndarray:
        """Return the distance from the goal after steps (..., width), float64 (...)."""
        return self.goal.gap(self.reference.predictions_of_sums(self.total + steps))

    def note(self, gap: float, moved: _Moved) -> None:
        """Store changes if their prediction is nearer to the goal than before."""
        if gap < self._gap - _SAME:
            self._gap, self._miss = gap, moved

    def nearest_miss(self) -> Counterfactual | None:
        """Return the changes whose prediction is nearest to the goal."""
        return self.counterfactual(self._miss) if self._miss else None

    def smallest(self, found: list[_Moved], count: int) -> tuple[Counterfactual, ...]:
        """Refine changes, and return those with the smallest distances."""
        best = sorted(found, key=_distance)[:_REFINED_SETS]
        refined = sorted((self._refined(moved) for moved in best), key=_distance)
        return tuple(self.counterfactual(moved) for moved in refined[:count])

    def counterfactual(self, moved: _Moved) -> Counterfactual:
        """Return changes with their prediction."""
        changes = []
        for move in moved:
            column, coordinate = move.column, float(move.value.coordinates[0])
            changes.append(
                Change(
                    column=column.column,
                    before=self.row.texts[column.place],
                    after=column.text(coordinate),
                    cell=column.cell(coordinate),
                    distance=move.distance,
                )
            )
        sums = self.total + sum((move.step for move in moved), np.zeros_like(self.total))
        prediction = self.reference.predictions_of_sums(sums[None])[0]
        return Counterfactual(tuple(changes), prediction, sum(move.distance for move in moved))

    def _refined(self, moved: _Moved) -> _Moved:
        """Move numbers and dates closer to the row's own values, in two orders of the columns."""
        orders = {tuple(range(len(moved))), tuple(reversed(range(len(moved))))}
        return min(
            (self._refined_in_order(moved, order) for order in sorted(orders)), key=_distance
        )

    def _refined_in_order(self, moved: _Moved, order: tuple[int, ...]) -> _Moved:
        moves = list(moved)
        for _ in range(_ROUNDS):
            before = _distance(tuple(moves))
            for place in order:
                others = [move.step for other, move in enumerate(moves) if other != place]
                rest = sum(others, np.zeros_like(self.total))

                def reached(steps: np.ndarray, rest: np.ndarray = rest) -> np.ndarray:
                    return self.gaps(rest + steps) <= 0

                move = moves[place]
                for nearer in move.column.nearest(reached, float(move.value.coordinates[0])):
                    if nearer.distances[0] < move.distance:
                        moves[place] = _Move(move.column, nearer)
            if _distance(tuple(moves)) >= before - _SAME:
                break
        return tuple(moves)


def _promising(trial: _Trial, free: list[ColumnMoves], size: int) -> list[ColumnMoves]:
    """Choose columns so that all changes of `size` of them can be tried within the limit.

    Columns whose single changes come nearest to the goal are chosen first.
    """
    if size == 1:
        return free
    gaps = [trial.gaps(moves.values.steps).min() for moves in free]
    chosen: list[ColumnMoves] = []
    evaluations = [1] + [0] * size  # by number of changed columns
    for place in np.argsort(gaps, kind="stable"):
        values = len(free[place].values)
        for several in range(size, 0, -1):
            evaluations[several] += evaluations[several - 1] * values
        if evaluations[size] > _EVALUATIONS:
            break
        chosen.append(free[place])
    return chosen


def _combinations(trial: _Trial, chosen: list[ColumnMoves], size: int) -> tuple[list[_Moved], int]:
    """Try all changes of `size` columns.

    For single numbers, all possible values are searched, not only those of `values`.

    Returns:
        The smallest successful change of each set of columns, and the number of tried changes.
    """
    found: list[_Moved] = []
    evaluated = 0
    for columns in combinations(chosen, size):
        steps, distances = np.zeros_like(trial.total), np.zeros(())
        for column in columns:
            steps = steps[..., None, :] + column.values.steps
            distances = distances[..., None] + column.values.distances
        gaps = trial.gaps(steps)
        evaluated += gaps.size
        best = _smallest(gaps, distances)
        moved = tuple(
            _Move(column, column.values.take(np.array([place])))
            for column, place in zip(columns, best, strict=True)
        )
        trial.note(float(gaps[best]), moved)
        options = [moved] if gaps[best] <= 0 else []
        if size == 1:
            counter = _Counter(trial)
            options += [(_Move(columns[0], near),) for near in columns[0].nearest(counter.reached)]
            evaluated += counter.evaluated
        if options:
            found.append(min(options, key=_distance))
    return found, evaluated


@dataclass(eq=False)
class _Counter:
    """Checks which steps reach the goal, and counts them."""

    trial: _Trial
    evaluated: int = 0

    def reached(self, steps: np.ndarray) -> np.ndarray:
        self.evaluated += len(steps)
        return self.trial.gaps(steps) <= 0


def _smallest(gaps: np.ndarray, distances: np.ndarray) -> tuple[int, ...]:
    """Return the position of the smallest change among those that reach, or come nearest."""
    nearest = gaps <= max(0.0, float(gaps.min()) + _SAME)
    place = int(np.where(nearest, distances, np.inf).argmin())
    return tuple(int(each) for each in np.unravel_index(place, gaps.shape))


def _greedy(trial: _Trial, free: list[ColumnMoves], most_changes: int) -> _Moved | None:
    """Make the most helpful change repeatedly; return the changes that are needed."""
    steps = np.zeros_like(trial.total)
    made: list[_Move] = []
    gap = float(trial.gaps(steps[None])[0])
    while gap > 0 and len(made) < min(most_changes, len(free)):
        best: tuple[float, _Move] | None = None
        for column in free:
            if any(move.column is column for move in made):
                continue
            gaps = trial.gaps(steps + column.values.steps)
            (place,) = _smallest(gaps, column.values.distances)
            if best is None or gaps[place] < best[0]:
                best = float(gaps[place]), _Move(column, column.values.take(np.array([place])))
        if best is None or best[0] >= gap:
            return None
        gap = best[0]
        made.append(best[1])
        steps = steps + best[1].step
        trial.note(gap, tuple(made))
    if gap > 0:
        return None
    for move in list(made):
        if trial.gaps((steps - move.step)[None])[0] <= 0:
            made.remove(move)
            steps = steps - move.step
    return tuple(made)


def _distance(moved: _Moved) -> float:
    return sum(move.distance for move in moved)


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and then {parts[-1]}"
