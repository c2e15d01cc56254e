"""From the fields' rows to what the network makes of them, and the way back, by hand."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from nfm.model.packed_tables import PackedColumns


class Fields:
    """The pooled pairs and the linear term of a batch.

    With S = Σ_f e_f the pool is ½(S² − Σ_f e_f²), and its gradient with respect to e_f is
    S − e_f; a constant field of ones adds S to the pool and 1 to the gradient. So the
    gradient of a packed row is a − b ⊙ row, where a and b, (batch, width), are the same for
    every field: two passes over the large arrays and no tape.

    Args:
        rows: Packed rows (fields, batch, width), of the levels and of the ramps; may be empty.
        columns: What the columns are.

    Attributes:
        pooled: Float (batch, k); None if the network has no pairs.
        linear: Float (batch, C), or (batch, 1) for the article's shared term; None if there
            are no rows.
    """

    def __init__(self, rows: list[Any], columns: PackedColumns) -> None:
        self._rows = rows
        self._columns = columns
        self.pooled: Any = None
        self.linear: Any = None
        if not rows:
            return
        sums = _sum_over_fields(rows)
        self._vector_sums = sums[:, : columns.dim]
        if columns.is_pooled:
            squares = _sum_over_fields([tf.square(part) for part in rows])
            self.pooled = 0.5 * (tf.square(self._vector_sums) - squares[:, : columns.dim])
            if columns.has_constant_field:
                self.pooled = self.pooled + self._vector_sums
        if columns.outputs:
            self.linear = sums[:, columns.dim :]
        else:
            self.linear = tf.reduce_sum(sums, axis=1, keepdims=True)

    @property
    def outputs(self) -> list[Any]:
        """Those of `pooled` and `linear` that there are."""
        return [output for output in (self.pooled, self.linear) if output is not None]

    def gradients(self, outputs_gradients: list[Any]) -> list[Any]:
        """Return the loss's gradients with respect to the rows.

        Args:
            outputs_gradients: With respect to `outputs`.

        Returns:
            A tensor of each part's shape.
        """
        if not self._rows:
            return []
        columns = self._columns
        linear = outputs_gradients[-1]
        if not columns.is_pooled:
            constant = linear if columns.outputs else tf.repeat(linear, columns.dim, axis=1)
            return [tf.broadcast_to(constant, tf.shape(part)) for part in self._rows]
        pooled = outputs_gradients[0]
        others = self._vector_sums + 1.0 if columns.has_constant_field else self._vector_sums
        constant, factor = pooled * others, pooled
        if columns.outputs:
            constant = tf.concat([constant, linear], axis=1)
            factor = tf.pad(factor, ((0, 0), (0, columns.outputs)))
        else:
            constant = constant + linear
        return [constant - factor * part for part in self._rows]


def _sum_over_fields(parts: list[Any]) -> Any:
    """Add up tensors (fields, batch, width) to (batch, width)."""
    sums = [tf.reduce_sum(part, axis=0) for part in parts]
    return sums[0] if len(sums) == 1 else sums[0] + sums[1]
