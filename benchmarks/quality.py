"""How good are the defaults? Repeated splits against other models with their defaults.

    python -m benchmarks.quality --splits 5
    python -m benchmarks.quality --tables titanic --splits 20 --models linear boosting

Every split holds out a fifth of the rows. The NFM sets its validation rows aside from the
others; the other models learn from all of them. `benchmarks/tables.py` and
`benchmarks/baselines.py` say what to install.
"""

from __future__ import annotations

import argparse
import json
import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.baselines import BASELINES
from benchmarks.tables import BenchmarkTable, choose_tables


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--tables", nargs="*", help="names; all if left out")
    parser.add_argument("--which", choices=["all", "tuning", "check"], default="all")
    parser.add_argument("--models", nargs="*", choices=list(BASELINES), default=list(BASELINES))
    parser.add_argument("--settings", type=json.loads, default={}, help="JSON, over the defaults")
    parser.add_argument("--results", type=Path, help="JSON lines: kept, and gone on with")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    warnings.simplefilter("ignore")

    from benchmarks.measuring import Ledger, limit_threads, mean_error

    limit_threads(arguments.threads)
    ledger = Ledger(arguments.results)
    models = [name for name in arguments.models if BASELINES[name].is_installed]
    if missing := sorted(set(arguments.models) - set(models)):
        print(f"Not installed, left out: {', '.join(missing)}.")
    print(f"{arguments.splits} splits, 20% held out; mean ± standard deviation over the splits.\n")
    print(f"| table | rows × columns | score | {' | '.join(models)} | NFM |")
    print("|---" * (len(models) + 4) + "|")
    errors, seconds = [], []
    for table in choose_tables(arguments.tables, arguments.which):
        measured = {name: ledger.measure(table, name, arguments.splits) for name in models} | {
            "NFM": ledger.measure(table, arguments.settings, arguments.splits)
        }
        _print_table(table, measured)
        errors.append({name: mean_error(results) for name, results in measured.items()})
        seconds.append({name: results["seconds"].mean() for name, results in measured.items()})
    _print_comparison(pd.DataFrame(errors), pd.DataFrame(seconds))


def _print_table(table: BenchmarkTable, measured: dict[str, pd.DataFrame]) -> None:
    """Print a table's scores as a line of Markdown, the best mean in bold."""
    features, _ = table.load()
    score = measured["NFM"].columns[0]
    means = {name: round(results[score].mean(), 3) for name, results in measured.items()}
    cells = [
        (f"**{mean:.3f}**" if mean == max(means.values()) else f"{mean:.3f}")
        + f" ± {np.std(measured[name][score]):.3f}"
        for name, mean in means.items()
    ]
    size = f"{len(features):,} × {features.shape[1]}"
    print(f"| {table.name} | {size} | {score} | {' | '.join(cells)} |", flush=True)


def _print_comparison(errors: pd.DataFrame, seconds: pd.DataFrame) -> None:
    """Print each model's mean rank and the NFM's error relative to it, over the tables.

    Args:
        errors: A row per table, a column per model: log loss, or 1 − R².
        seconds: Time of one training, in the same shape.
    """
    ranks = errors.rank(axis=1).mean()
    print(f"\nBy the log loss, or 1 − R², of {len(errors)} tables:\n")
    print("| model | mean rank | the NFM's error against its | NFM at least as good on | time |")
    print("|---|---|---|---|---|")
    for name in ranks.sort_values().index:
        ratios = np.log(errors["NFM"] / errors[name])
        spread = ratios.std(ddof=1) / np.sqrt(len(ratios)) if len(ratios) > 1 else np.nan
        time = np.exp(np.log(seconds[name] / seconds["NFM"]).mean())
        against = f"{np.expm1(ratios.mean()):+.1%} ± {spread:.1%}"
        wins = f"{(ratios <= 0).sum()} of {len(ratios)}"
        if name == "NFM":
            against = wins = ""
        print(f"| {name} | {ranks[name]:.1f} | {against} | {wins} | {time:.1f} × |")


if __name__ == "__main__":
    main()
