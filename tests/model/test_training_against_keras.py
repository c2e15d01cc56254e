"""An epoch of `TrainingLoop` gives the weights that a plain loop over the Keras network gives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nfm.model.training_loop import TrainingLoop
from nfm.settings import Settings, Task
from nfm.tabular.encoded_table import EncodedShape, EncodedTable
from tests.model.drawing import make_layout
from tests.model.plain_training import LAYOUT, make_table, make_target, train_plainly

PLAIN: dict[str, Any] = {
    "embedding_dim": 3,
    "hidden_units": (6, 5),
    "batch_size": 16,
    "epochs": 1,
    "dropout": 0.0,
    "rare_level_dropout": 0.0,
    "hidden_batch_norm": False,
    "init_std": 0.3,
    "learning_rate": 0.01,
    "l2_embedding": 0.01,
    "l2_linear": 0.02,
    "l2_hidden": 0.03,
}


def check_epoch(
    task: Task = "binary",
    layout: EncodedShape = LAYOUT,
    rows: int = 50,
    table: tuple[EncodedTable, np.ndarray] | None = None,
    weights: np.ndarray | None = None,
    **settings: Any,
) -> TrainingLoop:
    """Train an epoch both ways and compare the weights."""
    made = Settings(**{**PLAIN, **settings})
    encoded, labels = table or make_table(rows, layout, task)
    target = make_target(task)
    training = TrainingLoop(layout, made, target, encoded, labels, sample_weight=weights)
    list(training.epochs())
    plain = None if weights is None else weights / weights.mean()
    expected = train_plainly(layout, made, target, encoded, labels, plain)
    trained = training.weights()
    assert trained.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_allclose(trained[name], array, rtol=1e-3, atol=2e-5, err_msg=name)
    return training


def one_ramp_layout() -> EncodedShape:
    return make_layout((4, 3), (1, 1), (False, False))


@pytest.mark.parametrize("optimizer", ["adam", "adagrad", "sgd"])
@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_every_task_and_optimiser(task: Task, optimizer: str) -> None:
    check_epoch(task, optimizer=optimizer)


@pytest.mark.parametrize("optimizer", ["adam", "adagrad", "sgd"])
def test_huber_loss(optimizer: str) -> None:
    weights = np.random.default_rng(2).random(50)
    check_epoch("regression", weights=weights, optimizer=optimizer, regression_loss="huber")


@pytest.mark.parametrize("interaction", ["linear", "fm", "nfm"])
@pytest.mark.parametrize("linear_term", ["own", "shared"])
@pytest.mark.parametrize("numeric", ["concat", "value", "piecewise"])
def test_every_kind_of_network(interaction: str, linear_term: str, numeric: str) -> None:
    layout = LAYOUT if numeric == "piecewise" else one_ramp_layout()
    check_epoch(layout=layout, interaction=interaction, linear_term=linear_term, numeric=numeric)


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_only_numbers(task: Task) -> None:
    table, labels = make_table(50, LAYOUT, task)
    layout = make_layout((), LAYOUT.bin_counts, LAYOUT.has_missing)
    numbers = EncodedTable(table.codes[:, :0], table.values)
    check_epoch(task, layout, table=(numbers, labels))
    concat = make_layout((), (1, 1), (False, False))
    finite = EncodedTable(table.codes[:, :0], np.nan_to_num(table.values))
    check_epoch(task, concat, table=(finite, labels), numeric="concat")


def test_only_categories() -> None:
    table, labels = make_table(50)
    layout = make_layout(LAYOUT.level_counts)
    check_epoch(layout=layout, table=(EncodedTable(table.codes, table.values[:, :0]), labels))


def test_no_hidden_layers() -> None:
    check_epoch(hidden_units=())


@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "gelu"])
def test_other_activations(activation: str) -> None:
    check_epoch(activation=activation)


@pytest.mark.parametrize("rows", [48, 50])
def test_batch_norm_over_full_batches_and_a_shorter_last_one(rows: int) -> None:
    # Not with Adam: a shift before a batch norm has no gradient but rounding, which Adam blows up.
    check_epoch(rows=rows, bi_batch_norm=True, hidden_batch_norm=True, optimizer="sgd")


def test_batch_larger_than_the_table() -> None:
    check_epoch(rows=20, batch_size=1000)


def test_a_single_row() -> None:
    check_epoch(rows=1)


def test_sample_weights() -> None:
    check_epoch(weights=np.random.default_rng(2).random(50))


@pytest.mark.parametrize("optimizer", ["adagrad", "sgd"])
def test_updates_of_touched_rows_only(optimizer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nfm.model.packed_tables.prefers_sparse_updates", lambda *_: True)
    check_epoch(optimizer=optimizer, l2_embedding=0.0, l2_linear=0.0)


def test_updates_of_touched_rows_are_those_of_adam_when_every_level_occurs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nfm.model.packed_tables.prefers_sparse_updates", lambda *_: True)
    table, labels = make_table(64)
    assert all(len(np.unique(column)) in (3, 4) for column in table.codes[:32].T)
    # A longer vector shares one second moment.
    check_epoch(table=(table, labels), batch_size=32, embedding_dim=1)


def test_a_trailing_row_under_batch_norm_keeps_the_moments_finite_and_apart_from_it() -> None:
    settings = Settings(**{**PLAIN, "bi_batch_norm": True, "epochs": 3})
    table, labels = make_table(33)
    training = TrainingLoop(LAYOUT, settings, make_target("binary"), table, labels)
    list(training.epochs())
    weights = training.weights()
    assert (weights["bi_variance"] > 1e-3).all()


def test_class_weights_train_as_the_sample_weights_that_they_stand_for() -> None:
    table, labels = make_table(60)
    labels[:40] = 0
    counts = np.bincount(labels)
    balanced = Settings(**PLAIN, class_weight="balanced")
    by_class = TrainingLoop(LAYOUT, balanced, make_target("binary"), table, labels)
    by_row = TrainingLoop(
        LAYOUT,
        Settings(**PLAIN),
        make_target("binary"),
        table,
        labels,
        sample_weight=1.0 / counts[labels],
    )
    list(by_class.epochs())
    list(by_row.epochs())
    expected = by_row.weights()
    for name, array in by_class.weights().items():
        np.testing.assert_allclose(array, expected[name], rtol=1e-4, atol=1e-6)
