"""Rows per second and memory as the number of ids and of rows grows.

    python -m benchmarks.scale
    python -m benchmarks.scale --ids 1e4 1e5 --table-rows 1e4     # smaller

    python -m benchmarks.scale --deepctr ../deepctr/bin/python    # beside DeepCTR

Criteo's shape: 26 categorical and 13 numeric columns, every id occurring, k = 16, batch
4096. Each line is measured in a process of its own; its peak memory is that of the whole
process, Python and TensorFlow included (about 600 MB before anything is trained). The
speed is that of the second epoch on. `deepctr_worker.py` says how to make an interpreter that
has DeepCTR.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.against_deepctr import Measured, measure_deepctr
from nfm.settings import Settings, make_settings
from nfm.tabular.encoded_table import EncodedShape, EncodedTable
from nfm.tabular.target import Target

_CATEGORICAL, _NUMERIC = 26, 13
_MIBIBYTE = 1024


@dataclass(frozen=True)
class Shape:
    """What a line of the table is measured with.

    Attributes:
        ids: Number of distinct ids of all columns together.
        rows: Training rows; raised to what it takes for every id to occur.
        batch: Rows of a step.
        numeric: The setting.
        epochs: How many to train, two or more.
    """

    ids: int
    rows: int
    batch: int
    numeric: str
    epochs: int


def make_table(shape: Shape) -> tuple[EncodedShape, Settings, EncodedTable, np.ndarray]:
    """Return a made table of Criteo's shape: its layout, settings, rows and labels."""
    levels = max(shape.ids // _CATEGORICAL, 1)
    rows = max(shape.rows, levels)
    bins = 16 if shape.numeric == "piecewise" else 1
    layout = EncodedShape(
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
        {
            "embedding_dim": 16,
            "batch_size": shape.batch,
            "numeric": shape.numeric,
            "epochs": shape.epochs,
        }
    )
    return layout, settings, EncodedTable(codes, values), labels


def measure(shape: Shape) -> Measured:
    """Train in this process."""
    from nfm.model.training_loop import TrainingLoop

    layout, settings, table, labels = make_table(shape)
    target = Target.fit(labels, "binary", "label")
    began = perf_counter()
    training = TrainingLoop(layout, settings, target, table, labels)
    ends = [perf_counter() for _ in training.epochs()]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MIBIBYTE
    return Measured(ends[0] - began, float(np.median(np.diff(ends))), memory)


def measure_elsewhere(shape: Shape) -> Measured:
    """Do the same in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.scale", "--measure", json.dumps(asdict(shape))]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


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
    parser.add_argument("--deepctr", type=Path, help="an interpreter that has DeepCTR")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(asdict(measure(Shape(**json.loads(arguments.measure))))))
        return
    fixed = arguments.batch, arguments.numeric, arguments.epochs
    points = [(ids, 10**5) for ids in arguments.ids]
    points += [(26_000, rows) for rows in arguments.table_rows]
    print(f"{'ids':>12} {'rows':>10} {'rows/s':>10} {'first epoch':>12} {'peak memory':>12}")
    for number, (ids, rows) in enumerate(points):
        if number == len(arguments.ids):
            print()
        shape = Shape(ids, rows, *fixed)
        rows = max(rows, ids // _CATEGORICAL)
        _print_line(f"{ids:12,}", rows, measure_elsewhere(shape))
        if arguments.deepctr:
            layout, settings, table, labels = make_table(shape)
            measured = measure_deepctr(
                arguments.deepctr, layout, settings, table, labels, shape.epochs
            )
            _print_line(f"{'DeepCTR':>12}", rows, measured)


def _print_line(title: str, rows: int, measured: Measured) -> None:
    print(
        f"{title} {rows:10,} {rows / measured.later:10,.0f} "
        f"{measured.first:10.1f} s {measured.memory:8,.0f} MiB",
        flush=True,
    )


if __name__ == "__main__":
    main()
