"""Train a model on a CSV file, measure it on rows it has not seen, save it and predict.

    python examples/1_train_on_a_csv.py [FOLDER]

Writes titanic.nfm to FOLDER (by default the current one).
"""

from __future__ import annotations

import sys
from pathlib import Path

import nfm

DATA = Path(__file__).resolve().parent.parent / "data"
FOLDER = Path(sys.argv[1] if len(sys.argv) > 1 else ".")

# 1. Read. The encoding, the delimiter and how each column is written are detected.
frame = nfm.read_table(DATA / "titanic.csv")

# 2. The schema: what each column is, which of them the model uses, and what it predicts.
schema = nfm.infer_schema(frame, target="Survived")
for column in schema.columns:
    print(f"{column.name:<12} {column.kind:<12} {column.role:<8} {column.reason}")

# 3. Train as the app does. A fifth of the rows is kept for the test.
settings = nfm.Settings(epochs=30, hidden_units=(32,), embedding_dim=16)
trained = nfm.train_table(frame, schema, settings, nfm.SplitOptions(test_fraction=0.2))
print(f"\nTrained {len(trained.bundle.history)} epochs, the best is {trained.bundle.best_epoch}.")

# 4. Measure on the test rows, with 95% intervals.
print(nfm.evaluate(trained.bundle, frame.iloc[trained.split.test]))

# 5. Save the model: a zip of JSON and arrays. Loaded again, it predicts with NumPy alone.
trained.bundle.save(FOLDER / "titanic.nfm")
model = nfm.load_bundle(FOLDER / "titanic.nfm")
passengers = frame.head(3)
probabilities = model.predict_proba(passengers)[:, 1]
for name, probability in zip(passengers["Name"], probabilities, strict=True):
    print(f"{name}: survives with a probability of {probability:.1%}")
