"""Columns of many levels whose levels help only the rows that the model was trained on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nfm import Settings, infer_schema, train_table
from nfm.evaluation.memorised_columns import memorised_columns
from nfm.tabular.splitting import Split

ROWS = 3_000
SETTINGS = Settings(rare_level_dropout=0, min_level_count=1, early_stopping=False, epochs=25)


@pytest.fixture(scope="module", params=["binary", "multiclass", "regression", "huber"])
def studied(request):
    """A model of a useful column and of a column of 400 levels that say nothing."""
    random = np.random.default_rng(0)
    useful, noise = random.integers(0, 60, ROWS), random.integers(0, 400, ROWS)
    score = random.normal(size=60)[useful] * 2 + random.normal(size=ROWS)
    y = {
        "binary": np.where(score > 0, "yes", "no"),
        "multiclass": np.array(["low", "middle", "high"])[np.digitize(score, [-1, 1])],
        "regression": score,
        "huber": score,
    }[request.param]
    frame = pd.DataFrame(
        {"useful": [f"u{k}" for k in useful], "noise": [f"n{k}" for k in noise], "y": y}
    )
    schema = infer_schema(frame, "y").with_features(["useful", "noise"])
    loss = "huber" if request.param == "huber" else "squared_error"
    trained = train_table(frame, schema, SETTINGS.model_copy(update={"regression_loss": loss}))
    return trained.bundle, frame, trained.split


def test_the_column_that_says_nothing_is_found_and_not_the_useful_one(studied) -> None:
    bundle, frame, split = studied
    [found] = memorised_columns(bundle, frame, split)
    assert found.column == "noise"
    assert found.levels == bundle.encoder.layout.level_counts[1]
    assert found.training_gain > 0 > found.validation_gain
    assert found.standard_error > 0


def test_the_gain_is_the_loss_with_every_level_as_other_less_the_loss(studied) -> None:
    bundle, frame, split = studied
    [found] = memorised_columns(bundle, frame, split)
    rows = frame.iloc[split.validation]
    other = bundle.evaluate(rows.assign(noise="a level that training never saw"), rows["y"])
    expected = other.loss - bundle.evaluate(rows, rows["y"]).loss
    assert found.validation_gain == pytest.approx(expected, abs=1e-9)


def test_test_rows_have_no_influence(studied) -> None:
    bundle, frame, split = studied
    changed = frame.copy()
    changed.iloc[split.test, 1] = "something else"
    assert memorised_columns(bundle, changed, split) == memorised_columns(bundle, frame, split)


def test_without_enough_validation_rows_nothing_is_said(studied) -> None:
    bundle, frame, split = studied
    few = Split(split.train, split.validation[:49], split.test)
    assert memorised_columns(bundle, frame, few) == ()
