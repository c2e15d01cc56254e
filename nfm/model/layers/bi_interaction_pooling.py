"""The layer that gives the model its name: pairs of fields, pooled into one vector."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="nfm")
class BiInteractionPooling(keras.layers.Layer):
    """Sums the element-wise products of all pairs of field vectors.

    Computed as half of the square of the sum less the sum of the squares, in time that
    grows with the number of fields, not of pairs. The pool of a single field is zero.

    Args:
        keepdims: Keep the pooled axis with length 1, as the article's layer does.

    Example:
        >>> fields = [[[3.0, 0, 1, 0], [1, 2, 3, 4], [4, 5, 6, 1]]]
        >>> keras.ops.convert_to_numpy(BiInteractionPooling()(fields)).tolist()
        [[[19.0, 10.0, 27.0, 4.0]]]

    Reference:
        He and Chua 2017, "Neural Factorization Machines for Sparse Predictive Analytics",
        equations 3 and 4.
    """

    def __init__(self, keepdims: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.keepdims = keepdims

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Check that the input is (batch, fields, k).

        Raises:
            ValueError: If the input has another number of axes.
        """
        if len(input_shape) != 3:
            raise ValueError(
                "BiInteractionPooling expects an input of shape (batch, fields, k). "
                f"Received: input_shape={tuple(input_shape)}"
            )

    def call(self, inputs: Any) -> Any:
        """Pool the fields.

        Args:
            inputs: Float (batch, fields, k).

        Returns:
            Float (batch, 1, k), or (batch, k) without `keepdims`.
        """
        square_of_sum = keras.ops.square(keras.ops.sum(inputs, axis=1, keepdims=self.keepdims))
        sum_of_squares = keras.ops.sum(keras.ops.square(inputs), axis=1, keepdims=self.keepdims)
        return 0.5 * (square_of_sum - sum_of_squares)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return (batch, 1, k), or (batch, k) without `keepdims`."""
        batch, _, size = input_shape
        return (batch, 1, size) if self.keepdims else (batch, size)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {**super().get_config(), "keepdims": self.keepdims}
