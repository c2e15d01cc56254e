"""A training goes on from exported weights."""

from __future__ import annotations

import numpy as np
import pytest

from nfm.errors import TrainingError
from nfm.model.training import Training
from nfm.settings import Settings
from tests.model.plain_training import LAYOUT, make_table, make_target

SETTINGS = {"embedding_dim": 4, "hidden_units": (8,), "batch_size": 16, "epochs": 3}


def make(**settings) -> Training:
    table, labels = make_table(50)
    return Training(
        LAYOUT,
        Settings(**SETTINGS | settings),
        make_target("binary"),
        table,
        labels,
        validation=make_table(30, seed=1),
    )


@pytest.mark.parametrize(
    "settings",
    [{}, {"interaction": "fm"}, {"weight_averaging": False}, {"linear_term": "shared"}],
    ids=str,
)
def test_weights_come_back_as_they_were(settings):
    first = make(**settings)
    history = list(first.epochs())
    again = make(**settings)
    again.resume(first.weights(), history)
    before, after = first.weights(), again.weights()
    assert before.keys() == after.keys()
    for name, array in before.items():
        np.testing.assert_array_equal(after[name], array, err_msg=name)


def test_epochs_are_counted_on_and_the_best_one_is_still_to_beat():
    first = make()
    history = list(first.epochs())
    again = make(learning_rate=1e-6)
    again.resume(first.weights(), history)
    more = list(again.epochs(count=2))
    assert [epoch.number for epoch in more] == [4, 5]
    assert more[0].seconds > history[-1].seconds
    assert more[0].train.loss < history[0].train.loss
    best = min(epoch.validation.loss for epoch in history)
    assert more[0].best == (more[0].validation.loss < best)


def test_weights_of_another_network_are_refused():
    first = make(embedding_dim=5)
    list(first.epochs(count=1))
    with pytest.raises(TrainingError, match="do not fit"):
        make().resume(first.weights(), [])
