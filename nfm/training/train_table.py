"""From a table to a model in one call: split the rows, train, test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from nfm.epoch import Epoch, Metrics
from nfm.errors import SchemaError, warn
from nfm.inference.bundle import Bundle
from nfm.settings import Settings
from nfm.tabular.level_values import level_codes
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import Split, SplitOptions, split_rows
from nfm.tabular.target import Target
from nfm.training.trainer import Trainer


@dataclass(frozen=True, eq=False)
class SplitTable:
    """The training, validation and test rows of a table.

    Attributes:
        frame: The table, with all rows and columns.
        schema: Target, task and features.
        split: Positions of the rows of each part.
    """

    frame: pd.DataFrame
    schema: Schema
    split: Split

    @classmethod
    def of(cls, frame: pd.DataFrame, schema: Schema, options: SplitOptions) -> SplitTable:
        """Split the rows of a table.

        Args:
            frame: The table.
            schema: Target, task and features.
            options: How to split the rows.

        Raises:
            SchemaError: If there is no target, or the rows cannot be split this way.
        """
        if schema.target is None or schema.task is None:
            raise SchemaError("No target is chosen: choose the column to predict.")
        if schema.target not in frame.columns:
            raise SchemaError(f"The table has no column {schema.target!r}, which is the target.")
        return cls(frame, schema, split_rows(frame, frame[schema.target], schema.task, options))

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """One sentence for each part with classes that no training row has."""
        if self.schema.task == "regression":
            return ()
        codes, texts = level_codes(self.frame[self.schema.target])
        notes = []
        target = self.schema.target
        for part, rows in (("validation", self.split.validation), ("test", self.split.test)):
            new = rows[~np.isin(codes[rows], codes[self.split.train])]
            if len(new):
                notes.append(
                    f"{len(new):,} of {len(rows):,} {part} rows have a class of {target!r} that no "
                    f"training row has, such as {texts[codes[new[0]]]!r} in row {new[0] + 1:,}. "
                    "The model cannot predict it, and its metrics leave these rows out. Split "
                    "the rows at random to learn all classes."
                )
        return tuple(notes)

    def trainer(self, settings: Settings, target: Target | None = None) -> Trainer:
        """Return the training of a network on the training rows, before its first epoch.

        Args:
            settings: Settings of the model and its training.
            target: Target of the bundle that the training continues from; None to fit it.
        """
        train, validation = self._part(self.split.train), self._part(self.split.validation)
        if target is None and self.schema.task is not None:
            held_out = np.concatenate([self.split.validation, self.split.test])
            _, others = self._part(held_out)
            name = self.schema.target or "target"
            target = Target.fit(
                train[1], self.schema.task, name, others=others, positive=self.schema.positive
            )
        return Trainer(
            *train,
            self.schema,
            settings,
            validation=validation if len(self.split.validation) else None,
            target=target,
        )

    def test(self, bundle: Bundle) -> Metrics | None:
        """Return the metrics of the test rows with known classes; None without such rows."""
        frame, values = self._part(self.split.test)
        known = bundle.target.known(values)
        return bundle.evaluate(frame[known], values[known]) if known.any() else None

    def _part(self, rows: np.ndarray) -> tuple[pd.DataFrame, pd.Series]:
        return self.frame.iloc[rows], self.frame[self.schema.target].iloc[rows]


def run_metrics(bundle: Bundle, test_metrics: Metrics | None) -> dict[str, float]:
    """Return the numbers that the app shows for a run: epochs, validation and test metrics.

    Args:
        bundle: The model, with its history.
        test_metrics: Metrics of the test rows; None without test rows.

    Returns:
        Numbers by names such as "test auc". Those of the validation rows belong to the epoch
        whose weights the model has.
    """
    numbers: dict[str, float] = {"epochs": len(bundle.history)}
    kept = bundle.history[-1] if bundle.history else None
    if bundle.best_epoch is not None:
        numbers["best epoch"] = bundle.best_epoch
        if bundle.settings.early_stopping:
            kept = next(each for each in bundle.history if each.number == bundle.best_epoch)
    measured = {"validation": None if kept is None else kept.validation, "test": test_metrics}
    for part, metrics in measured.items():
        if metrics is not None:
            for name, value in asdict(metrics).items():
                if value is not None:
                    numbers[f"{part} {name}"] = value
    return numbers


@dataclass(frozen=True, eq=False)
class TrainingResult:
    """A model trained on a table, and its metrics.

    Attributes:
        bundle: The model, which predicts, can be saved, and has the history of its epochs.
        split: Positions of the rows of each part.
        test_metrics: Metrics of the test rows; None without test rows.
        notes: One sentence for each part whose metrics leave out rows, because no training row
            has their class.
    """

    bundle: Bundle
    split: Split
    test_metrics: Metrics | None
    notes: tuple[str, ...] = ()

    @property
    def figures(self) -> dict[str, float]:
        """The numbers that the app shows: epochs, validation and test metrics by name."""
        return run_metrics(self.bundle, self.test_metrics)


def train_table(
    frame: Any,
    schema: Schema,
    settings: Settings | None = None,
    split: SplitOptions | None = None,
    callback: Callable[[Epoch], bool | None] | None = None,
) -> TrainingResult:
    """Train a model on a table as the app does: equal arguments give equal results.

    Args:
        frame: The table, with all rows and columns, as `read_table` returns it; or a table of
            pandas, polars, pyarrow and so on (see `nfm.tabular.frames.as_frame`).
        schema: Target, task and features, as `infer_schema(frame, target)` returns them; its
            methods change them.
        settings: Settings of the model and its training; None for the recommended ones.
        split: How to split the rows; None for the app's default.
        callback: Called with every epoch; True ends the training.

    Returns:
        The model and its metrics.

    Raises:
        NFMError: If the table, the schema or the settings cannot be used.

    Warns:
        UserWarning: Before the training, if validation or test rows have classes that no
            training row has: the model cannot predict them, and its metrics leave them out.

    Example:
        >>> from nfm import Settings, infer_schema, read_table, train_table
        >>> frame = read_table("data/titanic.csv")
        >>> trained = train_table(frame, infer_schema(frame, "Survived"), Settings(epochs=2))
        >>> len(trained.bundle.history), len(trained.split.test)
        (2, 178)
    """
    division = SplitTable.of(schema.read(frame), schema, split or SplitOptions())
    for note in division.notes:
        warn(note)
    trainer = division.trainer(settings or Settings())
    answers: list[bool | None] = []
    for epoch in trainer.loop.epochs(lambda: any(answers)):
        if callback is not None:
            answers.append(callback(epoch))
    bundle = trainer.bundle()
    trainer.loop.release()
    return TrainingResult(bundle, division.split, division.test(bundle), division.notes)
