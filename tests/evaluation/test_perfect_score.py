"""Why a result is close to perfect: the culprit is named, and nobody else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nfm.evaluation.held_out import HeldOutPredictions
from nfm.evaluation.perfect_score import explain_perfect_score, is_close_to_perfect
from nfm.inference.bundle import Bundle
from nfm.network_architecture import NetworkArchitecture
from nfm.settings import Settings
from nfm.tabular.encoding import Encoder
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.level_values import numbers
from nfm.tabular.splitting import SplitOptions, split_rows
from nfm.tabular.target import Target

ROWS = 600
RANDOM = np.random.default_rng(0)
CLASSES = RANDOM.integers(0, 2, ROWS)
NUMBER = RANDOM.normal(size=ROWS)
FRAME = pd.DataFrame(
    {
        "size": RANDOM.normal(size=ROWS),
        "shop": RANDOM.choice(list("abcde"), ROWS),
        "y": CLASSES,
    }
)


def explain(frame: pd.DataFrame, task="binary", right: float = 1.0, **options):
    """Explain the result of a model that is right for a share of the held-out rows."""
    schema = infer_schema(frame, "y", task)
    settings = Settings(hidden_units=(), embedding_dim=2)
    split = split_rows(frame, frame["y"], task, SplitOptions(**options))
    encoder = Encoder.fit(frame.iloc[split.train], schema.features, settings)
    target = Target.fit(frame["y"].iloc[split.train], task, "y")
    shapes = NetworkArchitecture(encoder.layout, settings, target.output_count).weight_shapes
    weights = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}
    bundle = Bundle(schema, encoder, target, settings, weights)
    values = frame["y"].iloc[split.test]
    if task == "regression":
        labels = numbers(values)
        predictions = labels + np.random.default_rng(1).normal(size=len(labels)) * (1 - right)
    else:
        labels = target.encode(values)
        predictions = np.eye(target.class_count)[labels]
        wrong = round((1 - right) * len(labels))
        predictions[:wrong] = 1 - predictions[:wrong]
    evaluation = HeldOutPredictions(target, "test", split.test, labels, predictions)
    assert is_close_to_perfect(evaluation) == (right > 0.95)
    return explain_perfect_score(bundle, frame, split.train, evaluation)


@pytest.mark.parametrize(
    "leak",
    [
        np.where(CLASSES == 1, "left", "stayed"),
        np.where(CLASSES == 1, RANDOM.uniform(5, 9, ROWS), RANDOM.uniform(0, 5, ROWS)),
        np.where(CLASSES == 1, RANDOM.normal(size=ROWS), np.nan),
        np.where(CLASSES == 1, RANDOM.uniform(-1, 1, ROWS), 5 * RANDOM.choice([-1, 1], ROWS)),
        np.where(CLASSES == 1, RANDOM.integers(0, 50, ROWS).astype(str), None),
        pd.Timestamp("2020-01-01")
        + pd.to_timedelta(np.where(CLASSES == 1, 400, 0) + RANDOM.integers(0, 300, ROWS), "D"),
    ],
    ids=["levels", "threshold", "missing or not", "range", "text or not", "dates"],
)
def test_a_column_that_tells_the_classes_is_named(leak) -> None:
    found = explain(FRAME.assign(leak=leak))
    assert found is not None
    assert found.cause == "columns"
    assert [score.column for score in found.columns] == ["leak"]
    assert found.columns[0].score > 0.98
    assert (found.known, found.rows, found.part) == (0, 120, "test")


def test_a_column_that_tells_several_classes_is_named() -> None:
    sort = RANDOM.integers(0, 4, ROWS)
    found = explain(FRAME.assign(y=sort, leak=sort * 10 + RANDOM.random(ROWS)), "multiclass")
    assert [score.column for score in found.columns] == ["leak"]


@pytest.mark.parametrize(
    "leak",
    [NUMBER * 1.2, np.exp(NUMBER), NUMBER + 0.1 * RANDOM.normal(size=ROWS), NUMBER.round(1)],
    ids=["another unit", "another scale", "noise", "rounded"],
)
def test_a_column_that_tells_the_number_is_named(leak) -> None:
    found = explain(FRAME.assign(y=NUMBER, leak=leak), "regression")
    assert found.cause == "columns"
    assert [score.column for score in found.columns] == ["leak"]
    assert found.columns[0].score > 0.97


def test_all_columns_that_tell_the_target_are_named() -> None:
    found = explain(FRAME.assign(one=CLASSES + 0.25, other=np.where(CLASSES == 1, "y", "n")))
    assert {score.column for score in found.columns} == {"one", "other"}


def test_columns_that_tell_the_target_together_are_not_accused() -> None:
    sides = pd.DataFrame(RANDOM.integers(0, 2, (ROWS, 2)), columns=["left", "right"])
    frame = FRAME.assign(left=sides["left"], right=sides["right"], y=sides.sum(axis=1) % 2)
    found = explain(frame)
    assert found.cause == "together"
    assert not any(score.determines for score in found.columns)
    assert found.columns[0].score < 0.8
    total = explain(FRAME.assign(other=NUMBER, y=FRAME["size"] + NUMBER), "regression")
    assert total.cause == "together"


def test_copies_are_the_cause_and_no_column_that_tells_rows_apart() -> None:
    frame = pd.concat([FRAME.head(100)] * 20, ignore_index=True)
    found = explain(frame, keep_copies_together=False)
    assert found.cause == "copies"
    assert found.known == found.rows == 400
    leaking = explain(frame.assign(leak=frame["y"] + 0.25), keep_copies_together=False)
    assert [score.column for score in leaking.columns] == ["leak"]


def test_few_valued_columns_are_known_from_training() -> None:
    up = pd.DataFrame(RANDOM.integers(0, 2, (ROWS, 3)), columns=["a", "b", "c"])
    found = explain(up.assign(y=up.sum(axis=1) % 2))
    assert found.cause == "copies"
    assert found.known == found.rows


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_a_usual_result_needs_no_explanation(task) -> None:
    assert explain(FRAME.assign(y=CLASSES if task == "binary" else NUMBER), task, 0.7) is None


def test_a_handful_of_rows_says_nothing() -> None:
    labels = np.array([0, 0, 0, 1, 1], dtype=np.int32)
    target = Target(name="y", task="binary", classes=(0, 1), counts=(6, 4))
    evaluation = HeldOutPredictions(target, "test", np.arange(5), labels, np.eye(2)[labels])
    assert not is_close_to_perfect(evaluation)
