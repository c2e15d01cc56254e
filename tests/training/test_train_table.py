"""A table becomes a model: the path of the app, as a script goes it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nfm import Settings, SplitOptions, infer_schema, train_table
from nfm.errors import SchemaError
from nfm.evaluation.held_out import predict_held_out
from nfm.training.train_table import run_metrics

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


def days(count: int) -> pd.DataFrame:
    """A table in order of time, whose target any network learns from `sign`."""
    sign = np.where(np.arange(count) % 3 == 0, "+", "-")
    day = pd.date_range("2024-01-01", periods=count)
    return pd.DataFrame({"day": day, "sign": sign, "y": np.where(sign == "+", "yes", "no")})


LATEST = SplitOptions(time_column="day")


def test_a_class_that_only_test_rows_have_is_said_before_training_and_left_out():
    frame = days(200)
    frame.loc[frame.index >= 190, "y"] = "maybe"
    with pytest.warns(UserWarning, match="10 of 40 test rows .* 'maybe' in row 191") as said:
        trained = train_table(
            frame,
            infer_schema(frame, "y"),
            QUICK,
            LATEST,
            callback=lambda epoch: epoch.number == len(said),  # false if it was not said yet
        )
    assert len(trained.bundle.history) == 1
    assert trained.notes == tuple(str(one.message) for one in said)
    assert trained.bundle.classes.tolist() == ["no", "yes"]
    known = frame.iloc[trained.split.test].query("y != 'maybe'")
    assert trained.test_metrics == trained.bundle.evaluate(known, known["y"])
    assert predict_held_out(trained.bundle, frame, LATEST).left_out == 10


def test_a_class_that_only_validation_and_test_rows_have_is_left_out_of_both():
    frame = days(200)
    frame.loc[frame.index >= 150, "y"] = "maybe"
    schema = infer_schema(frame, "y")
    with pytest.warns(UserWarning, match="no training row has"):
        trained = train_table(frame, schema, QUICK, LATEST)
    assert ["10 of 32 validation" in trained.notes[0], "40 of 40 test" in trained.notes[1]] == [
        True,
        True,
    ]
    assert trained.bundle.target.classes == ("no", "yes")
    assert sum(trained.bundle.target.counts) == len(trained.split.train) == 128
    assert trained.test_metrics is None
    known = frame.iloc[trained.split.validation].query("y != 'maybe'")
    kept = trained.bundle.history[trained.bundle.best_epoch - 1].validation
    assert trained.bundle.evaluate(known, known["y"]).loss == pytest.approx(kept.loss, rel=1e-4)


def test_a_target_without_two_classes_in_training_is_refused_before_training():
    frame = days(200)
    frame["y"] = np.where(frame.index >= 170, "yes", "no")
    schema = infer_schema(frame, "y")
    with pytest.raises(SchemaError, match="All 128 training rows have the class 'no'"):
        train_table(frame, schema, QUICK, SplitOptions(time_column="day", test_fraction=0.2))


def test_rows_with_blank_labels_are_in_no_part_and_no_class():
    frame = days(120)
    frame.loc[[3, 50], "y"] = ["", "  "]
    trained = train_table(frame, infer_schema(frame, "y"), QUICK, LATEST)
    assert trained.bundle.classes.tolist() == ["no", "yes"]
    rows = np.concatenate([trained.split.train, trained.split.validation, trained.split.test])
    assert not {3, 50} & set(rows)
    assert trained.notes == ()


def test_dates_can_be_classes():
    frame = days(120).drop(columns="day")
    frame["y"] = pd.to_datetime(np.where(frame["y"] == "yes", "2024-01-02", "2024-01-01"))
    settings = QUICK.model_copy(update={"epochs": 30, "learning_rate": 0.05})
    trained = train_table(frame, infer_schema(frame, "y"), settings)
    assert trained.bundle.classes.tolist() == ["2024-01-01", "2024-01-02"]
    assert trained.test_metrics.accuracy == 1.0
    assert trained.bundle.predict(frame).tolist() == frame["y"].dt.strftime("%Y-%m-%d").tolist()


@pytest.mark.parametrize("early_stopping", [True, False])
def test_validation_figures_belong_to_the_epoch_whose_weights_were_kept(titanic, early_stopping):
    settings = Settings(
        epochs=4,
        embedding_dim=4,
        hidden_units=(8,),
        learning_rate=0.5,
        early_stopping=early_stopping,
        patience=4,
    )
    trained = train_table(titanic, infer_schema(titanic, "Survived"), settings)
    history = trained.bundle.history
    best = min(history, key=lambda epoch: epoch.validation.loss)
    assert best is not history[-1], "Such long steps should make it worse in the end."
    kept = best if early_stopping else history[-1]

    shown = run_metrics(trained.bundle, trained.test_metrics)

    assert shown["epochs"] == len(history)
    assert shown["best epoch"] == best.number
    assert shown["validation loss"] == kept.validation.loss
    assert shown["test accuracy"] == trained.test_metrics.accuracy
