"""The rows that no decision used, and what a model says about them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from nfm.errors import NFMError, SchemaError
from nfm.inference.bundle import Bundle
from nfm.tabular.level_values import numbers
from nfm.tabular.splitting import SplitOptions, split_rows
from nfm.tabular.target import Target

SplitPart = Literal["test", "validation", "uploaded"]

# As scikit-learn's log_loss: a probability of 0 would cost infinitely much.
_SMALLEST_PROBABILITY = float(np.finfo(np.float64).eps)
_CONFIDENT = 0.95
_BORDERLINE_SHARE = 0.1
_FEWEST = 5


@dataclass(frozen=True, eq=False)
class HeldOutPredictions:
    """Rows whose target is known, beside a model's answers for them.

    Attributes:
        target: Says the task and names the classes.
        part: Which rows they are: "test" rows, or, where there are none, "validation" rows; or
            "uploaded" rows of another table than the one that the model learned from.
        rows: Their positions in the table, int64 (rows,).
        labels: Class codes int32 (rows,), or the target in its own units, float64 (rows,).
        answers: Probabilities float64 (rows, classes), or predicted numbers float64 (rows,).
        left_out: Rows of the part whose target is missing or of a class never trained.
    """

    target: Target
    part: SplitPart
    rows: np.ndarray
    labels: np.ndarray
    answers: np.ndarray
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
        """The most probable class's code, or the predicted number, (rows,)."""
        return self.answers if self.is_regression else self.answers.argmax(axis=1)

    @property
    def is_error(self) -> np.ndarray:
        """Whether the most probable class is not the right one, bool (rows,)."""
        return self.predicted != self.labels

    @property
    def residuals(self) -> np.ndarray:
        """Actual minus predicted number, float64 (rows,)."""
        return self.labels - self.answers

    @property
    def losses(self) -> np.ndarray:
        """The log loss of every row in nats, float64 (rows,)."""
        chosen = self.answers[np.arange(len(self)), self.labels]
        return -np.log(np.clip(chosen, _SMALLEST_PROBABILITY, 1.0))

    def with_answers(self, answers: np.ndarray) -> HeldOutPredictions:
        """Return the same rows beside the answers of another model."""
        return replace(self, answers=np.asarray(answers, dtype=np.float64))

    def constant(self) -> HeldOutPredictions:
        """Return the same rows beside the answer of somebody who has not looked at them.

        Returns:
            Every row gets the training rows' class shares, or their mean.
        """
        if self.is_regression:
            return self.with_answers(np.full(len(self), self.target.mean))
        counts = np.array(self.target.counts or np.ones(self.target.class_count), dtype=np.float64)
        return self.with_answers(np.tile(counts / counts.sum(), (len(self), 1)))


def evaluate_held_out(
    bundle: Bundle, frame: pd.DataFrame, options: SplitOptions
) -> HeldOutPredictions:
    """Ask a model about the rows that were kept from it.

    Args:
        bundle: The model.
        frame: The table that it was trained on, all rows.
        options: How its rows were divided; the same options give the same rows.

    Returns:
        The test rows; where there are none, the validation rows.

    Raises:
        NFMError: If no row was held out, or the table has no target column.
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
            "No row was kept from the model, so nothing says how it does on rows that it has not "
            "seen: train again with a share of test rows."
        )
    return _evaluate(bundle, frame, rows, part, len(chosen) - len(rows))


def evaluate_table(bundle: Bundle, frame: pd.DataFrame) -> HeldOutPredictions:
    """Ask a model about all rows of a table that it did not learn from.

    Args:
        bundle: The model.
        frame: The table, with the target.

    Returns:
        All rows whose target is known to the model.

    Raises:
        NFMError: If there is no such row, or no target column.
    """
    target = bundle.target
    if target.name not in frame.columns:
        raise SchemaError(f"The table has no column {target.name!r}, which the model predicts.")
    rows = np.flatnonzero(target.known(frame[target.name]))
    if not len(rows):
        raise NFMError(
            f"No row of the table has a value of {target.name!r} that the model knows, so nothing "
            "says how right it is."
        )
    return _evaluate(bundle, frame, rows, "uploaded", len(frame) - len(rows))


def _evaluate(
    bundle: Bundle, frame: pd.DataFrame, rows: np.ndarray, part: SplitPart, left_out: int
) -> HeldOutPredictions:
    """Ask a model about some rows, all with a usable target."""
    target, chosen = bundle.target, frame.iloc[rows]
    values = chosen[target.name]
    if target.task == "regression":
        return HeldOutPredictions(
            target, part, rows, numbers(values), bundle.predict(chosen), left_out
        )
    answers = bundle.predict_proba(chosen)
    return HeldOutPredictions(target, part, rows, target.encode(values), answers, left_out)


def row_groups(evaluation: HeldOutPredictions, threshold: float = 0.5) -> dict[str, np.ndarray]:
    """Group held-out rows by how the model does on them.

    Args:
        evaluation: The rows with their answers.
        threshold: From which probability on the decision is for the positive class (binary).

    Returns:
        Name to positions in the table, int64; groups without rows are left out. For classes:
        "wrong", "confident" (the most probable class has 95 % or more), and "borderline" (the
        tenth of the rows nearest to another decision). For numbers: "far off" and "close", the
        tenth of the rows with the largest and with the smallest error.
    """
    few = min(len(evaluation), max(_FEWEST, round(_BORDERLINE_SHARE * len(evaluation))))
    if evaluation.is_regression:
        order = np.argsort(np.abs(evaluation.residuals), kind="stable")
        return {"far off": evaluation.rows[order[-few:]], "close": evaluation.rows[order[:few]]}
    answers = evaluation.answers
    if evaluation.target.task == "binary":
        decided = (answers[:, 1] >= threshold).astype(np.int64)
        distance = np.abs(answers[:, 1] - threshold)
    else:
        decided = answers.argmax(axis=1)
        best = np.sort(answers, axis=1)
        distance = best[:, -1] - best[:, -2]
    groups = {
        "wrong": np.flatnonzero(decided != evaluation.labels),
        "confident": np.flatnonzero(answers.max(axis=1) >= _CONFIDENT),
        "borderline": np.argsort(distance, kind="stable")[:few],
    }
    return {name: evaluation.rows[rows] for name, rows in groups.items() if len(rows)}
