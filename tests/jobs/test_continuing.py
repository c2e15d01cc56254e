"""A run that has ended goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripted_training import epoch

from nfm.errors import JobError, SettingsError
from nfm.jobs.worker.run_commands import NO_COMMANDS, RunCommands
from nfm.jobs.worker.training_job import FRESH_OPTIMIZER
from nfm.store.records import RunOutcome

pytestmark = pytest.mark.slow


def go_on(desk, run, more, commands=NO_COMMANDS):
    continued = desk.store.continue_run(run.workspace, run.id, more)
    desk.engine.submit(continued, commands)
    return continued


def test_a_run_goes_on_for_more_epochs(desk):
    run = desk.submit(epochs=2)
    desk.end(run)

    continued = go_on(desk, run, 3)

    assert (continued.status, continued.settings.epochs) == ("queued", 5)
    ended = desk.end(run)
    assert ended.status == "completed"
    assert ended.epochs == tuple(epoch(number) for number in range(1, 6))
    kept = desk.kept(run)
    assert (kept.epochs, kept.has_model) == (ended.epochs, True)


def test_a_stop_of_the_time_before_does_not_stop_the_run_that_goes_on(desk, tmp_path: Path):
    run = desk.submit(epochs=2, gate=tmp_path / "gate")
    desk.until(run, lambda live: len(live.epochs) == 2)
    for _ in range(3):
        desk.engine.stop(run.id)
    desk.end(run)
    (tmp_path / "gate").touch()

    go_on(desk, run, 1)

    assert desk.end(run).status == "completed"


def test_a_run_that_goes_on_and_comes_to_grief_keeps_its_model(desk, tmp_path: Path):
    run = desk.submit(epochs=1)
    figures = desk.end(run).test_metrics
    desk.store.continue_run(run.workspace, run.id, 2)

    desk.store.finish_run(run.workspace, run.id, RunOutcome("diverged", "Too fast."))

    kept = desk.kept(run)
    assert (kept.status, kept.has_model, kept.test_metrics) == ("diverged", True, figures)
    assert desk.store.bundle(run.workspace, run.id) == b"model after 1"


def test_what_cannot_go_on_says_why(desk):
    run = desk.submit(epochs=1, then="fail")
    desk.end(run)
    with pytest.raises(JobError, match="has no model"):
        desk.store.continue_run(run.workspace, run.id, 1)
    run = desk.submit(epochs=1)
    desk.end(run)
    with pytest.raises(SettingsError, match="epochs"):
        desk.store.continue_run(run.workspace, run.id, 10_000)
    desk.store.delete_dataset(run.workspace, run.dataset_id)
    with pytest.raises(JobError, match="no such data set"):
        desk.store.continue_run(run.workspace, run.id, 1)
    with pytest.raises(JobError, match="no such run"):
        desk.store.continue_run("nobody", run.id, 1)


def test_the_worker_that_trained_it_goes_on_with_its_optimiser(desk, submit):
    whole = desk.end(submit(epochs=6, random_state=5, early_stopping=False))
    run = submit(epochs=2, random_state=5, early_stopping=False)
    desk.end(run)

    go_on(desk, run, 4)

    ended = desk.end(run)
    losses = [one.validation.loss for one in ended.epochs]
    assert losses == [one.validation.loss for one in whole.epochs]
    assert ended.test_metrics == whole.test_metrics
    assert ended.reason is None


def test_without_that_worker_it_goes_on_from_the_weights_and_says_so(desk, submit):
    run = submit(epochs=4, random_state=5, early_stopping=False)
    before = desk.end(run).epochs
    # Two others push it out.
    for seed in (6, 7):
        desk.end(submit(epochs=1, random_state=seed))

    go_on(desk, run, 3, RunCommands().paused())
    assert desk.until(run, lambda live: live.paused).reason == FRESH_OPTIMIZER
    desk.engine.command(run.id, lambda commands, _done: commands.resumed())

    ended = desk.end(run)
    assert ended.epochs[:4] == before
    assert [one.number for one in ended.epochs] == list(range(1, 8))
    assert ended.epochs[4].seconds > before[-1].seconds
    assert ended.epochs[4].train.loss < before[0].train.loss
    assert ended.reason == FRESH_OPTIMIZER
