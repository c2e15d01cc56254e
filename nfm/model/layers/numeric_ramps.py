"""Features of a number: the ramps of its quantile bins, and whether it is missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np


@keras.saving.register_keras_serializable(package="nfm")
class NumericRamps(keras.layers.Layer):
    """Computes the features p_t(u) = clip(u − t, 0, 1), t = 0..bins − 1, of every number u.

    A field that has an id for missing numbers has one more feature, the last: 1 if u is NaN,
    else 0. The other features of a NaN are 0. The axis of the fields is the first, so that the
    product with the fields' tables needs no transposition of large arrays.

    Args:
        bin_counts: Sequence of ints, number of ramps of each field.
        has_missing: Sequence of bools, whether each field has an id for missing numbers.
        clip: Bool. If False, the only feature of a field is the number itself (for the paper's
            x·v), and every bin count must be 1. Defaults to True.

    Example:
        >>> import keras
        >>> from nfm.model import NumericRamps
        >>> values = keras.ops.array([[1.25], [float("nan")]])
        >>> NumericRamps([3], has_missing=[True])(values).numpy().tolist()
        [[[1.0, 0.25, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]]]

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
        self._has_missing = np.array(self.has_missing, "float32")
        self._slopes_and_starts = self._lines()

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
        """Compute the features.

        Args:
            values: Float (batch, fields), NaN where missing.

        Returns:
            Float (fields, batch, width), where width is the largest number of features of a
            field; entries beyond a field's own features are 0.
        """
        missing = keras.ops.isnan(values)
        if not self.clip:
            features = [keras.ops.where(missing, 0.0, values)]
            if self.width > 1:
                features.append(keras.ops.cast(missing, values.dtype) * self._has_missing)
            return keras.ops.stack([keras.ops.transpose(part) for part in features], axis=-1)
        # Every feature is a linear function of u, clipped to 0..1. A missing u is set to -1, where
        # all ramps are 0, and the feature for missing numbers, which falls with u, is 1.
        position = keras.ops.transpose(keras.ops.where(missing, -1.0, keras.ops.relu(values)))
        point = keras.ops.stack([position, keras.ops.ones_like(position)], axis=-1)
        lines = keras.ops.matmul(point, self._slopes_and_starts)
        return keras.ops.minimum(keras.ops.relu(lines), 1.0)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return (fields, batch, width)."""
        batch, fields = input_shape
        return (fields, batch, self.width)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "bin_counts": list(self.bin_counts),
            "has_missing": list(self.has_missing),
            "clip": self.clip,
        }

    def _lines(self) -> np.ndarray:
        """Return slope and value at u = 0 of every feature, float32 (fields, 2, width)."""
        slots = np.arange(self.width)
        bins = np.array(self.bin_counts)[:, None]
        is_missing = (slots == bins) & np.array(self.has_missing)[:, None]
        slopes = np.where(slots < bins, 1, np.where(is_missing, -1, 0))
        heights = np.where(slots < bins, -slots, np.where(is_missing, 0, -1))
        return np.stack([slopes, heights], axis=1).astype("float32")
