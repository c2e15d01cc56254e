"""How good are the defaults? Repeated splits against a linear model and gradient boosting.

    python -m benchmarks.quality --splits 5
    python -m benchmarks.quality --tables titanic --splits 20

Every split holds out a fifth of the rows. The NFM sets its validation rows aside from the
others; the baselines learn from all of them. `benchmarks/tables.py` says what to install.
"""

from __future__ import annotations

import argparse
import json
import os
import warnings
from pathlib import Path

import pandas as pd

from benchmarks.tables import BenchmarkTable, choose_tables

# A difference below this share of boosting's error (1 - score) is called level.
_LEVEL = 0.02
_FAR = 0.15


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--tables", nargs="*", help="names; all if left out")
    parser.add_argument("--which", choices=["all", "tuning", "check"], default="all")
    parser.add_argument("--settings", type=json.loads, default={}, help="JSON, over the defaults")
    parser.add_argument("--results", type=Path, help="JSON lines: kept, and gone on with")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.simplefilter("ignore")

    from benchmarks.measuring import Ledger, limit_threads

    limit_threads(arguments.threads)
    ledger = Ledger(arguments.results)
    print(f"{arguments.splits} splits, 20% held out; mean ± standard deviation over the splits.\n")
    print(_HEADING)
    lines = [
        _compare(ledger, table, arguments.settings, arguments.splits)
        for table in choose_tables(arguments.tables, arguments.which)
    ]
    _print_counts(pd.DataFrame(lines))


_HEADING = (
    "| table | rows × columns | score | linear | boosting | NFM | NFM − boosting "
    "| log loss: linear, boosting, NFM | seconds: boosting, NFM |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def _compare(ledger, table: BenchmarkTable, settings: dict, split_count: int) -> dict:
    """Measure and print one table; return the mean scores."""
    from benchmarks.measuring import BOOSTING, LINEAR, mean_and_spread

    features, _ = table.load()
    results = {
        name: ledger.measure(table, model, split_count)
        for name, model in (("linear", LINEAR), ("boosting", BOOSTING), ("nfm", settings))
    }
    score = results["nfm"].columns[0]
    difference = results["nfm"][score] - results["boosting"][score]
    loss = ""
    if "log loss" in results["nfm"]:
        loss = ", ".join(f"{frame['log loss'].mean():.3f}" for frame in results.values())
    seconds = ", ".join(f"{results[name]['seconds'].mean():.1f}" for name in ("boosting", "nfm"))
    print(
        f"| {table.name} | {len(features):,} × {features.shape[1]} | {score} | "
        + " | ".join(mean_and_spread(frame[score]) for frame in results.values())
        + f" | {difference.mean():+.3f} ± {difference.std():.3f} | {loss} | {seconds} |",
        flush=True,
    )
    return {name: frame[score].mean() for name, frame in results.items()} | {"name": table.name}


def _print_counts(means: pd.DataFrame) -> None:
    """Print on how many tables the NFM is ahead, level or behind."""
    relative = (means["nfm"] - means["boosting"]) / (1 - means["boosting"])
    print(
        f"\nOf {len(means)} tables the NFM's mean score is at least boosting's on "
        f"{(relative >= 0).sum()}, and more than {_LEVEL:.0%} of boosting's error behind on "
        f"{(relative < -_LEVEL).sum()}; at least the linear model's on "
        f"{(means['nfm'] >= means['linear']).sum()}."
    )
    far = means["name"][relative < -_FAR].tolist()
    print(f"More than {_FAR:.0%} of boosting's error behind: {', '.join(far) or 'none'}.")


if __name__ == "__main__":
    main()
