"""The training that the start page shows before a visitor has trained: model, curve, passenger."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from nfm.errors import NFMError, ReadingError
from nfm.inference.bundle import Bundle, load_bundle
from nfm.tabular.samples import DATA_FOLDER, load_sample
from nfm.ui.state.byte_cache import shared_cache

SAMPLE = "titanic"
# Made by scripts/stored_training.py.
FILE = DATA_FOLDER / "titanic.nfm"
PASSENGER = "Mr. Owen Harris Braund"
_ROW = 0  # of the passenger


@dataclass(frozen=True, eq=False)
class StoredTraining:
    """A finished training on the Titanic sample.

    Attributes:
        bundle: Its model, with the history of its epochs.
        passenger: The row of the passenger, a table of one row.
    """

    bundle: Bundle
    passenger: pd.DataFrame


def stored_training() -> StoredTraining:
    """Return the stored training; nothing is computed, and no worker is needed.

    Raises:
        NFMError: If a file of data/ is missing or damaged.
    """
    return shared_cache().get(("stored training",), _load)


def _load() -> StoredTraining:
    try:
        content = FILE.read_bytes()
    except OSError as error:
        raise ReadingError(
            f"The file data/{FILE.name} is missing: use the app from its repository."
        ) from error
    passenger = load_sample(SAMPLE).iloc[[_ROW]]
    if PASSENGER.rsplit(" ", 1)[-1] not in str(passenger["Name"].iloc[0]):
        raise NFMError(f"Row {_ROW + 1} of the sample isn't {PASSENGER}.")
    return StoredTraining(load_bundle(content), passenger)
