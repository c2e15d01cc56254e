"""A table's schema, and epochs with given validation losses."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd
import pytest

from nfm.epoch import Epoch, Metrics
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.schema import Schema


@pytest.fixture
def schema() -> Schema:
    """A target, a column of levels and a column of numbers."""
    frame = pd.DataFrame(
        {
            "sex": ["male", "female"] * 20,
            "fare": [1.5 * row for row in range(40)],
            "survived": [0, 1] * 20,
        }
    )
    return infer_schema(frame, "survived")


@pytest.fixture
def epochs_of() -> Callable[[Sequence[float]], tuple[Epoch, ...]]:
    """Make epochs from their validation losses."""

    def make(losses: Sequence[float]) -> tuple[Epoch, ...]:
        return tuple(
            Epoch(
                number=number,
                train=Metrics(loss),
                validation=Metrics(loss, accuracy=1 - loss / 2),
                learning_rate=1e-3,
                seconds=0.5 * number,
                rows_per_second=1000.0,
                best=loss <= min(losses[:number]),
            )
            for number, loss in enumerate(losses, 1)
        )

    return make
