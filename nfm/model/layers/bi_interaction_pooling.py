"""Bi-interaction pooling: all pairs of field vectors, pooled into one vector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras


@keras.saving.register_keras_serializable(package="nfm")
class BiInteractionPooling(keras.layers.Layer):
    """Sums the element-wise products of all pairs of field vectors.

    It computes ½[(Σ e)² − Σ e²], in time proportional to the number of fields, not of pairs. The
    result of a single field is zero, unless a constant field of ones is pooled too, which adds
    the sum of the vectors.

    Args:
        keepdims: Bool, whether to keep the pooled axis with length 1, as in the article.
            Defaults to True.
        axes: Int, the axis of the fields: 1 for inputs (batch, fields, k), 0 for
            (fields, batch, k). A sequence of them for a list of inputs, whose fields are
            pooled together. Defaults to 1.
        constant_field: Bool, whether to pool one more field, whose vector is all ones.
            Defaults to False.

    Example:
        >>> import keras
        >>> from nfm.model import BiInteractionPooling
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
            ValueError: If an input has another number of axes, or the number of inputs is wrong.
        """
        self._batch_and_size(input_shape)

    def call(self, inputs: Any) -> Any:
        """Pool the fields.

        Args:
            inputs: Float (batch, fields, k), or a list of such tensors; see `axes`.

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
        """Return a list also for a single input."""
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
