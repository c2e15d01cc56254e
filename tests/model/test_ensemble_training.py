from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nfm.epoch import best_epoch
from nfm.inference.scorer import Scorer
from nfm.metrics import evaluate
from nfm.model.ensemble_training import EnsembleTraining
from nfm.model.training import Training
from nfm.network_architecture import NetworkArchitecture
from nfm.settings import Settings, Task
from tests.model.plain_training import LAYOUT, make_table, make_target
from tests.model.test_training import SMALL, assert_equal_weights, stop_after

VALIDATION = make_table(30, seed=1)


def make_ensemble(
    task: Task = "binary", *, validation: bool = True, **settings: Any
) -> EnsembleTraining:
    return EnsembleTraining(
        Settings(**{**SMALL, "members": 3, **settings}),
        lambda of_member: Training(
            LAYOUT,
            of_member,
            make_target(task),
            *make_table(50, task=task),
            validation=make_table(30, task=task, seed=1) if validation else None,
        ),
    )


def logits(training: EnsembleTraining | Training, settings: Settings, outputs: int) -> np.ndarray:
    architecture = NetworkArchitecture(LAYOUT, settings, outputs)
    return Scorer(architecture, training.weights()).logits(VALIDATION[0])


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("early_stopping", [True, False])
def test_answer_is_the_mean_of_networks_trained_alone(task: Task, early_stopping: bool) -> None:
    changes = {"epochs": 12, "patience": 2, "learning_rate": 0.05, "early_stopping": early_stopping}
    ensemble = make_ensemble(task, **changes)
    epochs = list(ensemble.epochs())
    target = make_target(task)
    alone = []
    seeds = [(member * 1_000_003) % 2**32 for member in range(3)]
    for seed in seeds:
        settings = Settings(**{**SMALL, **changes, "random_state": seed})
        training = Training(
            LAYOUT,
            settings,
            target,
            *make_table(50, task=task),
            validation=make_table(30, task=task, seed=1),
        )
        lengths = len(list(training.epochs()))
        assert lengths <= len(epochs)
        alone.append(logits(training, settings, target.output_count))
    mean = np.mean(alone, axis=0)
    combined = logits(ensemble, Settings(**{**SMALL, "members": 3}), target.output_count)
    np.testing.assert_allclose(combined, mean, rtol=1e-4, atol=1e-5)

    # The metrics of the best epoch are those of the model that is kept.
    kept = best_epoch(epochs) if early_stopping else epochs[-1]
    assert kept is not None
    assert kept.validation is not None
    measured = evaluate(target, make_table(30, task=task, seed=1)[1], mean)
    assert kept.validation.loss == pytest.approx(measured.loss, rel=1e-4)


def test_members_differ_and_the_first_has_the_seed_of_the_ensemble() -> None:
    ensemble = make_ensemble(epochs=1)
    list(ensemble.epochs())
    first, second, third = (member.weights() for member in ensemble._members)
    assert not np.array_equal(first["embedding"], second["embedding"])
    assert not np.array_equal(second["embedding"], third["embedding"])
    alone = Training(
        LAYOUT,
        Settings(**{**SMALL, "epochs": 1}),
        make_target("binary"),
        *make_table(50),
        validation=VALIDATION,
    )
    list(alone.epochs())
    assert_equal_weights(first, alone.weights())


def test_training_that_is_stopped_anywhere_ends_as_if_it_had_not_been() -> None:
    whole = make_ensemble()
    expected = list(whole.epochs())
    # It is asked at least once for each of three members in each of four epochs.
    for answers in range(0, 12, 3):
        stopped = make_ensemble()
        epochs = list(stopped.epochs(stop_after(answers)))
        assert stopped.outcome == "stopped"
        epochs += stopped.epochs()
        assert stopped.outcome == whole.outcome
        assert [epoch.number for epoch in epochs] == [1, 2, 3, 4]
        assert [epoch.validation for epoch in epochs] == [epoch.validation for epoch in expected]
        assert_equal_weights(stopped.weights(), whole.weights())


def test_epochs_in_pieces_are_the_same_epochs() -> None:
    whole, pieces = make_ensemble(), make_ensemble()
    expected = list(whole.epochs())
    found = [*pieces.epochs(count=1), *pieces.epochs(count=3)]
    assert [epoch.train for epoch in found] == [epoch.train for epoch in expected]
    assert_equal_weights(pieces.weights(), whole.weights())


def test_it_ends_when_every_member_has_stopped_early() -> None:
    ensemble = make_ensemble(epochs=200, patience=1, learning_rate=0.3)
    epochs = list(ensemble.epochs())
    assert ensemble.outcome == "early_stopped"
    assert 1 < len(epochs) < 200


def test_continued_ensemble_starts_where_it_ended() -> None:
    ensemble = make_ensemble()
    history = list(ensemble.epochs())
    weights = ensemble.weights()
    continued = make_ensemble()
    continued.resume(weights, history)
    kept = continued.weights()
    settings = Settings(**{**SMALL, "members": 3})
    np.testing.assert_allclose(
        logits(continued, settings, 1), logits(ensemble, settings, 1), rtol=1e-4, atol=1e-5
    )
    further = list(continued.epochs(count=2))
    assert [epoch.number for epoch in further] == [5, 6]
    assert further[0].seconds > history[-1].seconds
    assert kept.keys() == weights.keys()


def test_learning_rate_is_that_of_every_member() -> None:
    ensemble = make_ensemble()
    ensemble.learning_rate = 0.5
    assert {member.learning_rate for member in ensemble._members} == {0.5}
    assert next(iter(ensemble.epochs())).learning_rate == 0.5


def test_without_validation_rows_each_member_is_kept_as_it_ends() -> None:
    ensemble = make_ensemble(validation=False)
    epochs = list(ensemble.epochs())
    assert [epoch.validation for epoch in epochs] == [None] * 4
    assert best_epoch(epochs) is None
    assert ensemble.outcome == "completed"
