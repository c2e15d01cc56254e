"""The smallest changes of a row that bring the answer to a goal."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from nfm.inference.explanation.background import Background, Row
from nfm.inference.explanation.goals import Goal
from nfm.inference.explanation.neighbours import column_distances

# Whole words in the names of columns that a person cannot change.
_FIXED_WORDS = frozenset({"age", "sex", "gender", "race", "ethnicity", "birth", "birthday", "dob"})
_EVALUATIONS = 200_000
_EXHAUSTIVE_CHANGES = 3
_MOST_CHANGES = 6
_NUMBER_WORDS = {1: "one column", 2: "two", 3: "three"}


@dataclass(frozen=True)
class Change:
    """One column that gets another value.

    Attributes:
        column: Its name.
        before: The row's value for people; user's text.
        after: The new one; user's text.
        row: Position in the background's frame of a training row with the new value.
        distance: As `column_distances` measures it: 1 between two levels, 0..1 between numbers.
    """

    column: str
    before: str
    after: str
    row: int
    distance: float


@dataclass(frozen=True, eq=False)
class Counterfactual:
    """A row changed so that the answer reaches the goal.

    Attributes:
        changes: As few as were found, then as small as possible.
        answer: The model's answer after them, float64 (outputs,).
        distance: Sum of the changes' distances.
    """

    changes: tuple[Change, ...]
    answer: np.ndarray
    distance: float


@dataclass(frozen=True, eq=False)
class Search:
    """What a search found.

    Attributes:
        found: Counterfactuals with different columns, the best first; none if there are none.
        description: What was tried, in a sentence.
    """

    found: tuple[Counterfactual, ...]
    description: str


@dataclass(frozen=True, eq=False)
class NearestRow:
    """The training row nearest to a row, among those whose answer reaches the goal.

    Attributes:
        row: Its position in the background's frame.
        position: Its position in the table that the background was built from.
        answer: The model's answer for it, float64 (outputs,).
        distance: Sum of the columns' distances.
        changes: The columns in which it differs.
    """

    row: int
    position: int
    answer: np.ndarray
    distance: float
    changes: tuple[Change, ...]


def usual_locks(columns: Collection[str]) -> tuple[str, ...]:
    """Return the columns that a person cannot change, by their names: age, sex and the like."""
    return tuple(column for column in columns if _words(column) & _FIXED_WORDS)


def search(
    background: Background, row: Row, goal: Goal, *, locked: Collection[str] = (), count: int = 3
) -> Search:
    """Look for the fewest, then smallest, changes that reach a goal.

    All changes of one column to any realistic value are tried, then all of two, then of three
    (of the columns that bring the answer nearest to the goal, if there are too many). If none
    reaches the goal, the change that helps most is made again and again, up to six columns, and
    those that turn out not to be needed are taken back.

    Args:
        background: The model and the values.
        row: The row.
        goal: What is looked for.
        locked: Names of columns that stay as they are.
        count: How many different sets of columns are returned at most.

    Returns:
        What was found.
    """
    if goal.reached(row.answers):
        return Search((), "The row's answer is there already: nothing needs to change.")
    free = _free_moves(background, row, locked)
    if not free:
        return Search((), "Every column is locked or has no other value: nothing can be changed.")
    tried = []
    for size in range(1, min(_EXHAUSTIVE_CHANGES, len(free)) + 1):
        chosen = _promising(background, row, goal, free, size)
        if len(chosen) < size:
            break
        reached, count_tried = _combinations(background, row, goal, chosen, size)
        some = "" if len(chosen) == len(free) else f" (of the {len(chosen)} most promising columns)"
        tried.append(f"all {count_tried:,} changes of {_NUMBER_WORDS[size]}{some}")
        if reached:
            return Search(_best(background, row, reached, count), f"Tried {_listed(tried)}.")
    greedy = _greedy(background, row, goal, free)
    found = () if greedy is None else (_counterfactual(background, row, *greedy),)
    tried.append(f"one change after the other, up to {_MOST_CHANGES} columns")
    return Search(found, f"Tried {_listed(tried)}.")


def nearest_row(background: Background, row: Row, goal: Goal) -> NearestRow | None:
    """Return the nearest training row whose answer reaches the goal, None if there is none.

    Args:
        background: The training rows, with the model's answers.
        row: The row.
        goal: What is looked for.
    """
    candidates = np.flatnonzero(goal.reached(background.answers))
    if len(candidates) == 0:
        return None
    apart = background.distances(row)[candidates]
    nearest = int(apart.sum(axis=1).argmin())
    chosen = int(candidates[nearest])
    changes = []
    for place in np.flatnonzero(apart[nearest] > 0):
        scale = background.scales[place]
        cell = background.frame[scale.column].iloc[chosen]
        after = scale.text(background.coordinates[chosen, place], cell)
        changes.append(
            Change(scale.column, row.texts[place], after, chosen, float(apart[nearest, place]))
        )
    return NearestRow(
        row=chosen,
        position=int(background.positions[chosen]),
        answer=background.answers[chosen],
        distance=float(apart[nearest].sum()),
        changes=tuple(changes),
    )


@dataclass(frozen=True, eq=False)
class _Moves:
    """The values that one column may move to."""

    place: int
    values: np.ndarray  # positions among the column's choices
    steps: np.ndarray  # what each adds to the sums, (m, width)
    distances: np.ndarray  # (m,)


_Found = tuple[tuple[int, ...], tuple[int, ...]]  # columns, and the choices they move to


def _free_moves(background: Background, row: Row, locked: Collection[str]) -> list[_Moves]:
    free = []
    ranks = background.to_ranks(row.coordinates[None])[0]
    for place, choices in enumerate(background.choices):
        if choices.column in locked or len(choices) == 0:
            continue
        scale = background.scales[place]
        distances = column_distances(
            (scale,), scale.ranks(choices.coordinates)[:, None], ranks[place]
        )[:, 0]
        values = np.flatnonzero(distances > 0)
        if len(values):
            steps = choices.parts[values] - row.parts[place]
            free.append(_Moves(place, values, steps, distances[values]))
    return free


def _promising(
    background: Background, row: Row, goal: Goal, free: list[_Moves], size: int
) -> list[_Moves]:
    """Keep as many columns as all changes of `size` of them can be tried.

    The first ones are those of which one change comes nearest to the goal.
    """
    total = row.parts.sum(axis=0)
    gaps = [goal.gap(background.answers_of_sums(total + move.steps)).min() for move in free]
    chosen: list[_Moves] = []
    evaluations = [1] + [0] * size  # of how many columns, with those chosen so far
    for place in np.argsort(gaps, kind="stable"):
        values = len(free[place].values)
        for several in range(size, 0, -1):
            evaluations[several] += evaluations[several - 1] * values
        if evaluations[size] > _EVALUATIONS:
            break
        chosen.append(free[place])
    return chosen


def _combinations(
    background: Background, row: Row, goal: Goal, chosen: list[_Moves], size: int
) -> tuple[list[tuple[float, _Found]], int]:
    """Try all changes of `size` columns; return the smallest of each set of columns, and how many.

    Args:
        background: The model.
        row: The row.
        goal: What is looked for.
        chosen: The columns.
        size: How many change at once.
    """
    found, evaluated = [], 0
    total = row.parts.sum(axis=0)
    for moves in combinations(chosen, size):
        sums, distances = total, np.zeros(())
        for move in moves:
            sums = sums[..., None, :] + move.steps
            distances = distances[..., None] + move.distances
        reached = goal.reached(background.answers_of_sums(sums))
        evaluated += reached.size
        if reached.any():
            smallest = int(np.where(reached, distances, np.inf).argmin())
            places = np.unravel_index(smallest, distances.shape)
            values = tuple(
                int(move.values[place]) for move, place in zip(moves, places, strict=True)
            )
            columns = tuple(move.place for move in moves)
            found.append((float(distances[places]), (columns, values)))
    return found, evaluated


def _greedy(
    background: Background, row: Row, goal: Goal, free: list[_Moves]
) -> tuple[tuple[int, ...], tuple[int, ...]] | None:
    sums = row.parts.sum(axis=0)
    made: dict[int, tuple[int, np.ndarray]] = {}
    gap = float(goal.gap(row.answers))
    while gap > 0 and len(made) < min(_MOST_CHANGES, len(free)):
        best: tuple[float, int, int, np.ndarray] | None = None
        for move in free:
            if move.place in made:
                continue
            gaps = goal.gap(background.answers_of_sums(sums + move.steps))
            place = int(gaps.argmin())
            if best is None or gaps[place] < best[0]:
                best = (float(gaps[place]), move.place, int(move.values[place]), move.steps[place])
        if best is None or best[0] >= gap:
            return None
        gap = best[0]
        made[best[1]] = (best[2], best[3])
        sums = sums + best[3]
    if gap > 0:
        return None
    for place, (_, step) in list(made.items()):
        if goal.reached(background.answers_of_sums((sums - step)[None]))[0]:
            del made[place]
            sums = sums - step
    return tuple(made), tuple(value for value, _ in made.values())


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and then {parts[-1]}"


def _best(
    background: Background, row: Row, found: list[tuple[float, _Found]], count: int
) -> tuple[Counterfactual, ...]:
    ordered = sorted(found, key=lambda each: each[0])[:count]
    return tuple(_counterfactual(background, row, *columns) for _, columns in ordered)


def _counterfactual(
    background: Background, row: Row, places: tuple[int, ...], values: tuple[int, ...]
) -> Counterfactual:
    sums = row.parts.sum(axis=0)
    changes = []
    ranks = background.to_ranks(row.coordinates[None])[0]
    for place, value in zip(places, values, strict=True):
        choices, scale = background.choices[place], background.scales[place]
        sums = sums - row.parts[place] + choices.parts[value]
        rank = scale.ranks(choices.coordinates[[value]])[:, None]
        distance = float(column_distances((scale,), rank, ranks[place])[0, 0])
        changes.append(
            Change(
                column=choices.column,
                before=row.texts[place],
                after=choices.texts[value],
                row=int(choices.rows[value]),
                distance=distance,
            )
        )
    answer = background.answers_of_sums(sums[None])[0]
    return Counterfactual(tuple(changes), answer, sum(change.distance for change in changes))


def _words(name: str) -> set[str]:
    """Split a name into words in lower case, at capitals too: "birthDate" has "birth"."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}
