"""The rows that are evaluated, and what is asked of them."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from nfm.errors import NFMError, SchemaError
from nfm.evaluation.held_out import HeldOutPredictions, predict_held_out, row_groups
from nfm.tabular.splitting import SplitOptions, split_rows


@pytest.fixture
def table(frame: pd.DataFrame) -> pd.DataFrame:
    frame["label"] = np.arange(len(frame)) % 2
    return frame


def test_test_rows_are_those_of_the_runs_split(table, make_bundle):
    options = SplitOptions(test_fraction=0.3, random_state=7)
    evaluation = predict_held_out(make_bundle(), table, options)
    rows = split_rows(table, table["label"], "binary", options).test
    assert evaluation.part == "test"
    np.testing.assert_array_equal(evaluation.rows, rows)
    np.testing.assert_array_equal(evaluation.labels, table["label"].to_numpy()[rows])
    predictions = make_bundle().predict_proba(table.iloc[rows])
    np.testing.assert_allclose(evaluation.predictions, predictions, rtol=1e-12)


def test_figures_equal_those_that_the_worker_measured(table, make_bundle):
    bundle = make_bundle()
    evaluation = predict_held_out(bundle, table, SplitOptions())
    worker = bundle.evaluate(table.iloc[evaluation.rows], table["label"].iloc[evaluation.rows])
    assert (~evaluation.is_error).mean() == worker.accuracy
    assert evaluation.losses.mean() == pytest.approx(worker.loss, rel=1e-9)


def test_without_test_rows_the_validation_rows_are_taken(table, make_bundle):
    options = SplitOptions(test_fraction=0.0)
    evaluation = predict_held_out(make_bundle(), table, options)
    assert evaluation.part == "validation"
    rows = split_rows(table, table["label"], "binary", options).validation
    np.testing.assert_array_equal(evaluation.rows, rows)


def test_without_any_held_out_row_a_sentence_says_so(table, make_bundle):
    options = SplitOptions(test_fraction=0.0, validation_fraction=0.0)
    with pytest.raises(NFMError, match="No rows were held out"):
        predict_held_out(make_bundle(), table, options)


def test_missing_target_column_is_named(frame, make_bundle):
    with pytest.raises(SchemaError, match="'label'"):
        predict_held_out(make_bundle(), frame, SplitOptions())


def test_rows_of_an_unknown_class_are_left_out_and_counted(table, make_bundle):
    options = SplitOptions(stratify=False)
    labels = table["label"].astype("float64")
    labels.iloc[0] = np.nan
    rows = split_rows(table, labels, "binary", options).test
    labels.iloc[rows[1]] = 7.0
    table["label"] = labels
    evaluation = predict_held_out(make_bundle(), table, options)
    assert evaluation.left_out == 1
    np.testing.assert_array_equal(evaluation.rows, np.delete(rows, 1))


def test_numbers_are_in_their_own_units(frame, make_bundle):
    frame["label"] = frame["fare"].fillna(30.0)
    bundle = make_bundle("regression")
    evaluation = predict_held_out(bundle, frame, SplitOptions())
    held_out = frame.iloc[evaluation.rows]
    np.testing.assert_allclose(evaluation.predicted, bundle.predict(held_out), rtol=1e-12)
    np.testing.assert_allclose(
        evaluation.residuals, held_out["label"] - evaluation.predicted, rtol=1e-12
    )
    np.testing.assert_array_equal(evaluation.constant().predictions, bundle.target.mean)


def test_constant_answer_is_the_training_shares(table, make_bundle):
    values = np.repeat(["a", "b", "c"], [30, 20, 10])
    bundle = make_bundle("multiclass", values)
    table["label"] = values
    constant = predict_held_out(bundle, table, SplitOptions()).constant()
    np.testing.assert_allclose(constant.predictions[0], [1 / 2, 1 / 3, 1 / 6])
    assert (constant.predicted == 0).all()


def evaluation(task, labels, predictions):
    labels, predictions = np.asarray(labels), np.asarray(predictions, dtype=np.float64)
    rows = 100 + np.arange(len(labels))
    return HeldOutPredictions(SimpleNamespace(task=task), "test", rows, labels, predictions)


def two_classes(positive, labels):
    positive = np.asarray(positive)
    return evaluation("binary", labels, np.stack([1 - positive, positive], axis=1))


def test_wrong_rows_are_those_decided_otherwise_than_they_are():
    found = two_classes([0.9, 0.2, 0.6, 0.4], [1, 1, 0, 0])
    assert row_groups(found)["wrong"].tolist() == [101, 102]


def test_threshold_moves_what_is_wrong_and_what_is_borderline():
    shares = np.linspace(0.005, 0.995, 100)
    found = two_classes(shares, (shares >= 0.5).astype(int))
    assert "wrong" not in row_groups(found)
    groups = row_groups(found, threshold=0.7)
    assert len(groups["wrong"]) == 20
    assert np.abs(shares[groups["borderline"] - 100] - 0.7).max() < 0.06
    assert len(groups["borderline"]) == 10


def test_confident_rows_have_a_probable_class_whichever_it_is():
    found = two_classes([0.99, 0.01, 0.5], [1, 0, 1])
    assert row_groups(found)["confident"].tolist() == [100, 101]


def test_several_classes_are_borderline_where_two_are_as_probable():
    predictions = [[0.4, 0.39, 0.21], *[[0.8, 0.1, 0.1]] * 60]
    found = evaluation("multiclass", [0, *[1] * 60], predictions)
    groups = row_groups(found)
    assert groups["borderline"][0] == 100
    assert groups["wrong"].tolist() == list(range(101, 161))
    assert "confident" not in groups


def test_numbers_are_far_off_or_close():
    found = evaluation("regression", np.arange(100.0), np.arange(100.0) + np.arange(100.0) / 10)
    groups = row_groups(found)
    assert groups["close"].tolist() == list(range(100, 110))
    assert sorted(groups["far off"].tolist()) == list(range(190, 200))
