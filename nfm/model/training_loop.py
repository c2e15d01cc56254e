"""The training loop: a generator of epochs, which can be stopped and continued."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from time import perf_counter
from typing import Any, Literal

import numpy as np

from nfm.epoch import Epoch, Metrics, best_epoch
from nfm.errors import DivergenceError, SettingsError, TrainingError
from nfm.metrics import evaluate
from nfm.model import idle_graphs
from nfm.model.losses import checked_weights, row_weights, training_metrics
from nfm.model.network import Network, build_network
from nfm.model.rare_level_dropout import RareLevelDropout
from nfm.model.training_aids import (
    BestEpoch,
    CallBudget,
    automatic_batch_size,
    batch_bounds,
    divergence,
    largest_number,
)
from nfm.model.training_graph import GraphShape, TrainingGraph
from nfm.model.weights import import_weights
from nfm.settings import Settings
from nfm.tabular.encoded_table import EncodedShape, EncodedTable
from nfm.tabular.target import Target

TrainingOutcome = Literal["completed", "early_stopped", "stopped"]

_VALIDATION_ROWS_PER_CALL = 16_384
_VECTOR_NUMBERS_PER_CALL = 2**26  # 256 MiB


class TrainingLoop:
    """Trains one network on one encoded table, or the members of an ensemble together.

    A call of the graph runs as many steps as fit into about half a second. Between two calls
    the training can be stopped. Equal settings, tables and versions give equal numbers, however
    the epochs are divided into calls, and on any number of threads.

    With early stopping, each member of an ensemble is kept as it was at its own best epoch, and the
    validation metrics of an epoch are those of the mean of the members' logits, each member as it
    would be kept if training ended then.

    Args:
        layout: Sizes of the encoded table.
        settings: Settings of the model and its training; those of the data have no effect.
        target: Gives the task, and the scale of a regression's target.
        train: The training rows; they are not copied.
        labels: Labels of the training rows, (rows,), as `Target.encode` returns them.
        sample_weight: Weight of each training row, float (rows,), ≥ 0; None for equal weights.
        validation: Rows and labels that choose the best epoch; None for no validation.
        validation_weight: Weight of each validation row, float (rows,), ≥ 0; None for equal
            weights.

    Attributes:
        outcome: How the last call of `epochs` ended; None before its end.
        history: The epochs so far, with those of the training that this one resumes.

    Raises:
        TrainingError: If there are no training rows, or the weights cannot be used.
        SchemaError: If the layout has no field.
    """

    def __init__(
        self,
        layout: EncodedShape,
        settings: Settings,
        target: Target,
        train: EncodedTable,
        labels: np.ndarray,
        *,
        sample_weight: np.ndarray | None = None,
        validation: tuple[EncodedTable, np.ndarray] | None = None,
        validation_weight: np.ndarray | None = None,
    ) -> None:
        if len(train) == 0 or len(train) != len(labels):
            raise TrainingError(
                f"There are {len(train):,} training rows with {len(labels):,} labels: "
                "training needs at least one row, and one label for each row."
            )
        if validation is not None and len(validation[0]) == 0:
            validation = None
        self.layout = layout
        self.settings = settings
        self.target = target
        self._table = train
        label_type = np.int32 if target.task == "multiclass" else np.float32
        self._labels = np.asarray(labels).reshape(-1).astype(label_type)
        self._weights = row_weights(settings, target, np.asarray(labels), sample_weight)
        self._validation = validation
        self._validation_weight = None
        if validation is not None and validation_weight is not None:
            self._validation_weight = checked_weights(validation_weight, len(validation[0]))
        self._offsets = layout.level_offsets.astype(np.int32)[:, None]
        self._rare_level_dropout: RareLevelDropout | None = None
        if settings.rare_level_dropout and layout.categorical:
            self._rare_level_dropout = RareLevelDropout(
                train.codes,
                layout.level_counts,
                self._labels,
                target.output_count,
                settings.rare_level_dropout,
                settings.random_state,
            )
        # Batch norm uses every row of a batch: batches cannot be padded, and need two rows.
        normalises = settings.bi_batch_norm or settings.hidden_batch_norm
        batch_size = settings.batch_size or automatic_batch_size(len(train))
        self._batch_size = batch_size = min(max(batch_size, 1 + normalises), len(train))
        self._pads_batches = not normalises or len(train) % batch_size == 0
        self._bounds = batch_bounds(len(train), batch_size, smallest=1 + normalises)
        self._shape = GraphShape.of(layout, settings, target, batch_size, self._pads_batches)
        self._acquired: TrainingGraph | None = idle_graphs.acquire(
            self._shape, settings.random_state
        )
        self._state: list[np.ndarray] = []
        self._call_budget = CallBudget()
        numbers_per_row = len(layout.fields) * (settings.embedding_dim + target.output_count)
        self._rows_per_call = min(
            _VALIDATION_ROWS_PER_CALL, max(1, _VECTOR_NUMBERS_PER_CALL // numbers_per_row)
        )
        members = settings.member_count
        # Without early stopping, the mean of the members is compared between epochs.
        compared = members if settings.early_stopping else 1
        self._best = [BestEpoch(settings.patience) for _ in range(compared)]
        # What is kept of each member: its weights, None for the current ones, and its outputs for
        # the validation rows.
        self._snapshots: list[dict[str, Any] | None] = [None] * members
        self._outputs: list[np.ndarray] = [np.empty(0)] * members
        self._learning_rate = settings.learning_rate
        self.outcome: TrainingOutcome | None = None
        self.history: list[Epoch] = []
        self._start_time: float | None = None
        self._epochs_done = self._epochs_before = 0
        self._seconds_before = 0.0
        self._batch = 0
        self._sums = np.zeros(self._graph.sum_count, np.float32)
        self._error: DivergenceError | None = None

    @property
    def _graph(self) -> TrainingGraph:
        if self._acquired is None:
            self._acquired = idle_graphs.acquire(self._shape, self.settings.random_state)
            self._acquired.restart(self.settings.random_state, self._state)
            self._state = []
        return self._acquired

    def release(self) -> None:
        """Give the graph to the next training of the same shape, which then starts sooner.

        This training can still be continued: it keeps its state, and acquires a graph again. A
        large graph stays.
        """
        if self._acquired is not None and idle_graphs.is_small(self._acquired):
            self._state = self._acquired.state()
            idle_graphs.release(self._acquired)
            self._acquired = None

    @property
    def learning_rate(self) -> float:
        """Learning rate of the next steps; it can be set during training."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, rate: float) -> None:
        if not 0 < rate < float("inf"):
            raise SettingsError(f"learning_rate is {rate}: it must be a positive number.")
        self._learning_rate = float(rate)

    def resume(self, weights: Mapping[str, np.ndarray], history: Sequence[Epoch]) -> None:
        """Continue from the weights of an earlier training, before the first epoch of this one.

        The optimiser starts with a fresh state, because its state isn't saved with the weights.
        The order of the rows and the units that dropout drops differ from the earlier epochs'.

        Args:
            weights: Arrays by name, as `weights` returns them for the same layout and settings.
            history: All epochs of the earlier training.

        Raises:
            TrainingError: If the weights don't fit the network.
        """
        try:
            self._graph.load(weights, len(history))
        except (KeyError, ValueError) as error:
            raise TrainingError(
                "The saved weights do not fit this table and these settings: train a new model."
            ) from error
        self.history = list(history)
        self._epochs_done = self._epochs_before = len(history)
        self._seconds_before = history[-1].seconds if history else 0.0
        best = best_epoch(history)
        if best is not None and best.validation is not None:
            if not self.settings.early_stopping:
                self._best[0].update(best.validation.loss)
                return
            self._validate()

    def epochs(
        self, should_stop: Callable[[], bool] | None = None, count: int | None = None
    ) -> Iterator[Epoch]:
        """Train, and yield each epoch when it is done.

        Another call continues where this one stopped, even within an epoch, with the same state
        of the optimiser. The patience of early stopping starts again.

        Args:
            should_stop: Called between two calls of the graph, about every half second; True
                ends the training. None to train to the end.
            count: Maximum number of epochs; None for the rest of the number in the settings.

        Yields:
            The epochs, numbered from 1 across all calls.

        Raises:
            DivergenceError: If a loss is infinite or not a number.
        """
        if self._error is not None:
            raise self._error
        last = self.settings.epochs if count is None else self._epochs_done + count
        self.outcome = None
        for best in self._best:
            best.reset_patience()
        if self._start_time is None:
            self._start_time = perf_counter()
        while self._epochs_done < last:
            began = perf_counter()
            train = self._train_epoch(should_stop)
            if train is None:
                self.outcome = "stopped"
                return
            with self._graph.averaged():
                validation, is_best, member_losses = self._validate()
            now = perf_counter()
            epoch = Epoch(
                number=self._epochs_done,
                train=train,
                validation=validation,
                learning_rate=self._learning_rate,
                seconds=self._seconds_before + now - self._start_time,
                rows_per_second=len(self._table) / (now - began),
                best=is_best,
                member_losses=member_losses,
            )
            self.history.append(epoch)
            yield epoch
            exhausted = all(best.patience_exhausted for best in self._best)
            if self.settings.early_stopping and exhausted:
                self.outcome = "early_stopped"
                return
        self.outcome = "completed"

    def weights(self) -> dict[str, np.ndarray]:
        """Return the trained weights by the names of `export_weights`.

        Returns:
            Float32 arrays: those of the best epoch if there are validation rows and early
            stopping is on, else those after the last step; averaged with `weight_averaging`.

        Raises:
            DivergenceError: If the training diverged, or a weight is not finite.
        """
        if self._error is not None:
            raise self._error
        with self._graph.averaged():
            weights = self._graph.weights(self._snapshots)
        if not all(_is_finite(array) for array in weights.values()):
            raise self._diverged("weights")
        return weights

    @property
    def network(self) -> Network:
        """A new network of Keras layers with the weights that `weights` returns."""
        network = build_network(
            self.layout, self.settings, self.target.task, self.target.output_count
        )
        import_weights(network, self.weights())
        return network

    def _train_epoch(self, should_stop: Callable[[], bool] | None) -> Metrics | None:
        """Train to the end of the current epoch; return None if stopped before."""
        batches = len(self._bounds) - 1
        generator = np.random.default_rng([self.settings.random_state, self._epochs_done])
        order = generator.permutation(len(self._table))
        if self._batch == 0 and self._rare_level_dropout is not None:
            self._rare_level_dropout.start_epoch(self._epochs_done)
        while self._batch < batches:
            if should_stop is not None and should_stop():
                return None
            first, last = self._batch, self._call_budget.last_batch(self._bounds, self._batch)
            began = perf_counter()
            self._sums = self._run(order, first, last)
            self._call_budget.record(
                int(self._bounds[last] - self._bounds[first]), perf_counter() - began
            )
            if not np.isfinite(self._sums).all():
                raise self._diverged("loss")
            self._batch = last
        sums = self._sums.tolist()
        self._sums = np.zeros(self._graph.sum_count, np.float32)
        self._batch = 0
        self._epochs_done += 1
        return training_metrics(self.target, self._labels, self._weights[:, 1], *sums)

    def _run(self, order: np.ndarray, first: int, last: int) -> np.ndarray:
        """Run the steps of some batches, and return the epoch's sums so far, float32 (S,)."""
        bounds = self._bounds[first : last + 1]
        sizes = np.diff(bounds)
        rows = order[bounds[0] : bounds[-1]]
        weights = self._weights[rows]
        weights[:, 0] /= np.repeat(sizes, sizes)
        missing = self._batch_size - int(sizes[-1]) if self._pads_batches else 0
        if missing:
            rows = np.append(rows, np.repeat(rows[-1], missing))
            weights = np.concatenate([weights, np.zeros((missing, 2), np.float32)])
        ids, values = self._inputs(self._table.take(rows))
        if self._rare_level_dropout is not None:
            ids = self._rare_level_dropout.apply(ids)
        steps_before = (self._epochs_done - self._epochs_before) * (len(self._bounds) - 1)
        sums = self._graph.train(
            ids,
            values,
            self._labels[rows],
            weights,
            bounds - bounds[0],
            np.int32(steps_before + first + 1),
            np.float32(self._learning_rate),
            self._sums,
        )
        return np.array(sums)

    def _inputs(self, table: EncodedTable) -> tuple[np.ndarray, np.ndarray]:
        """Return ids, int32 (F, rows), fields first, and values, float32 (rows, D)."""
        return table.codes.T + self._offsets, table.values

    def _validate(self) -> tuple[Metrics | None, bool, tuple[float, ...]]:
        """Measure the validation rows, and keep the members that are better than before.

        Returns:
            The metrics, whether anything is better, and the loss of each member of an ensemble;
            None, False and no losses without validation rows.
        """
        if self._validation is None:
            return None, False, ()
        table, labels = self._validation
        step = self._rows_per_call
        parts = [
            np.array(self._graph.outputs(*self._inputs(table.take(slice(i, i + step)))))
            for i in range(0, len(table), step)
        ]
        members = np.concatenate(parts, axis=1)
        metrics = [self._metrics(labels, outputs) for outputs in members]
        if len(members) == 1:
            losses: tuple[float, ...] = ()
        else:
            losses = tuple(own.loss for own in metrics)
        if not self.settings.early_stopping:
            mean = self._metrics(labels, members.mean(axis=0)) if losses else metrics[0]
            return mean, self._best[0].update(mean.loss), losses
        better = [best.update(own.loss) for best, own in zip(self._best, metrics, strict=True)]
        for member in [place for place, is_better in enumerate(better) if is_better]:
            self._snapshots[member] = None  # freed first, because two may not fit in memory
            self._snapshots[member] = self._graph.snapshot(member)
            self._outputs[member] = members[member]
        mean = self._metrics(labels, np.mean(self._outputs, axis=0)) if losses else metrics[0]
        return mean, any(better), losses

    def _metrics(self, labels: np.ndarray, outputs: np.ndarray) -> Metrics:
        """Return the metrics of outputs for the validation rows, float (rows, C).

        Raises:
            DivergenceError: If an output or the loss is not finite.
        """
        if not np.isfinite(outputs).all():
            raise self._diverged("validation loss")
        metrics = evaluate(
            self.target, labels, outputs, self._validation_weight, self.settings.regression_loss
        )
        if not np.isfinite(metrics.loss):
            raise self._diverged("validation loss")
        return metrics

    def _diverged(self, what: str) -> DivergenceError:
        self._error = divergence(
            self.settings,
            self._epochs_done + (self._batch > 0 or what == "loss"),
            learning_rate=self._learning_rate,
            largest_value=largest_number(self._table.values),
            what=what,
        )
        return self._error


def _is_finite(array: np.ndarray) -> bool:
    """Return whether all numbers are finite, without a temporary array of the same size."""
    return not array.size or bool(np.isfinite([array.min(), array.max()]).all())
