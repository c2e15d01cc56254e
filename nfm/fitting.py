"""A table becomes a bundle: the one path of the estimator, the app's workers and scripts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nfm.epoch import Epoch, Metrics
from nfm.errors import SchemaError
from nfm.inference.bundle import Bundle
from nfm.settings import Settings
from nfm.tabular.encoding import Encoder
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import Split, SplitOptions, split_rows
from nfm.tabular.target import Target

if TYPE_CHECKING:
    import keras

    from nfm.model.training import Training


def _never() -> bool:
    return False


class Fitting:
    """Encodes a table, trains a network on it, and packs the result.

    Everything that is learned from data, the encoder, the target's scale and the
    weights, is learned from the training rows alone; validation rows only choose the
    best epoch. The exception is the setting `vocabulary="all"`, which takes the levels
    of the validation rows too, as the article does.

    Args:
        frame: Training rows; columns that are not features of the schema are ignored.
        target_values: The target of each training row.
        schema: Says which columns are features, of which kind, and the task.
        settings: Of the model and its training.
        validation: Rows and target values that choose the best epoch.
        sample_weight: float (rows,), not negative; None weighs all rows alike.
        validation_weight: The same for the validation rows' loss.
        smallest_class: Rows that every class must have.

    Raises:
        SchemaError: If no column is a feature, or the target cannot be learned.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        target_values: Any,
        schema: Schema,
        settings: Settings,
        *,
        validation: tuple[pd.DataFrame, Any] | None = None,
        sample_weight: np.ndarray | None = None,
        validation_weight: np.ndarray | None = None,
        smallest_class: int = 2,
    ) -> None:
        from nfm.model.training import Training

        if schema.task is None:
            raise SchemaError("No target is chosen: choose the column that is to be predicted.")
        if not schema.features:
            raise SchemaError("No column is a feature: choose at least one to learn from.")
        self.schema = schema
        self.settings = settings
        self.target = Target.fit(
            _class_values(target_values, validation)
            if schema.task != "regression"
            else target_values,
            schema.task,
            schema.target or "target",
            smallest_class=smallest_class,
        )
        vocabulary_frame = None
        if settings.vocabulary == "all" and validation is not None:
            vocabulary_frame = pd.concat([frame, validation[0]], ignore_index=True)
        self.encoder = Encoder.fit(frame, schema.features, settings, vocabulary_frame)
        self._epochs: list[Epoch] = []
        self.training: Training = Training(
            self.encoder.layout,
            settings,
            self.target,
            self.encoder.transform(frame),
            self.target.encode(target_values),
            sample_weight=sample_weight,
            validation=None
            if validation is None
            else (self.encoder.transform(validation[0]), self.target.encode(validation[1])),
            validation_weight=validation_weight,
        )

    @property
    def history(self) -> tuple[Epoch, ...]:
        """The epochs trained so far."""
        return tuple(self._epochs)

    def resume(self, bundle: Bundle) -> None:
        """Go on where another fitting of the same table ended, with a fresh optimiser.

        Args:
            bundle: What it made.

        Raises:
            TrainingError: If its weights do not fit.
        """
        self.training.resume(bundle.weights, bundle.history)
        self._epochs = list(bundle.history)

    def epochs(
        self, should_stop: Callable[[], bool] = _never, count: int | None = None
    ) -> Iterator[Epoch]:
        """Train, one epoch after another.

        Args:
            should_stop: Asked often, also within a long epoch; True ends the training and
                keeps the model as it is.
            count: How many epochs at most; None for what is left of the settings' number.

        Yields:
            Every epoch, as soon as it is measured.

        Raises:
            DivergenceError: If the loss is no longer a finite number.
        """
        for epoch in self.training.epochs(should_stop, count):
            self._epochs.append(epoch)
            yield epoch

    def bundle(self) -> Bundle:
        """Pack the trained model with all that it takes to ask it."""
        return Bundle(
            schema=self.schema,
            encoder=self.encoder,
            target=self.target,
            settings=self.settings,
            weights=self.training.weights(),
            history=self.history,
            best_epoch=max((epoch.number for epoch in self._epochs if epoch.best), default=None),
            created=datetime.now(UTC),
        )


def _class_values(target_values: Any, validation: tuple[pd.DataFrame, Any] | None) -> Any:
    """Return all target values: a class that only validation rows have is a class all the same."""
    if validation is None:
        return target_values
    return pd.concat(
        [pd.Series(target_values).reset_index(drop=True), pd.Series(validation[1])],
        ignore_index=True,
    )


@dataclass(frozen=True, eq=False)
class Division:
    """A table whose rows are divided: what is learned from, what chooses, what tests.

    Attributes:
        frame: The table, all rows and columns.
        schema: Names target, task and features.
        split: The rows of each part.
    """

    frame: pd.DataFrame
    schema: Schema
    split: Split

    @classmethod
    def of(cls, frame: pd.DataFrame, schema: Schema, options: SplitOptions) -> Division:
        """Divide the rows of a table.

        Args:
            frame: The table.
            schema: Names target, task and features.
            options: Shares, seed and manner.

        Raises:
            SchemaError: If there is no target, or the rows cannot be divided so.
        """
        if schema.target is None or schema.task is None:
            raise SchemaError("No target is chosen: choose the column that is to be predicted.")
        if schema.target not in frame.columns:
            raise SchemaError(
                f"The table has no column {schema.target!r}, which is to be predicted."
            )
        return cls(frame, schema, split_rows(frame, frame[schema.target], schema.task, options))

    def fitting(self, settings: Settings) -> Fitting:
        """Prepare the training of a network on the training rows.

        Args:
            settings: Of the model and its training.
        """
        validation = self._part(self.split.validation)
        return Fitting(
            *self._part(self.split.train),
            self.schema,
            settings,
            validation=validation if len(self.split.validation) else None,
        )

    def test(self, bundle: Bundle) -> Metrics | None:
        """Measure a model on the test rows, if there are any."""
        if not len(self.split.test):
            return None
        return bundle.evaluate(*self._part(self.split.test))

    def _part(self, rows: np.ndarray) -> tuple[pd.DataFrame, pd.Series]:
        return self.frame.iloc[rows], self.frame[self.schema.target].iloc[rows]


@dataclass(frozen=True, eq=False)
class Trained:
    """A model that learned from a table, and how it did.

    Attributes:
        bundle: The model, which answers, is saved, and holds its history.
        split: The rows of each part.
        test_metrics: Measured on the test rows; None where there are none.
    """

    bundle: Bundle
    split: Split
    test_metrics: Metrics | None

    @property
    def figures(self) -> dict[str, float]:
        """What the app shows: epochs, and the figures of validation and test rows by name."""
        bundle = self.bundle
        figures: dict[str, float] = {"epochs": len(bundle.history)}
        kept = bundle.history[-1] if bundle.history else None
        if bundle.best_epoch is not None:
            figures["best epoch"] = bundle.best_epoch
            if bundle.settings.early_stopping:
                kept = next(each for each in bundle.history if each.number == bundle.best_epoch)
        measured = {
            "validation": None if kept is None else kept.validation,
            "test": self.test_metrics,
        }
        for part, metrics in measured.items():
            if metrics is not None:
                for name, value in asdict(metrics).items():
                    if value is not None:
                        figures[f"{part} {name}"] = value
        return figures


def train_table(
    frame: pd.DataFrame,
    schema: Schema,
    settings: Settings | None = None,
    split: SplitOptions | None = None,
    callback: Callable[[Epoch], bool | None] | None = None,
) -> Trained:
    """Train a model on a table as the app does: equal arguments give equal figures.

    Args:
        frame: The table, all rows and columns, as `read_table` returns it.
        schema: Names target, task and features: `infer_schema(frame, target)`, changed by
            its methods.
        settings: Of the model and its training; None: the recommended ones.
        split: How the rows are divided; None: as the app does at first.
        callback: Called with every epoch; True ends the training.

    Returns:
        The model and its figures.

    Raises:
        NFMError: If the table, the schema and the settings do not make a training.
    """
    division = Division.of(frame, schema, split or SplitOptions())
    fitting = division.fitting(settings or Settings())
    answers: list[bool | None] = []
    for epoch in fitting.epochs(lambda: any(answers)):
        if callback is not None:
            answers.append(callback(epoch))
    bundle = fitting.bundle()
    return Trained(bundle, division.split, division.test(bundle))


def keras_model(bundle: Bundle) -> keras.Model:
    """Return a bundle's network as a `keras.Model` of registered layers.

    Args:
        bundle: Any; what it was trained with does not matter.

    Returns:
        The model. Its inputs are `codes` and `values` of `bundle.encoder.transform`; its
        output is the probability (for a regression: the standardised target).
    """
    from nfm.model.network import build_network
    from nfm.model.weights import import_weights

    network = build_network(
        bundle.encoder.layout, bundle.settings, bundle.target.task, bundle.target.output_count
    )
    import_weights(network, bundle.weights)
    return network.model
