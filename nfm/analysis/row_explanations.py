"""`explain`: the contribution of each column to the predictions for some rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from nfm.analysis.result import AnalysisResult, bundle_of, one_blas_thread, output_of, rows_of
from nfm.errors import NFMError
from nfm.explanation.reference_data import ReferenceData
from nfm.explanation.shapley import Explanation
from nfm.explanation.shapley import explain as shapley_explanation
from nfm.figures.labels import prediction_axis
from nfm.figures.waterfall import waterfall_figure, waterfall_steps
from nfm.inference.bundle import Bundle
from nfm.text import counted

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

AVERAGE = "(average)"
"""Stands in for a column's name in the line of the average prediction, where each sum begins."""


@dataclass(frozen=True, eq=False, repr=False)
class ExplanationResult(AnalysisResult):
    """Shapley values of some rows.

    Attributes:
        bundle: The model.
        rows: Names of the rows: their index in the given table.
        explanations: The explanation of each row.
    """

    bundle: Bundle
    rows: pd.Index
    explanations: tuple[Explanation, ...]

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line for the average prediction and one for each column, row after row.

        The columns are row, class (for classifiers), column, value (the row's value as text),
        contribution, and standard_error if the contributions are estimated. The contributions
        of a row (and class) add up to the model's prediction: the probability of the class, or the
        predicted number.
        """
        target = self.bundle.target
        names: list[Any] = [None]
        if target.task != "regression":
            names = self.bundle.classes.tolist()[-target.output_count :]
        lines = []
        for row, found in zip(self.rows, self.explanations, strict=True):
            errors = found.standard_errors
            for output, name in enumerate(names):
                lines.append((row, name, AVERAGE, "", float(found.average[output]), 0.0))
                for place, column in enumerate(found.columns):
                    error = 0.0 if errors is None else float(errors[place, output])
                    share = float(found.contributions[place, output])
                    lines.append((row, name, column, found.texts[place], share, error))
        frame = pd.DataFrame(
            lines, columns=["row", "class", "column", "value", "contribution", "standard_error"]
        )
        unused = ["class"] if target.task == "regression" else []
        if all(found.standard_errors is None for found in self.explanations):
            unused.append("standard_error")
        return frame.drop(columns=unused)

    @property
    def summary(self) -> str:
        """The number of rows, what adds up to what, and the method."""
        target = self.bundle.target
        what = "predicted number" if target.task == "regression" else "probability of the class"
        each = "row" if target.task != "multiclass" else "row and class"
        return (
            f"{counted(len(self.rows), 'row')} explained. The contributions of a {each} add up to "
            f"the {what}. {self.explanations[0].description}"
        )

    def plot(self, row: int = 0, label: Any = None) -> Figure:
        """Draw the waterfall of one row, from the average prediction to its own.

        Args:
            row: Position of the row among those explained.
            label: One of several classes; None for the most probable class of the row.

        Raises:
            NFMError: If there is no such row or class.
        """
        if not -len(self.rows) <= row < len(self.rows):
            raise NFMError(
                f"row is {row}, but only {counted(len(self.rows), 'row')} were explained: give a "
                "position from 0 on."
            )
        found, wording = self.explanations[row], self.bundle.wording
        output = output_of(self.bundle.target, label, int(found.prediction.argmax()))
        axis = prediction_axis(self.bundle.target, output, wording=wording)
        return waterfall_figure(waterfall_steps(found, axis, output, wording), axis, wording.row)


def explain(model: Any, rows: Any, reference: Any = None) -> ExplanationResult:
    """Explain the predictions for some rows by the contributions of their columns (Shapley values).

    Args:
        model: A fitted `NFMClassifier` or `NFMRegressor`, a bundle, or the path of a bundle.
        rows: The rows to explain, as a table; each takes up to a tenth of a second.
        reference: The training rows, or other rows of the same kind, which the rows are compared
            with. A model holds no rows, so they are needed.

    Returns:
        The contributions, which add up to the prediction: the probability of each class (of the
        second class if there are two), or the predicted number. `frame` has them as a table, and
        `plot` draws one row.

    Raises:
        NFMError: If the reference rows or a column are missing, there are no rows, or the model
            is none of these.

    Example:
        >>> import nfm
        >>> frame = nfm.read_table("data/titanic.csv")
        >>> X, y = frame[["Sex", "Age", "Pclass"]], frame["Survived"]
        >>> model = nfm.NFMClassifier(epochs=10).fit(X, y)
        >>> result = nfm.explain(model, X[:2], reference=X)
        >>> result.frame["column"].tolist()[:4]
        ['(average)', 'Sex', 'Age', 'Pclass']
        >>> prediction = result.frame.groupby("row")["contribution"].sum()[0]
        >>> bool(abs(prediction - model.predict_proba(X[:1])[0, 1]) < 1e-9)
        True
    """
    bundle = bundle_of(model)
    if reference is None:
        raise NFMError(
            "An explanation compares a row with training rows, and a model holds none. Pass some, "
            "as in nfm.explain(model, rows, reference=X_train)."
        )
    frame = rows_of(model, rows, "rows")
    if not len(frame):
        raise NFMError("rows has no rows: there is nothing to explain.")
    with one_blas_thread():
        data = ReferenceData.build(bundle, rows_of(model, reference, "reference"))
        found = tuple(
            shapley_explanation(data, data.read(frame.iloc[[place]])) for place in range(len(frame))
        )
    return ExplanationResult(bundle, frame.index, found)
