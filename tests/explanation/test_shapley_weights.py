"""Shapley values and interactions of games that are known."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from nfm.explanation.shapley_weights import membership, shapley_interactions, shapley_values


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
