"""What one reaches without a model."""

from __future__ import annotations

import pandas as pd
import pytest

from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.splitting import SplitOptions
from nfm.ui.train.baseline import baseline


def test_most_frequent_class_is_always_answered():
    frame = pd.DataFrame({"x": range(100), "y": ["no"] * 70 + ["yes"] * 30})
    found = baseline(frame, infer_schema(frame, "y"), SplitOptions(test_fraction=0.2))
    assert found.test_rows == 20
    assert found.accuracy == pytest.approx(0.7)
    assert "Always predicting no" in found.sentence
    assert "70.0%" in found.sentence


def test_mean_is_always_answered_for_numbers():
    frame = pd.DataFrame({"x": range(200), "y": [1.5, 2.5] * 100})
    schema = infer_schema(frame, "y", "regression")
    found = baseline(frame, schema, SplitOptions(test_fraction=0.2))
    assert found.accuracy is None
    assert found.mae == pytest.approx(0.5, abs=0.01)
    assert "the mean, 2" in found.sentence


def test_without_test_rows_there_is_nothing_to_compare():
    frame = pd.DataFrame({"x": range(100), "y": ["no"] * 70 + ["yes"] * 30})
    assert baseline(frame, infer_schema(frame, "y"), SplitOptions(test_fraction=0)) is None


def test_classes_that_no_training_row_has_are_left_out_as_from_the_models_figures():
    frame = pd.DataFrame(
        {"x": range(100), "y": ["no"] * 60 + ["yes"] * 20 + ["late"] * 10 + ["no"] * 10}
    )
    schema = infer_schema(frame, "y")
    found = baseline(frame, schema, SplitOptions(test_fraction=0.2, time_column="x"))
    assert (found.test_rows, found.accuracy) == (10, 1.0)
    frame.loc[80:, "y"] = "late"
    assert baseline(frame, schema, SplitOptions(test_fraction=0.2, time_column="x")) is None
