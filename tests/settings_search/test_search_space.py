"""The space of a search: within the settings' own limits, around the start, fit for the table."""

from __future__ import annotations

import optuna
import pytest

from nfm.settings import Settings, has_effect, make_settings
from nfm.settings_search.search_space import (
    SEARCHED,
    Choices,
    NumberRange,
    SearchSpace,
    changed_settings,
)


def random_trials(space: SearchSpace, count: int) -> list[Settings]:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    return [space.suggest(study.ask()) for _ in range(count)]


@pytest.mark.parametrize("name", SEARCHED)
def test_every_value_is_within_the_limits_of_its_setting(name: str):
    dimension = SEARCHED[name]
    if isinstance(dimension, Choices):
        ends = dimension.values
    else:
        ends = tuple(
            int(end) if dimension.whole else end for end in (dimension.low, dimension.high)
        )
    for value in ends:
        assert getattr(make_settings({name: value}), name) == value


def test_a_dozen_settings_are_searched_and_all_are_varied(schema):
    assert len(SEARCHED) == 12
    trials = random_trials(SearchSpace(Settings(), schema), 100)
    assert {name for one in trials for name in changed_settings(one, Settings())} == set(SEARCHED)


def test_settings_outside_the_space_and_without_effect_keep_their_values(schema):
    start = Settings(
        epochs=7, activation="tanh", dropout=0.33, random_state=5, regression_loss="huber"
    )
    for one in random_trials(SearchSpace(start, schema), 50):
        assert (one.epochs, one.activation, one.random_state) == (7, "tanh", 5)
        assert one.regression_loss == "huber"  # losses of trials are comparable
        values = one.model_dump()
        for name in changed_settings(one, start):
            assert has_effect(name, values)


def test_proposed_numbers_have_two_digits(schema):
    for one in random_trials(SearchSpace(Settings(), schema), 20):
        assert one.learning_rate == float(f"{one.learning_rate:.2g}")
        assert 2e-4 <= one.learning_rate <= 2e-2


def test_ranges_are_extended_to_the_start(schema):
    start = Settings(embedding_dim=300, hidden_units=(100,), learning_rate=0.5, l2_linear=0.0)
    space = SearchSpace(start, schema)
    assert space.dimensions["embedding_dim"] == NumberRange(4, 300, log=True, whole=True)
    first = space.first_parameters()
    assert first["embedding_dim"] == 300
    assert first["learning_rate"] == 0.5
    hidden = space.dimensions["hidden_units"]
    assert isinstance(hidden, Choices)
    assert hidden.values[first["hidden_units"]] == (100,)
    # The logarithm of 0 is infinite: the smallest value stands for it.
    assert first["l2_linear"] == 1e-7


def test_a_table_of_levels_needs_no_bins_and_a_table_of_numbers_no_dropout_of_levels(schema):
    levels = SearchSpace(Settings(), schema.with_features(["sex"])).dimensions
    numbers = SearchSpace(Settings(), schema.with_features(["fare"])).dimensions
    assert SEARCHED.keys() - levels.keys() == {"numeric", "numeric_bins"}
    assert SEARCHED.keys() - numbers.keys() == {"rare_level_dropout"}
