"""Fit encoder, target and network to a table, pack them as a bundle, convert one to Keras."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nfm.epoch import Epoch, best_epoch
from nfm.errors import SchemaError
from nfm.inference.bundle import Bundle
from nfm.network_architecture import NetworkArchitecture
from nfm.settings import Settings
from nfm.tabular.encoding import Encoder
from nfm.tabular.schema import Schema
from nfm.tabular.target import Target
from nfm.tabular.target_values import as_series

if TYPE_CHECKING:
    import keras


class Fitting:
    """Encodes a table, trains a network on it, and returns the result as a bundle.

    Everything that is fitted to data (the encoder, the target's scale, the weights) is fitted to
    the training rows alone; validation rows only choose the best epoch. The exception is the
    setting `vocabulary="all"`, which adds the levels of the validation rows, as in the article.

    The classes are those of the training rows. Validation rows of another class are left out:
    no model can predict them, and their loss would only grow during training.

    Args:
        frame: Training rows; columns that aren't features of the schema are ignored.
        target_values: Target of each training row, (rows,).
        schema: Features, their kinds, and the task.
        settings: Settings of the model and its training.
        validation: Rows and target values that choose the best epoch; None for no validation.
        sample_weight: Weight of each training row, float (rows,), ≥ 0; None for equal weights.
        validation_weight: Weight of each validation row in its loss, float (rows,), ≥ 0; None
            for equal weights.
        smallest_class: Fewest rows of a class, validation rows included; default 2.
        target: Classes or scale of an earlier training on the same rows; None to fit them to
            the training rows.

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
            raise SchemaError("No target is chosen: choose the column to predict.")
        if not schema.features:
            raise SchemaError("No column is a feature: choose at least one.")
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
        train, labels = self.encoder.transform(frame), self.target.encode(target_values)
        validation_rows = None
        if validation is not None:
            rows, values = validation
            validation_rows = self.encoder.transform(rows), self.target.encode(values)

        self.training = Training(
            self.encoder.layout,
            settings,
            self.target,
            train,
            labels,
            sample_weight=sample_weight,
            validation=validation_rows,
            validation_weight=validation_weight,
        )

    @property
    def history(self) -> tuple[Epoch, ...]:
        """The epochs trained so far."""
        return tuple(self._epochs)

    @property
    def architecture(self) -> NetworkArchitecture:
        """The parts of the network that is trained."""
        return NetworkArchitecture(self.encoder.layout, self.settings, self.target.output_count)

    def resume(self, bundle: Bundle) -> None:
        """Continue from the end of an earlier training on the same table, with a fresh optimiser.

        Args:
            bundle: The model of the earlier training.

        Raises:
            TrainingError: If its weights don't fit the network.
        """
        self.training.resume(bundle.weights, bundle.history)
        self._epochs = list(bundle.history)

    def epochs(
        self, should_stop: Callable[[], bool] | None = None, count: int | None = None
    ) -> Iterator[Epoch]:
        """Train, and yield each epoch when it is done.

        Args:
            should_stop: Called about every half second, also within an epoch; True ends the
                training and keeps the model as it is. None to train to the end.
            count: Maximum number of epochs; None for the rest of the number in the settings.

        Yields:
            The epochs.

        Raises:
            DivergenceError: If a loss is infinite or not a number.
        """
        for epoch in self.training.epochs(should_stop, count):
            self._epochs.append(epoch)
            yield epoch

    def bundle(self) -> Bundle:
        """Return the trained model as a bundle, which predicts with NumPy alone."""
        best = best_epoch(self._epochs)
        return Bundle(
            schema=self.schema,
            encoder=self.encoder,
            target=self.target,
            settings=self.settings,
            weights=self.training.weights(),
            history=self.history,
            best_epoch=None if best is None else best.number,
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
