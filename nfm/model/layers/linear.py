"""The linear term of the model."""

from __future__ import annotations

import math
from typing import Any

import keras

from nfm.model.layers.initializers import l2_regularizer

_SPARSE, _DENSE, _BOTH = 0, 1, 2


@keras.saving.register_keras_serializable(package="nfm")
class Linear(keras.layers.Layer):
    """Adds the terms of sparse features and the weighted values of dense features.

    Args:
        mode: Int, the kind of input. 0 for sparse terms, already looked up in a table; 1 for
            dense values; 2 (default) for a pair of both.
        l2: Float, L2 penalty on the kernel of the dense values. Defaults to 0.
        use_bias: Bool, whether to add one bias, which is initially zero. Defaults to True.
        units: Int, number of outputs. With one (default), sparse terms are summed over all axes
            except that of the batch. With more, they are summed over axis 1: (batch, terms,
            units) gives one sum per output, (batch, terms) the same sum for every output.

    Example:
        >>> import keras
        >>> from nfm.model import Linear
        >>> terms = keras.ops.array([[1.0, 2.0], [3.0, 4.0]])
        >>> values = keras.ops.array([[5.0], [6.0]])  # their kernel starts at zero
        >>> Linear(mode=2)([terms, values]).numpy().tolist()
        [[3.0], [7.0]]

    Reference:
        The w₀ + Σᵢ wᵢ xᵢ of He and Chua 2017, equation 2.
    """

    def __init__(
        self,
        mode: int = _BOTH,
        l2: float = 0.0,
        use_bias: bool = True,
        units: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if mode not in (_SPARSE, _DENSE, _BOTH):
            raise ValueError(
                "The mode of Linear must be 0 (sparse), 1 (dense) or 2 (both). "
                f"Received: mode={mode!r}"
            )
        if units < 1:
            raise ValueError(f"Linear needs one unit or more. Received: units={units}")
        self.mode = mode
        self.l2 = l2
        self.use_bias = use_bias
        self.units = units
        self.kernel: Any = None
        self.bias: Any = None

    def build(self, input_shape: Any) -> None:
        """Create the kernel of the dense values, (values, units), and the bias, (1,).

        Raises:
            ValueError: If the input's shape does not suit the mode and the units.
        """
        sparse, dense = self._parts(input_shape)
        if sparse is not None and (
            len(sparse) < 2 or (self.units > 1 and len(sparse) > 2 and sparse[2:] != (self.units,))
        ):
            raise ValueError(
                "Linear expects sparse terms of shape (batch, terms) or "
                f"(batch, terms, {self.units}). Received: {sparse}"
            )
        if dense is not None:
            if len(dense) != 2:
                raise ValueError(
                    f"Linear expects dense values of shape (batch, values). Received: {dense}"
                )
            self.kernel = self.add_weight(
                name="linear_kernel",
                shape=(dense[1], self.units),
                initializer="zeros",
                regularizer=l2_regularizer(self.l2),
            )
        if self.use_bias:
            self.bias = self.add_weight(name="linear_bias", shape=(1,), initializer="zeros")

    def call(self, inputs: Any) -> Any:
        """Add up all terms.

        Args:
            inputs: Sparse terms, float (batch, terms) or (batch, terms, units); dense values,
                float (batch, values); or a pair of both.

        Returns:
            Float (batch, units), or (batch, 1) if all outputs are the same.
        """
        total = None
        if self.mode != _DENSE:
            terms = inputs[0] if self.mode == _BOTH else inputs
            if self.units == 1 and len(terms.shape) > 2:
                terms = keras.ops.reshape(terms, (-1, math.prod(terms.shape[1:])))
            total = keras.ops.sum(terms, axis=1, keepdims=len(terms.shape) == 2)
        if self.mode != _SPARSE:
            values = inputs[1] if self.mode == _BOTH else inputs
            weighed = keras.ops.matmul(values, self.kernel)
            total = weighed if total is None else total + weighed
        return total + self.bias if self.use_bias else total

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """Return (batch, units), or (batch, 1) if all outputs are the same."""
        sparse, dense = self._parts(input_shape)
        if dense is not None:
            return (dense[0], self.units)
        return (sparse[0], self.units if len(sparse) > 2 else 1)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "mode": self.mode,
            "l2": self.l2,
            "use_bias": self.use_bias,
            "units": self.units,
        }

    def _parts(self, input_shape: Any) -> tuple[Any, Any]:
        """Return the shapes of the sparse and the dense input, None for a missing one."""
        is_pair = len(input_shape) == 2 and all(isinstance(s, tuple | list) for s in input_shape)
        if is_pair != (self.mode == _BOTH):
            raise ValueError(
                f"Linear in mode {self.mode} expects "
                f"{'a pair (sparse, dense)' if self.mode == _BOTH else 'one tensor'}. "
                f"Received shapes: {input_shape}"
            )
        if self.mode == _BOTH:
            return tuple(input_shape[0]), tuple(input_shape[1])
        return (tuple(input_shape), None) if self.mode == _SPARSE else (None, tuple(input_shape))
