"""Search for better defaults: settings tried on many tables, never on one table or one split.

    python -m benchmarks.tune --try '{"learning_rate": 0.003}' '{"embedding_dim": 64}'
    python -m benchmarks.tune --draws 20 --splits 3 --results tuning.jsonl

Only the tables marked for tuning are looked at; `python -m benchmarks.quality --which check`
then judges a choice on the others. docs/explanation/tuning.md says what was chosen and why.
"""

from __future__ import annotations

import argparse
import json
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.tables import BenchmarkTable, choose_tables

# What a draw chooses from; the defaults are among the values.
_CHOICES: dict[str, list[Any]] = {
    "embedding_dim": [8, 16, 32, 64],
    "hidden_units": [[64], [128], [128, 64], [256]],
    "learning_rate": [3e-4, 1e-3, 3e-3, 1e-2],
    "bi_dropout": [0.0, 0.1, 0.2, 0.4],
    "dropout": [0.0, 0.1, 0.2, 0.4],
    "numeric_bins": [8, 16, 32],
    "hidden_batch_norm": [False, True],
    "constant_field": [False, True],
    "weight_averaging": [False, True],
    "l2_embedding": [0.0, 1e-6, 1e-5, 1e-4],
    "min_level_count": [None, 1, 3, 10],
}


def main() -> None:
    """Read the command line, measure, print the best first."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--try", dest="tries", type=json.loads, nargs="*", default=[])
    parser.add_argument("--draws", type=int, default=0, help="settings drawn at random")
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--tables", nargs="*", help="names; all for tuning if left out")
    parser.add_argument("--results", type=Path, help="JSON lines: kept, and gone on with")
    parser.add_argument("--seed", type=int, default=0, help="of the draws")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.simplefilter("ignore")

    from benchmarks.measuring import Ledger, limit_threads

    limit_threads(arguments.threads)
    ledger = Ledger(arguments.results)
    generator = np.random.default_rng(arguments.seed)
    candidates = [*arguments.tries, *(draw(generator) for _ in range(arguments.draws))]
    tables = list(choose_tables(arguments.tables, "tuning"))
    lines = []
    for settings in candidates:
        ratios = [_ratio(ledger, table, settings, arguments.splits) for table in tables]
        lines.append({"settings": json.dumps(settings), **_summary(np.array(ratios))})
        print(lines[-1], flush=True)
    print(pd.DataFrame(lines).sort_values("mean").to_string(index=False))


def draw(generator: np.random.Generator) -> dict[str, Any]:
    """Draw settings at random.

    Args:
        generator: Source of the numbers.

    Returns:
        A value for each of the settings that are searched.
    """
    return {
        name: values[generator.integers(len(values))] for name, values in sorted(_CHOICES.items())
    }


def _ratio(ledger: Any, table: BenchmarkTable, settings: dict[str, Any], splits: int) -> float:
    """Return the logarithm of a table's mean error over that of the defaults."""
    from benchmarks.measuring import mean_error

    errors = [mean_error(ledger.measure(table, model, splits)) for model in (settings, {})]
    return float(np.log(errors[0] / errors[1]))


def _summary(ratios: np.ndarray) -> dict[str, float]:
    """Summarise over the tables; below zero is better than the defaults."""
    error = ratios.std(ddof=1) / np.sqrt(len(ratios)) if len(ratios) > 1 else np.nan
    return {
        "mean": float(ratios.mean().round(4)),
        "standard error": float(np.round(error, 4)),
        "better on": int((ratios < 0).sum()),
        "of": len(ratios),
    }


if __name__ == "__main__":
    main()
