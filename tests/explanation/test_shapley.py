"""Explanations against a brute-force enumeration by the bundle's public methods."""

from __future__ import annotations

from itertools import combinations, permutations
from math import comb

import numpy as np
import pytest

from nfm.explanation.pair_strengths import largest_pairs
from nfm.explanation.reference_data import ReferenceData
from nfm.explanation.shapley import (
    EXACT_COLUMNS,
    explain,
    membership,
    shapley_interactions,
    shapley_values,
)
from tests.inference.explaining import COMBINATIONS, ask, make_reference_data, with_cells


def _brute_force(reference: ReferenceData, row_number: int) -> np.ndarray:
    """Return the Shapley values by asking the model about every mixture of rows."""
    row = reference.frame.iloc[[row_number]]
    others = reference.frame.iloc[reference.sample]
    columns = list(reference.columns)
    worth = {
        chosen: ask(reference, with_cells(row, others, list(chosen))).mean(axis=0)
        for size in range(len(columns) + 1)
        for chosen in combinations(columns, size)
    }
    values = []
    for column in columns:
        rest = [name for name in columns if name != column]
        value = np.zeros(reference.predictions.shape[1])
        for size in range(len(rest) + 1):
            for chosen in combinations(rest, size):
                joined = tuple(name for name in columns if name in chosen or name == column)
                weight = 1 / (len(columns) * comb(len(columns) - 1, size))
                value += weight * (worth[joined] - worth[chosen])
        values.append(value)
    return np.array(values)


@pytest.mark.parametrize("changes", COMBINATIONS, ids=str)
def test_values_equal_a_brute_force_enumeration(changes: dict) -> None:
    reference = make_reference_data(rows=60, **changes)
    for row_number in (0, 1):
        row = reference.read(reference.frame.iloc[[row_number]])
        found = explain(reference, row)
        np.testing.assert_allclose(
            found.contributions, _brute_force(reference, row_number), rtol=0, atol=1e-6
        )
        assert found.method == "exact"
        assert found.error < 1e-9
        np.testing.assert_allclose(
            found.prediction, ask(reference, reference.frame.iloc[[row_number]])[0]
        )


def test_probabilities_of_classes_share_what_they_gain() -> None:
    reference = make_reference_data("multiclass")
    found = explain(reference, reference.read(reference.frame.iloc[[4]]))
    np.testing.assert_allclose(found.contributions.sum(axis=1), 0, atol=1e-12)


def test_a_linear_model_has_no_pairs_in_its_own_units() -> None:
    reference = make_reference_data("regression", interaction="linear")
    found = explain(reference, reference.read(reference.frame.iloc[[4]]))
    np.testing.assert_allclose(found.pairs, 0, atol=1e-9)


def test_strongest_pairs_come_first() -> None:
    reference = make_reference_data()
    found = explain(reference, reference.read(reference.frame.iloc[[4]]))
    strongest = largest_pairs(found.pairs[..., 0], 3)
    sizes = [abs(index) for _, _, index in strongest]
    assert sizes == sorted(sizes, reverse=True)
    first, second, index = strongest[0]
    assert index == found.pairs[first, second, 0]


@pytest.mark.parametrize("more", [6, 7])
def test_a_large_exact_game_uses_fewer_reference_rows_and_adds_up(more: int) -> None:
    reference = make_reference_data(more=more)
    found = explain(reference, reference.read(reference.frame.iloc[[2]]))
    assert len(found.columns) in (EXACT_COLUMNS - 1, EXACT_COLUMNS)
    assert (found.method, found.reference_rows) == ("exact", 16)
    assert "16 of 120 training rows" in found.description
    assert found.error < 1e-9


def test_many_columns_are_estimated_with_their_standard_error() -> None:
    reference = make_reference_data(more=15)
    row = reference.read(reference.frame.iloc[[2]])
    found = explain(reference, row)
    assert found.method == "sampled"
    assert "Estimated" in found.description
    assert found.error < 1e-9
    assert found.standard_errors is not None
    assert (found.standard_errors >= 0).all()
    np.testing.assert_array_equal(explain(reference, row).contributions, found.contributions)
    known = ~np.isnan(found.pairs[..., 0])
    assert known.sum() == 8 * 8
    assert len(largest_pairs(found.pairs[..., 0], 100)) == 8 * 7 // 2


def test_the_estimate_is_within_its_error_of_the_exact_values(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reference = make_reference_data(more=3)
    row = reference.read(reference.frame.iloc[[2]])
    exact = explain(reference, row).contributions
    monkeypatch.setattr("nfm.explanation.shapley.EXACT_COLUMNS", 4)
    found = explain(reference, row)
    assert found.standard_errors is not None
    assert (np.abs(found.contributions - exact) < 4 * found.standard_errors + 1e-9).all()


def test_unseen_and_missing_values_are_explained() -> None:
    reference = make_reference_data()
    strange = reference.frame.iloc[[0]].copy()
    for column in strange.columns:
        strange[column] = None
    strange["cabin"] = "never seen"
    row = reference.read(strange)
    found = explain(reference, row)
    assert found.texts == ("(missing)", "(other)", "(missing)", "(missing)", "(missing)")
    assert found.error < 1e-9
    np.testing.assert_allclose(found.prediction, ask(reference, strange)[0])


def _draw(players: int) -> np.ndarray:
    return np.random.default_rng(players).normal(size=(1 << players, 2))


def _over_all_orders(coalition_values: np.ndarray, players: int) -> np.ndarray:
    values = np.zeros((players, coalition_values.shape[1]))
    orders = list(permutations(range(players)))
    for order in orders:
        coalition = 0
        for player in order:
            joined = coalition | 1 << player
            values[player] += coalition_values[joined] - coalition_values[coalition]
            coalition = joined
    return values / len(orders)


@pytest.mark.parametrize("players", [1, 2, 3, 5, 6])
def test_values_are_the_mean_gain_over_all_orders(players: int) -> None:
    coalition_values = _draw(players)
    np.testing.assert_allclose(
        shapley_values(coalition_values), _over_all_orders(coalition_values, players)
    )


@pytest.mark.parametrize("players", [1, 4, 12])
def test_values_add_up(players: int) -> None:
    coalition_values = _draw(players)
    np.testing.assert_allclose(
        shapley_values(coalition_values).sum(axis=0), coalition_values[-1] - coalition_values[0]
    )


def test_the_glove_game() -> None:
    member = membership(3)  # a left glove, and two right ones: a pair is worth 1
    coalition_values = member[:, 0] * np.maximum(member[:, 1], member[:, 2])
    np.testing.assert_allclose(
        shapley_values(coalition_values[:, None])[:, 0], [2 / 3, 1 / 6, 1 / 6]
    )


def test_equal_players_get_the_same_and_dummies_nothing() -> None:
    member = membership(4)
    both = member[:, 0] + member[:, 1]
    coalition_values = (np.square(both) + 3 * member[:, 2] * both)[:, None]
    values = shapley_values(coalition_values)[:, 0]
    assert values[0] == pytest.approx(values[1])
    assert values[3] == pytest.approx(0)
    pairs = shapley_interactions(coalition_values)[..., 0]
    np.testing.assert_allclose(pairs[3], 0, atol=1e-12)
    assert pairs[0, 2] == pytest.approx(pairs[1, 2])


def test_in_a_game_of_pairs_the_interactions_are_the_pairs() -> None:
    random = np.random.default_rng(0)
    terms = np.triu(random.normal(size=(5, 5)), 1)
    member = membership(5)
    coalition_values = np.einsum("si,ij,sj->s", member, terms, member) + member @ random.normal(
        size=5
    )
    found = shapley_interactions(coalition_values[:, None])[..., 0]
    np.testing.assert_allclose(found, terms + terms.T, atol=1e-12)


@pytest.mark.parametrize("players", [2, 3, 5])
def test_interactions_are_how_one_value_changes_with_the_other_there(players: int) -> None:
    """I(i, j) is the value of i in the game with j less that in the game without j."""
    coalition_values = _draw(players)
    pairs = shapley_interactions(coalition_values)
    numbers = np.arange(1 << players)
    for second in range(players):
        there = (numbers >> second) & 1 == 1
        difference = shapley_values(coalition_values[there]) - shapley_values(
            coalition_values[~there]
        )
        expected = np.delete(pairs[second], second, axis=0)
        np.testing.assert_allclose(difference, expected, atol=1e-12)
