"""The tables of vectors as training holds them: packed, and differentiated by hand.

A level's vector v (k,) and its linear weights w (C,) lie side by side in one row, so that
one gather, one segment sum and one update serve both. Fields come first, so that sums over
the fields run over contiguous memory and a field's rows are gathered together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from nfm.model.layers.initializers import derived_seed, normal_start
from nfm.model.network import Network
from nfm.model.network_parts import network_parts
from nfm.model.optimizers import Optimizer, OptimizerStep, gather_rows, scatter_rows
from nfm.settings import Settings
from nfm.tabular.encoded_table import EncodedShape


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


# A whole table is updated in one kernel, some rows in a dozen operations that each cost
# about as much as this many entries of a table (measured on two cores).
_ENTRIES_WORTH_OF_OPERATIONS = 60_000
_ROWS_PER_LOOK_UP = 2.0
# A table of gigabytes is started and read in pieces of 16 MiB.
_ENTRIES_PER_PIECE = 2**22

Distinct = tuple[Any, ...]
"""The rows that a batch touches, each once, int32 (touched,), and for every look-up its place
among them, int32 (fields · batch,); empty for a table that is updated as a whole."""


@dataclass(frozen=True)
class PackedColumns:
    """What the columns of a packed table are.

    Attributes:
        dim: Length k of the vectors, 0 without vectors.
        outputs: Number C of linear weights, 0 without.
        l2_embedding: Penalty on the vectors.
        l2_linear: Penalty on the linear weights.
        is_pooled: Whether the network pools the pairs of vectors.
        has_constant_field: Whether it pools a field of ones with them.
    """

    dim: int
    outputs: int
    l2_embedding: float
    l2_linear: float
    is_pooled: bool
    has_constant_field: bool = False

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.dim + self.outputs

    @property
    def decay(self) -> Any | None:
        """The factor of a weight in its penalty's gradient, (width,) or scalar; None for 0."""
        penalties = np.array([2 * self.l2_embedding, 2 * self.l2_linear], np.float32)
        factors = np.repeat(penalties, (self.dim, self.outputs))
        if not factors.any():
            return None
        return factors[0] if (factors == factors[0]).all() else factors

    def start(self, rows: int, init_std: float, seed: int) -> Any:
        """Return the weights before training, as `build_network` starts them."""
        parts = []
        if self.dim:
            parts.append(normal_start(init_std, seed)((rows, self.dim)))
        if self.outputs:
            parts.append(tf.zeros((rows, self.outputs)))
        return parts[0] if len(parts) == 1 else tf.concat(parts, axis=1)

    def join(self, vectors: np.ndarray | None, weights: np.ndarray | None) -> np.ndarray:
        """Pack what `split` returned."""
        parts = [part for part in (vectors, weights) if part is not None]
        return np.concatenate(parts, axis=1)

    def split(
        self, parts: Iterable[np.ndarray], rows: int
    ) -> tuple[np.ndarray | None, np.ndarray | None]:
        """Return copies of the vectors and of the linear weights, None for one not there.

        Args:
            parts: A packed table's rows, one piece after another.
            rows: Of all pieces together.
        """
        vectors, weights = (
            np.empty((rows, columns), np.float32) for columns in (self.dim, self.outputs)
        )
        begin = 0
        for part in parts:
            end = begin + len(part)
            vectors[begin:end], weights[begin:end] = part[:, : self.dim], part[:, self.dim :]
            begin = end
        return (vectors if self.dim else None), (weights if self.outputs else None)


@dataclass(frozen=True)
class LookUp:
    """The rows of one batch.

    Attributes:
        rows: Float (fields, batch, width).
        train: Updates the table: takes the gradient of `rows` and the step.
    """

    rows: Any
    train: Callable[[Any, OptimizerStep], None]


class PackedLevels:
    """The rows of all levels of all categorical fields.

    A small table is updated as a whole at every step; of a large one only the rows that
    the batch has touched. The penalty falls on the same rows: on the whole table at every
    step as in Keras, or on the batch's rows.

    Attributes:
        variable: Float (sum of level_counts, width).
        by_rows: Whether only touched rows are updated.
    """

    def __init__(
        self,
        layout: EncodedShape,
        columns: PackedColumns,
        settings: Settings,
        optimizer: Optimizer,
        batch_size: int,
    ) -> None:
        self.columns = columns
        rows = sum(layout.level_counts)
        look_ups = batch_size * len(layout.categorical)
        self.variable = self._started(rows, settings)
        self.by_rows = updates_by_rows(rows, columns.width, look_ups)
        if self.by_rows:
            self._update_rows = optimizer.rows(self.variable, columns.dim)
        else:
            self._update_whole = optimizer.whole(self.variable)

    def distinct(self, ids: Any) -> Distinct:
        """Find the rows that a batch touches, which does not depend on any weight.

        Args:
            ids: Int32 (fields, batch), each the row of a level.
        """
        if not self.by_rows:
            return ()
        found = tf.raw_ops.Unique(x=tf.reshape(ids, (-1,)))
        return found.y, found.idx

    def look_up(self, ids: Any, distinct: Distinct) -> LookUp:
        """Gather the rows of a batch.

        Args:
            ids: Int32 (fields, batch), each the row of a level.
            distinct: What `distinct` found for them.

        Returns:
            The rows, and what trains them.
        """
        if not self.by_rows:
            return LookUp(gather_rows(self.variable, ids), self._train_whole(ids))
        touched, places = distinct
        weights = gather_rows(self.variable, touched)
        rows = tf.gather(weights, tf.reshape(places, tf.shape(ids)))
        return LookUp(rows, self._train_rows(touched, places, weights))

    def rows(self, ids: Any) -> Any:
        """Gather the rows of a batch that is not trained on."""
        return gather_rows(self.variable, ids)

    def weights(self, packed: np.ndarray | None = None) -> dict[str, np.ndarray]:
        """Return the exported arrays.

        Args:
            packed: A packed table; None for this one as it is now. It is read in pieces,
                as TensorFlow would copy a table that is updated by rows.
        """
        rows = self.variable.shape[0]
        parts: Iterable[np.ndarray] = [packed] if packed is not None else self._parts()
        return _named(("embedding", "linear"), self.columns.split(parts, rows))

    def load(self, weights: Mapping[str, np.ndarray]) -> None:
        """Go on from the exported arrays."""
        self.variable.assign(self.columns.join(weights.get("embedding"), weights.get("linear")))

    def _started(self, rows: int, settings: Settings) -> tf.Variable:
        """Make the table; a large one in pieces, as normal numbers take thrice their memory."""
        seed = derived_seed(settings.random_state, "embedding")
        pieces = _pieces(rows, self.columns.width)
        if len(pieces) == 1:
            return tf.Variable(self.columns.start(rows, settings.init_std, seed))
        table = tf.Variable(tf.zeros((rows, self.columns.width)))
        for number, piece in enumerate(pieces):
            seed_of_piece = derived_seed(seed, f"piece {number}")
            start = self.columns.start(len(piece), settings.init_std, seed_of_piece)
            scatter_rows(table, tf.range(piece.start, piece.stop), start)
        return table

    def _parts(self) -> Iterator[np.ndarray]:
        for piece in _pieces(*self.variable.shape):
            yield gather_rows(self.variable, tf.range(piece.start, piece.stop)).numpy()

    def _train_whole(self, ids: Any) -> Callable[[Any, OptimizerStep], None]:
        def train(gradient: Any, step: OptimizerStep) -> None:
            summed = tf.math.unsorted_segment_sum(gradient, ids, self.variable.shape[0])
            summed = with_decay(summed, self.variable, self.columns.decay)
            self._update_whole(summed, step)

        return train

    def _train_rows(
        self, touched: Any, index: Any, weights: Any
    ) -> Callable[[Any, OptimizerStep], None]:
        def train(gradient: Any, step: OptimizerStep) -> None:
            flat = tf.reshape(gradient, (-1, self.columns.width))
            summed = tf.math.unsorted_segment_sum(flat, index, tf.size(touched))
            summed = with_decay(summed, weights, self.columns.decay)
            self._update_rows(touched, weights, summed, step)

        return train


class RampTable:
    """The rows of all features of all numeric fields, the same number for every field.

    Rows beyond a field's own meet only features that are zero; they start at zero and stay.

    Attributes:
        variable: Float (fields · largest of ramp_counts, width).
    """

    def __init__(
        self, network: Network, columns: PackedColumns, settings: Settings, optimizer: Optimizer
    ) -> None:
        layout = network.layout
        self.columns = columns
        self._ramps = network.ramps
        counts = np.array(layout.ramp_counts)
        self._shape = (len(counts), int(counts.max()), columns.width)
        self._own = np.flatnonzero(np.arange(self._shape[1]) < counts[:, None])
        seed = derived_seed(settings.random_state, "numeric embedding")
        start = np.zeros((self._shape[0] * self._shape[1], columns.width), np.float32)
        start[self._own] = columns.start(int(counts.sum()), settings.init_std, seed)
        self.variable = tf.Variable(start)
        self._update = optimizer.whole(self.variable)

    def look_up(self, values: Any) -> LookUp:
        """Weigh the features of a batch.

        Args:
            values: Float (batch, fields), NaN where missing.

        Returns:
            The sums over each field's features, and what trains the table.
        """
        features = self._ramps(values)

        def train(gradient: Any, step: OptimizerStep) -> None:
            summed = tf.matmul(features, gradient, transpose_a=True)
            summed = tf.reshape(summed, self.variable.shape)
            self._update(with_decay(summed, self.variable, self.columns.decay), step)

        return LookUp(tf.matmul(features, tf.reshape(self.variable, self._shape)), train)

    def rows(self, values: Any) -> Any:
        """Weigh the features of a batch that is not trained on."""
        return self.look_up(values).rows

    def weights(self, packed: np.ndarray) -> dict[str, np.ndarray]:
        """Return the exported arrays of a packed table."""
        own = packed[self._own]
        return _named(("numeric_embedding", "numeric_linear"), self.columns.split([own], len(own)))

    def load(self, weights: Mapping[str, np.ndarray]) -> None:
        """Go on from the exported arrays."""
        packed = np.zeros(self.variable.shape, np.float32)
        packed[self._own] = self.columns.join(
            weights.get("numeric_embedding"), weights.get("numeric_linear")
        )
        self.variable.assign(packed)


def make_columns(layout: EncodedShape, settings: Settings, outputs: int) -> PackedColumns:
    """Say what the columns of a network's packed tables are; both tables have the same."""
    parts = network_parts(layout, settings)
    has_vectors = parts.has_embedding or parts.has_numeric_embedding
    has_weights = parts.has_linear or parts.has_numeric_linear
    return PackedColumns(
        settings.embedding_dim * has_vectors,
        outputs * has_weights,
        settings.l2_embedding,
        settings.l2_linear,
        parts.has_interaction,
        parts.has_constant_field,
    )


def updates_by_rows(rows: int, width: int, look_ups: int) -> bool:
    """Choose whether a step should update only the rows that its batch touches.

    Args:
        rows: Of the table.
        width: Of the table.
        look_ups: Fields times batch size.

    Returns:
        False if updating the whole table is estimated to be faster.
    """
    return rows > _ROWS_PER_LOOK_UP * look_ups + _ENTRIES_WORTH_OF_OPERATIONS / width


def _pieces(rows: int, width: int) -> list[range]:
    """Cut the rows of a table into ranges of `_ENTRIES_PER_PIECE` entries at most."""
    step = max(_ENTRIES_PER_PIECE // width, 1)
    return [range(begin, min(begin + step, rows)) for begin in range(0, rows, step)]


def with_decay(gradient: Any, weights: Any, decay: Any | None) -> Any:
    """Add the gradient of the penalty."""
    return gradient if decay is None else gradient + decay * weights


def _named(
    names: tuple[str, str], arrays: tuple[np.ndarray | None, np.ndarray | None]
) -> dict[str, np.ndarray]:
    pairs = zip(names, arrays, strict=True)
    return {name: array for name, array in pairs if array is not None}
