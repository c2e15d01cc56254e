"""Missing numbers as zeros."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="nfm")
class MissingToZero(keras.layers.Layer):
    """Replaces NaN by zero, the mean of a standardised column, as the article does.

    Example:
        >>> import keras
        >>> from nfm.model import MissingToZero
        >>> MissingToZero()(keras.ops.array([[1.5, float("nan")]])).numpy().tolist()
        [[1.5, 0.0]]
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Do nothing: the layer has no weights."""

    def call(self, inputs: Any) -> Any:
        """Return the input, float of any shape, with zero in place of NaN."""
        return keras.ops.where(keras.ops.isnan(inputs), 0.0, inputs)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return the input's shape."""
        return input_shape
