"""The ways in which every layer is tested, but for the errors that it raises."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np


def check_layer(
    make: Callable[[], keras.layers.Layer],
    inputs: Any,
    expected: Any,
    *,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    weights: Mapping[str, Any] | None = None,
) -> keras.layers.Layer:
    """Check a layer's values, weights, work inside a model, and configuration.

    Args:
        make: Makes the layer, the same one whenever it is called.
        inputs: An array, or a list of arrays for a layer with several inputs.
        expected: What the layer answers, worked out by hand.
        shapes: Shape of every weight, by the attribute that holds it.
        weights: Values to give to weights before the layer answers, by attribute.

    Returns:
        The layer, built, with those weights.
    """
    inputs = _arrays(inputs)
    layer = make()
    layer(inputs)
    _check_shapes(layer, shapes or {})
    _set(layer, weights or {})
    _check_values(layer, inputs, expected)
    _check_model(layer, inputs, expected)
    _check_configuration(layer)
    return layer


def in_model(layer: keras.layers.Layer, inputs: Any) -> keras.Model:
    """Return a model of nothing but the layer, whose batch size is open.

    A layer that has its fields' axis first is followed by a transposition.
    """
    arrays = inputs if isinstance(inputs, list) else [inputs]
    tensors = [keras.Input(array.shape[1:], dtype=str(array.dtype)) for array in arrays]
    outputs = layer(tensors if isinstance(inputs, list) else tensors[0])
    if outputs.shape[0] is not None:
        outputs = keras.ops.transpose(outputs, (1, 0, 2))
    return keras.Model(tensors if isinstance(inputs, list) else tensors[0], outputs)


def _check_shapes(layer: keras.layers.Layer, shapes: Mapping[str, tuple[int, ...]]) -> None:
    assert {name: tuple(getattr(layer, name).shape) for name in shapes} == dict(shapes)
    assert layer.count_params() == sum(int(np.prod(shape)) for shape in shapes.values())


def _check_values(layer: keras.layers.Layer, inputs: Any, expected: Any) -> None:
    expected = np.array(expected, "float32")
    answer = layer(inputs)
    np.testing.assert_allclose(answer, expected, rtol=1e-6, atol=1e-6)
    listed = isinstance(inputs, list)
    shape = [array.shape for array in inputs] if listed else inputs.shape
    assert tuple(layer.compute_output_shape(shape)) == expected.shape


def _check_model(layer: keras.layers.Layer, inputs: Any, expected: Any) -> None:
    model = in_model(layer, inputs)
    expected = np.array(expected, "float32")
    if layer.compute_output_shape(_open(inputs))[0] is not None:
        expected = expected.transpose(1, 0, 2)
    answer = model.predict(inputs, verbose=0)
    np.testing.assert_allclose(answer, expected, rtol=1e-6, atol=1e-6)


def _check_configuration(layer: keras.layers.Layer) -> None:
    written = json.loads(json.dumps(keras.saving.serialize_keras_object(layer)))
    again = keras.saving.deserialize_keras_object(written)
    assert type(again) is type(layer)
    assert again.get_config() == layer.get_config()
    assert written["registered_name"] == f"nfm>{type(layer).__name__}"


def _arrays(inputs: Any) -> Any:
    if isinstance(inputs, list) and any(isinstance(part, np.ndarray) for part in inputs):
        return inputs
    return inputs if isinstance(inputs, np.ndarray) else np.array(inputs, "float32")


def _open(inputs: Any) -> Any:
    if isinstance(inputs, list):
        return [(None, *array.shape[1:]) for array in inputs]
    return (None, *inputs.shape[1:])


def _set(layer: keras.layers.Layer, weights: Mapping[str, Any]) -> None:
    for name, value in weights.items():
        getattr(layer, name).assign(np.array(value, "float32"))
