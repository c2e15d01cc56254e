"""A table split into training, validation and test rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from nfm.epoch import Metrics
from nfm.errors import SchemaError
from nfm.inference.bundle import Bundle
from nfm.settings import Settings
from nfm.tabular.level_values import level_codes
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import Split, SplitOptions, split_rows
from nfm.tabular.target import Target
from nfm.training.fitting import Fitting


@dataclass(frozen=True, eq=False)
class SplitTable:
    """The training, validation and test rows of a table.

    Attributes:
        frame: The table, all rows and columns.
        schema: Names target, task and features.
        split: The rows of each part.
    """

    frame: pd.DataFrame
    schema: Schema
    split: Split

    @classmethod
    def of(cls, frame: pd.DataFrame, schema: Schema, options: SplitOptions) -> SplitTable:
        """Split the rows of a table.

        Args:
            frame: The table.
            schema: Names target, task and features.
            options: Shares, seed and manner.

        Raises:
            SchemaError: If there is no target, or the rows cannot be split this way.
        """
        if schema.target is None or schema.task is None:
            raise SchemaError("No target is chosen: choose the column that is to be predicted.")
        if schema.target not in frame.columns:
            raise SchemaError(
                f"The table has no column {schema.target!r}, which is to be predicted."
            )
        return cls(frame, schema, split_rows(frame, frame[schema.target], schema.task, options))

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What a division in time order or by group may do: classes without training rows."""
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
                    "The model cannot predict it, and its figures leave these rows out. Divide "
                    "the rows at random to learn all classes."
                )
        return tuple(notes)

    def fitting(self, settings: Settings, target: Target | None = None) -> Fitting:
        """Prepare the training of a network on the training rows.

        Args:
            settings: Of the model and its training.
            target: Of the bundle that the training goes on from, if it does.
        """
        train, validation = self._part(self.split.train), self._part(self.split.validation)
        if target is None and self.schema.task is not None:
            held_out = np.concatenate([self.split.validation, self.split.test])
            _, others = self._part(held_out)
            name = self.schema.target or "target"
            target = Target.fit(
                train[1], self.schema.task, name, others=others, positive=self.schema.positive
            )
        return Fitting(
            *train,
            self.schema,
            settings,
            validation=validation if len(self.split.validation) else None,
            target=target,
        )

    def test(self, bundle: Bundle) -> Metrics | None:
        """Return the metrics on the test rows with known classes; None without such rows."""
        frame, values = self._part(self.split.test)
        known = bundle.target.known(values)
        return bundle.evaluate(frame[known], values[known]) if known.any() else None

    def _part(self, rows: np.ndarray) -> tuple[pd.DataFrame, pd.Series]:
        return self.frame.iloc[rows], self.frame[self.schema.target].iloc[rows]
