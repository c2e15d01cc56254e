from __future__ import annotations

import itertools
import os
import random
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nfm.errors import DivergenceError, SettingsError, TrainingError
from nfm.metrics import evaluate
from nfm.model.network import build_network
from nfm.model.training_loop import TrainingLoop
from nfm.model.weights import export_weights
from nfm.settings import Settings
from nfm.tabular.encoded_table import EncodedTable
from tests.model.plain_training import LAYOUT, make_table, make_target

SMALL: dict[str, Any] = {
    "embedding_dim": 4,
    "hidden_units": (8,),
    "hidden_batch_norm": False,
    "learning_rate": 1e-3,
    "batch_size": 16,
    "epochs": 4,
}
LOSING: dict[str, Any] = {**SMALL, "optimizer": "sgd", "learning_rate": 1.0, "epochs": 30}


def make_training(validation: bool = True, rows: int = 50, **settings: Any) -> TrainingLoop:
    """Make a training on a small table, with validation rows unless told otherwise."""
    table, labels = make_table(rows)
    return TrainingLoop(
        LAYOUT,
        Settings(**{**SMALL, **settings}),
        make_target("binary"),
        table,
        labels,
        validation=make_table(30, seed=1) if validation else None,
    )


def stop_after(answers: int) -> Callable[[], bool]:
    """Return a `should_stop` that says no so many times, then yes."""
    count = itertools.count()
    return lambda: next(count) >= answers


def assert_equal_weights(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> None:
    assert first.keys() == second.keys()
    for name in first:
        np.testing.assert_array_equal(first[name], second[name], err_msg=name)


def test_every_epoch_is_reported_in_order() -> None:
    training = make_training()
    epochs = list(training.epochs())
    assert [epoch.number for epoch in epochs] == [1, 2, 3, 4]
    assert all(first.seconds < then.seconds for first, then in itertools.pairwise(epochs))
    assert all(epoch.learning_rate == 1e-3 for epoch in epochs)
    assert all(epoch.rows_per_second > 0 for epoch in epochs)
    assert training.outcome == "completed"


def test_training_lowers_the_loss() -> None:
    epochs = list(make_training(learning_rate=0.02, epochs=15).epochs())
    assert epochs[-1].train.loss < 0.5 * epochs[0].train.loss
    assert epochs[-1].validation is not None
    assert epochs[-1].validation.accuracy > 0.8


def test_weights_before_the_first_step_are_those_of_a_new_network() -> None:
    training = make_training()
    network = build_network(LAYOUT, training.settings, "binary", 1)
    assert_equal_weights(training.weights(), export_weights(network))


def test_validation_metrics_are_those_of_the_network_at_the_end_of_the_epoch() -> None:
    training = make_training(early_stopping=False)
    table, labels = make_table(30, seed=1)
    for epoch in training.epochs():
        outputs = training.network(table.codes, table.values)
        expected = evaluate(training.target, labels, np.array(outputs))
        assert epoch.validation.loss == pytest.approx(expected.loss, rel=1e-5)
        assert epoch.validation.auc == pytest.approx(expected.auc)


def test_without_validation_rows_no_epoch_is_the_best() -> None:
    epochs = list(make_training(validation=False).epochs())
    assert all(epoch.validation is None and not epoch.best for epoch in epochs)


def test_the_best_epoch_has_the_lowest_validation_loss_so_far() -> None:
    lowest = np.inf
    for epoch in make_training(**LOSING).epochs():
        assert epoch.best == (epoch.validation.loss < lowest)
        lowest = min(lowest, epoch.validation.loss)


def test_early_stopping_ends_after_patience_and_returns_the_best_epochs_weights() -> None:
    training = make_training(**LOSING, patience=3)
    epochs = list(training.epochs())
    best = min(epochs, key=lambda epoch: epoch.validation.loss)
    assert training.outcome == "early_stopped"
    assert len(epochs) == best.number + 3
    until_best = make_training(**{**LOSING, "epochs": best.number})
    list(until_best.epochs())
    assert_equal_weights(training.weights(), until_best.weights())


def test_without_early_stopping_the_last_weights_are_returned() -> None:
    settings = {**LOSING, "early_stopping": False, "epochs": 8}
    training = make_training(**settings, patience=1)
    assert len(list(training.epochs())) == 8
    same = make_training(validation=False, **settings)
    list(same.epochs())
    assert_equal_weights(training.weights(), same.weights())


def test_stop_is_answered_between_two_calls_and_keeps_the_model(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nfm.model.training_aids.CallBudget.last_batch", lambda *a: a[2] + 1)
    training = make_training(validation=False)
    assert list(training.epochs(stop_after(2))) == []
    assert training.outcome == "stopped"
    start = make_training().weights()
    assert (training.weights()["bias"] != start["bias"]).all()


def test_stopping_and_going_on_in_the_middle_of_an_epoch_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = make_training()
    expected = list(whole.epochs())
    monkeypatch.setattr("nfm.model.training_aids.CallBudget.last_batch", lambda *a: a[2] + 1)
    training = make_training()
    epochs = list(training.epochs(stop_after(6)))
    assert len(epochs) == 1
    epochs += training.epochs()
    assert [e.train for e in epochs] == [e.train for e in expected]
    assert [e.validation for e in epochs] == [e.validation for e in expected]
    assert_equal_weights(training.weights(), whole.weights())


def test_more_epochs_go_on_with_the_optimisers_state() -> None:
    whole = make_training(epochs=5)
    expected = list(whole.epochs())
    training = make_training(epochs=2)
    epochs = [*training.epochs(), *training.epochs(count=3)]
    assert [e.number for e in epochs] == [1, 2, 3, 4, 5]
    assert [e.train for e in epochs] == [e.train for e in expected]


def test_the_learning_rate_can_be_changed_between_epochs() -> None:
    training = make_training(early_stopping=False, weight_averaging=False)
    before = None
    for epoch in training.epochs():
        assert epoch.learning_rate == (1e-3 if epoch.number == 1 else 1e-30)
        training.learning_rate = 1e-30
        if before is not None:
            assert_equal_weights(before, training.weights())
        before = training.weights()


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf")])
def test_an_impossible_learning_rate_is_refused(rate: float) -> None:
    with pytest.raises(SettingsError, match="learning_rate"):
        make_training().learning_rate = rate


def test_a_diverging_loss_ends_the_training_without_a_model() -> None:
    training = make_training(optimizer="sgd", learning_rate=10.0, epochs=50, interaction="fm")
    training.learning_rate = 1e6
    with pytest.raises(DivergenceError, match=r"learning_rate = 1e\+06: try 0.01"):
        list(training.epochs())
    with pytest.raises(DivergenceError, match="learning_rate"):
        training.weights()
    with pytest.raises(DivergenceError, match="learning_rate"):
        next(training.epochs())


def test_unscaled_numbers_that_diverge_are_named() -> None:
    table, labels = make_table()
    values = np.nan_to_num(table.values) * np.float32(1e25)
    settings = Settings(**SMALL, numeric="value", numeric_scaling="none")
    layout = type(LAYOUT)(
        LAYOUT.categorical, LAYOUT.level_counts, LAYOUT.numeric, (1, 1), (False, False)
    )
    training = TrainingLoop(
        layout, settings, make_target("binary"), EncodedTable(table.codes, values), labels
    )
    with pytest.raises(DivergenceError, match="numeric_scaling = none"):
        list(training.epochs())


def test_equal_seeds_give_equal_numbers_and_others_do_not() -> None:
    first, second, other = (make_training(random_state=seed) for seed in (5, 5, 6))
    losses = [[e.train.loss for e in t.epochs()] for t in (first, second, other)]
    assert losses[0] == losses[1] != losses[2]
    assert_equal_weights(first.weights(), second.weights())


@pytest.mark.slow
def test_another_process_with_one_thread_gives_the_same_numbers() -> None:
    program = (
        "from tests.model.test_training_loop import make_training\n"
        "print([(e.train.loss, e.validation.loss) for e in make_training().epochs()])"
    )
    threads = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **threads, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    epochs = [(e.train.loss, e.validation.loss) for e in make_training().epochs()]
    assert done.stdout.strip() == str(epochs)


def test_global_random_numbers_are_left_alone() -> None:
    before = random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    list(make_training().epochs())
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before  # noqa: NPY002


def test_no_training_rows_are_refused() -> None:
    table, labels = make_table()
    with pytest.raises(TrainingError, match="at least one row"):
        TrainingLoop(LAYOUT, Settings(), make_target("binary"), table.take(slice(0)), labels[:0])


def test_empty_validation_rows_are_as_none() -> None:
    table, labels = make_table()
    empty = table.take(slice(0)), labels[:0]
    training = TrainingLoop(
        LAYOUT, Settings(**SMALL), make_target("binary"), table, labels, validation=empty
    )
    assert next(training.epochs()).validation is None


@pytest.mark.parametrize("rows", [1, 2, 3, 20])
@pytest.mark.parametrize("batch_size", [1, 2, 3])
def test_the_smallest_batches_train_with_and_without_batch_norm(rows: int, batch_size: int) -> None:
    for normalises in (False, True):
        training = make_training(
            rows=rows, batch_size=batch_size, hidden_batch_norm=normalises, epochs=1
        )
        assert len(list(training.epochs())) == 1
        assert all(np.isfinite(array).all() for array in training.weights().values())
