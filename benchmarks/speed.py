"""Time of an epoch against plain `keras.Model.fit` of the same network, in the same run.

    python -m benchmarks.speed
    python -m benchmarks.speed --epochs 5 --rows 20000     # smaller
    python -m benchmarks.speed --deepctr ../deepctr/bin/python    # with DeepCTR on Keras

Titanic with the article's network, and a made table of many rows. DeepCTR-Torch takes part
where it can be imported, DeepCTR where an interpreter is named that has it
(`deepctr_worker.py` says how to make one). TensorFlow is imported before anything is timed; a
first epoch has all the set-up in it: building, compiling, tracing.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np

from benchmarks.against_deepctr import measure_deepctr
from nfm.model.network import build_network
from nfm.model.training_loop import TrainingLoop
from nfm.settings import PRESETS, Settings, make_settings
from nfm.tabular.encoded_table import EncodedShape, EncodedTable
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.samples import load_sample
from nfm.tabular.target import Target
from nfm.training.trainer import Trainer


@dataclass(frozen=True)
class Task:
    """One table and network that all contestants train on."""

    title: str
    layout: EncodedShape
    settings: Settings
    target: Target
    train: EncodedTable
    labels: np.ndarray
    validation: tuple[EncodedTable, np.ndarray]


@dataclass(frozen=True)
class Times:
    """Seconds of the first epoch, set-up included, and of a later one (median)."""

    first: float
    later: float


def titanic_task() -> Task:
    """Return Titanic with the article's network."""
    frame = load_sample("titanic")
    schema = infer_schema(frame)
    settings = make_settings(PRESETS["article"])
    order = np.random.default_rng(0).permutation(len(frame))
    train, validation = frame.iloc[order[:712]], frame.iloc[order[712:]]
    trainer = Trainer(
        train,
        train[schema.target],
        schema,
        settings,
        validation=(validation, validation[schema.target]),
    )
    encoder, target = trainer.encoder, trainer.target
    return Task(
        "Titanic, 712 rows, article's network, batch 32",
        encoder.layout,
        settings,
        target,
        encoder.transform(train),
        target.encode(train[schema.target]),
        (encoder.transform(validation), target.encode(validation[schema.target])),
    )


def made_task(rows: int, batch_size: int) -> Task:
    """Return a made table of 10 categorical columns of 1,000 levels and 5 numbers."""
    generator = np.random.default_rng(0)
    layout = EncodedShape(
        tuple(f"category {i}" for i in range(10)),
        (1_001,) * 10,
        tuple(f"number {i}" for i in range(5)),
        (1,) * 5,
        (False,) * 5,
    )
    total = rows + rows // 5
    codes = generator.integers(1, 1_001, (total, 10)).astype(np.int32)
    values = generator.standard_normal((total, 5)).astype(np.float32)
    labels = ((codes[:, 0] % 7 == codes[:, 1] % 7) ^ (values[:, 0] > 1)).astype(np.int32)
    settings = make_settings({**PRESETS["article"], "batch_size": batch_size})
    table = EncodedTable(codes, values)
    return Task(
        f"Made table, {rows:,} rows, 10 + 5 columns, article's network, batch {batch_size}",
        layout,
        settings,
        Target.fit(labels, "binary", "label"),
        table.take(slice(0, rows)),
        labels[:rows],
        (table.take(slice(rows, None)), labels[rows:]),
    )


def time_ours(task: Task, epochs: int) -> Times:
    """Time this package's loop."""
    began = perf_counter()
    training = TrainingLoop(
        task.layout,
        task.settings,
        task.target,
        task.train,
        task.labels,
        validation=task.validation,
    )
    return _times(began, [perf_counter() for _ in training.epochs(count=epochs)])


def time_keras(task: Task, epochs: int) -> Times:
    """Time `keras.Model.fit` of the same network."""
    began = perf_counter()
    network = build_network(task.layout, task.settings, "binary", 1)
    optimizer = keras.optimizers.Adam(task.settings.learning_rate)
    network.model.compile(optimizer, loss="binary_crossentropy", metrics=["accuracy"])
    clock = _Clock()
    network.model.fit(
        _columns(task.train),
        task.labels,
        batch_size=task.settings.batch_size,
        epochs=epochs,
        validation_data=(_columns(task.validation[0]), task.validation[1]),
        verbose=0,
        callbacks=[clock],
    )
    return _times(began, clock.ends)


def time_deepctr_torch(task: Task, epochs: int) -> Times:
    """Time DeepCTR-Torch's NFM with the same sizes.

    Raises:
        ImportError: If it is not installed.
    """
    from deepctr_torch.inputs import DenseFeat, SparseFeat
    from deepctr_torch.models import NFM

    layout, settings = task.layout, task.settings
    sparse = [f"c{i}" for i in range(len(layout.categorical))]
    dense = [f"n{i}" for i in range(len(layout.numeric))]
    features: list[Any] = [
        SparseFeat(name, count, settings.embedding_dim)
        for name, count in zip(sparse, layout.level_counts, strict=True)
    ] + [DenseFeat(name, 1) for name in dense]

    def inputs(table: EncodedTable) -> dict[str, np.ndarray]:
        values = np.nan_to_num(table.values)
        return {name: table.codes[:, i] for i, name in enumerate(sparse)} | {
            name: values[:, i] for i, name in enumerate(dense)
        }

    ends = []
    began = perf_counter()
    model = NFM(
        features,
        features,
        dnn_hidden_units=settings.hidden_units,
        dnn_dropout=settings.dropout,
        bi_dropout=settings.bi_dropout,
    )
    model.compile("adam", "binary_crossentropy", metrics=["acc"])
    for _ in range(epochs):
        model.fit(
            inputs(task.train),
            task.labels[:, None],
            batch_size=settings.batch_size,
            epochs=1,
            verbose=0,
            validation_data=(inputs(task.validation[0]), task.validation[1][:, None]),
        )
        ends.append(perf_counter())
    return _times(began, ends)


def deepctr_in(python: Path) -> Callable[[Task, int], Times]:
    """Return what times DeepCTR's NFM with the same sizes, run by an interpreter that has it."""

    def time_deepctr(task: Task, epochs: int) -> Times:
        measured = measure_deepctr(
            python, task.layout, task.settings, task.train, task.labels, epochs, task.validation
        )
        return Times(measured.first, measured.later)

    return time_deepctr


class _Clock(keras.callbacks.Callback):
    """Notes when each epoch ended, validation included."""

    def __init__(self) -> None:
        super().__init__()
        self.ends: list[float] = []

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Note the time."""
        self.ends.append(perf_counter())


def _columns(table: EncodedTable) -> dict[str, np.ndarray]:
    return {"codes": table.codes, "values": table.values}


def _times(began: float, ends: list[float]) -> Times:
    return Times(ends[0] - began, float(np.median(np.diff(ends))))


def main() -> None:
    """Run the comparison and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=10, help="epochs of each contestant")
    parser.add_argument("--rows", type=int, default=200_000, help="rows of the made table")
    parser.add_argument("--batch", type=int, default=1024, help="batch size of the made table")
    parser.add_argument("--deepctr", type=Path, help="an interpreter that has DeepCTR")
    arguments = parser.parse_args()
    contestants: dict[str, Callable[[Task, int], Times]] = {
        "nfm": time_ours,
        "Keras fit": time_keras,
        "DeepCTR-Torch": time_deepctr_torch,
    }
    if arguments.deepctr:
        contestants["DeepCTR"] = deepctr_in(arguments.deepctr)
    for task in (titanic_task(), made_task(arguments.rows, arguments.batch)):
        print(f"\n{task.title}; validation every epoch\n")
        print(f"{'':14} {'first epoch':>12} {'later epoch':>12} {'rows/s':>10} {'times':>7}")
        ours: Times | None = None
        for name, contest in contestants.items():
            try:
                times = contest(task, arguments.epochs)
            except ImportError:
                print(f"{name:14} is not installed here and takes no part.")
                continue
            ours = ours or times
            print(
                f"{name:14} {times.first:10.2f} s {times.later * 1000:9.1f} ms "
                f"{len(task.labels) / times.later:10,.0f} {times.later / ours.later:7.1f}"
            )


if __name__ == "__main__":
    main()
