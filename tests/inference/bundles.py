"""What the tests of inference share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from nfm.epoch import Epoch, Metrics
from nfm.inference.bundle import Bundle
from nfm.settings import Settings, Task
from nfm.tabular.encoding import Encoder
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.target import Target
from tests.inference.drawing import draw_weights

ROWS = 60
CREATED = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def passengers() -> pd.DataFrame:
    """A small table with text, numbers, missing values, and names that need care."""
    random = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "port / harbour": random.choice(["S", "C", "Q", None], ROWS),
            "舱位": random.integers(1, 4, ROWS),
            "fare": np.where(random.random(ROWS) < 0.2, np.nan, random.gamma(2, 15, ROWS)),
            "<b>age</b>": random.uniform(1, 80, ROWS).round(1),
        }
    )


@pytest.fixture
def frame() -> pd.DataFrame:
    """Rows to predict from."""
    return passengers()


@pytest.fixture
def make_bundle() -> Callable[..., Bundle]:
    """Pack a network with random weights: make_bundle(task, target values, **settings)."""

    def make(task: Task = "binary", values: object = None, **changes: object) -> Bundle:
        settings = Settings(**{"hidden_units": (8,), "embedding_dim": 4, **changes})
        rows = passengers()
        if values is None:
            values = rows["fare"].fillna(30.0) if task == "regression" else np.arange(ROWS) % 2
        rows["label"] = values
        schema = infer_schema(rows, "label", task)
        encoder = Encoder.fit(rows, schema.features, settings)
        target = Target.fit(rows["label"], task, "label")
        random = np.random.default_rng(7)
        metrics = Metrics(loss=0.6, accuracy=0.7)
        return Bundle(
            schema=schema,
            encoder=encoder,
            target=target,
            settings=settings,
            weights=draw_weights(random, encoder.layout, settings, target.output_count),
            history=(Epoch(1, metrics, metrics, 1e-3, 0.5, 100.0, best=True),),
            best_epoch=1,
            created=CREATED,
        )

    return make
