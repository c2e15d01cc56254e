"""The training loop: a generator of epochs that can be stopped and gone on with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from time import perf_counter
from typing import Any, Literal

import numpy as np

from nfm.epoch import Epoch, Metrics
from nfm.errors import DivergenceError, SettingsError, TrainingError
from nfm.metrics import evaluate
from nfm.model.call_budget import CallBudget, automatic_batch_size, batch_bounds
from nfm.model.losses import checked_weights, row_weights, training_metrics
from nfm.model.network import Network, build_network
from nfm.model.steps import Steps
from nfm.model.weights import import_weights
from nfm.settings import Settings
from nfm.tabular.encoded_table import EncodedShape, EncodedTable
from nfm.tabular.target import Target


class BestEpoch:
    """Remembers the epoch with the lowest validation loss.

    Args:
        patience: Epochs without a better one before the training has waited long enough.

    Attributes:
        state: What `keep` was given to remember; None before, or if it was not used.
    """

    def __init__(self, patience: int) -> None:
        self.state: Any = None
        self._patience = patience
        self._loss = float("inf")
        self._waited = 0

    def is_better(self, loss: float) -> bool:
        """Say whether a new epoch's validation loss is the lowest so far, and note it."""
        better = loss < self._loss
        if better:
            self._loss = loss
        self._waited = 0 if better else self._waited + 1
        return better

    def keep(self, snapshot: Callable[[], Any]) -> None:
        """Keep a snapshot; the previous one is freed first, because memory may not hold two."""
        self.state = None
        self.state = snapshot()

    @property
    def has_waited_enough(self) -> bool:
        """Whether as many epochs as the patience were not better than the best."""
        return self._waited >= self._patience

    def reset_patience(self) -> None:
        """Start counting again, when a person asks for more epochs."""
        self._waited = 0


TrainingOutcome = Literal["completed", "early_stopped", "stopped"]

_ROWS_PER_CALL = 16_384


def _never() -> bool:
    return False


class Training:
    """One network learning from one encoded table.

    A call of the graph runs as many steps as fit into about half a second; between two
    calls the training can be stopped. Equal settings, tables and versions give equal
    numbers, however the epochs are cut and on one thread or several.

    Args:
        layout: Sizes of the encoded table.
        settings: All of them; those of the data are not looked at.
        target: Says the task.
        train: The training rows; kept as they are, without a copy.
        labels: Of the training rows, (rows,), as `Target.encode` returns them.
        sample_weight: How much each training row counts, (rows,); None for all the same.
        validation: Rows and labels that choose the best epoch, or None.
        validation_weight: How much each validation row counts, (rows,); None for all the
            same.

    Raises:
        TrainingError: If there are no training rows, or the weights are not usable.
        SchemaError: If there is no field.
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
                "training needs at least one row, and a label for each."
            )
        if validation is not None and len(validation[0]) == 0:
            validation = None
        self.layout = layout
        self.settings = settings
        self.target = target
        self._table = train
        self._labels = _as_labels(target, labels)
        self._weights = row_weights(settings, target, np.asarray(labels), sample_weight)
        self._validation = validation
        self._validation_weight = None
        if validation is not None and validation_weight is not None:
            self._validation_weight = checked_weights(validation_weight, len(validation[0]))
        self._offsets = layout.level_offsets.astype(np.int32)[:, None]
        batch_size = settings.batch_size or automatic_batch_size(len(train))
        self._batch_size = batch_size = min(batch_size, len(train))
        # Batch norm sees every row of a batch: it allows no filling up, and needs two rows.
        normalises = settings.bi_batch_norm or settings.hidden_batch_norm
        self._fills_up = not normalises or len(train) % batch_size == 0
        self._bounds = batch_bounds(len(train), batch_size, smallest=1 + normalises)
        self._steps = Steps(
            layout, settings, target.task, target.output_count, batch_size, self._fills_up
        )
        self._pace = CallBudget()
        self._best = BestEpoch(settings.patience)
        self._learning_rate = settings.learning_rate
        self._outcome: TrainingOutcome | None = None
        self._began: float | None = None
        self._done = self._done_before = 0
        self._seconds_before = 0.0
        self._batch = 0
        self._sums = np.zeros(2, np.float32)
        self._broken: DivergenceError | None = None

    @property
    def learning_rate(self) -> float:
        """The rate of the next steps; may be set while training."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, rate: float) -> None:
        if not 0 < rate < float("inf"):
            raise SettingsError(f"learning_rate is {rate}: it must be a positive number.")
        self._learning_rate = float(rate)

    @property
    def outcome(self) -> TrainingOutcome | None:
        """How the last call of `epochs` ended; None before it has."""
        return self._outcome

    def resume(self, weights: Mapping[str, np.ndarray], history: Sequence[Epoch]) -> None:
        """Go on from the weights of an earlier training, before the first epoch of this one.

        The optimiser begins anew: its state was not kept with the weights. The order of the
        rows and the units that dropout silences are not those of the earlier epochs.

        Args:
            weights: As `weights` returned them, of a network of the same layout and settings.
            history: All epochs of the earlier training.

        Raises:
            TrainingError: If the weights do not fit.
        """
        try:
            self._steps.load(weights, len(history))
        except (KeyError, ValueError) as error:
            raise TrainingError(
                "The kept weights do not fit this table and these settings: train it anew."
            ) from error
        self._done = self._done_before = len(history)
        self._seconds_before = history[-1].seconds if history else 0.0
        best = next((epoch for epoch in reversed(history) if epoch.best), None)
        if best is not None and best.validation is not None:
            self._best.is_better(best.validation.loss)
            if self.settings.early_stopping:
                self._best.keep(self._steps.snapshot)

    def epochs(
        self, should_stop: Callable[[], bool] = _never, count: int | None = None
    ) -> Iterator[Epoch]:
        """Train, and yield each epoch when it is done.

        Asked again, it goes on where it stopped, in the middle of an epoch too, with the
        optimiser's state as it was and the patience for early stopping anew.

        Args:
            should_stop: Asked between two calls of the graph, about every half second.
            count: How many epochs at most; None for what is left of the settings' number.

        Yields:
            The epochs, numbered from 1 through all calls.

        Raises:
            DivergenceError: If a loss is infinite or not a number.
        """
        if self._broken is not None:
            raise self._broken
        last = self.settings.epochs if count is None else self._done + count
        self._outcome = None
        self._best.reset_patience()
        if self._began is None:
            self._began = perf_counter()
        while self._done < last:
            began = perf_counter()
            train = self._train_epoch(should_stop)
            if train is None:
                self._outcome = "stopped"
                return
            with self._steps.averaged():
                validation = self._validate()
                is_best = validation is not None and self._best.is_better(validation.loss)
                if is_best and self.settings.early_stopping:
                    self._best.keep(self._steps.snapshot)
            now = perf_counter()
            yield Epoch(
                number=self._done,
                train=train,
                validation=validation,
                learning_rate=self._learning_rate,
                seconds=self._seconds_before + now - self._began,
                rows_per_second=len(self._table) / (now - began),
                best=is_best,
            )
            if self.settings.early_stopping and self._best.has_waited_enough:
                self._outcome = "early_stopped"
                return
        self._outcome = "completed"

    def weights(self) -> dict[str, np.ndarray]:
        """Return the trained weights by the names of `export_weights`.

        They are the best epoch's if there are validation rows and early stopping is on,
        else the last step's; averaged if the settings say so.

        Raises:
            DivergenceError: If the training diverged, or a weight is not finite.
        """
        if self._broken is not None:
            raise self._broken
        with self._steps.averaged():
            weights = self._steps.weights(self._best.state)
        if not all(_is_finite(array) for array in weights.values()):
            raise self._diverged("weights")
        return weights

    @property
    def network(self) -> Network:
        """A network of Keras layers, newly built, with the weights that `weights` returns."""
        network = build_network(
            self.layout, self.settings, self.target.task, self.target.output_count
        )
        import_weights(network, self.weights())
        return network

    def _train_epoch(self, should_stop: Callable[[], bool]) -> Metrics | None:
        """Train to the end of the epoch that has begun; None if stopped before."""
        batches = len(self._bounds) - 1
        generator = np.random.default_rng([self.settings.random_state, self._done])
        order = generator.permutation(len(self._table))
        while self._batch < batches:
            if should_stop():
                return None
            first, last = self._batch, self._pace.last_batch(self._bounds, self._batch)
            began = perf_counter()
            self._sums = self._run(order, first, last)
            self._pace.record(int(self._bounds[last] - self._bounds[first]), perf_counter() - began)
            if not np.isfinite(self._sums[0]):
                raise self._diverged("loss")
            self._batch = last
        loss_sum, score_sum = (float(part) for part in self._sums)
        self._sums = np.zeros(2, np.float32)
        self._batch = 0
        self._done += 1
        return training_metrics(self.target, self._labels, self._weights[:, 1], loss_sum, score_sum)

    def _run(self, order: np.ndarray, first: int, last: int) -> np.ndarray:
        """Take the steps of some batches; return the epoch's sums so far, (2,)."""
        bounds = self._bounds[first : last + 1]
        sizes = np.diff(bounds)
        rows = order[bounds[0] : bounds[-1]]
        weights = self._weights[rows]
        weights[:, 0] /= np.repeat(sizes, sizes)
        missing = self._batch_size - int(sizes[-1]) if self._fills_up else 0
        if missing:
            rows = np.append(rows, np.repeat(rows[-1], missing))
            weights = np.concatenate([weights, np.zeros((missing, 2), np.float32)])
        sums = self._steps.train(
            *self._inputs(self._table.take(rows)),
            self._labels[rows],
            weights,
            bounds - bounds[0],
            np.int32((self._done - self._done_before) * (len(self._bounds) - 1) + first + 1),
            np.float32(self._learning_rate),
            self._sums,
        )
        return np.array(sums)

    def _inputs(self, table: EncodedTable) -> tuple[np.ndarray, np.ndarray]:
        """Return ids, int32 (F, rows), fields first, and values, float32 (rows, D)."""
        return table.codes.T + self._offsets, table.values

    def _validate(self) -> Metrics | None:
        """Measure the validation rows, if there are any."""
        if self._validation is None:
            return None
        table, labels = self._validation
        parts = [
            np.array(self._steps.outputs(*self._inputs(table.take(slice(i, i + _ROWS_PER_CALL)))))
            for i in range(0, len(table), _ROWS_PER_CALL)
        ]
        outputs = np.concatenate(parts)
        if not np.isfinite(outputs).all():
            raise self._diverged("validation loss")
        metrics = evaluate(self.target, labels, outputs, self._validation_weight)
        if not np.isfinite(metrics.loss):
            raise self._diverged("validation loss")
        return metrics

    def _diverged(self, what: str) -> DivergenceError:
        self._broken = divergence(
            self.settings,
            self._done + (self._batch > 0 or what == "loss"),
            learning_rate=self._learning_rate,
            largest_value=largest_number(self._table.values),
            what=what,
        )
        return self._broken


def _as_labels(target: Target, labels: np.ndarray) -> np.ndarray:
    dtype = np.int32 if target.task == "multiclass" else np.float32
    return np.asarray(labels).reshape(-1).astype(dtype)


def _is_finite(array: np.ndarray) -> bool:
    """Say whether all numbers are finite, without an array of so many answers."""
    return not array.size or bool(np.isfinite([array.min(), array.max()]).all())


# Rates that usually work, and the most that often still does.
_USUAL_RATE = {"adam": 1e-3, "adagrad": 0.05, "sgd": 0.01}
_BOLD = 30.0
_LARGE_VALUE = 20.0


def divergence(
    settings: Settings,
    epoch: int,
    *,
    learning_rate: float,
    largest_value: float,
    what: str = "loss",
) -> DivergenceError:
    """Make the error for a loss or a weight that is infinite or not a number.

    Args:
        settings: Those of the training.
        epoch: Number of the epoch in which it happened.
        learning_rate: The rate in force.
        largest_value: Largest absolute number in the encoded numeric columns.
        what: What was not finite.

    Returns:
        The error, which names the setting that is most likely the cause.
    """
    usual = _USUAL_RATE[settings.optimizer]
    raw = settings.numeric != "piecewise" and largest_value > _LARGE_VALUE
    if learning_rate > _BOLD * usual:
        advice = (
            f"The likely cause is learning_rate = {learning_rate:g}: "
            f"try {usual:g}, which suits {settings.optimizer}"
        )
    elif raw and settings.numeric_scaling == "none":
        advice = (
            f"The likely cause is numeric_scaling = none with numbers up to {largest_value:,.0f}: "
            'choose "standard"'
        )
    elif raw:
        advice = (
            f"The likely cause is an outlier {largest_value:,.0f} standard deviations from its "
            'column\'s mean: choose numeric = "piecewise"'
        )
    else:
        advice = (
            f"The likely cause is learning_rate = {learning_rate:g}: try {learning_rate / 10:g}"
        )
    return DivergenceError(
        f"Training diverged in epoch {epoch}: the {what} is infinite or not a number. {advice}."
    )


def largest_number(values: np.ndarray) -> float:
    """Return the largest absolute number, 0 if there is none."""
    if values.size == 0:
        return 0.0
    low, high = np.fmin.reduce(values, axis=None), np.fmax.reduce(values, axis=None)
    return float(np.nan_to_num(max(-low, high, 0.0)))
