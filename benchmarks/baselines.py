"""What the NFM is compared with, each with the defaults of its package.

scikit-learn has the first two. The others are compared where they are installed:

    pip install --no-deps lightgbm catboost interpret-core graphviz
    pip install pytabkit torch && pip uninstall triton    # RealMLP and TabM; triton and TensorFlow
                                                          # crash in one process
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

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


@dataclass(frozen=True)
class Baseline:
    """A model to compare the NFM with.

    Attributes:
        make: Takes the task and the names of the text columns, and returns an estimator.
        prepare: Returns the features as the estimator takes them.
        module: What must be installed.
    """

    make: Callable[[Task, list[str]], Any]
    prepare: Callable[[pd.DataFrame], pd.DataFrame]
    module: str = "sklearn"

    @property
    def is_installed(self) -> bool:
        """Whether its package is installed."""
        return find_spec(self.module) is not None


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


def _linear(task: Task, _: list[str]) -> Any:
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


def _boosting(task: Task, _: list[str]) -> Any:
    maker = (
        HistGradientBoostingRegressor if task == "regression" else HistGradientBoostingClassifier
    )
    return maker(random_state=0)


def _lightgbm(task: Task, _: list[str]) -> Any:
    import lightgbm

    maker = lightgbm.LGBMRegressor if task == "regression" else lightgbm.LGBMClassifier
    return maker(random_state=0, verbose=-1)


def _catboost(task: Task, text_columns: list[str]) -> Any:
    import catboost

    maker = catboost.CatBoostRegressor if task == "regression" else catboost.CatBoostClassifier
    return maker(cat_features=text_columns, random_seed=0, verbose=False, allow_writing_files=False)


def _ebm(task: Task, _: list[str]) -> Any:
    from interpret.glassbox import ExplainableBoostingClassifier, ExplainableBoostingRegressor

    maker = ExplainableBoostingRegressor if task == "regression" else ExplainableBoostingClassifier
    return maker(random_state=0)


def _realmlp(task: Task, _: list[str]) -> Any:
    from pytabkit import RealMLP_TD_Classifier, RealMLP_TD_Regressor

    return _on_complete_numbers(task, RealMLP_TD_Classifier, RealMLP_TD_Regressor)


def _tabm(task: Task, _: list[str]) -> Any:
    from pytabkit import TabM_D_Classifier, TabM_D_Regressor

    return _on_complete_numbers(task, TabM_D_Classifier, TabM_D_Regressor)


def _on_complete_numbers(task: Task, classifier: Any, regressor: Any) -> Any:
    """Return a network of pytabkit after an imputation, since it takes no missing numbers."""
    columns = make_column_transformer(
        (
            SimpleImputer(strategy="median", add_indicator=True),
            make_column_selector(dtype_include="number"),
        ),
        remainder="passthrough",
        verbose_feature_names_out=False,
    )
    maker = regressor if task == "regression" else classifier
    model = maker(device="cpu", random_state=0, verbosity=0)
    return make_pipeline(columns.set_output(transform="pandas"), model)


def text_columns(features: pd.DataFrame) -> list[str]:
    """Return the names of the columns that are neither numbers nor booleans."""
    return [str(name) for name in features.select_dtypes(exclude=["number", "bool"])]


def _as_it_is(features: pd.DataFrame) -> pd.DataFrame:
    return features


def _with_categories(features: pd.DataFrame) -> pd.DataFrame:
    """Make text columns categorical; the rarest levels of very many become one."""
    columns = {}
    for name in features:
        column = features[name]
        if not pd.api.types.is_numeric_dtype(column):
            kept = column.value_counts().index[: _MOST_BOOSTING_LEVELS - 1]
            column = column.where(column.isin(kept) | column.isna(), "(other)").astype("category")
        columns[name] = column
    return pd.DataFrame(columns)


def _with_plain_names(features: pd.DataFrame) -> pd.DataFrame:
    """Number the columns: LightGBM refuses names with brackets or quotes."""
    return _with_categories(features).set_axis(
        [str(place) for place in range(features.shape[1])], axis=1
    )


def _with_missing_text(features: pd.DataFrame) -> pd.DataFrame:
    return features.fillna(dict.fromkeys(text_columns(features), "(missing)"))


def _with_all_levels(features: pd.DataFrame) -> pd.DataFrame:
    return _with_missing_text(features).astype(dict.fromkeys(text_columns(features), "category"))


BASELINES = {
    "linear": Baseline(_linear, _as_it_is),
    "boosting": Baseline(_boosting, _with_categories),
    "LightGBM": Baseline(_lightgbm, _with_plain_names, "lightgbm"),
    "CatBoost": Baseline(_catboost, _with_missing_text, "catboost"),
    "EBM": Baseline(_ebm, _as_it_is, "interpret"),
    "RealMLP": Baseline(_realmlp, _with_all_levels, "pytabkit"),
    "TabM": Baseline(_tabm, _with_all_levels, "pytabkit"),
}


def scores(task: Task, model: Any, features: pd.DataFrame, target: pd.Series) -> dict[str, float]:
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
