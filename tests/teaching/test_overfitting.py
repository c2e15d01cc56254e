"""The small net that learns by heart."""

from __future__ import annotations

import pytest

from nfm.teaching.overfitting import learn


@pytest.fixture(scope="module")
def bare():
    return learn(0.0, False)


def test_without_help_the_training_rows_are_learned_by_heart(bare):
    assert bare.steps[0] == 0
    assert bare.training[-1] < 0.05
    assert bare.validation[-1] > 2 * bare.validation[bare.best]


def test_dropout_helps_the_rows_that_were_not_seen(bare):
    helped = learn(0.5, False)
    assert helped.validation[helped.best] < 0.9 * bare.validation[bare.best]
    assert helped.validation[-1] < 0.3 * bare.validation[-1]
    assert helped.training[-1] > bare.training[-1]


def test_batch_norm_changes_what_is_learned(bare):
    assert learn(0.0, True).validation.tolist() != bare.validation.tolist()
