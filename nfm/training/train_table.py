"""From a table to a model in one call."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nfm.epoch import Epoch, Metrics
from nfm.inference.bundle import Bundle
from nfm.settings import Settings
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import Split, SplitOptions
from nfm.training.run_metrics import figures
from nfm.training.split_table import SplitTable


@dataclass(frozen=True, eq=False)
class Trained:
    """A model trained on a table, and its metrics.

    Attributes:
        bundle: The model, which answers, is saved, and holds its history.
        split: The rows of each part.
        test_metrics: Measured on the test rows; None where there are none.
        notes: What was left out of the figures, one sentence each: validation and test rows of
            classes that no training row has.
    """

    bundle: Bundle
    split: Split
    test_metrics: Metrics | None
    notes: tuple[str, ...] = ()

    @property
    def figures(self) -> dict[str, float]:
        """What the app shows: epochs, and the figures of validation and test rows by name."""
        return figures(self.bundle, self.test_metrics)


def train_table(
    frame: Any,
    schema: Schema,
    settings: Settings | None = None,
    split: SplitOptions | None = None,
    callback: Callable[[Epoch], bool | None] | None = None,
) -> Trained:
    """Train a model on a table as the app does: equal arguments give equal results.

    Args:
        frame: The table, all rows and columns, as `read_table` returns it; or one of pandas,
            polars, pyarrow and so on (see `nfm.tabular.frames.as_frame`).
        schema: Names target, task and features: `infer_schema(frame, target)`, changed by
            its methods.
        settings: Of the model and its training; None: the recommended ones.
        split: How the rows are divided; None: as the app does at first.
        callback: Called with every epoch; True ends the training.

    Returns:
        The model and its figures.

    Raises:
        NFMError: If the table, the schema and the settings do not make a training.

    Warns:
        UserWarning: Before the training, if validation or test rows have classes that no
            training row has: the model cannot predict them, and its figures leave them out.

    Example:
        >>> from nfm import Settings, infer_schema, read_table, train_table
        >>> frame = read_table("data/titanic.csv")
        >>> trained = train_table(frame, infer_schema(frame, "Survived"), Settings(epochs=2))
        >>> len(trained.bundle.history), len(trained.split.test)
        (2, 178)
    """
    division = SplitTable.of(schema.read(frame), schema, split or SplitOptions())
    for note in division.notes:
        warnings.warn(note, stacklevel=2)
    fitting = division.fitting(settings or Settings())
    answers: list[bool | None] = []
    for epoch in fitting.epochs(lambda: any(answers)):
        if callback is not None:
            answers.append(callback(epoch))
    bundle = fitting.bundle()
    return Trained(bundle, division.split, division.test(bundle), division.notes)
