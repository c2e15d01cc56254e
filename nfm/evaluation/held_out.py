"""Predictions of a model for held-out rows: those not used in training."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from nfm.errors import NFMError, SchemaError
from nfm.inference.bundle import Bundle
from nfm.tabular.splitting import SplitOptions, split_rows
from nfm.tabular.target import Target
from nfm.tabular.target_values import plain_numbers
from nfm.text import quoted

SplitPart = Literal["test", "validation", "uploaded"]

# As in scikit-learn's log_loss: a probability of 0 would have an infinite loss.
_SMALLEST_PROBABILITY = float(np.finfo(np.float64).eps)
_CONFIDENT = 0.95
_BORDERLINE_SHARE = 0.1
_FEWEST = 5
_EXAMPLES = 3


@dataclass(frozen=True, eq=False)
class HeldOutPredictions:
    """Rows with a known target, and the predictions of a model for them.

    Attributes:
        target: The target, with task and classes.
        part: Source of the rows: "test" rows; "validation" rows if there are no test rows; or
            "uploaded" rows of another table than the training table.
        rows: Positions of the rows in the table, int64 (rows,).
        labels: Class codes, int32 (rows,), or actual numbers, float64 (rows,).
        predictions: Probabilities, float64 (rows, classes), or predicted numbers, float64 (rows,).
        left_out: Number of rows of the part without a target, or with a class that did not occur
            in training.
    """

    target: Target
    part: SplitPart
    rows: np.ndarray
    labels: np.ndarray
    predictions: np.ndarray
    left_out: int = 0

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.labels)

    @property
    def is_regression(self) -> bool:
        """Whether the target is a number."""
        return self.target.task == "regression"

    @property
    def predicted(self) -> np.ndarray:
        """Codes of the most probable classes, or predicted numbers, (rows,)."""
        return self.predictions if self.is_regression else self.predictions.argmax(axis=1)

    @property
    def is_error(self) -> np.ndarray:
        """Whether the most probable class differs from the actual one, bool (rows,)."""
        return self.predicted != self.labels

    @property
    def residuals(self) -> np.ndarray:
        """Actual minus predicted numbers, float64 (rows,)."""
        return self.labels - self.predictions

    @property
    def losses(self) -> np.ndarray:
        """The log loss of every row in nats, float64 (rows,)."""
        chosen = self.predictions[np.arange(len(self)), self.labels]
        return -np.log(np.clip(chosen, _SMALLEST_PROBABILITY, 1.0))

    def with_predictions(self, predictions: np.ndarray) -> HeldOutPredictions:
        """Return the same rows with the predictions of another model."""
        return replace(self, predictions=np.asarray(predictions, dtype=np.float64))

    def constant(self) -> HeldOutPredictions:
        """Return the same rows with a constant prediction.

        Returns:
            Every row gets the class shares of the training rows, or the mean of their target.
        """
        if self.is_regression:
            return self.with_predictions(np.full(len(self), self.target.mean))
        counts = np.array(self.target.counts or np.ones(self.target.class_count), dtype=np.float64)
        return self.with_predictions(np.tile(counts / counts.sum(), (len(self), 1)))


def predict_held_out(
    bundle: Bundle, frame: pd.DataFrame, options: SplitOptions
) -> HeldOutPredictions:
    """Predict the held-out rows of a model's own table.

    Args:
        bundle: The model.
        frame: The table that it was trained on, all rows.
        options: Options of the split; the same options give the same rows.

    Returns:
        Predictions for the test rows, or for the validation rows if there are no test rows.

    Raises:
        NFMError: If no rows were held out, or the table lacks the target column.
    """
    target = bundle.target
    if target.name not in frame.columns:
        raise SchemaError(f"The table has no column {target.name!r}, which the model predicts.")
    values = frame[target.name]
    split = split_rows(frame, values, target.task, options)
    part: SplitPart = "test" if len(split.test) else "validation"
    chosen = split.test if len(split.test) else split.validation
    rows = chosen[target.known(values.iloc[chosen])]
    if not len(rows):
        raise NFMError(
            "No rows were held out, so the model cannot be evaluated on unseen rows. Hold out a "
            "test set and train again."
        )
    return _evaluate(bundle, frame, values, rows, part, len(chosen) - len(rows))


def predict_rows(bundle: Bundle, frame: pd.DataFrame, values: pd.Series) -> HeldOutPredictions:
    """Predict rows that a model was not trained on.

    Args:
        bundle: The model.
        frame: The rows, with the columns that the model needs.
        values: The target of each row, (rows,).

    Returns:
        Predictions for all rows whose target the model knows.

    Raises:
        NFMError: If there are no such rows, or not one target for every row.
    """
    target = bundle.target
    if len(frame) != len(values):
        raise SchemaError(
            f"The table has {len(frame):,} rows, and there are {len(values):,} targets: give one "
            "target for every row."
        )
    rows = np.flatnonzero(target.known(values))
    if not len(rows):
        raise no_known_target(target, values)
    return _evaluate(bundle, frame, values, rows, "uploaded", len(frame) - len(rows))


def no_known_target(target: Target, values: pd.Series) -> SchemaError:
    """Return the error for rows none of which has a target that the model knows.

    Args:
        target: The target of the model.
        values: The target of each row, (rows,).
    """
    found = values.dropna()
    here = f"the table has {quoted_examples(found)}" if len(found) else "every row is missing it"
    if target.task == "regression":
        return SchemaError(
            f"No row has a number as its target {target.name!r}: {here}. Choose a table with "
            "numbers in this column."
        )
    return SchemaError(
        f"No row has a class of the target {target.name!r} that the model knows: {here}, the "
        f"model knows {quoted(target.class_names)}. Choose a table with the same classes."
    )


def quoted_examples(cells: pd.Series) -> str:
    """Return some different cells of a column for a message, in quotes and cut to 40 characters."""
    return quoted([str(cell)[:40] for cell in cells.drop_duplicates().head(_EXAMPLES)])


def _evaluate(
    bundle: Bundle,
    frame: pd.DataFrame,
    values: pd.Series,
    rows: np.ndarray,
    part: SplitPart,
    left_out: int,
) -> HeldOutPredictions:
    """Predict rows, all of which have a usable target."""
    target, chosen = bundle.target, frame.iloc[rows]
    values = values.iloc[rows]
    if target.task == "regression":
        return HeldOutPredictions(
            target, part, rows, plain_numbers(values), bundle.predict(chosen), left_out
        )
    predictions = bundle.predict_proba(chosen)
    return HeldOutPredictions(target, part, rows, target.encode(values), predictions, left_out)


def row_groups(evaluation: HeldOutPredictions, threshold: float = 0.5) -> dict[str, np.ndarray]:
    """Group held-out rows by the quality of their predictions.

    Args:
        evaluation: The rows with their predictions.
        threshold: Lowest probability at which the positive class is predicted (binary).

    Returns:
        Name to positions in the table, int64; empty groups are left out. For classes:
        "wrong", "confident" (the most probable class has 95% or more), and "borderline" (the
        tenth of the rows nearest to another decision). For numbers: "far off" and "close", the
        tenth of the rows with the largest and with the smallest error.
    """
    few = min(len(evaluation), max(_FEWEST, round(_BORDERLINE_SHARE * len(evaluation))))
    if evaluation.is_regression:
        order = np.argsort(np.abs(evaluation.residuals), kind="stable")
        return {"far off": evaluation.rows[order[-few:]], "close": evaluation.rows[order[:few]]}
    predictions = evaluation.predictions
    if evaluation.target.task == "binary":
        decided = (predictions[:, 1] >= threshold).astype(np.int64)
        distance = np.abs(predictions[:, 1] - threshold)
    else:
        decided = predictions.argmax(axis=1)
        best = np.sort(predictions, axis=1)
        distance = best[:, -1] - best[:, -2]
    groups = {
        "wrong": np.flatnonzero(decided != evaluation.labels),
        "confident": np.flatnonzero(predictions.max(axis=1) >= _CONFIDENT),
        "borderline": np.argsort(distance, kind="stable")[:few],
    }
    return {name: evaluation.rows[rows] for name, rows in groups.items() if len(rows)}
