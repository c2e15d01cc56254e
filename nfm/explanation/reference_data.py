"""What explanations need to know of the training rows, worked out once for a model.

Every explanation compares a row with training rows: what the model says on average, which
values a field takes, which row is near. A page builds one `ReferenceData` for a run and keeps it.
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
from nfm.inference.activations import sigmoid, softmax
from nfm.inference.bundle import Bundle
from nfm.tabular.encoded_table import EncodedTable

REFERENCE_ROWS = 10_000
SAMPLE_ROWS = 64


@dataclass(frozen=True, eq=False)
class ReferenceRow:
    """One row as the explanations see it.

    Attributes:
        parts: What each column adds to the network's sums, float64 (columns, width).
        coordinates: Code or number in each column, float64 (columns,); NaN: missing.
        texts: Its values for people, as they are; user text.
        answers: What the model says, float64 (outputs,): see `ReferenceData.answers`.
        frame: The row itself.
    """

    parts: np.ndarray
    coordinates: np.ndarray
    texts: tuple[str, ...]
    answers: np.ndarray
    frame: pd.DataFrame


@dataclass(frozen=True, eq=False)
class ReferenceData:
    """A model, and the training rows that its answers are compared with.

    Attributes:
        bundle: The model.
        frame: Training rows, `REFERENCE_ROWS` at most, drawn at random if there are more.
        positions: Where they stood in the table that was given, int64 (rows,).
        training_rows: How many rows that table had.
        table: The rows, encoded.
        scales: How each column measures distance.
        coordinates: Code or number of each row in each column, float64 (rows, columns); NaN:
            missing.
        answers: What the model says about each row, float64 (rows, outputs): the probability
            of the positive class, of every class, or the target's value in its own units.
        sample: The background sample: rows spaced evenly in the order of the model's answers,
            so that their average is close to that of all rows; int64, `SAMPLE_ROWS` at most.
        sample_parts: What each column of the sample adds to the network's sums, float64
            (sample, columns, width).
    """

    bundle: Bundle
    frame: pd.DataFrame
    positions: np.ndarray
    training_rows: int
    table: EncodedTable
    scales: tuple[ColumnScale, ...]
    coordinates: np.ndarray
    answers: np.ndarray
    sample: np.ndarray
    sample_parts: np.ndarray

    @classmethod
    def build(cls, bundle: Bundle, frame: pd.DataFrame) -> ReferenceData:
        """Work out what does not depend on the row that is explained.

        Args:
            bundle: The model.
            frame: The training rows, with the columns that the model needs.

        Returns:
            The background; the same rows give the same one.

        Raises:
            SchemaError: If there are no rows, or a column is missing.
        """
        if len(frame) == 0:
            raise SchemaError("There are no training rows: explanations need some to compare with.")
        positions = np.arange(len(frame))
        if len(frame) > REFERENCE_ROWS:
            random = np.random.default_rng(0)
            positions = np.sort(random.choice(len(frame), REFERENCE_ROWS, replace=False))
        table = bundle.encoder.transform(with_text_names(frame).iloc[positions])
        chosen = with_text_names(frame).iloc[positions][list(bundle.encoder.columns)]
        chosen = chosen.reset_index(drop=True)
        answers = to_answers(bundle, bundle.scorer.logits(table))
        sample = _evenly(answers)
        scales, coordinates = scales_of(bundle.encoder, chosen, table)
        return cls(
            bundle=bundle,
            frame=chosen,
            positions=positions,
            training_rows=len(frame),
            table=table,
            scales=scales,
            coordinates=coordinates,
            answers=answers,
            sample=sample,
            sample_parts=_column_parts(bundle, bundle.scorer.parts(table.take(sample))),
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the model sees: the fields of every explanation."""
        return self.bundle.encoder.columns

    @property
    def output_names(self) -> tuple[str, ...]:
        """What each answer is: a class, or the target."""
        target = self.bundle.target
        if target.task == "multiclass":
            return target.class_names
        return (target.class_names[1] if target.task == "binary" else target.name,)

    @property
    def description(self) -> str:
        """The choice of the reference data sample, in a sentence."""
        if len(self.sample) == self.training_rows:
            return f"All {self.training_rows:,} training rows serve as reference data."
        return (
            f"The reference data are {len(self.sample):,} of {self.training_rows:,} training rows, "
            "evenly spaced in the order of the model's answers."
        )

    @cached_property
    def average(self) -> np.ndarray:
        """Average answer over the reference sample, float64 (outputs,)."""
        return self.answers[self.sample].mean(axis=0)

    @cached_property
    def ranks(self) -> np.ndarray:
        """Each row's place in each column's own measure, float64 (rows, columns)."""
        return self.to_ranks(self.coordinates)

    @cached_property
    def candidates(self) -> tuple[CandidateValues, ...]:
        """Realistic values of every column."""
        return tuple(candidate_values(self._column(place)) for place in range(len(self.columns)))

    @cached_property
    def bins(self) -> tuple[Bins, ...]:
        """Every column divided into few groups of rows."""
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
        """How far training rows are from their nearest one, sorted, float64 (n,)."""
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
        parts = _column_parts(self.bundle, self.bundle.scorer.parts(table))[0]
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
            answers=self.answers_of_sums(parts.sum(axis=0)[None])[0],
            frame=row[list(self.columns)].reset_index(drop=True),
        )

    def parts_of(self, rows: np.ndarray) -> np.ndarray:
        """Return what each column of some rows adds to the network's sums.

        Args:
            rows: Positions in `frame`, int64 (n,).

        Returns:
            float64 (n, columns, width).
        """
        return _column_parts(self.bundle, self.bundle.scorer.parts(self.table.take(rows)))

    def parts_of_frame(self, frame: pd.DataFrame) -> np.ndarray:
        """Return what each column of a table's rows adds to the network's sums.

        Args:
            frame: Rows with the columns that the model needs.

        Returns:
            float64 (rows, columns, width).
        """
        return self.parts_of_table(self.bundle.encoder.transform(frame))

    def parts_of_table(self, table: EncodedTable) -> np.ndarray:
        """Return what each column of encoded rows adds to the network's sums.

        Args:
            table: The rows.

        Returns:
            float64 (rows, columns, width).
        """
        return _column_parts(self.bundle, self.bundle.scorer.parts(table))

    def answers_of_sums(self, sums: np.ndarray) -> np.ndarray:
        """Return the model's answers to rows of which only the sums of parts are known.

        Args:
            sums: float64 (..., width).

        Returns:
            float64 (..., outputs), as `answers`.
        """
        return to_answers(self.bundle, self.scores_of_sums(sums))

    def scores_of_sums(self, sums: np.ndarray) -> np.ndarray:
        """Return the network's raw values: where its parts add up (log odds for two classes).

        Args:
            sums: float64 (..., width).

        Returns:
            float64 (..., outputs).
        """
        logits = self.bundle.scorer.logits_of_sums(sums.reshape(-1, sums.shape[-1]))
        return logits.reshape(*sums.shape[:-1], logits.shape[-1])

    def to_ranks(self, coordinates: np.ndarray) -> np.ndarray:
        """Turn coordinates (rows, columns) into places in each column's own measure."""
        return np.stack(
            [scale.ranks(coordinates[:, place]) for place, scale in enumerate(self.scales)], axis=1
        )

    def distances(self, row: ReferenceRow) -> np.ndarray:
        """Return how far each training row is, column by column.

        See `column_distances` for what it means.

        Args:
            row: From where.

        Returns:
            float64 (rows, columns).
        """
        return column_distances(self.scales, self.ranks, self.to_ranks(row.coordinates[None]))


def to_answers(bundle: Bundle, logits: np.ndarray) -> np.ndarray:
    """Turn the network's raw values (..., C) into answers: probabilities or own units."""
    if bundle.target.task == "binary":
        return sigmoid(logits)
    if bundle.target.task == "multiclass":
        return softmax(logits)
    return logits * bundle.target.scale + bundle.target.mean


def _evenly(answers: np.ndarray) -> np.ndarray:
    """Choose rows evenly spaced in the order of their answers (systematic sampling)."""
    order = np.lexsort((answers.max(axis=1), answers.argmax(axis=1)))
    count = min(SAMPLE_ROWS, len(order))
    places = ((np.arange(count) + 0.5) * len(order) / count).astype(np.int64)
    return order[places]


def _column_parts(bundle: Bundle, parts: np.ndarray) -> np.ndarray:
    """Add up the parts of the fields that a column has: a date's days, month, weekday."""
    encoder = bundle.encoder
    places = {name: place for place, name in enumerate(encoder.columns)}
    field_columns = [field.column for field in encoder.categorical]
    field_columns += [field.column for field in encoder.numeric]
    owners = [places[column] for column in field_columns]
    result = np.zeros((parts.shape[0], len(encoder.columns), parts.shape[2]))
    for field, owner in enumerate(owners):
        result[:, owner] += parts[:, field]
    return result
