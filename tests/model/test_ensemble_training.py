"""Networks that are trained together, in one graph, and averaged."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from nfm.ensemble import member_settings
from nfm.epoch import Epoch, best_epoch, history_frame
from nfm.inference.scorer import Scorer
from nfm.metrics import evaluate
from nfm.model.training_loop import TrainingLoop
from nfm.network_architecture import NetworkArchitecture
from nfm.settings import Settings, Task
from tests.model.drawing import make_layout
from tests.model.plain_training import LAYOUT, make_table, make_target
from tests.model.test_training_loop import SMALL, assert_equal_weights, stop_after

# Without random numbers but those of the initial weights: all rows are one batch.
SAME_STEPS: dict[str, Any] = {
    **SMALL,
    "batch_size": 50,
    "dropout": 0.0,
    "rare_level_dropout": 0.0,
    "learning_rate": 0.02,
    "early_stopping": False,
    "l2_embedding": 1e-3,
}
ROWS = 50


def train(task: Task, **settings: Any) -> TrainingLoop:
    """Train three networks, unless the settings say otherwise."""
    made = Settings(**{**SAME_STEPS, "members": 3, **settings})
    bins = (3, 2) if made.numeric == "piecewise" else (1, 1)
    layout = make_layout((4, 3), bins, (True, False))
    training = TrainingLoop(
        layout,
        made,
        make_target(task),
        *make_table(ROWS, layout, task),
        validation=make_table(30, layout, task, seed=1),
    )
    training.history = list(training.epochs())  # type: ignore[attr-defined]
    return training


def logits(training: TrainingLoop) -> np.ndarray:
    """Return the logits of the validation rows, by the scorer."""
    outputs = training.target.output_count
    architecture = NetworkArchitecture(training.layout, training.settings, outputs)
    table, _ = make_table(30, training.layout, training.target.task, seed=1)
    return Scorer(architecture, training.weights()).logits(table)


def logits_alone(task: Task, settings: dict[str, Any]) -> Sequence[np.ndarray]:
    """Return the logits of each member, trained alone."""
    whole = Settings(**{**SAME_STEPS, "members": 3, **settings})
    return [
        logits(train(task, **{**settings, "members": 1, "random_state": member.random_state}))
        for member in member_settings(whole)
    ]


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize(
    "settings",
    [
        {},
        # Adam makes steps of the rounding errors of a bias that is normalised away.
        {"hidden_batch_norm": True, "bi_batch_norm": True, "optimizer": "sgd"},
        {"hidden_units": (), "optimizer": "adagrad"},
        {"interaction": "fm", "optimizer": "sgd"},
        {"numeric": "concat", "hidden_units": (8, 4)},
        {"constant_field": False, "weight_averaging": False},
    ],
)
def test_members_learn_as_if_each_were_alone(task: Task, settings: dict[str, Any]) -> None:
    alone = logits_alone(task, settings)
    assert not np.allclose(alone[0], alone[1], atol=1e-4)
    np.testing.assert_allclose(
        logits(train(task, **settings)), np.mean(alone, axis=0), rtol=1e-3, atol=1e-4
    )


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_members_learn_as_if_alone_with_sparse_updates(
    optimizer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nfm.model.packed_tables.prefers_sparse_updates", lambda *_: True)
    settings = {"optimizer": optimizer}
    np.testing.assert_allclose(
        logits(train("binary", **settings)),
        np.mean(logits_alone("binary", settings), axis=0),
        rtol=1e-3,
        atol=1e-4,
    )


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_metrics_of_the_best_epoch_are_those_of_the_model_that_is_kept(task: Task) -> None:
    training = train(task, early_stopping=True, patience=2, epochs=200, learning_rate=0.1)
    kept = best_epoch(training.history)  # type: ignore[attr-defined]
    assert training.outcome == "early_stopped"
    assert kept is not None
    assert kept.validation is not None
    _, labels = make_table(30, training.layout, task, seed=1)
    measured = evaluate(training.target, labels, logits(training))
    assert kept.validation.loss == pytest.approx(measured.loss, rel=1e-4)


def test_each_member_is_kept_from_its_own_best_epoch() -> None:
    changes = {"early_stopping": True, "patience": 3, "epochs": 60, "learning_rate": 0.1}
    training = train("binary", **changes)
    alone = logits_alone("binary", changes)
    np.testing.assert_allclose(logits(training), np.mean(alone, axis=0), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("early_stopping", [True, False])
def test_each_epoch_has_the_validation_loss_of_every_member(early_stopping: bool) -> None:
    changes: dict[str, Any] = {"early_stopping": early_stopping, "epochs": 3}
    together = train("binary", **changes).history  # type: ignore[attr-defined]
    alone = [
        train("binary", **changes, members=1, random_state=member.random_state).history  # type: ignore[attr-defined]
        for member in member_settings(Settings(members=3))
    ]
    for number, epoch in enumerate(together):
        own = [history[number].validation.loss for history in alone]
        assert epoch.member_losses == pytest.approx(own, rel=1e-3)
        assert all(history[number].member_losses == () for history in alone)
    assert len(set(together[-1].member_losses)) == 3
    table = history_frame(together)
    assert tuple(table.filter(like="validation_loss_member_").iloc[-1]) == (
        together[-1].member_losses
    )
    stored = json.loads(json.dumps(together[-1].to_dict()))
    assert Epoch.from_dict(stored) == together[-1]


def test_dropout_differs_between_members() -> None:
    settings = Settings(**{**SMALL, "members": 2, "dropout": 0.5})
    training = TrainingLoop(LAYOUT, settings, make_target("binary"), *make_table(ROWS))
    noise = np.array(training._graph._noise(4, np.int32(1)))
    assert noise.shape == (4, 16)
    assert not np.array_equal(noise[:, :8], noise[:, 8:])


def test_the_first_member_has_the_seed_of_the_ensemble_and_no_two_the_same() -> None:
    seeds = [member.random_state for member in member_settings(Settings(members=8))]
    assert seeds[0] == 0
    assert len(set(seeds)) == 8
    largest = member_settings(Settings(members=3, random_state=2**32 - 1))
    assert all(0 <= member.random_state < 2**32 for member in largest)


def make_training(**settings: Any) -> TrainingLoop:
    return TrainingLoop(
        LAYOUT,
        Settings(**{**SMALL, "members": 3, **settings}),
        make_target("binary"),
        *make_table(ROWS),
        validation=make_table(30, seed=1),
    )


def test_training_that_is_stopped_anywhere_ends_as_if_it_had_not_been() -> None:
    whole = make_training()
    expected = list(whole.epochs())
    for answers in range(4):
        stopped = make_training()
        epochs = list(stopped.epochs(stop_after(answers)))
        assert stopped.outcome == "stopped"
        epochs += stopped.epochs()
        assert [epoch.validation for epoch in epochs] == [epoch.validation for epoch in expected]
        assert_equal_weights(stopped.weights(), whole.weights())


def test_continued_ensemble_starts_where_it_ended() -> None:
    ensemble = make_training()
    history = list(ensemble.epochs())
    continued = make_training()
    continued.resume(ensemble.weights(), history)
    np.testing.assert_allclose(logits(continued), logits(ensemble), rtol=1e-4, atol=1e-5)
    assert [epoch.number for epoch in continued.epochs(count=2)] == [5, 6]
