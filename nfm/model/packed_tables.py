"""The embedding tables during training: packed, with gradients computed by hand.

A level's vector v (k,) and its linear weights w (C,) are one row of a table, those of all members
of an ensemble side by side, so that one gather, one segment sum and one update handle them. The
axis of the fields is the first, so that sums over the fields run over contiguous memory and the
rows of a field are gathered together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from nfm.ensemble import member_settings
from nfm.model.layers.initializers import derived_seed, normal_initializer
from nfm.model.network import Network
from nfm.model.optimizers import Optimizer, OptimizerStep, gather_rows, scatter_rows
from nfm.network_architecture import NetworkArchitecture
from nfm.settings import Settings
from nfm.tabular.encoded_table import EncodedShape


class PooledFields:
    """The bi-interaction pooling and the linear term of a batch.

    With S = Σ_f e_f, the pooled vector is ½(S² − Σ_f e_f²), and its gradient with respect to e_f
    is S − e_f. A constant field of ones adds S to the pooled vector and 1 to the gradient. The
    gradient of a packed row is therefore a − b ⊙ row, where a and b, (batch, width), are the same
    for every field: two passes over the large arrays, and no gradient tape.

    Args:
        rows: Packed rows, float (fields, batch, width): of the categorical fields, the numeric
            fields, or both; may be empty.
        columns: Meaning of the columns.

    Attributes:
        pooled: Float (batch, k), the members' side by side; None if the network pools no pairs.
        linear: Float (batch, C), the members' side by side, or (batch, 1) for the article's
            shared term; None without rows.
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
        """`pooled` and `linear`, without those that are None."""
        return [output for output in (self.pooled, self.linear) if output is not None]

    def gradients(self, outputs_gradients: list[Any]) -> list[Any]:
        """Return the gradients of the loss with respect to the rows.

        Args:
            outputs_gradients: Gradients with respect to `outputs`.

        Returns:
            One tensor for each entry of `rows`, in its shape.
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
    """Return the sum of tensors (fields, batch, width) over all fields, (batch, width)."""
    sums = [tf.reduce_sum(part, axis=0) for part in parts]
    return sums[0] if len(sums) == 1 else sums[0] + sums[1]


# A dense update is one kernel. A sparse one is a dozen operations, which together cost about as
# much as a dense update of this many entries (measured on two cores).
_ENTRIES_WORTH_OF_OPERATIONS = 60_000
_ROWS_PER_LOOK_UP = 2.0
# The average of a larger table would take too much memory: 128 MiB.
_MOST_AVERAGED_ENTRIES = 2**25
# Tables of gigabytes are initialised and read in pieces of 16 MiB.
_ENTRIES_PER_PIECE = 2**22

UniqueRows = tuple[Any, ...]
"""The rows of a table that occur in a batch, each once, int32 (unique,), and for every look-up its
index among them, int32 (fields · batch,); empty for a table with dense updates."""


@dataclass(frozen=True)
class PackedColumns:
    """The columns of a packed table: first the vectors of all members, then their linear weights.

    Attributes:
        dim: Length of a level's vectors, all members together; 0 without vectors.
        outputs: Number of its linear weights, all members together; 0 without linear weights.
        l2_embedding: L2 penalty on the vectors.
        l2_linear: L2 penalty on the linear weights.
        is_pooled: Whether the network pools pairs of vectors.
        has_constant_field: Whether it also pools a field of ones; default False.
        members: Number of networks that are trained together; default 1.
    """

    dim: int
    outputs: int
    l2_embedding: float
    l2_linear: float
    is_pooled: bool
    has_constant_field: bool = False
    members: int = 1

    @property
    def width(self) -> int:
        """Number of columns."""
        return self.dim + self.outputs

    @property
    def decay(self) -> Any | None:
        """A weight's factor in its penalty's gradient, float32 (width,) or scalar; None for 0."""
        penalties = np.array([2 * self.l2_embedding, 2 * self.l2_linear], np.float32)
        factors = np.repeat(penalties, (self.dim, self.outputs))
        if not factors.any():
            return None
        return factors[0] if (factors == factors[0]).all() else factors

    def initial_weights(self, rows: int, init_std: float, seeds: Sequence[int]) -> Any:
        """Return the weights before training, float (rows, width), as in `build_network`.

        Args:
            rows: Number of rows.
            init_std: Standard deviation of the vectors' entries.
            seeds: Seed of each member.
        """
        parts = []
        if self.dim:
            shape = (rows, self.dim // self.members)
            parts += [normal_initializer(init_std, seed)(shape) for seed in seeds]
        if self.outputs:
            parts.append(tf.zeros((rows, self.outputs)))
        return parts[0] if len(parts) == 1 else tf.concat(parts, axis=1)

    def of_member(self, packed: Any, member: int) -> Any:
        """Return the columns of one member of a packed table: its vectors and linear weights."""
        if self.members == 1:
            return packed
        dim, outputs = self.dim // self.members, self.outputs // self.members
        vectors = packed[:, member * dim : (member + 1) * dim]
        first = self.dim + member * outputs
        return tf.concat([vectors, packed[:, first : first + outputs]], axis=1)

    def join(self, vectors: np.ndarray | None, weights: np.ndarray | None) -> np.ndarray:
        """Return a packed table of the arrays that `split` returns."""
        parts = [part for part in (vectors, weights) if part is not None]
        return np.concatenate(parts, axis=1)

    def split(
        self, parts: Iterable[np.ndarray], rows: int
    ) -> tuple[np.ndarray | None, np.ndarray | None]:
        """Return copies of the vectors and of the linear weights of one member.

        Args:
            parts: Rows of its packed table, float (rows of the piece, k + C), piece by piece.
            rows: Number of rows of all pieces together.

        Returns:
            Float32 (rows, k) and float32 (rows, C); None for columns that the table doesn't have.
        """
        dim, outputs = self.dim // self.members, self.outputs // self.members
        vectors, weights = np.empty((rows, dim), np.float32), np.empty((rows, outputs), np.float32)
        begin = 0
        for part in parts:
            end = begin + len(part)
            vectors[begin:end], weights[begin:end] = part[:, :dim], part[:, dim:]
            begin = end
        return (vectors if self.dim else None), (weights if self.outputs else None)


@dataclass(frozen=True)
class LookedUpRows:
    """The packed rows of one batch.

    Attributes:
        rows: Float (fields, batch, width).
        train: Updates the table, given the gradient of `rows` and the step.
    """

    rows: Any
    train: Callable[[Any, OptimizerStep], None]


class PackedLevels:
    """The table of all levels of all categorical fields.

    A small table has dense updates, a large one sparse updates of the rows in the batch. The
    penalty applies to the same rows: at every step to the whole table, as in Keras, or to the
    rows in the batch.

    Args:
        layout: Sizes of the encoded table.
        columns: Meaning of the columns.
        settings: Settings of the model and its training.
        optimizer: Update rule.
        batch_size: Number of rows in a batch.

    Attributes:
        variable: Float (sum of level_counts, width).
        is_sparse: Whether a step updates only the rows in the batch.
        averaging_interval: Number of steps after which averaging the whole table costs little
            beside them; 0 for a table that is too large to be averaged.
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
        self.variable = self._initialised(rows, settings)
        self.is_sparse = prefers_sparse_updates(rows, columns.width, look_ups)
        if self.is_sparse:
            self._sparse_update = optimizer.sparse_update(
                self.variable, columns.dim, columns.members
            )
        else:
            self._dense_update = optimizer.dense_update(self.variable)
        self.averaging_interval = math.ceil(rows / look_ups) if self.is_sparse else 1
        if rows * columns.width > _MOST_AVERAGED_ENTRIES:
            self.averaging_interval = 0

    def unique_rows(self, ids: Any) -> UniqueRows:
        """Find the rows that occur in a batch, which doesn't depend on any weight.

        Args:
            ids: Rows of the levels, int32 (fields, batch).
        """
        if not self.is_sparse:
            return ()
        found = tf.raw_ops.Unique(x=tf.reshape(ids, (-1,)))
        return found.y, found.idx

    def look_up(self, ids: Any, unique: UniqueRows) -> LookedUpRows:
        """Gather the rows of a batch for training.

        Args:
            ids: Rows of the levels, int32 (fields, batch).
            unique: The same rows as `unique_rows` returns them.

        Returns:
            The rows, and the function that updates them.
        """
        if not self.is_sparse:

            def train_dense(gradient: Any, step: OptimizerStep) -> None:
                summed = tf.math.unsorted_segment_sum(gradient, ids, self.variable.shape[0])
                summed = with_decay(summed, self.variable, self.columns.decay)
                self._dense_update(summed, step)

            return LookedUpRows(gather_rows(self.variable, ids), train_dense)
        indices, places = unique
        weights = gather_rows(self.variable, indices)

        def train_sparse(gradient: Any, step: OptimizerStep) -> None:
            flat = tf.reshape(gradient, (-1, self.columns.width))
            summed = tf.math.unsorted_segment_sum(flat, places, tf.size(indices))
            summed = with_decay(summed, weights, self.columns.decay)
            self._sparse_update(indices, weights, summed, step)

        return LookedUpRows(tf.gather(weights, tf.reshape(places, tf.shape(ids))), train_sparse)

    def rows(self, ids: Any) -> Any:
        """Gather the rows of a batch without training, float (fields, batch, width)."""
        return gather_rows(self.variable, ids)

    def weights(self, packed: np.ndarray | None = None) -> dict[str, np.ndarray]:
        """Return the exported arrays "embedding" and "linear".

        Args:
            packed: The packed table of a member, float32 (rows, k + C); None for the current one
                of a network alone. That is read in pieces, because TensorFlow would copy a table
                with sparse updates.
        """
        rows = self.variable.shape[0]
        parts: Iterable[np.ndarray] = [packed] if packed is not None else self._parts()
        return _named(("embedding", "linear"), self.columns.split(parts, rows))

    def load(self, weights: Mapping[str, np.ndarray]) -> None:
        """Set the table to exported arrays."""
        self.variable.assign(self.columns.join(weights.get("embedding"), weights.get("linear")))

    def _initialised(self, rows: int, settings: Settings) -> tf.Variable:
        """Return the table; large ones are made in pieces, as random numbers need more memory."""
        members = member_settings(settings)
        seeds = [derived_seed(member.random_state, "embedding") for member in members]
        pieces = _pieces(rows, self.columns.width)
        if len(pieces) == 1:
            return tf.Variable(self.columns.initial_weights(rows, settings.init_std, seeds))
        table = tf.Variable(tf.zeros((rows, self.columns.width)))
        for number, piece in enumerate(pieces):
            seeds_of_piece = [derived_seed(seed, f"piece {number}") for seed in seeds]
            start = self.columns.initial_weights(len(piece), settings.init_std, seeds_of_piece)
            scatter_rows(table, tf.range(piece.start, piece.stop), start)
        return table

    def _parts(self) -> Iterator[np.ndarray]:
        for piece in _pieces(*self.variable.shape):
            yield gather_rows(self.variable, tf.range(piece.start, piece.stop)).numpy()


class RampTable:
    """The table of all features of all numeric fields, with the same number of rows per field.

    Rows beyond a field's own meet only features that are zero: they are zero and stay zero.

    Args:
        network: The network, whose `NumericRamps` computes the features.
        columns: Meaning of the columns.
        settings: Settings of the model and its training.
        optimizer: Update rule.

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
        members = member_settings(settings)
        seeds = [derived_seed(member.random_state, "numeric embedding") for member in members]
        start = np.zeros((self._shape[0] * self._shape[1], columns.width), np.float32)
        start[self._own] = columns.initial_weights(int(counts.sum()), settings.init_std, seeds)
        self.variable = tf.Variable(start)
        self._update = optimizer.dense_update(self.variable)

    def look_up(self, values: Any) -> LookedUpRows:
        """Multiply the features of a batch by the table, for training.

        Args:
            values: Float (batch, fields), NaN where missing.

        Returns:
            The sums over each field's features, and the function that updates the table.
        """
        features = self._ramps(values)

        def train(gradient: Any, step: OptimizerStep) -> None:
            summed = tf.matmul(features, gradient, transpose_a=True)
            summed = tf.reshape(summed, self.variable.shape)
            self._update(with_decay(summed, self.variable, self.columns.decay), step)

        return LookedUpRows(tf.matmul(features, tf.reshape(self.variable, self._shape)), train)

    def rows(self, values: Any) -> Any:
        """Multiply the features of a batch by the table without training."""
        return self.look_up(values).rows

    def weights(self, packed: np.ndarray | None = None) -> dict[str, np.ndarray]:
        """Return the exported arrays "numeric_embedding" and "numeric_linear".

        Args:
            packed: The packed table of a member; None for the current one of a network alone.
        """
        own = (self.variable.numpy() if packed is None else packed)[self._own]
        return _named(("numeric_embedding", "numeric_linear"), self.columns.split([own], len(own)))

    def load(self, weights: Mapping[str, np.ndarray]) -> None:
        """Set the table to exported arrays."""
        packed = np.zeros(self.variable.shape, np.float32)
        packed[self._own] = self.columns.join(
            weights.get("numeric_embedding"), weights.get("numeric_linear")
        )
        self.variable.assign(packed)


def make_columns(architecture: NetworkArchitecture) -> PackedColumns:
    """Return the columns of a network's packed tables, which are the same for both tables.

    Args:
        architecture: The network.
    """
    settings = architecture.settings
    has_weights = architecture.has_linear or architecture.has_numeric_linear
    return PackedColumns(
        dim=architecture.vector_size if architecture.embedded_fields else 0,
        outputs=architecture.members * architecture.output_count if has_weights else 0,
        l2_embedding=settings.l2_embedding,
        l2_linear=settings.l2_linear,
        is_pooled=architecture.pooled_size > 0,
        has_constant_field=architecture.has_constant_field,
        members=architecture.members,
    )


def prefers_sparse_updates(rows: int, width: int, look_ups: int) -> bool:
    """Return whether sparse updates of a table are estimated to be faster than dense ones.

    Args:
        rows: Number of rows of the table.
        width: Number of its columns.
        look_ups: Number of fields times the batch size.
    """
    return rows > _ROWS_PER_LOOK_UP * look_ups + _ENTRIES_WORTH_OF_OPERATIONS / width


def _pieces(rows: int, width: int) -> list[range]:
    """Divide the rows of a table into ranges with at most `_ENTRIES_PER_PIECE` entries."""
    step = max(_ENTRIES_PER_PIECE // width, 1)
    return [range(begin, min(begin + step, rows)) for begin in range(0, rows, step)]


def with_decay(gradient: Any, weights: Any, decay: Any | None) -> Any:
    """Return a gradient plus that of the L2 penalty, `decay` times the weights."""
    return gradient if decay is None else gradient + decay * weights


def _named(
    names: tuple[str, str], arrays: tuple[np.ndarray | None, np.ndarray | None]
) -> dict[str, np.ndarray]:
    pairs = zip(names, arrays, strict=True)
    return {name: array for name, array in pairs if array is not None}
