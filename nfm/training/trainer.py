"""Prepare the training of a network on a table, and return its result as a bundle."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nfm.epoch import best_epoch
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


class Trainer:
    """Encodes a table for the training loop, and returns what the loop has learned as a bundle.

    Call `loop.epochs` to train.

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

    Attributes:
        schema: The schema.
        settings: The settings.
        target: Classes or scale of the target.
        encoder: Fields and levels of the training rows.
        loop: The training of the network, before its first epoch.

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
        from nfm.model.training_loop import TrainingLoop

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
        train, labels = self.encoder.transform(frame), self.target.encode(target_values)
        validation_rows = None
        if validation is not None:
            rows, values = validation
            validation_rows = self.encoder.transform(rows), self.target.encode(values)

        self.loop = TrainingLoop(
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
    def architecture(self) -> NetworkArchitecture:
        """The parts of the network that is trained."""
        return NetworkArchitecture(self.encoder.layout, self.settings, self.target.output_count)

    def bundle(self) -> Bundle:
        """Return the trained model as a bundle, which predicts with NumPy alone."""
        best = best_epoch(self.loop.history)
        return Bundle(
            schema=self.schema,
            encoder=self.encoder,
            target=self.target,
            settings=self.settings,
            weights=self.loop.weights(),
            history=tuple(self.loop.history),
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
