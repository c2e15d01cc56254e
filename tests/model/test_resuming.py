"""A training goes on from exported weights."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from nfm.errors import TrainingError
from nfm.model.layers.initializers import derived_seed
from nfm.model.training_loop import TrainingLoop
from nfm.settings import Settings
from tests.model.plain_training import LAYOUT, make_table, make_target

SETTINGS = {"embedding_dim": 4, "hidden_units": (8,), "batch_size": 16, "epochs": 3}


def make(**settings) -> TrainingLoop:
    table, labels = make_table(50)
    return TrainingLoop(
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


def masks(training: TrainingLoop, steps: int) -> np.ndarray:
    """Return the dropout's random numbers of the first steps that a training takes."""
    return np.array([training._graph._noise(16, np.int32(step)) for step in range(1, steps + 1)])


def test_dropout_goes_on_with_other_random_numbers():
    first = make()
    steps_of_an_epoch = 4
    earlier = masks(first, 3 * steps_of_an_epoch)
    history = list(first.epochs())
    again = make()
    again.resume(first.weights(), history)
    later = masks(again, 3 * steps_of_an_epoch)
    once_more = make()
    once_more.resume(first.weights(), [*history, *history])
    latest = masks(once_more, 3 * steps_of_an_epoch)
    silenced = [numbers.reshape(len(numbers), -1) < 0.2 for numbers in (earlier, later, latest)]
    everything = np.concatenate(silenced)
    assert len(np.unique(everything, axis=0)) == len(everything)
    # Independent masks agree on a share of 0.2² + 0.8² of the units.
    for one, other in ((0, 1), (1, 2), (0, 2)):
        assert np.mean(silenced[one] == silenced[other]) == pytest.approx(0.68, abs=0.04)


def test_a_training_that_is_not_resumed_draws_what_it_always_drew():
    drawn = masks(make(), 2)
    key = np.array([derived_seed(0, "noise")], np.uint64)
    bits = tf.raw_ops.StatelessRandomUniformFullIntV2(
        shape=(16, 2), key=key, counter=np.array([0, 1], np.uint64), alg=1, dtype=tf.uint32
    )
    parts = bits.numpy().view(np.uint8).reshape(16, 8)
    np.testing.assert_array_equal(np.floor(drawn[0] * 256), parts)
