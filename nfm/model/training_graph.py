"""The TensorFlow graph: many training steps in one call, and the outputs of many rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import tensorflow as tf

from nfm.ensemble import member_settings, merge_weights, split_weights
from nfm.model.layers.initializers import derived_seed
from nfm.model.losses import row_losses, row_scores, sums_squared_errors
from nfm.model.network import Network, build_network
from nfm.model.optimizers import make_optimizer
from nfm.model.packed_tables import (
    PackedLevels,
    PooledFields,
    RampTable,
    UniqueRows,
    make_columns,
    with_decay,
)
from nfm.model.weight_average import WeightAverage
from nfm.network_architecture import NetworkArchitecture
from nfm.settings import Settings, Task
from nfm.tabular.encoded_table import EncodedShape
from nfm.tabular.target import Target

_TABLES = ("embedding", "linear", "numeric_embedding", "numeric_linear")
_NOT_IN_GRAPH = ("random_state", "epochs", "learning_rate", "early_stopping", "patience")
_GOLDEN_RATIO = 0.6180339887
_SHIFTS = 10_000  # few enough that 32 bits keep the fraction of their multiples of the golden ratio
_PHILOX = 1  # random-number algorithm; gives the same numbers on every machine


@dataclass(frozen=True)
class GraphShape:
    """What a graph depends on: trainings of one shape can use it one after the other.

    Attributes:
        layout: Sizes of the encoded table.
        settings: Settings of the model and its training, save those that `of` leaves out.
        task: "binary", "multiclass" or "regression".
        output_count: Number of outputs C: 1 for binary and regression, else that of the classes.
        batch_size: Number of rows in a batch.
        has_fixed_size: Whether every batch has exactly this number of rows. Known shapes make a
            smaller and faster graph.
    """

    layout: EncodedShape
    settings: Settings
    task: Task
    output_count: int
    batch_size: int
    has_fixed_size: bool

    @classmethod
    def of(
        cls, layout: EncodedShape, settings: Settings, target: Target, batch_size: int, fixed: bool
    ) -> GraphShape:
        """Return the shape without the settings that the graph gets as numbers, or not at all."""
        neutral = {name: Settings.model_fields[name].default for name in _NOT_IN_GRAPH}
        settings = settings.model_copy(update=neutral)
        return cls(layout, settings, target.task, target.output_count, batch_size, fixed)


class TrainingGraph:
    """Weights, optimiser state and graph of one training.

    The network's layers compute everything after the sums over the fields. The tables are
    packed (`nfm.model.packed_tables`), so the network itself is built with one level per field.

    The members of an ensemble have layers of their own and share the rest: the tables, whose rows
    hold the vectors of all of them, the batches, and the operations that find a batch's rows. So
    two members take less time than two trainings. Each learns from its own loss.

    Args:
        shape: What the graph depends on.
        random_state: Seed of the initial weights and of dropout.

    Attributes:
        shape: The same.
        sum_count: Number S of the sums over an epoch's rows: losses, scores and, only if R² needs
            them, squared errors.
    """

    def __init__(self, shape: GraphShape, random_state: int) -> None:
        self.shape = shape
        self._random_state = random_state
        layout, task, batch_size = shape.layout, shape.task, shape.batch_size
        settings = shape.settings.model_copy(update={"random_state": random_state})
        self._settings = settings
        self._task = task
        self.sum_count = 3 if sums_squared_errors(task, settings) else 2
        self._batch_size = batch_size if shape.has_fixed_size else None
        tiny = replace(layout, level_counts=(1,) * len(layout.level_counts))
        self._members = [
            build_network(tiny, member, task, shape.output_count)
            for member in member_settings(settings)
        ]
        self._architecture = NetworkArchitecture(layout, settings, shape.output_count)
        self._optimizer = make_optimizer(settings)
        self._columns = make_columns(self._architecture)
        common = self._columns, settings, self._optimizer
        self._levels: PackedLevels | None = None
        self._ramps: RampTable | None = None
        if layout.categorical:
            self._levels = PackedLevels(layout, *common, batch_size)
        if self._architecture.has_ramps:
            self._ramps = RampTable(self._members[0], *common)
        self._heads = [
            {
                name: variable.value
                for name, variable in member.variables.items()
                if name not in _TABLES
            }
            for member in self._members
        ]
        weights = self._architecture.weights
        self._trained = [
            {name: variable for name, variable in head.items() if weights[name].trainable}
            for head in self._heads
        ]
        self._updates = [
            {name: self._optimizer.dense_update(variable) for name, variable in trained.items()}
            for trained in self._trained
        ]
        self._average: WeightAverage | None = None
        interval = 1 if self._levels is None else self._levels.averaging_interval
        if settings.weight_averaging and interval:
            self._average = WeightAverage(list(self.variables.values()), interval)
        self._noise_key = tf.Variable(self._noise_key_after(0), trainable=False)
        fields, numbers = len(layout.categorical), len(layout.numeric)
        ids = tf.TensorSpec((fields, None), tf.int32)
        values = tf.TensorSpec((None, numbers), tf.float32)
        labels = tf.TensorSpec((None,), tf.int32 if task == "multiclass" else tf.float32)
        row_weights = tf.TensorSpec((None, 2), tf.float32)
        bounds = tf.TensorSpec((None,), tf.int32)
        number, rate = tf.TensorSpec((), tf.int32), tf.TensorSpec((), tf.float32)
        sums = tf.TensorSpec((self.sum_count,), tf.float32)
        self.train = _compiled(
            self._train, ids, values, labels, row_weights, bounds, number, rate, sums
        )
        self.outputs = _compiled(self._outputs, ids, values)

    @property
    def _tables(self) -> dict[str, PackedLevels | RampTable]:
        tables = {"levels": self._levels, "ramps": self._ramps}
        return {name: table for name, table in tables.items() if table is not None}

    @property
    def variables(self) -> dict[str, tf.Variable]:
        """All weights as training holds them, packed tables included."""
        tables = {name: table.variable for name, table in self._tables.items()}
        heads = {
            f"{name} of member {member}": variable
            for member, head in enumerate(self._heads)
            for name, variable in head.items()
        }
        return tables | heads

    @property
    def _state(self) -> list[tf.Variable]:
        averages = [] if self._average is None else self._average.variables
        return [*self.variables.values(), *self._optimizer.state, *averages, self._noise_key]

    @property
    def entries(self) -> int:
        """Number of scalars in the state."""
        return sum(variable.shape.num_elements() for variable in self._state)

    def state(self) -> list[np.ndarray]:
        """Return copies of the weights, the optimizer's slots, their average and dropout's key."""
        return [np.array(variable.read_value()) for variable in self._state]

    def restart(self, random_state: int, state: Sequence[np.ndarray]) -> None:
        """Continue as another training of the same shape.

        Args:
            random_state: Its seed.
            state: Its state, as `state` returned it.
        """
        self._random_state = random_state
        for variable, value in zip(self._state, state, strict=True):
            variable.assign(value)

    def averaged(self) -> AbstractContextManager[None]:
        """Set the weights to their average for a block, if they are averaged."""
        return nullcontext() if self._average is None else self._average.applied()

    def snapshot(self, member: int) -> dict[str, Any]:
        """Return the current weights of a member as tensors, by the names of its weights.

        The tensors of a network alone share the memory of variables that are updated as a whole;
        the next step copies it.
        """
        tables = {
            name: self._columns.of_member(table.variable.read_value(), member)
            for name, table in self._tables.items()
        }
        head = {name: variable.read_value() for name, variable in self._heads[member].items()}
        return tables | head

    def weights(self, snapshots: Sequence[dict[str, Any] | None]) -> dict[str, np.ndarray]:
        """Return weights as float32 arrays by the names of `export_weights`.

        Args:
            snapshots: Weights of each member as `snapshot` returned them; None for the current
                ones.
        """
        if len(snapshots) == 1:
            return self._member_weights(snapshots[0])
        kept = [
            self.snapshot(member) if snapshot is None else snapshot
            for member, snapshot in enumerate(snapshots)
        ]
        return merge_weights(self._architecture, [self._member_weights(each) for each in kept])

    def _member_weights(self, snapshot: dict[str, Any] | None) -> dict[str, np.ndarray]:
        """Return the weights of a snapshot; None for the current ones of a network alone."""
        head = self._heads[0] if snapshot is None else snapshot
        weights = {name: np.array(head[name].numpy()) for name in self._heads[0]}
        for name, table in self._tables.items():
            weights |= table.weights(None if snapshot is None else np.asarray(snapshot[name]))
        return weights

    def load(self, weights: Mapping[str, np.ndarray], epochs_done: int = 0) -> None:
        """Set the weights; the optimiser's slots stay as they are.

        Args:
            weights: All arrays by the names of `export_weights`.
            epochs_done: Number of epochs that trained them. Steps are counted from 1 again, as
                the optimiser starts again, so dropout needs another sequence of random numbers.
        """
        self._noise_key.assign(self._noise_key_after(epochs_done))
        members = [dict(weights)]
        if len(self._heads) > 1:
            members = split_weights(self._architecture, weights)
        for head, own in zip(self._heads, members, strict=True):
            for name, variable in head.items():
                variable.assign(own[name])
        arrays = {
            name: np.concatenate([own[name] for own in members], axis=1)
            for name in _TABLES
            if name in weights
        }
        for table in self._tables.values():
            table.load(arrays)
        if self._average is not None:
            self._average.reset()

    def _train(
        self,
        ids: Any,
        values: Any,
        labels: Any,
        weights: Any,
        bounds: Any,
        first_step: Any,
        learning_rate: Any,
        sums: Any,
    ) -> Any:
        """Run one step for each batch.

        Args:
            ids: Int32 (F, rows): for each field and row, the level's row in the table.
            values: Float (rows, D).
            labels: (rows,), float, or int32 for "multiclass".
            weights: Float (rows, 2): weight in the loss of the row's batch, where they add up
                to 1, and weight in the sums.
            bounds: Int32 (batches + 1,), where the batches begin and end.
            first_step: Number of the first step, int32 scalar, counted from 1.
            learning_rate: Float scalar.
            sums: Float (S,): the sums over the epoch's rows so far.

        Returns:
            Float (S,): the sums with these rows added.
        """
        batches = tf.size(bounds) - 1

        def part(batch: Any) -> tuple[Any, Any, Any]:
            begin = bounds[batch]
            size = self._batch_size or bounds[batch + 1] - begin
            return begin, size, tf.slice(ids, (0, begin), (ids.shape[0], size))

        def unique_rows(batch: Any) -> UniqueRows:
            return () if self._levels is None else self._levels.unique_rows(part(batch)[-1])

        def step(batch: Any, sums: Any, unique: UniqueRows) -> tuple[Any, Any, UniqueRows]:
            begin, size, batch_ids = part(batch)
            batch_sums = self._step(
                batch_ids,
                unique,
                tf.slice(values, (begin, 0), (size, values.shape[1])),
                tf.slice(labels, (begin,), (size,)),
                tf.slice(weights, (begin, 0), (size, 2)),
                first_step + batch,
                learning_rate,
            )
            # It depends on no weight, so it is found for the next batch while this step runs.
            following = unique_rows(tf.minimum(batch + 1, batches - 1))
            return batch + 1, sums + batch_sums, following

        first = unique_rows(0)
        any_size = (tf.TensorShape((None,)),) * len(first)
        _, sums, _ = tf.while_loop(
            lambda batch, sums, unique: batch < batches,
            step,
            (tf.constant(0), sums, first),
            shape_invariants=(tf.TensorShape(()), sums.shape, any_size),
            parallel_iterations=1,
        )
        return sums

    def _step(
        self,
        ids: Any,
        unique: UniqueRows,
        values: Any,
        labels: Any,
        weights: Any,
        number: Any,
        learning_rate: Any,
    ) -> Any:
        """Train on one batch, and return its weighted sums, (S,)."""
        look_ups = [] if self._levels is None else [self._levels.look_up(ids, unique)]
        if self._ramps is not None:
            look_ups.append(self._ramps.look_up(values))
        fields = PooledFields([look_up.rows for look_up in look_ups], self._columns)
        noise = self._noise(self._batch_size or tf.shape(labels)[0], number)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(fields.outputs)
            tape.watch(self._trained)
            members_logits = self._logits(fields, values, True, noise)
        errors = [self._losses(logits, labels)[1] * weights[:, :1] for logits in members_logits]
        fields_gradients, gradients = tape.gradient(
            members_logits, (fields.outputs, self._trained), errors
        )
        step = self._optimizer.step(learning_rate, tf.cast(number, tf.float32))
        for look_up, gradient in zip(look_ups, fields.gradients(fields_gradients), strict=True):
            look_up.train(gradient, step)
        for member, own in enumerate(gradients):
            for name, gradient in own.items():
                variable, l2 = self._trained[member][name], self._members[member].l2.get(name, 0.0)
                decayed = with_decay(gradient, variable, 2 * l2 if l2 else None)
                self._updates[member][name](decayed, step)
        if self._average is not None:
            self._average.update(number)
        logits = _mean(members_logits)
        losses, _ = self._losses(logits, labels)
        measures = [losses, row_scores(self._task, logits, labels)]
        if self.sum_count > len(measures):
            measures.append(tf.square(logits[:, 0] - labels))
        return tf.linalg.matvec(tf.stack(measures), weights[:, 1])

    def _outputs(self, ids: Any, values: Any) -> Any:
        """Return the logits of rows without dropout, float (members, rows, C)."""
        rows = [] if self._levels is None else [self._levels.rows(ids)]
        if self._ramps is not None:
            rows.append(self._ramps.rows(values))
        return tf.stack(self._logits(PooledFields(rows, self._columns), values, False, None))

    def _logits(self, fields: PooledFields, values: Any, training: bool, noise: Any) -> list[Any]:
        """Return the logits of each member, float (batch, C)."""
        count = len(self._members)
        linear, pooled, noises = (
            [None] * count if columns is None else tf.split(columns, count, axis=1)
            for columns in (fields.linear, fields.pooled, noise)
        )
        return [
            self._member_logits(*member, values, training)
            for member in zip(self._members, self._heads, linear, pooled, noises, strict=True)
        ]

    def _member_logits(
        self,
        network: Network,
        head: Mapping[str, tf.Variable],
        linear: Any,
        pooled: Any,
        noise: Any,
        values: Any,
        training: bool,
    ) -> Any:
        """Return the logits of one member, float (batch, C)."""
        summands = []
        dense = None
        if linear is not None:
            summands.append(linear)
        if "dense_linear" in head:
            dense = network.missing_to_zero(values)
            summands.append(tf.matmul(dense, head["dense_linear"]))
        if network.architecture.head_inputs:
            summands.append(network.head(pooled, dense, training, noise))
        total = summands[0]
        for summand in summands[1:]:
            total = total + summand
        if "linear_bias" in head:
            total = total + head["linear_bias"]
        return network.prediction.logits(total)

    def _losses(self, logits: Any, labels: Any) -> tuple[Any, Any]:
        """Return the loss of every row and its gradient; see `row_losses`."""
        return row_losses(self._task, logits, labels, self._settings.regression_loss)

    def _noise_key_after(self, epochs_done: int) -> np.ndarray:
        """Return the key of dropout's random numbers, uint64 (1,)."""
        part = f"noise after {epochs_done} epochs" if epochs_done else "noise"
        return np.array([derived_seed(self._random_state, part)], np.uint64)

    def _noise(self, rows: Any, number: Any) -> Any:
        """Draw dropout's uniform numbers for one step, float (rows, noise_width)."""
        width = sum(member.noise_width for member in self._members)
        if not width:
            return None
        # The step's number is the upper half of Philox's counter, so no two steps share numbers.
        # Random numbers take a tenth of a step's time, so 32 bits give four of them. Each step
        # shifts them by a part of 1/256, so that over many steps every dropout rate is exact.
        counter = tf.stack([tf.constant(0, tf.uint64), tf.cast(number, tf.uint64)])
        words = (width + 3) // 4
        bits = tf.raw_ops.StatelessRandomUniformFullIntV2(
            shape=(rows, words),
            key=self._noise_key.read_value(),
            counter=counter,
            alg=_PHILOX,
            dtype=tf.uint32,
        )
        parts = tf.reshape(tf.bitcast(bits, tf.uint8), (-1, 4 * words))
        shift = tf.cast(number % _SHIFTS, tf.float32) * _GOLDEN_RATIO % 1.0
        return (tf.cast(parts, tf.float32) + shift) * (1 / 256)


def _mean(members: Sequence[Any]) -> Any:
    """Return the mean of tensors of one shape."""
    return members[0] if len(members) == 1 else tf.add_n(members) / len(members)


def _compiled(function: Callable[..., Any], *signature: tf.TensorSpec) -> Callable[..., Any]:
    """Compile a function of tensors to a graph, which is traced at the first call.

    The only trace is called directly: before each call, TensorFlow would search for the matching
    trace, which takes a tenth of the time of a small table's epoch.
    """
    graph = tf.function(function, input_signature=signature, autograph=False)
    trace = cache(graph.get_concrete_function)

    def run(*arrays: np.ndarray) -> Any:
        return trace()(*(tf.convert_to_tensor(array) for array in arrays))

    return run
