"""Models that the tests of the analyses share, each trained once."""

from __future__ import annotations

import pandas as pd
import pytest

from nfm import NFMClassifier, NFMRegressor
from nfm.tabular.samples import SAMPLES, load_sample

QUICK = {"hidden_units": (8,), "embedding_dim": 4, "learning_rate": 0.02, "random_state": 0}


def rows_and_target(sample: str) -> tuple[pd.DataFrame, pd.Series]:
    """Return the columns that the model uses, and the target."""
    frame = load_sample(sample)
    unused = {"titanic": ["PassengerId", "Name", "Ticket"], "cars": ["name"]}.get(sample, [])
    target = SAMPLES[sample].target
    return frame.drop(columns=[target, *unused], errors="ignore"), frame[target]


@pytest.fixture(scope="session")
def classifier() -> NFMClassifier:
    """A model of the first 600 passengers."""
    X, y = rows_and_target("titanic")
    return NFMClassifier(epochs=5, **QUICK).fit(X[:600], y[:600])


@pytest.fixture(scope="session")
def regressor() -> NFMRegressor:
    """A model of every second car."""
    X, y = rows_and_target("cars")
    return NFMRegressor(epochs=5, **QUICK).fit(X[::2], y[::2])


@pytest.fixture(scope="session")
def of_three_classes() -> NFMClassifier:
    """A model of every second penguin."""
    X, y = rows_and_target("penguins")
    return NFMClassifier(epochs=5, **QUICK).fit(X[::2], y[::2])
