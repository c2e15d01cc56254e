"""Simpler models on the same rows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nfm.evaluation import baselines
from nfm.evaluation.baselines import NAMES, learn_baseline
from nfm.evaluation.held_out import predict_held_out
from nfm.tabular.splitting import SplitOptions

OPTIONS = SplitOptions(test_fraction=0.5)


@pytest.fixture
def table(frame: pd.DataFrame) -> pd.DataFrame:
    frame["label"] = (frame["<b>age</b>"] > 40).astype(int)
    return frame


@pytest.mark.parametrize("name", NAMES)
def test_two_classes_are_learned(table, make_bundle, name):
    bundle = make_bundle(values=table["label"])
    rows = predict_held_out(bundle, table, OPTIONS)
    found = learn_baseline(name, bundle, table, OPTIONS, rows)
    np.testing.assert_allclose(found.evaluation.predictions.sum(axis=1), 1)
    np.testing.assert_array_equal(found.evaluation.rows, rows.rows)
    assert found.rows + len(rows) < len(table)
    if name == "linear":  # the trees need more than 24 rows
        assert found.evaluation.is_error.mean() < 0.3


@pytest.mark.parametrize("name", NAMES)
def test_several_classes_and_numbers_are_learned(frame, make_bundle, name):
    frame["label"] = np.resize(["x", "y", "z"], len(frame))
    bundle = make_bundle("multiclass", frame["label"])
    rows = predict_held_out(bundle, frame, OPTIONS)
    found = learn_baseline(name, bundle, frame, OPTIONS, rows)
    assert found.evaluation.predictions.shape == (len(rows), 3)

    frame["label"] = frame["fare"].fillna(30.0)
    bundle = make_bundle("regression")
    rows = predict_held_out(bundle, frame, OPTIONS)
    found = learn_baseline(name, bundle, frame, OPTIONS, rows)
    assert found.evaluation.predictions.shape == (len(rows),)


@pytest.mark.parametrize("name", NAMES)
def test_column_of_more_levels_than_trees_can_take(table, make_bundle, monkeypatch, name):
    monkeypatch.setattr(baselines, "_MOST_LEVELS", 2)
    bundle = make_bundle(values=table["label"], min_level_count=1)
    rows = predict_held_out(bundle, table, OPTIONS)
    assert np.isfinite(
        learn_baseline(name, bundle, table, OPTIONS, rows).evaluation.predictions
    ).all()


@pytest.mark.parametrize("name", NAMES)
def test_column_that_is_blank_in_the_training_rows(table, make_bundle, name):
    bundle = make_bundle(values=table["label"])
    table["fare"] = np.nan
    rows = predict_held_out(bundle, table, OPTIONS)
    table.loc[table.index[rows.rows], "fare"] = 7.0
    found = learn_baseline(name, bundle, table, OPTIONS, rows)
    assert np.isfinite(found.evaluation.predictions).all()


def test_many_rows_are_thinned(table, make_bundle, monkeypatch):
    monkeypatch.setattr(baselines, "MOST_ROWS", 20)
    bundle = make_bundle(values=table["label"])
    rows = predict_held_out(bundle, table, OPTIONS)
    assert learn_baseline("linear", bundle, table, OPTIONS, rows).rows == 20
