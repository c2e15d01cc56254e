"""Train DeepCTR's NFM on a table from a file; run by an interpreter that has DeepCTR.

    PYTHON benchmarks/deepctr_worker.py TABLE.npz

DeepCTR needs an older TensorFlow than this package, so it lives in an environment of its own:
`pip install tensorflow==2.15.* pandas` and `pip install --no-deps deepctr==0.9.4`, on Python
3.11. This file imports nothing of the package. `benchmarks/against_deepctr.py` writes the table.
"""

import json
import os
import resource
import sys
from time import perf_counter

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np
import tensorflow as tf
from deepctr.feature_column import DenseFeat, SparseFeat
from deepctr.models import NFM


class _Clock(tf.keras.callbacks.Callback):
    def __init__(self) -> None:
        super().__init__()
        self.ends: list[float] = []

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        self.ends.append(perf_counter())


def _inputs(codes: np.ndarray, values: np.ndarray) -> dict[str, np.ndarray]:
    names = {f"c{i}": codes[:, i] for i in range(codes.shape[1])}
    return names | {f"n{i}": values[:, i] for i in range(values.shape[1])}


def main() -> None:
    """Print the first epoch's and a later epoch's seconds and the process's peak MiB."""
    table = np.load(sys.argv[1])
    levels, dim, units, dropout, batch_size, epochs = json.loads(str(table["settings"]))
    train = _inputs(table["codes"], table["values"])
    validation = None
    if "validation_labels" in table:
        inputs = _inputs(table["validation_codes"], table["validation_values"])
        validation = inputs, table["validation_labels"]
    began = perf_counter()
    features = [SparseFeat(f"c{i}", count, dim) for i, count in enumerate(levels)]
    features += [DenseFeat(f"n{i}", 1) for i in range(table["values"].shape[1])]
    model = NFM(features, features, dnn_hidden_units=units, dnn_dropout=dropout, bi_dropout=dropout)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    clock = _Clock()
    model.fit(
        train,
        table["labels"],
        batch_size=batch_size,
        epochs=epochs,
        validation_data=validation,
        verbose=0,
        callbacks=[clock],
    )
    later = float(np.median(np.diff(clock.ends)))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"first": clock.ends[0] - began, "later": later, "memory": memory}))


if __name__ == "__main__":
    main()
