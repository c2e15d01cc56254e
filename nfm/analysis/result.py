"""What the results of all analyses have in common, and the models and rows that they take."""

from __future__ import annotations

import html
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any

import pandas as pd
from threadpoolctl import threadpool_limits

from nfm.errors import NFMError
from nfm.figures.number_format import number
from nfm.inference.bundle import Bundle, load_bundle
from nfm.tabular.frames import as_frame
from nfm.tabular.target import Target

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_MOST_ROWS = 60
_ROUNDING = 1e-12


class AnalysisResult:
    """Base class of the results: a table, a sentence about it, and a figure.

    A notebook shows the sentence and the table.
    """

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The result as a table."""
        raise NotImplementedError

    @property
    def summary(self) -> str:
        """What the table holds, in one to three sentences."""
        raise NotImplementedError

    def plot(self) -> Figure:
        """Draw the result with Plotly."""
        raise NotImplementedError

    def __repr__(self) -> str:
        table = self.frame.to_string(max_rows=_MOST_ROWS, float_format=_shown)
        return f"{self.summary}\n{table}"

    def _repr_html_(self) -> str:
        table = self.frame.to_html(max_rows=_MOST_ROWS, float_format=_shown, border=0)
        return f"<p>{html.escape(self.summary)}</p>\n{table}"


def one_blas_thread() -> threadpool_limits:
    """Limit matrix products to one thread.

    Those of a row are small, and on a busy processor threads that wait for each other take ten
    times as long as one.
    """
    return threadpool_limits(1, user_api="blas")


def bundle_of(model: Any) -> Bundle:
    """Return the bundle of a model.

    Args:
        model: A fitted `NFMClassifier` or `NFMRegressor`, a bundle, or the path of a bundle.

    Raises:
        NFMError: If it is anything else, or the file is not a bundle.
        sklearn.exceptions.NotFittedError: If the estimator is not fitted.
    """
    if isinstance(model, Bundle):
        return model
    if isinstance(model, str | PathLike):
        return load_bundle(model)
    if not _is_estimator(model):
        raise NFMError(
            "The model must be a fitted NFMClassifier or NFMRegressor, a bundle as load_bundle "
            f"returns it, or the path of one. Received: a {type(model).__name__}. Of a Pipeline, "
            "pass the last step, with the rows that the steps before it return."
        )
    from sklearn.utils.validation import check_is_fitted

    check_is_fitted(model)
    return model.bundle_


def rows_of(model: Any, X: Any, what: str = "X") -> pd.DataFrame:
    """Return rows as a table with the columns that a model needs.

    Args:
        model: As for `bundle_of`.
        X: The rows: a table with these columns, or an array if the model is an estimator.
        what: What the rows are called in messages.

    Returns:
        The table; its index is that of a pandas table.

    Raises:
        NFMError: If they are not a table, or a column is missing.
    """
    if not _is_estimator(model):
        return as_frame(X, what)
    frame = model.to_frame(X)
    return frame.set_axis(X.index, axis=0) if isinstance(X, pd.DataFrame) else frame


def output_of(target: Target, label: Any, default: int = 0) -> int:
    """Return the index of a model's output.

    Args:
        target: Target of the model.
        label: One of several classes; None for the default.
        default: Index of the output without a label.

    Raises:
        NFMError: If there is no such class, or the model has one output only.
    """
    if label is None:
        return default
    if target.task != "multiclass":
        raise NFMError(
            "label chooses one of three or more classes, and this model has a single output: leave "
            "it out."
        )
    return int(target.encode([label])[0])


def _is_estimator(model: Any) -> bool:
    from nfm.estimator.base import NFMEstimator

    return isinstance(model, NFMEstimator)


def _shown(value: float) -> str:
    """Format a number; the rounding error of a sum that is zero is 0."""
    return number(0.0 if abs(value) < _ROUNDING else value)
