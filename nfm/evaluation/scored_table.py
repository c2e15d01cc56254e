"""Batch prediction: predictions of a model for a table, and the tables made from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from nfm.epoch import Metrics
from nfm.evaluation.error_interval import PredictionInterval
from nfm.evaluation.member_range import member_range
from nfm.files.names import unique_name, with_text_names
from nfm.files.writing import guard_note, keep_exact
from nfm.inference.activations import class_probabilities
from nfm.inference.bundle import Bundle
from nfm.metrics import evaluate
from nfm.tabular.alignment import align
from nfm.tabular.encoded_table import EncodedTable

_BATCH_ROWS = 20_000
_PROBABILITY_DIGITS = 6


@dataclass(frozen=True)
class Measured:
    """Metrics of predictions for rows whose target is known.

    Attributes:
        metrics: The metrics; the accuracy is that of the decisions at the threshold.
        rows: Number of evaluated rows.
        left_out: Number of rows without a target, or with a class that did not occur in training.
    """

    metrics: Metrics
    rows: int
    left_out: int


@dataclass(frozen=True, eq=False)
class ScoredTable:
    """A table with the predictions of a model.

    Attributes:
        bundle: The model.
        frame: The table as it was read, with all columns of the file.
        target_values: Target of each row in the file, (rows,); None if the file has no target.
        outputs: Outputs of the network before sigmoid or softmax, float64 (rows, C).
        notes: Notes on how the table was aligned with the model, one sentence each.
        encoded: The encoded rows.
        doubts: Those of the notes that question a value.
    """

    bundle: Bundle
    frame: pd.DataFrame
    target_values: pd.Series | None
    outputs: np.ndarray
    notes: tuple[str, ...]
    encoded: EncodedTable
    doubts: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.outputs)

    def head(self, count: int) -> ScoredTable:
        """Return the first `count` rows."""
        values = self.target_values
        return replace(
            self,
            frame=self.frame.iloc[:count],
            target_values=None if values is None else values.iloc[:count],
            outputs=self.outputs[:count],
            encoded=self.encoded.take(slice(count)),
        )

    @cached_property
    def probabilities(self) -> np.ndarray:
        """Probability of every class, float64 (rows, classes); for classification only."""
        return class_probabilities(self.outputs)

    def decisions(self, threshold: float = 0.5) -> np.ndarray:
        """Return the predicted classes or numbers.

        Args:
            threshold: Lowest probability at which the second of two classes is predicted.

        Returns:
            Classes in their original type, or numbers in the unit of the target, (rows,).
        """
        target = self.bundle.target
        if target.task == "regression":
            return target.decode(self.outputs[:, 0])
        if target.task == "binary":
            return target.labels((self.probabilities[:, 1] >= threshold).astype(np.int64))
        return target.labels(self.outputs.argmax(axis=1))

    def predictions(
        self, threshold: float = 0.5, interval: PredictionInterval | None = None
    ) -> pd.DataFrame:
        """Return the predictions as columns with names that the file does not use.

        Args:
            threshold: Lowest probability at which the second of two classes is predicted.
            interval: Prediction intervals of numbers; None if unknown.

        Returns:
            The predicted class and the probability of every class; or the predicted number and
            the ends of its interval. For an ensemble also the lowest and the highest prediction of
            its members: the number, or the probability of the predicted class, of two that of the
            second one.
        """
        target = self.bundle.target
        columns: dict[str, np.ndarray] = {}
        taken = set(self.frame.columns)

        def add(name: str, values: np.ndarray) -> None:
            name = unique_name(name, taken)
            taken.add(name)
            columns[name] = values

        decisions = self.decisions(threshold)
        if target.task == "regression":
            digits = int(np.clip(5 - np.floor(np.log10(target.scale)), 0, 15))
            add(f"predicted_{target.name}", np.round(decisions, digits))
            if interval is not None:
                margins = interval.margins(self.encoded, self.outputs)
                add(f"{target.name}_from", np.round(decisions - margins, digits))
                add(f"{target.name}_to", np.round(decisions + margins, digits))
        else:
            add(f"predicted_{target.name}", decisions)
            rounded = np.round(self.probabilities, _PROBABILITY_DIGITS)
            for name, shares in zip(target.class_names, rounded.T, strict=True):
                add(f"probability_{name}", shares)
            digits = _PROBABILITY_DIGITS
        if self.bundle.member_scorers:
            members = member_range(self.bundle, self.encoded, self.outputs.argmax(axis=1))
            add("members_from", np.round(members.lowest, digits))
            add("members_to", np.round(members.highest, digits))
        return pd.DataFrame(columns, index=self.frame.index)

    def table(
        self, threshold: float = 0.5, interval: PredictionInterval | None = None
    ) -> pd.DataFrame:
        """Return the columns of the file, followed by the predictions; arguments as `predictions`.

        Args:
            threshold: Lowest probability at which the second of two classes is predicted.
            interval: Prediction intervals of numbers; None if unknown.
        """
        return pd.concat([self.frame, self.predictions(threshold, interval)], axis=1)

    @property
    def identifier(self) -> str | None:
        """The identifier column of the model's table, if it is unique and complete in the file."""
        for column in self.bundle.schema.columns:
            if column.kind == "identifier" and column.name in self.frame.columns:
                values = self.frame[column.name]
                if values.is_unique and values.notna().all():
                    return column.name
        return None

    def submission(self, threshold: float = 0.5) -> pd.DataFrame | None:
        """Return the identifier and the prediction of each row, as competitions require.

        Args:
            threshold: Lowest probability at which the second of two classes is predicted.

        Returns:
            Two columns, named after the identifier and the target; None without an identifier.
            Whole-number classes are written as integers, 1 and not 1.0, also if the training
            table had missing targets. A file of this table has the cells unchanged.
        """
        if self.identifier is None:
            return None
        predictions = self.decisions(threshold)
        names = self.bundle.target.class_names
        if (
            names
            and predictions.dtype.kind == "f"
            and all(name.lstrip("-").isdigit() for name in names)
        ):
            predictions = predictions.astype(np.int64)
        return keep_exact(
            pd.DataFrame(
                {self.identifier: self.frame[self.identifier], self.bundle.target.name: predictions}
            )
        )

    @cached_property
    def guard_note(self) -> str | None:
        """Note on cells that a download of the table changes; None if there are none."""
        return guard_note(self.table())

    def measure(self, threshold: float = 0.5) -> Measured | None:
        """Compare the predictions with the target in the file.

        Args:
            threshold: Lowest probability at which the second of two classes is predicted.

        Returns:
            The metrics; None if no row has a target that the model knows.
        """
        if self.target_values is None:
            return None
        target, loss = self.bundle.target, self.bundle.settings.regression_loss
        usable = target.known(self.target_values)
        if not usable.any():
            return None
        values = self.target_values[usable]
        labels = target.encode(values)
        metrics = evaluate(target, labels, self.outputs[usable], regression_loss=loss)
        if target.task == "binary":
            right = (self.probabilities[usable, 1] >= threshold) == (labels == 1)
            metrics = replace(metrics, accuracy=float(right.mean()))
        return Measured(metrics, len(values), len(self) - len(values))


def score_table(
    bundle: Bundle,
    frame: pd.DataFrame,
    progress: Callable[[int, int], None] | None = None,
    notes: Sequence[str] = (),
) -> ScoredTable:
    """Predict every row of a table.

    Args:
        bundle: The model.
        frame: The table as `bundle.read_raw` returns it, or any other: columns in any order, more
            or fewer than needed.
        progress: Called after every batch with the number of predicted rows and of all rows.
        notes: Notes on how the file was read, placed before those of the alignment.

    Returns:
        The table with the predictions.

    Raises:
        NFMError: If the table has no rows or none of the model's columns, or the weights
            overflow on these rows.
    """
    frame = with_text_names(frame).reset_index(drop=True)
    aligned = align(frame, bundle.schema, bundle.encoder)
    encoded = bundle.encoder.transform(aligned.frame)
    outputs = np.empty((len(frame), bundle.target.output_count))
    for start in range(0, len(frame), _BATCH_ROWS):
        rows = slice(start, start + _BATCH_ROWS)
        outputs[rows] = bundle.outputs(encoded.take(rows))
        if progress is not None:
            progress(min(start + _BATCH_ROWS, len(frame)), len(frame))
    values: pd.Series | None = None
    of_target: tuple[str, ...] = ()
    if aligned.has_target:
        values = bundle.read_target(aligned.frame[bundle.target.name])
        of_target = bundle.target_doubts(aligned.frame[bundle.target.name])
    notes = (*notes, *aligned.notes, *of_target)
    doubts = (*aligned.doubts, *of_target)
    return ScoredTable(bundle, frame, values, outputs, notes, encoded, doubts)
