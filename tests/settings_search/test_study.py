"""A study: the start first, the same proposals for the same seed, pruning, and the best trial."""

from __future__ import annotations

import logging
from dataclasses import replace

import optuna
import pytest

from nfm.errors import SettingsError
from nfm.settings import Settings
from nfm.settings_search.study import (
    TRIALS_BEFORE_PRUNING,
    WARM_UP_EPOCHS,
    SettingsStudy,
    kept_epoch,
)

LOSSES = [0.7, 0.6, 0.5, 0.55]


def complete(study: SettingsStudy, epochs, state="completed"):
    study.ask()
    study.report(epochs)
    return study.tell(state)


def test_the_first_trial_has_the_settings_of_the_start(schema):
    start = Settings(embedding_dim=500, l2_hidden=0.1, l2_embedding=0.0, hidden_units=(17,))
    trial = SettingsStudy(start, schema).ask()
    assert trial.number == 1
    assert trial.settings == start
    assert trial.changed == {}


def test_equal_seeds_and_losses_give_equal_proposals(schema, epochs_of):
    def proposals(seed: int) -> list[Settings]:
        study = SettingsStudy(Settings(), schema, seed)
        return [
            complete(study, epochs_of([0.5 + 0.01 * (number % 5)])).settings for number in range(15)
        ]

    assert proposals(3) == proposals(3)
    assert proposals(3) != proposals(4)


def test_a_trial_has_the_metrics_of_its_best_epoch(schema, epochs_of):
    trial = complete(SettingsStudy(Settings(), schema), epochs_of(LOSSES))
    assert trial.loss == 0.5
    assert trial.metrics.accuracy == 0.75
    assert trial.epochs == 4
    assert trial.seconds == 2.0


def test_without_early_stopping_the_last_epoch_counts(epochs_of):
    epochs = epochs_of(LOSSES)
    assert kept_epoch(epochs, Settings(early_stopping=False)).number == 4
    assert kept_epoch(epochs, Settings()).number == 3
    assert kept_epoch((), Settings()) is None


def test_a_trial_worse_than_most_is_pruned_after_its_warm_up(schema, epochs_of):
    study = SettingsStudy(Settings(), schema)
    for number in range(TRIALS_BEFORE_PRUNING):
        complete(study, epochs_of([0.5 + 0.01 * number] * (WARM_UP_EPOCHS + 5)))
    study.ask()
    bad = epochs_of([0.9] * (WARM_UP_EPOCHS + 1))
    assert [study.report(bad[:count]) for count in range(1, WARM_UP_EPOCHS + 1)] == (
        [False] * (WARM_UP_EPOCHS - 1) + [True]
    )
    pruned = study.tell("pruned")
    assert not pruned.eligible
    study.ask()
    assert not study.report(epochs_of([0.3] * (WARM_UP_EPOCHS + 1)))


def test_the_first_trials_are_never_pruned(schema, epochs_of):
    study = SettingsStudy(Settings(), schema)
    for number in range(TRIALS_BEFORE_PRUNING):
        study.ask()
        assert not study.report(epochs_of([0.5 + number] * 30))
        study.tell("completed")


def test_the_best_trial_is_one_that_has_not_failed(schema, epochs_of):
    study = SettingsStudy(Settings(), schema)
    assert study.best is None
    complete(study, epochs_of([0.5]))
    complete(study, epochs_of([0.1]), "diverged")
    complete(study, epochs_of([0.2]), "pruned")
    complete(study, (), "stopped")
    assert study.best.number == 1
    complete(study, epochs_of([0.4]), "stopped")
    assert study.best.number == 5
    complete(study, epochs_of([0.4]))
    assert study.best.number == 5


def test_a_trial_without_epochs_can_end_in_every_way(schema):
    study = SettingsStudy(Settings(), schema)
    for state in ("completed", "pruned", "diverged", "failed", "stopped"):
        study.ask()
        trial = study.tell(state, "a reason")
        assert (trial.state, trial.loss, trial.eligible) == (state, None, False)


def test_nothing_is_logged_and_optunas_own_logging_stays_as_it_was(schema, epochs_of, capfd):
    level = optuna.logging.get_verbosity()
    study = SettingsStudy(Settings(), schema)
    for number in range(12):
        complete(study, epochs_of([0.5 + 0.01 * number]))
    output = capfd.readouterr()
    assert (output.out, output.err) == ("", "")
    assert optuna.logging.get_verbosity() == level != logging.NOTSET


def test_without_validation_rows_it_says_what_to_do(schema, epochs_of):
    study = SettingsStudy(Settings(), schema)
    study.ask()
    with pytest.raises(SettingsError, match=r"no validation rows.*validation share above 0"):
        study.report([replace(epochs_of([0.5])[0], validation=None)])


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5])
def test_a_seed_out_of_range_is_named(schema, seed):
    with pytest.raises(SettingsError, match=f"seed of the search is {seed}"):
        SettingsStudy(Settings(), schema, seed)
