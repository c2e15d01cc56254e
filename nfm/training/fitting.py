"""Trains a network on encoded rows and packs it as a bundle; a bundle as a Keras model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nfm.epoch import Epoch
from nfm.errors import SchemaError
from nfm.inference.bundle import Bundle
from nfm.settings import Settings
from nfm.tabular.encoding import Encoder
from nfm.tabular.schema import Schema
from nfm.tabular.target import Target, as_series

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

    The classes are those of the training rows. Validation rows of another class are left
    out: no model can be right about them, and their loss would only grow while it learns.

    Args:
        frame: Training rows; columns that are not features of the schema are ignored.
        target_values: The target of each training row.
        schema: Says which columns are features, of which kind, and the task.
        settings: Of the model and its training.
        validation: Rows and target values that choose the best epoch.
        sample_weight: float (rows,), not negative; None weighs all rows alike.
        validation_weight: The same for the validation rows' loss.
        smallest_class: Rows that every class must have, validation rows included.
        target: What an earlier training of the same rows took for the classes, or the scale;
            None: as the training rows have them.

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
        target: Target | None = None,
    ) -> None:
        from nfm.model.training import Training

        if schema.task is None:
            raise SchemaError("No target is chosen: choose the column that is to be predicted.")
        if not schema.features:
            raise SchemaError("No column is a feature: choose at least one to learn from.")
        self.schema = schema
        self.settings = settings
        self.target = target or Target.fit(
            target_values,
            schema.task,
            schema.target or "target",
            smallest_class=smallest_class,
            others=None if validation is None else validation[1],
            positive=schema.positive,
        )
        if validation is not None and schema.task != "regression":
            known = self.target.known(validation[1])
            if not known.all():
                rows, values = validation
                validation = (rows[known], as_series(values)[known]) if known.any() else None
                if validation_weight is not None:
                    validation_weight = validation_weight[known]
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
        """Continue from the end of another training of the same table, with a fresh optimiser.

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
        """Return the trained model as a bundle, ready to predict."""
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


def keras_model(bundle: Bundle) -> keras.Model:
    """Return a bundle's network as a `keras.Model` of registered layers.

    Args:
        bundle: Any bundle, however it was trained.

    Returns:
        The model, with a dict of inputs: `codes`, int32 (rows, F), and `values`, float32
        (rows, D), as `bundle.encoder.transform` returns them. Its output is float32: the
        probability of the positive class (rows, 1) or of each class (rows, classes), or for a
        regression the standardised target (rows, 1).
    """
    from nfm.model.network import build_network
    from nfm.model.weights import import_weights

    network = build_network(
        bundle.encoder.layout, bundle.settings, bundle.target.task, bundle.target.output_count
    )
    import_weights(network, bundle.weights)
    return network.model
