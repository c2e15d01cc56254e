"""Sample data: three real tables, and three generated ones that show what a model can learn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from nfm.app_folder import APP_FOLDER
from nfm.errors import ReadingError
from nfm.files.reading import read_table
from nfm.settings import Task
from nfm.tabular.data_dictionary import DataDictionary

DATA_FOLDER = APP_FOLDER / "data"
_ROWS = 2_000
_SEED = 20240611


@dataclass(frozen=True)
class Sample:
    """A table that comes with the app.

    Attributes:
        key: Its name in links and in code.
        title: Its name on the screen.
        description: What the rows are and what is to be predicted, in one line.
        question: The same in a few words.
        target: The column to predict.
        task: The task.
        file: Name of the file in the folder `data`; None for a table that is generated.
        unit: Unit of the target if it is a number; "" for none.
        dictionary: Name of its data dictionary, a file in the folder `data`; None without one.
    """

    key: str
    title: str
    description: str
    question: str
    target: str
    task: Task
    file: str | None = None
    unit: str = ""
    dictionary: str | None = None


def additive(rows: int = _ROWS) -> pd.DataFrame:
    """Generate outings whose log-odds are a sum of one effect per column, without interactions.

    Args:
        rows: Number of rows; the same number always gives the same table.

    Returns:
        Columns weather, day, company, temperature (°C) and went (0 or 1, drawn from the log-odds,
        so that no model can be right in all rows).
    """
    random = np.random.default_rng(_SEED)
    weather = random.choice(["sun", "cloud", "rain"], rows, p=[0.4, 0.35, 0.25])
    day = random.choice(["weekday", "weekend"], rows, p=[5 / 7, 2 / 7])
    company = random.choice(["alone", "family", "friends"], rows)
    temperature = np.round(random.normal(17, 7, rows), 1)
    logit = (
        -0.4
        + pd.Series(weather).map({"sun": 1.4, "cloud": 0.1, "rain": -1.8}).to_numpy()
        + np.where(day == "weekend", 1.2, -0.5)
        + pd.Series(company).map({"alone": -0.8, "family": 0.2, "friends": 0.9}).to_numpy()
        + 0.12 * (temperature - 17)
    )
    return pd.DataFrame(
        {
            "weather": weather,
            "day": day,
            "company": company,
            "temperature": temperature,
            "went": _draw(logit, random),
        }
    )


def switches(count: int, rows: int = _ROWS) -> pd.DataFrame:
    """Generate a lamp with several switches, each of which toggles it: the parity of the switches.

    With two switches this is XOR, which needs the interaction of two columns. With three it needs
    the interaction of all three: pairs of columns say nothing about the lamp.

    Args:
        count: Number of switches.
        rows: Number of rows; the same number always gives the same table.

    Returns:
        Columns "switch 1" ... (up or down), wall (white, grey or green, without influence) and
        lamp (0 or 1, drawn from log-odds of +2.5 or -2.5: it is the parity in 92% of the rows).
    """
    random = np.random.default_rng(_SEED + count)
    up = random.integers(0, 2, (rows, count))
    wall = random.choice(["white", "grey", "green"], rows)
    lamp = _draw(np.where(up.sum(axis=1) % 2 == 1, 2.5, -2.5), random)
    columns = {
        f"switch {number + 1}": np.where(up[:, number] == 1, "up", "down")
        for number in range(count)
    }
    return pd.DataFrame({**columns, "wall": wall, "lamp": lamp})


def _draw(logit: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Draw labels of 0 and 1 with the given log-odds, int64."""
    return (random.random(len(logit)) < 1 / (1 + np.exp(-logit))).astype(np.int64)


SAMPLES: dict[str, Sample] = {
    sample.key: sample
    for sample in (
        Sample(
            "titanic",
            "Titanic",
            "891 passengers of the Titanic: who survived?",
            "Who survived?",
            "Survived",
            "binary",
            "titanic.csv",
            dictionary="titanic_dictionary.csv",
        ),
        Sample(
            "penguins",
            "Penguins",
            "344 penguins from three islands: which of three species is each?",
            "Which of three species?",
            "species",
            "multiclass",
            "penguins.csv",
        ),
        Sample(
            "cars",
            "Cars",
            "392 cars from 1970 to 1982: how many miles per gallon does each go?",
            "How many miles per gallon?",
            "mpg",
            "regression",
            "cars.csv",
            "mi/gal",
        ),
        Sample(
            "additive",
            "Additive",
            "2,000 outings; each column has an effect of its own: a linear model is enough.",
            "Linear is enough",
            "went",
            "binary",
        ),
        Sample(
            "xor",
            "XOR",
            "Two switches and a lamp: one switch alone says nothing, both together say "
            "everything. A model needs pairs.",
            "Needs pairs (FM)",
            "lamp",
            "binary",
        ),
        Sample(
            "parity",
            "Parity of three",
            "Three switches and a lamp: only all three together say anything. A model needs a "
            "network on pairs.",
            "Needs a network on pairs (NFM)",
            "lamp",
            "binary",
        ),
    )
}

_GENERATED: dict[str, Callable[[], pd.DataFrame]] = {
    "additive": additive,
    "xor": lambda: switches(2),
    "parity": lambda: switches(3),
}


def sample_bytes(key: str) -> bytes:
    """Return a sample as the bytes of a CSV file.

    Args:
        key: Key of the sample in `SAMPLES`.

    Raises:
        ReadingError: There is no such sample, or its file is missing.
    """
    if key not in SAMPLES:
        raise ReadingError(f"There is no sample {key!r}: choose one of {', '.join(SAMPLES)}.")
    file = SAMPLES[key].file
    if file is None:
        return _GENERATED[key]().to_csv(index=False, lineterminator="\n").encode()
    return _file_bytes(file)


def _file_bytes(file: str) -> bytes:
    try:
        return (DATA_FOLDER / file).read_bytes()
    except OSError as error:
        raise ReadingError(
            f"The sample's file data/{file} is missing: run the app from its repository."
        ) from error


def load_sample(key: str) -> pd.DataFrame:
    """Return a sample as a table.

    Args:
        key: Key of the sample in `SAMPLES`.

    Raises:
        ReadingError: There is no such sample, or its file is missing.
    """
    return read_table(sample_bytes(key))


@cache
def sample_columns(key: str) -> frozenset[str]:
    """Return the names of a sample's columns.

    Args:
        key: Key of the sample in `SAMPLES`.
    """
    return frozenset(load_sample(key).columns)


@cache
def sample_dictionary(key: str) -> DataDictionary:
    """Return a sample's data dictionary; an empty one if it has none.

    Args:
        key: Key of the sample in `SAMPLES`.

    Raises:
        ReadingError: Its file is missing.
    """
    file = SAMPLES[key].dictionary
    return DataDictionary() if file is None else DataDictionary.read(_file_bytes(file))
