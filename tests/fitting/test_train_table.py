"""A table becomes a model: the path of the app, as a script goes it."""

from __future__ import annotations

import numpy as np
import pytest

from nfm import Settings, SplitOptions, infer_schema, train_table
from nfm.errors import SchemaError

QUICK = Settings(epochs=3, embedding_dim=4, hidden_units=(8,))


def test_test_rows_are_measured_and_never_learned_from(titanic):
    schema = infer_schema(titanic, "Survived").with_features(["Sex", "Age"])
    trained = train_table(titanic, schema, QUICK, SplitOptions(test_fraction=0.25))
    test = titanic.iloc[trained.split.test]
    assert len(test) == 223
    assert trained.test_metrics == trained.bundle.evaluate(test, test["Survived"])
    seen = set(trained.split.train) | set(trained.split.validation)
    assert not seen & set(trained.split.test)
    assert trained.bundle.encoder.columns == ("Sex", "Age")
    assert trained.figures["test auc"] == trained.test_metrics.auc


def test_training_ends_when_the_callback_says_so_and_equal_arguments_give_equal_models(titanic):
    schema = infer_schema(titanic, "Survived")
    first = train_table(titanic, schema, QUICK, callback=lambda epoch: epoch.number == 1)
    again = train_table(titanic, schema, QUICK, callback=lambda epoch: epoch.number == 1)
    assert len(first.bundle.history) == 1
    for name, array in first.bundle.weights.items():
        np.testing.assert_array_equal(again.bundle.weights[name], array)


def test_without_held_out_rows_there_are_no_figures_of_them(titanic):
    schema = infer_schema(titanic, "Survived").with_features(["Sex"])
    split = SplitOptions(test_fraction=0, validation_fraction=0)
    trained = train_table(titanic, schema, QUICK, split)
    assert trained.test_metrics is None
    assert trained.figures == {"epochs": 3}


def test_table_that_makes_no_task_is_refused(titanic):
    schema = infer_schema(titanic, "Survived")
    with pytest.raises(SchemaError, match="No target is chosen"):
        train_table(titanic, schema.with_target(None, titanic), QUICK)
    with pytest.raises(SchemaError, match="no column 'Survived'"):
        train_table(titanic.drop(columns="Survived"), schema, QUICK)
