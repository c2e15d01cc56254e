"""The rows that are evaluated, and what is asked of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nfm.errors import NFMError, SchemaError
from nfm.evaluation.held_out import evaluate_held_out
from nfm.tabular.splitting import SplitOptions, split_rows


@pytest.fixture
def table(frame: pd.DataFrame) -> pd.DataFrame:
    frame["label"] = np.arange(len(frame)) % 2
    return frame


def test_test_rows_are_those_of_the_runs_split(table, make_bundle):
    options = SplitOptions(test_fraction=0.3, random_state=7)
    evaluation = evaluate_held_out(make_bundle(), table, options)
    rows = split_rows(table, table["label"], "binary", options).test
    assert evaluation.part == "test"
    np.testing.assert_array_equal(evaluation.rows, rows)
    np.testing.assert_array_equal(evaluation.labels, table["label"].to_numpy()[rows])
    answers = make_bundle().predict_proba(table.iloc[rows])
    np.testing.assert_allclose(evaluation.answers, answers, rtol=1e-12)


def test_figures_equal_those_that_the_worker_measured(table, make_bundle):
    bundle = make_bundle()
    evaluation = evaluate_held_out(bundle, table, SplitOptions())
    worker = bundle.evaluate(table.iloc[evaluation.rows], table["label"].iloc[evaluation.rows])
    assert (~evaluation.is_error).mean() == worker.accuracy
    assert evaluation.losses.mean() == pytest.approx(worker.loss, rel=1e-9)


def test_without_test_rows_the_validation_rows_are_taken(table, make_bundle):
    options = SplitOptions(test_fraction=0.0)
    evaluation = evaluate_held_out(make_bundle(), table, options)
    assert evaluation.part == "validation"
    rows = split_rows(table, table["label"], "binary", options).validation
    np.testing.assert_array_equal(evaluation.rows, rows)


def test_without_any_held_out_row_a_sentence_says_so(table, make_bundle):
    options = SplitOptions(test_fraction=0.0, validation_fraction=0.0)
    with pytest.raises(NFMError, match="No row was kept from the model"):
        evaluate_held_out(make_bundle(), table, options)


def test_missing_target_column_is_named(frame, make_bundle):
    with pytest.raises(SchemaError, match="'label'"):
        evaluate_held_out(make_bundle(), frame, SplitOptions())


def test_rows_of_an_unknown_class_are_left_out_and_counted(table, make_bundle):
    options = SplitOptions(stratify=False)
    labels = table["label"].astype("float64")
    labels.iloc[0] = np.nan
    rows = split_rows(table, labels, "binary", options).test
    labels.iloc[rows[1]] = 7.0
    table["label"] = labels
    evaluation = evaluate_held_out(make_bundle(), table, options)
    assert evaluation.left_out == 1
    np.testing.assert_array_equal(evaluation.rows, np.delete(rows, 1))


def test_numbers_are_in_their_own_units(frame, make_bundle):
    frame["label"] = frame["fare"].fillna(30.0)
    bundle = make_bundle("regression")
    evaluation = evaluate_held_out(bundle, frame, SplitOptions())
    held_out = frame.iloc[evaluation.rows]
    np.testing.assert_allclose(evaluation.predicted, bundle.predict(held_out), rtol=1e-12)
    np.testing.assert_allclose(
        evaluation.residuals, held_out["label"] - evaluation.predicted, rtol=1e-12
    )
    np.testing.assert_array_equal(evaluation.constant().answers, bundle.target.mean)


def test_constant_answer_is_the_training_shares(table, make_bundle):
    values = np.repeat(["a", "b", "c"], [30, 20, 10])
    bundle = make_bundle("multiclass", values)
    table["label"] = values
    constant = evaluate_held_out(bundle, table, SplitOptions()).constant()
    np.testing.assert_allclose(constant.answers[0], [1 / 2, 1 / 3, 1 / 6])
    assert (constant.predicted == 0).all()
