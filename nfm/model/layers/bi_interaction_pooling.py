"""The layer that gives the model its name: pairs of fields, pooled into one vector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras


@keras.saving.register_keras_serializable(package="nfm")
class BiInteractionPooling(keras.layers.Layer):
    """Sums the element-wise products of all pairs of field vectors.

    Computed as half of the square of the sum less the sum of the squares, in time that
    grows with the number of fields, not of pairs. The pool of a single field is zero, unless
    a field of ones is pooled too: it adds the sum of the vectors.

    Args:
        keepdims: Keep the pooled axis with length 1, as the article's layer does.
        axes: Where the input has its fields: 1 for (batch, fields, k), 0 for
            (fields, batch, k). A sequence for a list of inputs, whose fields are pooled
            together.
        constant_field: Pool one more field, whose vector is all ones.

    Example:
        >>> fields = keras.ops.array([[[3.0, 0, 1, 0], [1, 2, 3, 4], [4, 5, 6, 1]]])
        >>> BiInteractionPooling()(fields).numpy().tolist()
        [[[19.0, 10.0, 27.0, 4.0]]]

    Reference:
        He and Chua 2017, "Neural Factorization Machines for Sparse Predictive Analytics",
        equations 3 and 4.
    """

    def __init__(
        self,
        keepdims: bool = True,
        axes: int | Sequence[int] = 1,
        constant_field: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.keepdims = keepdims
        self.constant_field = constant_field
        self.axes = axes if isinstance(axes, int) else tuple(axes)
        if not set(self._listed(self.axes)) <= {0, 1}:
            raise ValueError(
                f"The axes of BiInteractionPooling must be 0 or 1. Received: axes={axes}"
            )

    def build(self, input_shape: Any) -> None:
        """Check that every input has three axes.

        Raises:
            ValueError: If one has another number, or the number of inputs is wrong.
        """
        self._batch_and_size(input_shape)

    def call(self, inputs: Any) -> Any:
        """Pool the fields.

        Args:
            inputs: Float (batch, fields, k), or a list of such; see `axes`.

        Returns:
            Float (batch, 1, k), or (batch, k) without `keepdims`.
        """
        sums, squares = [], []
        for vectors, axis in zip(self._listed(inputs), self._listed(self.axes), strict=True):
            sums.append(keras.ops.sum(vectors, axis=axis))
            squares.append(keras.ops.sum(keras.ops.square(vectors), axis=axis))
        total = sum(sums[1:], sums[0])
        pooled = 0.5 * (keras.ops.square(total) - sum(squares[1:], squares[0]))
        if self.constant_field:
            pooled = pooled + total
        return keras.ops.expand_dims(pooled, 1) if self.keepdims else pooled

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """Return (batch, 1, k), or (batch, k) without `keepdims`."""
        batch, size = self._batch_and_size(input_shape)
        return (batch, 1, size) if self.keepdims else (batch, size)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "keepdims": self.keepdims,
            "axes": self.axes,
            "constant_field": self.constant_field,
        }

    def _listed(self, inputs: Any) -> Sequence[Any]:
        """Return what belongs to the inputs as a list, also for a single one."""
        return [inputs] if isinstance(self.axes, int) else inputs

    def _batch_and_size(self, input_shape: Any) -> tuple[int | None, int]:
        shapes, axes = self._listed(input_shape), self._listed(self.axes)
        if len(shapes) != len(axes) or any(
            not isinstance(shape, tuple | list) or len(shape) != 3 for shape in shapes
        ):
            raise ValueError(
                f"BiInteractionPooling expects {len(axes)} input(s) with three axes: "
                f"batch, fields and k. Received: input_shape={input_shape}"
            )
        return shapes[0][1 - axes[0]], shapes[0][2]
