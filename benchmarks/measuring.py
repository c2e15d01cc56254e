"""Repeated splits: every model is measured on the same held-out rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

import pandas as pd

from benchmarks.baselines import BASELINES, scores, splits, text_columns
from benchmarks.tables import BenchmarkTable
from nfm import NFMClassifier, NFMRegressor


@dataclass
class Ledger:
    """Measures models, and remembers what was measured so that a long run can be gone on with.

    Attributes:
        file: JSON lines, one a measurement; None remembers nothing beyond this process.
    """

    file: Path | None = None
    _known: dict[str, dict[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.file is not None and self.file.exists():
            for line in self.file.read_text().splitlines():
                entry = json.loads(line)
                self._known[entry["key"]] = entry["scores"]

    def measure(
        self, table: BenchmarkTable, model: str | Mapping[str, Any], split_count: int
    ) -> pd.DataFrame:
        """Measure one model on repeated splits of one table.

        Args:
            table: The table.
            model: A name of `BASELINES`, or settings of the NFM that differ from its defaults.
            split_count: How many splits.

        Returns:
            A row a split: the scores (the main one first), `seconds` for fitting, and for
            the NFM `epochs`.
        """
        rows = []
        for number in range(split_count):
            name = model if isinstance(model, str) else json.dumps(dict(model), sort_keys=True)
            key = f"{table.name}|{number}|{name}"
            if key not in self._known:
                self._known[key] = _fit_and_score(table, model, number, split_count)
                if self.file is not None:
                    with self.file.open("a") as stream:
                        entry = {"key": key, "scores": self._known[key]}
                        stream.write(json.dumps(entry) + "\n")
            rows.append(self._known[key])
        return pd.DataFrame(rows)


@cache
def _loaded(table: BenchmarkTable) -> tuple[pd.DataFrame, pd.Series]:
    return table.load()


def _fit_and_score(
    table: BenchmarkTable, model: str | Mapping[str, Any], number: int, split_count: int
) -> dict[str, float]:
    features, target = _loaded(table)
    train, test = splits(target, table.task, split_count)[number]
    if isinstance(model, str):
        estimator = BASELINES[model].make(table.task, text_columns(features))
        features = BASELINES[model].prepare(features)
    else:
        maker = NFMRegressor if table.task == "regression" else NFMClassifier
        estimator = maker(**{"random_state": number, **model})
    began = perf_counter()
    estimator.fit(features.iloc[train], target.iloc[train])
    seconds = perf_counter() - began
    figures = scores(table.task, estimator, features.iloc[test], target.iloc[test])
    figures["seconds"] = seconds
    if hasattr(estimator, "n_epochs_"):
        figures["epochs"] = estimator.n_epochs_
    return figures


def limit_threads(count: int) -> None:
    """Let TensorFlow use so many threads; must come before its first operation."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(count)
    tf.config.threading.set_inter_op_parallelism_threads(count)


def mean_error(results: pd.DataFrame) -> float:
    """Return the mean over the splits of the log loss, or of 1 − R² for a regression."""
    error = 1 - results["R2"] if "R2" in results else results["log loss"]
    return float(error.mean())
