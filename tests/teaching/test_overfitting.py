"""The small net that learns by heart."""

from __future__ import annotations

import numpy as np
import pytest

from nfm.teaching.overfitting import drop, learn, normalise, pass_batch


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


def batch(**changes):
    return pass_batch(
        **{"dropout": 0.5, "batch_norm": True, "training": True, "draw": 0, **changes}
    )


def test_the_formulas_are_those_of_the_layers():
    import keras

    from nfm.model.layers import Dropout

    random = np.random.default_rng(0)
    values = random.normal(3, 2, (10, 4)).astype(np.float32)
    noise = random.random((10, 4)).astype(np.float32)
    norm = keras.layers.BatchNormalization()
    expected = norm(values, training=True).numpy()
    moments = values.mean(axis=0), values.var(axis=0)
    np.testing.assert_allclose(normalise(values, *moments), expected, atol=1e-5)
    dropped = Dropout(0.3)(values, training=True, noise=noise).numpy()
    np.testing.assert_allclose(drop(values, 0.3, noise), dropped, rtol=1e-5)


def test_batch_norm_gives_every_factor_mean_0_and_deviation_1():
    normalised = batch().normalised
    np.testing.assert_allclose(normalised.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(normalised.std(axis=0), 1, atol=0.02)


def test_when_asked_a_row_no_longer_depends_on_the_batch():
    asked = batch(training=False)
    assert abs(asked.normalised.mean(axis=0)).max() > 0.05
    assert asked.dropped.tolist() == asked.normalised.tolist()


def test_dropout_silences_some_and_scales_up_the_rest():
    passed = batch(batch_norm=False)
    kept = passed.dropped != 0
    assert 0 < kept.sum() < kept.size
    np.testing.assert_allclose(passed.dropped[kept], 2 * passed.pooled[kept])


def test_another_draw_silences_others_and_on_average_nothing_changes():
    draws = [batch(batch_norm=False, draw=draw).dropped for draw in range(2_000)]
    assert draws[0].tolist() != draws[1].tolist()
    pooled = batch(batch_norm=False).pooled
    np.testing.assert_allclose(np.mean(draws, axis=0), pooled, atol=0.1 * abs(pooled).max())


def test_steps_that_are_off_are_left_out():
    bare = batch(dropout=0.0, batch_norm=False)
    assert bare.normalised is None
    assert bare.dropped is None
