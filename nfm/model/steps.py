"""The graph: many steps of training in one call, and the outputs of many rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import tensorflow as tf

from nfm.model.layers.starts import derived_seed
from nfm.model.losses import row_losses, row_scores
from nfm.model.network import Network, build_network
from nfm.model.optimizers import Step, make_optimizer
from nfm.model.summary import anatomy
from nfm.model.tables import LookUp, make_level_table, make_ramp_table, with_decay
from nfm.settings import Settings, Task
from nfm.tabular.layout import Layout

_TABLES = ("embedding", "linear", "numeric_embedding", "numeric_linear")
_MOMENTS = ("_mean", "_variance")
_PHILOX = 1  # the algorithm of random numbers; the same on every machine


class Steps:
    """Weights, slots and graph of one training.

    The network's layers are used for everything behind the sums over the fields; its
    tables are held packed (`nfm.model.tables`), so it is built with a single level a field.

    Args:
        layout: Sizes of the encoded table.
        settings: All of them.
        task: The task.
        output_count: Number of outputs.
        batch_size: Rows of a usual batch.
        weighted: Whether rows have weights.
    """

    def __init__(
        self,
        layout: Layout,
        settings: Settings,
        task: Task,
        output_count: int,
        batch_size: int,
        weighted: bool,
    ) -> None:
        self._settings = settings
        self._task = task
        self._anatomy = anatomy(layout, settings)
        tiny = replace(layout, level_counts=(1,) * len(layout.level_counts))
        self._network: Network = build_network(tiny, settings, task, output_count)
        self._optimizer = make_optimizer(settings)
        self._levels = make_level_table(layout, settings, output_count, self._optimizer, batch_size)
        self._ramps = make_ramp_table(self._network, settings, output_count, self._optimizer)
        self._head = {
            name: variable.value
            for name, variable in self._network.variables.items()
            if name not in _TABLES
        }
        self._trained = {
            name: variable for name, variable in self._head.items() if not name.endswith(_MOMENTS)
        }
        self._updates = {
            name: self._optimizer.whole(variable) for name, variable in self._trained.items()
        }
        self._noise_key = np.array([derived_seed(settings.random_state, "noise")], np.uint64)
        fields, numbers = len(layout.categorical), len(layout.numeric)
        ids = tf.TensorSpec((fields, None), tf.int32)
        values = tf.TensorSpec((None, numbers), tf.float32)
        labels = tf.TensorSpec((None,), tf.int32 if task == "multiclass" else tf.float32)
        weights = tf.TensorSpec((None,) if weighted else (0,), tf.float32)
        self._weighted = weighted
        self.train = tf.function(
            self._train,
            input_signature=(
                ids,
                values,
                labels,
                weights,
                tf.TensorSpec((None,), tf.int32),
                tf.TensorSpec((), tf.int32),
                tf.TensorSpec((), tf.float32),
                tf.TensorSpec((2,), tf.float32),
            ),
            autograph=False,
        )
        self.outputs = tf.function(self._outputs, input_signature=(ids, values), autograph=False)

    @property
    def variables(self) -> dict[str, tf.Variable]:
        """All weights as training holds them, the packed tables among them."""
        packed = {"levels": self._levels, "ramps": self._ramps}
        tables = {name: table.variable for name, table in packed.items() if table is not None}
        return tables | self._head

    def snapshot(self) -> dict[str, Any]:
        """Return all weights as they are now, by the names of `variables`.

        The tensors of variables that are updated as a whole share their memory until the
        next step, which then copies.
        """
        return {name: variable.read_value() for name, variable in self.variables.items()}

    def weights(self, snapshot: dict[str, Any]) -> dict[str, np.ndarray]:
        """Return a snapshot's weights by the names of `export_weights`."""
        arrays = {name: np.asarray(tensor) for name, tensor in snapshot.items()}
        weights = {name: np.array(array) for name, array in arrays.items() if name in self._head}
        if self._ramps is not None:
            weights |= self._ramps.weights(arrays["ramps"])
        if self._levels is not None:
            weights |= self._levels.weights(arrays["levels"])
        return weights

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
        """Take one step for each batch.

        Args:
            ids: Int32 (F, rows), rows of the table of levels.
            values: Float (rows, D).
            labels: (rows,).
            weights: Float (rows,), or (0,) if all rows count the same.
            bounds: Int32 (batches + 1,), where the batches begin and end.
            first_step: Int32 scalar, number of the first step, counts from 1.
            learning_rate: Float scalar.
            sums: Float (2,), of the losses and the scores of the epoch's rows so far.

        Returns:
            The sums with these rows added.
        """

        def step(batch: Any, sums: Any) -> tuple[Any, Any]:
            begin, end = bounds[batch], bounds[batch + 1]
            rows_sums = self._step(
                ids[:, begin:end],
                values[begin:end],
                labels[begin:end],
                weights[begin:end] if self._weighted else None,
                first_step + batch,
                learning_rate,
            )
            return batch + 1, sums + rows_sums

        batches = tf.size(bounds) - 1
        _, sums = tf.while_loop(
            lambda batch, sums: batch < batches,
            step,
            (tf.constant(0), sums),
            parallel_iterations=1,
        )
        return sums

    def _step(
        self, ids: Any, values: Any, labels: Any, weights: Any, number: Any, learning_rate: Any
    ) -> Any:
        """Learn from one batch; return the sums of its losses and scores, (2,)."""
        look_ups = [] if self._levels is None else [self._levels.look_up(ids)]
        if self._ramps is not None:
            look_ups.append(self._ramps.look_up(values))
        rows = [look_up.rows for look_up in look_ups]
        sums = _sum_over_fields(rows)
        squares = _sum_over_fields([tf.square(part) for part in rows]) if self._pools else None
        noise = self._noise(tf.shape(labels)[0], number)
        sources = [source for source in (sums, squares) if source is not None]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(sources)
            tape.watch(list(self._trained.values()))
            logits = self._logits(sums, squares, values, True, noise)
            losses = row_losses(self._task, logits, labels)
            loss = tf.reduce_mean(losses if weights is None else losses * weights)
        targets = (sources, self._trained)
        source_gradients, gradients = tape.gradient(loss, targets)
        step = self._optimizer.step(learning_rate, tf.cast(number, tf.float32))
        self._train_tables(look_ups, source_gradients, step)
        for name, gradient in gradients.items():
            decay = 2 * self._network.l2.get(name, 0.0)
            variable = self._trained[name]
            self._updates[name](with_decay(gradient, variable, decay or None), step)
        scores = row_scores(self._task, logits, labels)
        return tf.stack([tf.reduce_sum(losses), tf.reduce_sum(scores)])

    def _train_tables(self, look_ups: list[LookUp], gradients: list[Any], step: Step) -> None:
        """Hand the gradients of the sums on to the tables."""
        for look_up in look_ups:
            if self._pools:
                rows_gradient = gradients[0] + (2.0 * gradients[1]) * look_up.rows
            else:
                rows_gradient = tf.broadcast_to(gradients[0], tf.shape(look_up.rows))
            look_up.train(rows_gradient, step)

    def _outputs(self, ids: Any, values: Any) -> Any:
        """Return the logits of rows, float (rows, C), dropout off."""
        rows = [] if self._levels is None else [self._levels.inputs(ids)]
        if self._ramps is not None:
            rows.append(self._ramps.inputs(values))
        squares = _sum_over_fields([tf.square(part) for part in rows]) if self._pools else None
        return self._logits(_sum_over_fields(rows), squares, values, False, None)

    def _logits(self, sums: Any, squares: Any, values: Any, training: bool, noise: Any) -> Any:
        """Return the logits, float (batch, C).

        Args:
            sums: Float (batch, width), over the fields' packed rows; None without tables.
            squares: The same of the rows' squares; None without pairs.
            values: Float (batch, D).
            training: Whether dropout is on and batch norm uses the batch's own moments.
            noise: For the dropout.
        """
        network, parts = self._network, self._anatomy
        dim = self._settings.embedding_dim
        summands = []
        dense = network.missing_to_zero(values) if parts.has_dense_linear else None
        if sums is not None:
            if parts.has_shared_bias:
                summands.append(tf.reduce_sum(sums, axis=1, keepdims=True))
            else:
                summands.append(sums[:, dim:] if parts.has_interaction else sums)
        if dense is not None:
            summands.append(tf.matmul(dense, self._head["dense_linear"]))
        if parts.has_shared_bias:
            summands.append(self._head["linear_bias"])
        if network.output is not None or network.sum_of_factors is not None:
            pooled = None
            if self._pools:
                pooled = 0.5 * (tf.square(sums[:, :dim]) - squares[:, :dim])
            summands.append(network.head(pooled, dense, training, noise))
        total = summands[0]
        for summand in summands[1:]:
            total = total + summand
        return network.prediction.logits(total)

    def _noise(self, rows: Any, number: Any) -> Any:
        """Draw the dropout's uniform numbers for one step, float (rows, noise_width)."""
        width = self._network.noise_width
        if not width:
            return None
        # The step's number is the upper half of Philox's counter: no two steps share numbers.
        counter = tf.stack([tf.constant(0, tf.uint64), tf.cast(number, tf.uint64)])
        return tf.raw_ops.StatelessRandomUniformV2(
            shape=(rows, width), key=self._noise_key, counter=counter, alg=_PHILOX
        )

    @property
    def _pools(self) -> bool:
        return self._anatomy.has_interaction


def _sum_over_fields(parts: list[Any]) -> Any:
    """Add up tensors (fields, batch, width) to (batch, width), None for none."""
    sums = [tf.reduce_sum(part, axis=0) for part in parts]
    if len(sums) < 2:
        return sums[0] if sums else None
    return sums[0] + sums[1]
