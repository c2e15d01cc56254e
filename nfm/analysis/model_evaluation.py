"""`evaluate`: the metrics of a model on rows with a known target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from nfm.analysis.result import AnalysisResult, bundle_of, one_blas_thread, rows_of
from nfm.errors import ReadingWarning, SchemaError, warn
from nfm.evaluation.held_out import HeldOutPredictions, no_known_target, predict_rows
from nfm.evaluation.scores import Score, confusion_counts, scores_of
from nfm.figures.confusion_matrix import confusion_matrix
from nfm.figures.predicted_numbers import predicted_against_actual
from nfm.inference.bundle import Bundle
from nfm.tabular.target_values import as_series
from nfm.text import counted

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


@dataclass(frozen=True, eq=False, repr=False)
class EvaluationResult(AnalysisResult):
    """Metrics of a model with their 95% intervals.

    Attributes:
        bundle: The model.
        predictions: The rows with their targets and predictions.
        scores: Metrics of the model by name.
        baseline: Metrics of the constant prediction by name: the class shares of the training
            rows, or the mean of their target.
    """

    bundle: Bundle
    predictions: HeldOutPredictions
    scores: Mapping[str, Score]
    baseline: Mapping[str, Score]

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The metrics by name, with the columns value, low, high and baseline.

        low and high are the ends of the 95% interval, NaN where it is unknown; baseline is the
        metric of the constant prediction.
        """
        rows = []
        for name, score in self.scores.items():
            low, high = score.interval or (np.nan, np.nan)
            constant = self.baseline.get(name)
            rows.append((score.value, low, high, np.nan if constant is None else constant.value))
        names = pd.Index(list(self.scores), name="metric")
        return pd.DataFrame(rows, index=names, columns=["value", "low", "high", "baseline"])

    @property
    def summary(self) -> str:
        """The number of rows, and what the columns of the table are."""
        rows = f"Evaluated on {counted(len(self.predictions), 'row')}"
        if self.predictions.left_out:
            left_out = counted(self.predictions.left_out, "row")
            rows += f"; {left_out} without a target that the model knows left out"
        return (
            f"{rows}. low and high are the ends of the 95% interval, baseline is a constant "
            "prediction."
        )

    def plot(self) -> Figure:
        """Draw the confusion matrix of a classifier, or actual against predicted numbers."""
        found, target = self.predictions, self.predictions.target
        wording = self.bundle.wording
        if found.is_regression:
            unit = self.bundle.schema.unit
            return predicted_against_actual(found.labels, found.predictions, target.name, unit)
        return confusion_matrix(confusion_counts(found), wording.labels(target.class_names))


def evaluate(model: Any, X: Any, y: Any = None) -> EvaluationResult:
    """Measure a model on rows that it was not trained on.

    Args:
        model: A fitted `NFMClassifier` or `NFMRegressor`, a bundle, or the path of a bundle.
        X: The rows, with the columns that the model was trained with.
        y: The target of each row, (rows,); None if X is a table that has the target's column.
            Rows without a target, or with a class that the model does not know, are left out.

    Returns:
        The metrics with 95% bootstrap intervals: accuracy, AUC, log loss and Brier score, or
        mean absolute error, root mean squared error and R². `frame` has them as a table.

    Raises:
        NFMError: If a column or the target is missing, no row has a usable target, or the model
            is none of these.

    Example:
        >>> import nfm
        >>> frame = nfm.read_table("data/titanic.csv")
        >>> X, y = frame[["Sex", "Age", "Pclass"]], frame["Survived"]
        >>> model = nfm.NFMClassifier(epochs=10).fit(X[:600], y[:600])
        >>> result = nfm.evaluate(model, X[600:], y[600:])
        >>> list(result.frame.index)
        ['accuracy', 'auc', 'log_loss', 'brier']
        >>> bool(result.frame.loc["auc", "low"] > 0.7)
        True
    """
    bundle = bundle_of(model)
    if y is None:
        table = rows_of(bundle, X)
        if bundle.target.name not in table.columns:
            raise SchemaError(
                f"X has no column {bundle.target.name!r}, which the model predicts: add it, or "
                "pass the targets as y, as in nfm.evaluate(model, X, y)."
            )
        y = table[bundle.target.name]
    frame = rows_of(model, X)
    values = bundle.read_target(y)
    for doubt in bundle.target_doubts(y):
        warn(doubt, ReadingWarning)
    if len(values) and not bundle.target.known(values).any():
        raise no_known_target(bundle.target, as_series(y))
    with one_blas_thread():
        predictions = predict_rows(bundle, frame, values)
        return EvaluationResult(
            bundle, predictions, scores_of(predictions), scores_of(predictions.constant())
        )
