"""A table whose rows are divided."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nfm.epoch import Metrics
from nfm.errors import SchemaError
from nfm.fitting.fitting import Fitting
from nfm.inference.bundle import Bundle
from nfm.settings import Settings
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import Split, SplitOptions, split_rows


@dataclass(frozen=True, eq=False)
class Division:
    """The rows of a table that are learned from, that choose the best epoch, and that test.

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
