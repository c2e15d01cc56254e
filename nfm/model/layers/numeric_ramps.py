"""A number becomes several features: the ramps of its quantile bins, and its absence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np


@keras.saving.register_keras_serializable(package="nfm")
class NumericRamps(keras.layers.Layer):
    """Spreads every number u over the features p_t(u) = clip(u − t, 0, 1), t = 0..bins − 1.

    A field that has an id for a missing number gets one more feature, last: 1 where u is
    NaN, else 0. The other features of a NaN are 0.

    Args:
        bin_counts: Number of ramps of each field.
        has_missing: Whether each field has an id for a missing number.
        clip: Without it a field has the number itself as its feature, x for the paper's
            x·v, and `bin_counts` must be ones.

    Reference:
        Gorishniy et al. 2022, "On Embeddings for Numerical Features in Tabular Deep
        Learning", section 3.2.
    """

    def __init__(
        self,
        bin_counts: Sequence[int],
        has_missing: Sequence[bool],
        clip: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not bin_counts or min(bin_counts) < 1 or len(bin_counts) != len(has_missing):
            raise ValueError(
                "NumericRamps needs one field or more, each with at least one ramp, and for "
                "each whether it has an id for missing. Received: "
                f"bin_counts={list(bin_counts)}, has_missing={list(has_missing)}"
            )
        if not clip and max(bin_counts) > 1:
            raise ValueError(
                f"Without clip every field has one feature. Received: bin_counts={list(bin_counts)}"
            )
        self.bin_counts = tuple(int(count) for count in bin_counts)
        self.has_missing = tuple(bool(missing) for missing in has_missing)
        self.clip = clip
        self.width = max(
            bins + missing for bins, missing in zip(self.bin_counts, self.has_missing, strict=True)
        )
        slots = np.arange(self.width)
        bins = np.array(self.bin_counts)[:, None]
        self._starts = slots.astype("float32")
        self._is_ramp = (slots < bins).astype("float32")
        self._if_missing = ((slots == bins) & np.array(self.has_missing)[:, None]).astype("float32")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Check that the input is (batch, fields).

        Raises:
            ValueError: If it has another shape.
        """
        if len(input_shape) != 2 or input_shape[1] != len(self.bin_counts):
            raise ValueError(
                f"NumericRamps expects values of shape (batch, {len(self.bin_counts)}). "
                f"Received: input_shape={tuple(input_shape)}"
            )

    def call(self, values: Any) -> Any:
        """Spread the numbers.

        Args:
            values: Float (batch, fields), NaN where missing.

        Returns:
            Float (batch, fields, width), where width is the largest number of features
            that a field has; what lies beyond a field's own features is 0.
        """
        column = keras.ops.expand_dims(values, -1)
        if self.clip:
            ramps = keras.ops.minimum(keras.ops.relu(column - self._starts), self._is_ramp)
        else:
            ramps = column * self._is_ramp
        return keras.ops.where(keras.ops.isnan(column), self._if_missing, ramps)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return (batch, fields, width)."""
        return (*input_shape, self.width)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "bin_counts": list(self.bin_counts),
            "has_missing": list(self.has_missing),
            "clip": self.clip,
        }
