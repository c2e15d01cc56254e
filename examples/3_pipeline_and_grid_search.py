"""The estimator in scikit-learn's Pipeline, tuned by GridSearchCV.

    python examples/3_pipeline_and_grid_search.py

Categories and missing values need no preparation, so a step before the model is only for what a
table itself lacks: here, the number of people in a family.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

import nfm

DATA = Path(__file__).resolve().parent.parent / "data"


def add_family(passengers: pd.DataFrame) -> pd.DataFrame:
    """Add the number of people in the family, the passenger included."""
    return passengers.assign(Family=passengers["SibSp"] + passengers["Parch"] + 1)


frame = nfm.read_table(DATA / "titanic.csv")
X, y = frame[["Pclass", "Sex", "Age", "SibSp", "Parch", "Fare"]], frame["Survived"]
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0, stratify=y)

pipeline = Pipeline(
    [
        ("family", FunctionTransformer(add_family)),
        ("nfm", nfm.NFMClassifier(epochs=15, embedding_dim=8, learning_rate=0.01)),
    ]
)
search = GridSearchCV(
    pipeline,
    {"nfm__interaction": ["linear", "nfm"], "nfm__hidden_units": [(16,)]},
    cv=2,
    scoring="roc_auc",
)
search.fit(X_train, y_train)

for settings, score in zip(
    search.cv_results_["params"], search.cv_results_["mean_test_score"], strict=True
):
    print(f"AUC {score:.3f} for {settings}")
print(f"Best: {search.best_params_}; AUC of the test rows: {search.score(X_test, y_test):.3f}\n")

# The analyses take the last step, with the rows that the steps before it return.
steps, model = search.best_estimator_[:-1], search.best_estimator_[-1]
print(nfm.evaluate(model, steps.transform(X_test), y_test))
