"""DNN."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nfm.model import DNN
from tests.model.checking import check_layer, in_model

INPUTS = np.array([[1, 2], [-1, 0.5]], "float32")
RANDOM = np.random.default_rng(0).normal(size=(64, 5)).astype("float32")


def with_weights(kernels: list, biases: list, **arguments: object) -> DNN:
    """Make layers whose weights are given."""
    layer = DNN([len(bias) for bias in biases], **arguments)
    layer.build((None, len(kernels[0])))
    for variable, value in zip(layer.kernels + layer.biases, kernels + biases, strict=True):
        variable.assign(np.array(value, "float32"))
    return layer


def built(*arguments: object, **keywords: object) -> DNN:
    layer = DNN(*arguments, **keywords)
    layer.build((None, RANDOM.shape[1]))
    return layer


def test_layers_follow_each_other() -> None:
    # First layer: (3, -1) and (-0.5, -0.5), of which the activation leaves (3, 0) and (0, 0).
    layer = with_weights([[[1, -1], [1, 1]], [[2], [3]]], [[0, -2], [0.5]])
    np.testing.assert_allclose(layer(INPUTS), [[6.5], [0.5]])
    assert layer.compute_output_shape((None, 2)) == (None, 1)


def test_the_articles_hidden_layers_have_its_number_of_weights() -> None:
    layer = DNN((128, 128))
    layer.build((None, 68))
    assert [tuple(kernel.shape) for kernel in layer.kernels] == [(68, 128), (128, 128)]
    assert [tuple(bias.shape) for bias in layer.biases] == [(128,), (128,)]
    assert layer.count_params() == 25_344


def test_without_hidden_layers_the_input_is_returned() -> None:
    check_layer(lambda: DNN(()), INPUTS, INPUTS)


def test_inside_a_model_and_as_a_configuration() -> None:
    arguments = {
        "hidden_units": (4, 3),
        "activation": "tanh",
        "l2": 0.1,
        "dropout": 0.3,
        "use_batch_norm": True,
        "seed": 7,
    }
    expected = np.array(DNN(**arguments)(INPUTS))
    layer = DNN(**arguments)
    layer(INPUTS)
    again = DNN.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    predicted = in_model(again, INPUTS).predict(INPUTS, verbose=0)
    np.testing.assert_allclose(predicted, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("relu", 0.0),
        ("tanh", math.tanh(-0.5)),
        ("sigmoid", 1 / (1 + math.exp(0.5))),
        ("gelu", -0.25 * (1 + math.erf(-0.5 / math.sqrt(2)))),
    ],
)
def test_activations(activation: str, expected: float) -> None:
    layer = with_weights([[[1]]], [[0]], activation=activation)
    outputs = layer(np.array([[-0.5]], "float32"))
    assert outputs.numpy().item() == pytest.approx(expected, rel=1e-5)


def test_kernels_start_as_glorot_uniform_and_biases_as_zeros() -> None:
    layer = built((400,), seed=1)
    limit = math.sqrt(6 / (RANDOM.shape[1] + 400))
    kernel = layer.kernels[0].numpy()
    assert np.abs(kernel).max() <= limit
    assert np.std(kernel) == pytest.approx(limit / math.sqrt(3), rel=0.05)
    assert not np.any(layer.biases[0])


def test_equal_seeds_start_equal_and_layers_of_one_shape_differ() -> None:
    first, second, other = (built((5, 5), seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.kernels[0], second.kernels[0])
    assert not np.array_equal(first.kernels[0], first.kernels[1])
    assert not np.array_equal(first.kernels[0], other.kernels[0])


def test_dropout_differs_between_layers_and_repeats_with_the_seed() -> None:
    def outputs(seed: int) -> np.ndarray:
        return np.array(built((50, 50), "sigmoid", dropout=0.5, seed=seed)(RANDOM, training=True))

    np.testing.assert_array_equal(outputs(1), outputs(1))
    assert not np.array_equal(outputs(1) == 0, outputs(2) == 0)
    assert np.mean(outputs(1) == 0) == pytest.approx(0.5, abs=0.05)
    layer = built((50, 50), dropout=0.5, seed=1)
    ones = np.ones((8, 50), "float32")
    masks = [np.array(dropout(ones, training=True)) for dropout in layer.dropouts]
    assert not np.array_equal(masks[0], masks[1])


def test_given_numbers_decide_what_each_layer_silences() -> None:
    identity = np.eye(2).tolist()
    layer = with_weights([identity, identity], [[0, 0], [0, 0]], dropout=0.5)
    noise = np.array([[0.1, 0.9, 0.9, 0.9], [0.9, 0.9, 0.9, 0.1]], "float32")
    outputs = layer(np.ones((2, 2), "float32"), training=True, noise=noise)
    np.testing.assert_allclose(outputs, [[0, 4], [4, 0]])


def test_batch_norm_comes_before_the_activation_and_keeps_moments() -> None:
    layer = with_weights([[[1]]], [[0]], use_batch_norm=True)
    outputs = layer(np.array([[1.0], [3.0]], "float32"), training=True)
    np.testing.assert_allclose(outputs, [[0], [1 / math.sqrt(1 + 1e-3)]], rtol=1e-5)
    np.testing.assert_allclose(layer.batch_norms[0].moving_mean, [0.2], rtol=1e-5)
    np.testing.assert_allclose(layer.batch_norms[0].moving_variance, [1.0], rtol=1e-5)


def test_the_penalty_is_that_of_the_kernels() -> None:
    layer = with_weights([[[1, 2]], [[3], [4]]], [[9, 9], [9]], l2=0.5)
    assert sum(layer.losses).numpy() == pytest.approx(15)


def test_a_layer_without_units_is_refused() -> None:
    with pytest.raises(ValueError, match="one unit or more"):
        DNN((4, 0))


def test_an_input_of_another_rank_is_refused() -> None:
    with pytest.raises(ValueError, match=r"shape \(batch, features\)"):
        DNN((4,))(np.zeros((2, 3, 4), "float32"))
