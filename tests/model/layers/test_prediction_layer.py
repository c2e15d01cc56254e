"""PredictionLayer."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from nfm.model import PredictionLayer
from tests.model.checking import check_layer


def test_binary_is_the_sigmoid_of_the_sum_and_the_bias() -> None:
    layer = check_layer(
        PredictionLayer,
        [[-1.0], [1.0]],
        [[0.5], [0.880797]],
        shapes={"bias": (1,)},
        weights={"bias": [1.0]},
    )
    np.testing.assert_allclose(layer.logits(np.array([[3.0]], "float32")), [[4.0]])


def test_multiclass_is_a_softmax_over_the_classes() -> None:
    layer = check_layer(
        lambda: PredictionLayer("multiclass"),
        [[0.0, 0.0, 0.0]],
        [[0.25, 0.25, 0.5]],
        shapes={"bias": (3,)},
        weights={"bias": [0, 0, np.log(2)]},
    )
    rows = np.random.default_rng(0).normal(size=(20, 3)).astype("float32")
    np.testing.assert_allclose(np.sum(layer(rows), axis=1), 1, rtol=1e-6)


def test_regression_is_the_sum_itself() -> None:
    check_layer(
        lambda: PredictionLayer("regression", use_bias=False),
        [[3.0], [-40.0]],
        [[3.0], [-40.0]],
    )


def test_keras_trains_through_it_from_logits() -> None:
    inputs = keras.Input((1,))
    model = keras.Model(inputs, PredictionLayer()(keras.layers.Dense(1)(inputs)))
    model.compile(loss="binary_crossentropy")
    model.layers[1].set_weights([np.ones((1, 1)), np.zeros(1)])
    loss_of_a_saturated_output = model.evaluate(np.full((4, 1), 40.0), np.zeros((4, 1)), verbose=0)
    assert loss_of_a_saturated_output == pytest.approx(40, rel=1e-5)


def test_an_unknown_task_is_refused() -> None:
    with pytest.raises(ValueError, match=r"binary, multiclass, regression.*'ranking'"):
        PredictionLayer("ranking")


@pytest.mark.parametrize(("task", "outputs"), [("binary", 2), ("multiclass", 1), ("regression", 3)])
def test_a_number_of_outputs_that_does_not_suit_the_task_is_refused(
    task: str, outputs: int
) -> None:
    with pytest.raises(ValueError, match=f"outputs for the task '{task}'"):
        PredictionLayer(task)(np.zeros((2, outputs), "float32"))
