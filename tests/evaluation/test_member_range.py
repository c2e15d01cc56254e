"""The answers of an ensemble's members, in its file and beside each prediction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import numpy as np
import pandas as pd
import pytest

from nfm.ensemble import merge_weights, split_weights
from nfm.errors import BundleError
from nfm.evaluation.member_range import member_range
from nfm.evaluation.scored_table import score_table
from nfm.inference.bundle import Bundle, load_bundle
from nfm.settings import Task
from nfm.ui.predict.row_prediction import predict_row
from tests.inference.bundles import ROWS
from tests.inference.drawing import draw_weights

MakeBundle = Callable[..., Bundle]

MEMBERS = 3
VALUES = {"binary": None, "multiclass": [f"class {i % 4}" for i in range(ROWS)], "regression": None}
TASKS = pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])


def make_ensemble(make_bundle: MakeBundle, task: Task) -> tuple[Bundle, list[Bundle]]:
    """Return an ensemble with random weights, and each of its members as a model of its own."""
    single = make_bundle(task, VALUES[task])
    random = np.random.default_rng(11)
    outputs = single.target.output_count
    weights = [
        draw_weights(random, single.encoder.layout, single.settings, outputs)
        for _ in range(MEMBERS)
    ]
    settings = single.settings.model_copy(update={"members": MEMBERS})
    ensemble = replace(single, settings=settings, weights={})
    merged = merge_weights(ensemble.architecture, weights)
    return replace(ensemble, weights=merged), [replace(single, weights=own) for own in weights]


def predictions_alone(
    members: list[Bundle], frame: pd.DataFrame, classes: np.ndarray
) -> np.ndarray:
    """Return the number, or the probability of a class, that each member gives for each row."""
    if members[0].target.task == "regression":
        return np.array([member.predict(frame) for member in members])
    rows = np.arange(len(frame))
    return np.array([member.predict_proba(frame)[rows, classes] for member in members])


@TASKS
def test_range_is_that_of_the_members_when_each_is_used_alone(
    make_bundle: MakeBundle, frame: pd.DataFrame, task: Task
) -> None:
    ensemble, members = make_ensemble(make_bundle, task)
    opened = load_bundle(BytesIO(ensemble.to_bytes()))
    table = opened.encoder.transform(frame)
    classes = opened.outputs(table).argmax(axis=1)
    found = member_range(opened, table, classes)

    alone = predictions_alone(
        members, frame, np.ones_like(classes) if task == "binary" else classes
    )
    np.testing.assert_allclose(found.lowest, alone.min(axis=0), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(found.highest, alone.max(axis=0), rtol=1e-4, atol=1e-6)

    mean = np.mean([member.outputs(table) for member in members], axis=0)
    np.testing.assert_allclose(opened.outputs(table), mean, rtol=1e-4, atol=1e-5)
    assert (found.highest > found.lowest).all()


@TASKS
def test_each_predicted_row_comes_with_the_range_of_the_members(
    make_bundle: MakeBundle, frame: pd.DataFrame, task: Task
) -> None:
    ensemble, _ = make_ensemble(make_bundle, task)
    predictions = score_table(ensemble, frame).predictions()
    assert list(predictions.columns[-2:]) == ["members_from", "members_to"]
    table = ensemble.encoder.transform(frame)
    found = member_range(ensemble, table, ensemble.outputs(table).argmax(axis=1))
    np.testing.assert_allclose(predictions["members_from"], found.lowest, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(predictions["members_to"], found.highest, rtol=1e-4, atol=1e-4)
    assert "members_from" not in score_table(make_bundle(task, VALUES[task]), frame).predictions()


@TASKS
def test_answer_to_a_row_says_the_range_and_what_it_means(
    make_bundle: MakeBundle, frame: pd.DataFrame, task: Task
) -> None:
    ensemble, members = make_ensemble(make_bundle, task)
    found = predict_row(ensemble, frame.iloc[:2])
    assert found.members.startswith("Taken alone, the 3 members of the ensemble predict between ")
    assert "errors that all members share do not show" in found.members
    if task != "regression":
        row = frame.iloc[[1]]
        shown = 1 if task == "binary" else int(ensemble.predict_proba(row)[0].argmax())
        alone = predictions_alone(members, row, np.array([shown]))
        assert f"between {100 * alone.min():.1f}% and {100 * alone.max():.1f}%." in found.members
    assert predict_row(make_bundle(task, VALUES[task]), frame.iloc[:2]).members == ""


def test_a_file_without_its_members_answers_as_before_and_gives_no_range(
    make_bundle: MakeBundle, frame: pd.DataFrame
) -> None:
    ensemble, _ = make_ensemble(make_bundle, "binary")
    shapes = ensemble.architecture.weight_shapes
    older = replace(ensemble, weights={name: ensemble.weights[name] for name in shapes})
    opened = load_bundle(BytesIO(older.to_bytes()))
    np.testing.assert_array_equal(opened.predict_proba(frame), ensemble.predict_proba(frame))
    assert opened.member_scorers == ()
    assert predict_row(opened, frame.iloc[:2]).members == ""


def test_a_file_with_only_some_of_its_members_weights_is_refused(make_bundle: MakeBundle) -> None:
    ensemble, _ = make_ensemble(make_bundle, "binary")
    weights = {name: array for name, array in ensemble.weights.items() if name != "member_bias"}
    with pytest.raises(BundleError, match="do not fit the network"):
        load_bundle(BytesIO(replace(ensemble, weights=weights).to_bytes()))


def test_members_share_the_memory_of_the_ensemble(make_bundle: MakeBundle) -> None:
    ensemble, _ = make_ensemble(make_bundle, "binary")
    for member in split_weights(ensemble.architecture, ensemble.weights):
        assert np.shares_memory(member["embedding"], ensemble.weights["embedding"])
