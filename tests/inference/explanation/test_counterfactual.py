"""Counterfactuals: few changes, small ones, real values, locks respected."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from nfm.inference.explanation.background import Background
from nfm.inference.explanation.counterfactual import nearest_row, search, usual_locks
from nfm.inference.explanation.goals import Goal, opposite_goal
from tests.inference.explaining import COMBINATIONS, ask, make_background


def _changed(background: Background, number: int, changes: tuple) -> np.ndarray:
    """Ask the model about a row after the changes."""
    row = background.frame.iloc[[number]].copy()
    for change in changes:
        row[change.column] = background.frame[change.column].iloc[[change.row]].to_numpy()
    return ask(background, row)[0]


@pytest.mark.parametrize("changes", COMBINATIONS, ids=str)
def test_what_is_found_reaches_the_goal(changes: dict) -> None:
    background = make_background(**changes)
    for number in range(4):
        row = background.read(background.frame.iloc[[number]])
        goal = opposite_goal(background, row.answers)
        assert not goal.reached(row.answers)
        result = search(background, row, goal)
        assert result.description.endswith(".")
        for each in result.found:
            answer = _changed(background, number, each.changes)
            np.testing.assert_allclose(answer, each.answer, rtol=1e-6, atol=1e-9)
            assert goal.reached(each.answer)
            assert each.distance == pytest.approx(sum(c.distance for c in each.changes))
            assert all(change.before != change.after for change in each.changes)


def _fewest(background: Background, number: int, goal: Goal) -> tuple[int, float]:
    """Try every combination of values of three columns by brute force."""
    row = background.read(background.frame.iloc[[number]])
    best = (99, np.inf)
    values = [range(-1, len(choices)) for choices in background.choices]
    for chosen in product(*values):
        sums = row.parts.sum(axis=0)
        count = 0
        for place, value in enumerate(chosen):
            if value >= 0:
                sums = sums - row.parts[place] + background.choices[place].parts[value]
                count += background.choices[place].texts[value] != row.texts[place]
        if goal.reached(background.answers_of_sums(sums[None]))[0]:
            best = min(best, (count, 0.0))
    return best


def test_no_fewer_changes_would_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nfm.inference.explanation.choices.NUMBERS", 4)
    background = make_background()
    answers = background.answers[:, 0]
    limit = float(np.quantile(answers, 0.98))
    goal = Goal("at_least", 0, limit)
    number = int(answers.argmin())
    found = search(background, background.read(background.frame.iloc[[number]]), goal).found
    assert found
    assert len(found[0].changes) == _fewest(background, number, goal)[0] > 1


def test_smaller_changes_come_first() -> None:
    background = make_background("regression", interaction="linear")
    row = background.read(background.frame.iloc[[0]])
    goal = Goal("at_least", 0, float(row.answers[0]) + 1e-3)
    found = search(background, row, goal).found
    distances = [each.distance for each in found]
    assert distances == sorted(distances)
    assert all(len(each.changes) == 1 for each in found)


def test_locked_columns_stay() -> None:
    background = make_background()
    row = background.read(background.frame.iloc[[0]])
    goal = opposite_goal(background, row.answers, threshold=float(row.answers[0]) + 0.01)
    free = search(background, row, goal)
    first = free.found[0].changes[0].column
    kept = search(background, row, goal, locked=[first])
    assert all(change.column != first for each in kept.found for change in each.changes)
    nothing = search(background, row, goal, locked=background.columns)
    assert nothing.found == ()
    assert "nothing can be changed" in nothing.description


def test_where_nothing_needs_to_change_nothing_does() -> None:
    background = make_background()
    row = background.read(background.frame.iloc[[0]])
    result = search(background, row, Goal("at_least", 0, 0.0))
    assert (result.found, "there already" in result.description) == ((), True)


def test_what_cannot_be_reached_is_not_found() -> None:
    background = make_background()
    row = background.read(background.frame.iloc[[0]])
    result = search(background, row, Goal("at_least", 0, 2.0))
    assert result.found == ()
    assert "one change after the other" in result.description


def test_beyond_the_exhaustive_search_changes_are_made_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nfm.inference.explanation.counterfactual._EXHAUSTIVE_CHANGES", 0)
    background = make_background()
    answers = background.answers[:, 0]
    goal = Goal("at_least", 0, float(np.quantile(answers, 0.98)))
    number = int(answers.argmin())
    found = search(background, background.read(background.frame.iloc[[number]]), goal).found
    assert len(found) == 1
    assert goal.reached(_changed(background, number, found[0].changes))


def test_with_many_columns_the_search_says_what_it_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nfm.inference.explanation.counterfactual._EVALUATIONS", 3_000)
    background = make_background(more=4)
    row = background.read(background.frame.iloc[[0]])
    result = search(background, row, Goal("at_least", 0, 2.0))
    assert "most promising columns" in result.description


def test_the_nearest_row_with_the_opposite_answer() -> None:
    background = make_background()
    row = background.read(background.frame.iloc[[0]])
    goal = opposite_goal(background, row.answers)
    found = nearest_row(background, row, goal)
    assert found is not None
    assert goal.reached(found.answer)
    apart = background.distances(row).sum(axis=1)
    apart[~goal.reached(background.answers)] = np.inf
    assert found.distance == apart.min()
    differing = {change.column for change in found.changes}
    for place, column in enumerate(background.columns):
        same = np.array_equal(
            background.coordinates[found.row, place], row.coordinates[place], equal_nan=True
        )
        assert (column in differing) != same


def test_without_an_opposite_row_there_is_none() -> None:
    background = make_background()
    row = background.read(background.frame.iloc[[0]])
    assert nearest_row(background, row, Goal("at_least", 0, 2.0)) is None


@pytest.mark.parametrize(
    ("answers", "expected"),
    [([0.7], Goal("below", 0, 0.5)), ([0.3], Goal("at_least", 0, 0.5))],
)
def test_two_classes_flip_at_the_threshold(answers: list, expected: Goal) -> None:
    assert opposite_goal(make_background(), np.array(answers)) == expected


def test_exactly_at_the_threshold_is_the_positive_class() -> None:
    assert Goal("at_least", 0, 0.5).reached(np.array([0.5]))
    assert not Goal("below", 0, 0.5).reached(np.array([0.5]))


def test_another_class_is_to_win() -> None:
    background = make_background("multiclass")
    answers = np.array([0.2, 0.5, 0.3])
    assert opposite_goal(background, answers).output == 2
    goal = opposite_goal(background, answers, wanted=0)
    assert not goal.reached(answers)
    assert goal.reached(np.array([0.5, 0.1, 0.4]))


def test_columns_that_a_person_cannot_change_are_known_by_name() -> None:
    columns = ("Age", "Sex", "birthDate", "customer_gender", "wage", "Sextant", "Fare", "AGE")
    assert usual_locks(columns) == ("Age", "Sex", "birthDate", "customer_gender", "AGE")
