"""Explain the prediction for one passenger, and find the columns that act together.

    python examples/2_explain_a_row.py [FOLDER]

Writes explanation.html and interactions.html, which a browser opens, to FOLDER (by default the
current one). In a notebook, `result` and `result.plot()` are shown in place.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nfm

DATA = Path(__file__).resolve().parent.parent / "data"
FOLDER = Path(sys.argv[1] if len(sys.argv) > 1 else ".")

frame = nfm.read_table(DATA / "titanic.csv")
X, y = frame[["Pclass", "Sex", "Age", "SibSp", "Parch", "Fare", "Embarked"]], frame["Survived"]
X_train, X_test, y_train, y_test = X[:700], X[700:], y[:700], y[700:]
model = nfm.NFMClassifier(epochs=30, hidden_units=(32,), embedding_dim=16).fit(X_train, y_train)

# 1. Why this probability, and not the average one? A model holds no rows, so the training rows
#    are passed as the reference that the passenger is compared with.
result = nfm.explain(model, X_test[:1], reference=X_train)
print(result)

# 2. The contributions add up to the model's own prediction.
total = result.frame["contribution"].sum()
prediction = model.predict_proba(X_test[:1])[0, 1]
print(f"Sum of the contributions: {total:.6f}, the model's prediction: {prediction:.6f}\n")
result.plot().write_html(FOLDER / "explanation.html", include_plotlyjs="directory")

# 3. Which pairs of columns act together, and does it help on rows that the model has not seen?
pairs = nfm.interactions(model, X_test, y_test)
print(pairs.frame.head(5).to_string())
pairs.plot().write_html(FOLDER / "interactions.html", include_plotlyjs="directory")
