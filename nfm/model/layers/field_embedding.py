"""One embedding table for the levels of all categorical fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from nfm.model.layers.initializers import l2_regularizer, normal_initializer


@keras.saving.register_keras_serializable(package="nfm")
class FieldEmbedding(keras.layers.Layer):
    """Looks up the codes of all fields in one table, in which each field has its own rows.

    All fields need a single gather. A code that its field doesn't have counts as code 0,
    "(other)".

    Args:
        level_counts: Sequence of ints, number of codes of each field.
        dim: Int, length of the vectors.
        init_std: Float, standard deviation of the initial table; 0 for zeros. Defaults to 0.01.
        l2: Float, L2 penalty on the table. Defaults to 0.
        seed: Int, seed of the initial table. None (default) for a random one.

    Example:
        >>> import keras
        >>> from nfm.model import FieldEmbedding
        >>> codes = keras.ops.array([[0, 1], [2, 0]])  # 2 rows, 2 fields
        >>> tuple(FieldEmbedding([3, 2], dim=4, seed=1)(codes).shape)
        (2, 2, 4)
    """

    def __init__(
        self,
        level_counts: Sequence[int],
        dim: int,
        init_std: float = 0.01,
        l2: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not level_counts or min(level_counts) < 1 or dim < 1:
            raise ValueError(
                "FieldEmbedding needs one field or more, each with at least one level, and a "
                f"positive dim. Received: level_counts={list(level_counts)}, dim={dim}"
            )
        self.level_counts = tuple(int(count) for count in level_counts)
        self.dim = int(dim)
        self.init_std = init_std
        self.l2 = l2
        self.seed = seed
        self._offsets = np.cumsum((0, *self.level_counts))[:-1].astype("int32")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the table, (sum of level_counts, dim).

        Raises:
            ValueError: If the input is not (batch, fields).
        """
        if len(input_shape) != 2 or input_shape[1] != len(self.level_counts):
            raise ValueError(
                f"FieldEmbedding expects codes of shape (batch, {len(self.level_counts)}). "
                f"Received: input_shape={tuple(input_shape)}"
            )
        self.table = self.add_weight(
            name="table",
            shape=(sum(self.level_counts), self.dim),
            initializer=normal_initializer(self.init_std, self.seed),
            regularizer=l2_regularizer(self.l2),
        )

    def call(self, codes: Any) -> Any:
        """Look up the codes.

        Args:
            codes: Integer tensor (batch, fields).

        Returns:
            Float (batch, fields, dim).
        """
        codes = keras.ops.cast(codes, "int32")
        known = keras.ops.logical_and(codes >= 0, codes < np.array(self.level_counts, "int32"))
        rows = keras.ops.where(known, codes, 0) + self._offsets
        return keras.ops.take(self.table, rows, axis=0)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return (batch, fields, dim)."""
        return (*input_shape, self.dim)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "level_counts": list(self.level_counts),
            "dim": self.dim,
            "init_std": self.init_std,
            "l2": self.l2,
            "seed": self.seed,
        }
