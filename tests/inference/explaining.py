"""Models with random weights on a table with columns of every kind, for tests of explanations."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nfm.explanation.reference_data import ReferenceData
from nfm.inference.bundle import Bundle
from nfm.settings import Settings, Task
from nfm.tabular.encoding import Encoder
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.target import Target
from tests.inference.drawing import draw_weights

ROWS = 120
HOSTILE = "<b>$x$</b> & %{y}"


def journeys(rows: int = ROWS, more: int = 0, *, lists: bool = False) -> pd.DataFrame:
    """Text, numbers, dates, missing values, and a hostile name; `more` further numbers.

    With `lists`, also a column of lists.
    """
    random = np.random.default_rng(11)
    days = pd.Timestamp("2020-01-01") + pd.to_timedelta(random.integers(0, 700, rows), "D")
    frame = pd.DataFrame(
        {
            "port": random.choice(["S", "C", "Q", None], rows, p=[0.6, 0.2, 0.1, 0.1]),
            "cabin": random.integers(1, 4, rows).astype(str),
            "fare": np.where(random.random(rows) < 0.2, np.nan, random.gamma(2, 15, rows)),
            HOSTILE: random.integers(0, 4, rows) + 0.5,
            "start": pd.Series(days).dt.strftime("%Y-%m-%d"),
        }
    )
    for number in range(more):
        frame[f"more {number}"] = random.normal(size=rows)
    if lists:
        chosen = random.random((rows, 3)) < 0.5
        extras = ["|".join(np.array(["meal", "wifi", "bed"])[row]) or None for row in chosen]
        frame["extras"] = pd.Series(extras, dtype=frame["port"].dtype)
    return frame


def make_reference_data(
    task: Task = "binary",
    *,
    rows: int = ROWS,
    more: int = 0,
    lists: bool = False,
    **changes: object,
) -> ReferenceData:
    """Build a model with random weights and its background."""
    settings = Settings(**{"hidden_units": (6,), "embedding_dim": 3, **changes})
    frame = journeys(rows, more, lists=lists)
    classes = 3 if task == "multiclass" else 2
    labels = frame["fare"].fillna(20.0) if task == "regression" else np.arange(rows) % classes
    schema = infer_schema(frame.assign(label=labels), "label", task)
    kinds = {"cabin": "categorical", "fare": "numeric", HOSTILE: "numeric", "start": "date"}
    for name, kind in kinds.items():
        schema = schema.with_column(name, kind=kind, role="feature")
    encoder = Encoder.fit(frame, schema.features, settings)
    target = Target.fit(pd.Series(labels), task, "label")
    weights = draw_weights(np.random.default_rng(3), encoder.layout, settings, target.output_count)
    bundle = Bundle(schema, encoder, target, settings, weights)
    return ReferenceData.build(bundle, frame)


def ask(reference: ReferenceData, frame: pd.DataFrame) -> np.ndarray:
    """Return the answers for a table by the bundle's own public methods, (rows, outputs)."""
    bundle = reference.bundle
    if bundle.target.task == "regression":
        return bundle.predict(frame)[:, None]
    probabilities = bundle.predict_proba(frame)
    return probabilities if bundle.target.task == "multiclass" else probabilities[:, 1:]


def with_cells(row: pd.DataFrame, others: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return the other rows with the row's cells in some columns."""
    mixed = others.reset_index(drop=True).copy()
    for column in columns:
        cell = row[column].iloc[0]
        mixed[column] = pd.Series([cell] * len(mixed), dtype=others[column].dtype)
    return mixed


COMBINATIONS = [
    {"task": task, "interaction": interaction, "numeric": numeric}
    for task in ("binary", "multiclass", "regression")
    for interaction in ("linear", "fm", "nfm")
    for numeric in ("concat", "value", "piecewise")
] + [
    {"task": "binary", "linear_term": "shared", "numeric": "concat"},
    {"task": "binary", "linear_term": "shared", "interaction": "fm", "bi_batch_norm": True},
    {"task": "multiclass", "bi_batch_norm": True, "hidden_batch_norm": True},
    {"task": "binary", "hidden_units": (), "numeric": "concat"},
    {"task": "binary", "lists": True},
    {"task": "multiclass", "lists": True, "interaction": "fm"},
    {"task": "regression", "lists": True},
]
