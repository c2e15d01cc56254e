"""Rows per second and memory as the number of ids and of rows grows.

    python -m benchmarks.scale
    python -m benchmarks.scale --ids 1e4 1e5 --table-rows 1e4     # smaller

Criteo's shape: 26 categorical and 13 numeric columns, every id occurring, k = 16, batch
4096. Each line is measured in a process of its own; its peak memory is that of the whole
process, Python and TensorFlow included (about 600 MB before anything is trained). The
speed is that of the second epoch on.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
from time import perf_counter

import numpy as np

_CATEGORICAL, _NUMERIC = 26, 13
_MIBIBYTE = 1024


def measure(ids: int, rows: int, batch_size: int, numeric: str, epochs: int) -> dict[str, float]:
    """Train in this process.

    Args:
        ids: Number of distinct ids of all columns together.
        rows: Training rows; raised to what it takes for every id to occur.
        batch_size: Rows of a step.
        numeric: The setting.
        epochs: How many to train, two or more.

    Returns:
        Rows, rows per second (median of the epochs from the second on), seconds of the
        first epoch with all set-up, and peak memory in MiB.
    """
    from nfm.model.training import Training
    from nfm.settings import make_settings
    from nfm.tabular.layout import EncodedTable, Layout
    from nfm.tabular.target import Target

    levels = max(ids // _CATEGORICAL, 1)
    rows = max(rows, levels)
    bins = 16 if numeric == "piecewise" else 1
    layout = Layout(
        tuple(f"category {i}" for i in range(_CATEGORICAL)),
        (levels + 1,) * _CATEGORICAL,
        tuple(f"number {i}" for i in range(_NUMERIC)),
        (bins,) * _NUMERIC,
        (False,) * _NUMERIC,
    )
    generator = np.random.default_rng(0)
    codes = np.empty((rows, _CATEGORICAL), np.int32)
    for column in range(_CATEGORICAL):
        codes[:, column] = generator.permutation(np.arange(rows) % levels) + 1
    values = generator.random((rows, _NUMERIC), np.float32) * bins
    labels = (generator.random(rows) < 0.25).astype(np.int32)
    settings = make_settings(
        {"embedding_dim": 16, "batch_size": batch_size, "numeric": numeric, "epochs": epochs}
    )
    target = Target.fit(labels, "binary", "label")
    began = perf_counter()
    training = Training(layout, settings, target, EncodedTable(codes, values), labels)
    ends = [perf_counter() for _ in training.epochs()]
    return {
        "rows": rows,
        "rows_per_second": rows / float(np.median(np.diff(ends))),
        "first": ends[0] - began,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MIBIBYTE,
    }


def measure_elsewhere(
    ids: int, rows: int, batch_size: int, numeric: str, epochs: int
) -> dict[str, float]:
    """Do the same in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.scale",
        "--measure",
        str(ids),
        str(rows),
        "--numeric",
        numeric,
    ]
    command += ["--batch", str(batch_size), "--epochs", str(epochs)]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def _whole(text: str) -> int:
    return int(float(text))


def main() -> None:
    """Measure and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--ids", type=_whole, nargs="*", default=[10**4, 26_000, 10**5, 10**6, 10**7]
    )
    parser.add_argument("--table-rows", type=_whole, nargs="*", default=[10**4, 10**5, 10**6])
    parser.add_argument("--batch", type=_whole, default=4096, help="batch size")
    parser.add_argument("--numeric", choices=["concat", "value", "piecewise"], default="concat")
    parser.add_argument("--epochs", type=_whole, default=4, help="epochs of each line")
    parser.add_argument("--measure", type=_whole, nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    fixed = arguments.batch, arguments.numeric, arguments.epochs
    if arguments.measure:
        print(json.dumps(measure(*arguments.measure, *fixed)))
        return
    points = [(ids, 10**5) for ids in arguments.ids]
    points += [(26_000, rows) for rows in arguments.table_rows]
    print(f"{'ids':>12} {'rows':>10} {'rows/s':>10} {'first epoch':>12} {'peak memory':>12}")
    for number, (ids, rows) in enumerate(points):
        if number == len(arguments.ids):
            print()
        line = measure_elsewhere(ids, rows, *fixed)
        print(
            f"{ids:12,} {line['rows']:10,.0f} {line['rows_per_second']:10,.0f} "
            f"{line['first']:10.1f} s {line['memory']:8,.0f} MiB",
            flush=True,
        )


if __name__ == "__main__":
    main()
