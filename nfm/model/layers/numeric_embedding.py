"""Embeddings of numeric fields: their features times the rows of one table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from nfm.model.layers.initializers import l2_regularizer, normal_initializer


@keras.saving.register_keras_serializable(package="nfm")
class NumericEmbedding(keras.layers.Layer):
    """Multiplies the features p_t of every field by its rows v_t: e = Σ_t p_t v_t.

    Its input comes from `NumericRamps`. One table holds the rows of all fields.

    Args:
        ramp_counts: Sequence of ints, number of features of each field, including the one for
            missing numbers.
        dim: Int, length of the vectors.
        sum_fields: Bool, whether to return the sum of the fields' vectors, for a linear term.
            Defaults to False.
        init_std: Float, standard deviation of the initial table; 0 for zeros. Defaults to 0.01.
        l2: Float, L2 penalty on the table. Defaults to 0.
        seed: Int, seed of the initial table. None (default) for a random one.

    Example:
        >>> import keras
        >>> from nfm.model import NumericEmbedding
        >>> features = keras.ops.ones((2, 5, 4))  # 2 fields, 5 rows, 4 features per field
        >>> tuple(NumericEmbedding([4, 4], dim=3, seed=1)(features).shape)
        (2, 5, 3)
    """

    def __init__(
        self,
        ramp_counts: Sequence[int],
        dim: int,
        sum_fields: bool = False,
        init_std: float = 0.01,
        l2: float = 0.0,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not ramp_counts or min(ramp_counts) < 1 or dim < 1:
            raise ValueError(
                "NumericEmbedding needs one field or more, each with at least one feature, and "
                f"a positive dim. Received: ramp_counts={list(ramp_counts)}, dim={dim}"
            )
        self.ramp_counts = tuple(int(count) for count in ramp_counts)
        self.dim = int(dim)
        self.sum_fields = sum_fields
        self.init_std = init_std
        self.l2 = l2
        self.seed = seed
        counts = np.array(self.ramp_counts)[:, None]
        slots = np.arange(max(self.ramp_counts))
        starts = np.cumsum((0, *self.ramp_counts))[:-1, None]
        # Beyond a field's own rows, any row is correct: the features there are 0.
        self._rows = np.where(slots < counts, starts + slots, 0).astype("int32")

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create the table, (sum of ramp_counts, dim).

        Raises:
            ValueError: If the input is not (fields, batch, largest of ramp_counts).
        """
        if len(input_shape) != 3 or (input_shape[0], input_shape[2]) != self._rows.shape:
            raise ValueError(
                "NumericEmbedding expects features of shape "
                f"({self._rows.shape[0]}, batch, {self._rows.shape[1]}). "
                f"Received: input_shape={tuple(input_shape)}"
            )
        self.table = self.add_weight(
            name="table",
            shape=(sum(self.ramp_counts), self.dim),
            initializer=normal_initializer(self.init_std, self.seed),
            regularizer=l2_regularizer(self.l2),
        )

    def call(self, features: Any) -> Any:
        """Multiply the features by the table.

        Args:
            features: Float (fields, batch, width) from `NumericRamps`.

        Returns:
            Float (fields, batch, dim), or (batch, dim) with `sum_fields`.
        """
        if min(self.ramp_counts) == max(self.ramp_counts):
            table = keras.ops.reshape(self.table, (*self._rows.shape, self.dim))
        else:
            table = keras.ops.take(self.table, self._rows, axis=0)
        vectors = keras.ops.matmul(features, table)
        return keras.ops.sum(vectors, axis=0) if self.sum_fields else vectors

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Return (fields, batch, dim), or (batch, dim) with `sum_fields`."""
        fields, batch, _ = input_shape
        return (batch, self.dim) if self.sum_fields else (fields, batch, self.dim)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {
            **super().get_config(),
            "ramp_counts": list(self.ramp_counts),
            "dim": self.dim,
            "sum_fields": self.sum_fields,
            "init_std": self.init_std,
            "l2": self.l2,
            "seed": self.seed,
        }
