"""What the NFM is compared with: a linear model and gradient boosting, as one would set them up."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, log_loss, r2_score, roc_auc_score
from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from nfm.settings import Task

TEST_FRACTION = 0.2
_MOST_BOOSTING_LEVELS = 255  # scikit-learn's boosting takes no more levels of a column


def splits(target: pd.Series, task: Task, count: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return training and test rows of repeated random splits, the same in every run.

    Args:
        target: Of all rows.
        task: Classes are stratified.
        count: How many splits.

    Returns:
        Pairs of int64 arrays.
    """
    maker = ShuffleSplit if task == "regression" else StratifiedShuffleSplit
    splitter = maker(n_splits=count, test_size=TEST_FRACTION, random_state=0)
    return list(splitter.split(np.zeros(len(target)), None if task == "regression" else target))


def linear_model(task: Task) -> object:
    """Return a pipeline: imputation, scaling, one-hot levels, and a linear model."""
    columns = make_column_transformer(
        (
            make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler()),
            make_column_selector(dtype_include="number"),
        ),
        (
            make_pipeline(
                SimpleImputer(strategy="constant", fill_value="(missing)", missing_values=np.nan),
                OneHotEncoder(handle_unknown="ignore"),
            ),
            make_column_selector(dtype_exclude="number"),
        ),
    )
    model = Ridge() if task == "regression" else LogisticRegression(max_iter=1000)
    return make_pipeline(columns, model)


def boosting_model(task: Task) -> object:
    """Return gradient boosting with scikit-learn's defaults."""
    maker = (
        HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
    )
    return maker(random_state=0)


def for_boosting(features: pd.DataFrame) -> pd.DataFrame:
    """Make text columns categorical; the rarest levels of very many become one."""
    columns = {}
    for name, column in features.items():
        if not pd.api.types.is_numeric_dtype(column):
            kept = column.value_counts().index[: _MOST_BOOSTING_LEVELS - 1]
            column = column.where(column.isin(kept) | column.isna(), "(other)").astype("category")
        columns[name] = column
    return pd.DataFrame(columns)


def scores(
    task: Task, model: object, features: pd.DataFrame, target: pd.Series
) -> dict[str, float]:
    """Measure a fitted model on held-out rows.

    Args:
        task: The task.
        model: Has `predict`, and `predict_proba` and `classes_` for classes.
        features: Of the rows.
        target: Of the rows.

    Returns:
        The task's main score first: AUC, accuracy or R2; then the others.
    """
    if task == "regression":
        return {"R2": float(r2_score(target, model.predict(features)))}
    chances = model.predict_proba(features)
    accuracy = float(accuracy_score(target, model.classes_[chances.argmax(axis=1)]))
    loss = float(log_loss(target, chances, labels=model.classes_))
    if task == "multiclass":
        return {"accuracy": accuracy, "log loss": loss}
    area = float(roc_auc_score(target == model.classes_[1], chances[:, 1]))
    return {"AUC": area, "accuracy": accuracy, "log loss": loss}
