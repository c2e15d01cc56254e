"""DeepCTR's time and memory on the same table, measured in an environment of its own."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from nfm.settings import Settings
from nfm.tabular.encoded_table import EncodedShape, EncodedTable

_WORKER = Path(__file__).with_name("deepctr_worker.py")


@dataclass(frozen=True)
class Measured:
    """What a training took.

    Attributes:
        first: Seconds of the first epoch, set-up included.
        later: Seconds of a later epoch (median).
        memory: Peak of the whole process, MiB.
    """

    first: float
    later: float
    memory: float


def measure_deepctr(
    python: Path,
    layout: EncodedShape,
    settings: Settings,
    train: EncodedTable,
    labels: np.ndarray,
    epochs: int,
    validation: tuple[EncodedTable, np.ndarray] | None = None,
) -> Measured:
    """Train DeepCTR's NFM with the same sizes on the same rows.

    Args:
        python: An interpreter that has DeepCTR; `deepctr_worker.py` says how to make one.
        layout: Sizes of the encoded table.
        settings: Dimension, hidden layers, dropout and batch size are taken from them.
        train: The training rows.
        labels: Theirs, 0 or 1.
        epochs: Two or more.
        validation: Rows and labels that are measured after every epoch.

    Raises:
        RuntimeError: If it fails, with its last words.
    """
    sizes = settings.embedding_dim, settings.hidden_units, settings.dropout, settings.batch_size
    arrays = {"codes": train.codes, "values": np.nan_to_num(train.values), "labels": labels}
    if validation is not None:
        rows, validation_labels = validation
        arrays["validation_codes"] = rows.codes
        arrays["validation_values"] = np.nan_to_num(rows.values)
        arrays["validation_labels"] = validation_labels
    with TemporaryDirectory() as folder:
        table = Path(folder) / "table.npz"
        facts = json.dumps([layout.level_counts, *sizes, epochs])
        np.savez(table, settings=np.array(facts), **arrays)
        command = [str(python), "-P", str(_WORKER), str(table)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return Measured(**json.loads(done.stdout.splitlines()[-1]))
