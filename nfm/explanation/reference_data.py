"""Reference data of explanations: a model and a sample of its training rows.

Every explanation compares a row with training rows: with their mean prediction, their values, or
the nearest of them. A page builds `ReferenceData` once per model and caches it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from nfm.errors import SchemaError
from nfm.explanation.column_scale import (
    ColumnScale,
    ReferenceColumn,
    column_distances,
    scales_of,
    usual_distances,
)
from nfm.explanation.column_values import Bins, CandidateValues, bins_of, candidate_values
from nfm.files.names import with_text_names
from nfm.inference import activations
from nfm.inference.bundle import Bundle
from nfm.tabular.encoded_table import EncodedTable
from nfm.tabular.row_selection import some_rows

REFERENCE_ROWS = 10_000
SAMPLE_ROWS = 64


@dataclass(frozen=True, eq=False)
class ReferenceRow:
    """A row prepared for explanations.

    Attributes:
        parts: Contribution of each column to the network's sums, float64 (columns, width).
        coordinates: Code or number in each column, float64 (columns,); NaN for missing.
        texts: Its values as text; user text, not escaped.
        predictions: Prediction of the model, float64 (outputs,); see `ReferenceData.predictions`.
        frame: The row as a table.
    """

    parts: np.ndarray
    coordinates: np.ndarray
    texts: tuple[str, ...]
    predictions: np.ndarray
    frame: pd.DataFrame


@dataclass(frozen=True, eq=False)
class ReferenceData:
    """A model with training rows that explanations compare with.

    Attributes:
        bundle: The model.
        frame: Training rows, at most `REFERENCE_ROWS`, drawn at random if there are more.
        positions: Positions of these rows in the given table, int64 (rows,).
        training_rows: Number of rows of the given table.
        table: The rows, encoded.
        scales: Scale of each column.
        coordinates: Code or number of each row in each column, float64 (rows, columns); NaN for
            missing.
        predictions: Prediction for each row, float64 (rows, outputs): the probability of the
            positive class, of every class, or the predicted number in the unit of the target.
        sample: Positions of the reference sample in `frame`, int64, at most `SAMPLE_ROWS`: rows
            evenly spaced in the order of the predictions, so that their mean prediction is close to
            that of all rows.
        sample_parts: Addend of each column of the sample to the network's sums, float64
            (sample, columns, width).
    """

    bundle: Bundle
    frame: pd.DataFrame
    positions: np.ndarray
    training_rows: int
    table: EncodedTable
    scales: tuple[ColumnScale, ...]
    coordinates: np.ndarray
    predictions: np.ndarray
    sample: np.ndarray
    sample_parts: np.ndarray

    @classmethod
    def build(cls, bundle: Bundle, frame: pd.DataFrame) -> ReferenceData:
        """Build the reference data of a model.

        Args:
            bundle: The model.
            frame: The training rows, with the columns that the model needs.

        Returns:
            The reference data; the same rows give the same result.

        Raises:
            SchemaError: If there are no rows, or a column is missing.
        """
        if len(frame) == 0:
            raise SchemaError(
                "There are no training rows. Explanations compare a row with training rows: choose "
                "a table that has some."
            )
        positions = some_rows(len(frame), REFERENCE_ROWS)
        table = bundle.encoder.transform(with_text_names(frame).iloc[positions])
        chosen = with_text_names(frame).iloc[positions][list(bundle.encoder.columns)]
        chosen = chosen.reset_index(drop=True)
        predictions = activations.predictions(bundle.target, bundle.scorer.logits(table))
        sample = _evenly(predictions)
        scales, coordinates = scales_of(bundle.encoder, chosen, table)
        return cls(
            bundle=bundle,
            frame=chosen,
            positions=positions,
            training_rows=len(frame),
            table=table,
            scales=scales,
            coordinates=coordinates,
            predictions=predictions,
            sample=sample,
            sample_parts=_column_parts(bundle, table.take(sample)),
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that the model uses."""
        return self.bundle.encoder.columns

    @property
    def description(self) -> str:
        """The choice of the reference sample, in one sentence."""
        if len(self.sample) == self.training_rows:
            return f"All {self.training_rows:,} training rows serve as reference data."
        return (
            f"The reference data are {len(self.sample):,} of {self.training_rows:,} training rows, "
            "evenly spaced in the order of the model's predictions."
        )

    @cached_property
    def average(self) -> np.ndarray:
        """Average prediction over the reference sample, float64 (outputs,)."""
        return self.predictions[self.sample].mean(axis=0)

    @cached_property
    def ranks(self) -> np.ndarray:
        """Position of each row on the scale of each column, float64 (rows, columns)."""
        return self.to_ranks(self.coordinates)

    @cached_property
    def candidates(self) -> tuple[CandidateValues, ...]:
        """Candidate values of every column."""
        return tuple(candidate_values(self._column(place)) for place in range(len(self.columns)))

    @cached_property
    def bins(self) -> tuple[Bins, ...]:
        """Bins of every column."""
        return tuple(bins_of(self._column(place)) for place in range(len(self.columns)))

    def _column(self, place: int) -> ReferenceColumn:
        scale = self.scales[place]
        return ReferenceColumn(
            scale,
            self.coordinates[:, place],
            self.frame[scale.column],
            lambda rows: self.parts_of(rows)[:, place],
        )

    @cached_property
    def usual_distances(self) -> np.ndarray:
        """Distances of training rows to their nearest other one, sorted, float64 (n,)."""
        return usual_distances(self.scales, self.ranks)

    def read(self, row: pd.DataFrame) -> ReferenceRow:
        """Prepare a row for explanations.

        Args:
            row: One row with the columns that the model needs; others are ignored.

        Returns:
            The row.

        Raises:
            SchemaError: If a column is missing.
            ValueError: If there is not exactly one row.
        """
        if len(row) != 1:
            raise ValueError(f"Expected one row. Received: {len(row)} rows")
        row = with_text_names(row)
        table = self.bundle.encoder.transform(row)
        parts = self.parts_of_table(table)[0]
        coordinates = np.array(
            [scale.coordinates(row[scale.column], table)[0] for scale in self.scales]
        )
        return ReferenceRow(
            parts=parts,
            coordinates=coordinates,
            texts=tuple(
                scale.text(value, row[scale.column].iloc[0])
                for scale, value in zip(self.scales, coordinates, strict=True)
            ),
            predictions=self.predictions_of_sums(parts.sum(axis=0)[None])[0],
            frame=row[list(self.columns)].reset_index(drop=True),
        )

    def parts_of(self, rows: np.ndarray) -> np.ndarray:
        """Return the addends of the columns of some rows to the network's sums.

        Args:
            rows: Positions in `frame`, int64 (n,).

        Returns:
            float64 (n, columns, width).
        """
        return self.parts_of_table(self.table.take(rows))

    def parts_of_table(self, table: EncodedTable) -> np.ndarray:
        """Return the addends of the columns of encoded rows to the network's sums.

        Args:
            table: The rows.

        Returns:
            float64 (rows, columns, width).
        """
        return _column_parts(self.bundle, table)

    def predictions_of_sums(self, sums: np.ndarray) -> np.ndarray:
        """Return the predictions for rows given the sums of their parts.

        Args:
            sums: Sums over the columns, float64 (..., width).

        Returns:
            Predictions as in `predictions`, float64 (..., outputs).
        """
        return activations.predictions(self.bundle.target, self.scores_of_sums(sums))

    def scores_of_sums(self, sums: np.ndarray) -> np.ndarray:
        """Return the raw outputs of the network (log odds for two classes).

        Args:
            sums: Sums over the columns, float64 (..., width).

        Returns:
            float64 (..., outputs).
        """
        logits = self.bundle.scorer.logits_of_sums(sums.reshape(-1, sums.shape[-1]))
        return logits.reshape(*sums.shape[:-1], logits.shape[-1])

    def to_ranks(self, coordinates: np.ndarray) -> np.ndarray:
        """Convert coordinates (rows, columns) to positions on the scale of each column."""
        return np.stack(
            [scale.ranks(coordinates[:, place]) for place, scale in enumerate(self.scales)], axis=1
        )

    def distances(self, row: ReferenceRow) -> np.ndarray:
        """Return the distances of all rows from a row, column by column; see `column_distances`.

        Args:
            row: The row.

        Returns:
            float64 (rows, columns).
        """
        return column_distances(self.scales, self.ranks, self.to_ranks(row.coordinates[None]))


def _evenly(predictions: np.ndarray) -> np.ndarray:
    """Choose rows by systematic sampling: evenly spaced in the order of their predictions."""
    order = np.lexsort((predictions.max(axis=1), predictions.argmax(axis=1)))
    count = min(SAMPLE_ROWS, len(order))
    places = ((np.arange(count) + 0.5) * len(order) / count).astype(np.int64)
    return order[places]


def _column_parts(bundle: Bundle, table: EncodedTable) -> np.ndarray:
    """Sum the parts of all fields of each column, such as day, month and weekday of a date."""
    encoder, parts = bundle.encoder, bundle.scorer.parts(table)
    places = {name: place for place, name in enumerate(encoder.columns)}
    result = np.zeros((parts.shape[0], len(places), parts.shape[2]))
    columns = [field.column for field in encoder.categorical]
    columns += [field.column for field in encoder.numeric]
    for field, column in enumerate(columns):
        result[:, places[column]] += parts[:, field]
    return result
