"""A run's way through the engine: queued, followed, stopped, ended."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from scripted_training import epoch

from nfm.epoch import Metrics
from nfm.errors import JobError
from nfm.jobs.engine import Engine
from nfm.jobs.worker.run_commands import RunCommands


def test_a_run_is_carried_out_and_kept(desk):
    run = desk.submit(epochs=3)

    live = desk.end(run)

    assert live.status == "completed"
    assert live.epochs == (epoch(1), epoch(2), epoch(3))
    assert live.test_metrics == Metrics(loss=0.5, accuracy=0.75)
    kept = desk.kept(run)
    assert kept.status == "completed"
    assert kept.epochs == live.epochs
    assert kept.test_metrics == live.test_metrics
    assert kept.created <= kept.started <= kept.finished
    assert desk.store.bundle(run.workspace, run.id) == b"model after 3"


def test_epochs_are_seen_while_the_run_trains(desk, tmp_path: Path, eventually):
    run = desk.submit(epochs=2, gate=tmp_path / "gate")

    live = desk.until(run, lambda live: len(live.epochs) == 2)

    assert live.status == "running"
    assert live.epochs == (epoch(1), epoch(2))
    eventually(lambda: desk.kept(run).epochs == live.epochs)
    assert desk.kept(run).status == "running"
    (tmp_path / "gate").touch()
    assert desk.end(run).status == "completed"


def test_a_stopped_run_keeps_its_model(desk, tmp_path: Path):
    run = desk.submit(epochs=2, gate=tmp_path / "never")
    desk.until(run, lambda live: len(live.epochs) == 2)

    desk.engine.stop(run.id)

    assert desk.end(run).status == "stopped"
    assert desk.store.bundle(run.workspace, run.id) == b"model after 2"
    assert len(desk.kept(run).epochs) == 2


def test_stopping_twice_is_stopping_once(desk, tmp_path: Path):
    run = desk.submit(gate=tmp_path / "never")
    desk.until(run, lambda live: live.epochs)

    desk.engine.stop(run.id)
    desk.engine.stop(run.id)

    assert desk.end(run).status == "stopped"


def test_stopping_an_ended_run_changes_nothing(desk):
    run = desk.submit(epochs=1)
    ended = desk.end(run)

    desk.engine.stop(run.id)

    assert desk.engine.live(run.id) == ended
    assert desk.kept(run).status == "completed"


def test_stopping_while_the_run_ends_leaves_one_ending(desk):
    runs = [desk.submit(epochs=5) for _ in range(5)]
    for run in runs:
        desk.until(run, lambda live: len(live.epochs) == 5 or not live.active)
        desk.engine.stop(run.id)

    for run in runs:
        ended = desk.end(run)
        assert ended.status in ("completed", "stopped")
        assert desk.kept(run).status == ended.status
        assert desk.kept(run).has_model


def test_an_unknown_run_can_neither_be_seen_nor_stopped(desk):
    with pytest.raises(JobError, match="There is no such run"):
        desk.engine.live("nothing")
    with pytest.raises(JobError, match="There is no such run"):
        desk.engine.stop("nothing")


def test_a_run_of_an_earlier_engine_is_seen_from_the_store(desk):
    run = desk.submit(epochs=2)
    ended = desk.end(run)

    assert Engine(desk.store).live(run.id) == ended


def test_runs_beyond_the_places_wait_in_order(desk, tmp_path: Path):
    first = desk.submit("ann", gate=tmp_path / "first")
    second = desk.submit("bob", gate=tmp_path / "second")
    desk.until(first, lambda live: live.epochs)
    desk.until(second, lambda live: live.epochs)
    third, fourth = desk.submit("cid", epochs=1), desk.submit("dan", epochs=1)

    assert desk.engine.live(first.id).queue_position is None
    assert desk.engine.live(third.id).queue_position == 1
    assert desk.engine.live(fourth.id).queue_position == 2
    assert desk.engine.active_count == 4
    assert desk.engine.live(third.id).status == "queued"

    (tmp_path / "second").touch()
    desk.end(third)
    desk.end(fourth)
    assert desk.kept(third).started <= desk.kept(fourth).started
    assert desk.engine.live(first.id).status == "running"


def test_a_waiting_run_is_cancelled_at_once_and_never_starts(desk, tmp_path: Path, eventually):
    running = [desk.submit(one, gate=tmp_path / "gate") for one in ("ann", "bob")]
    for run in running:
        desk.until(run, lambda live: live.epochs)
    waiting = desk.submit("cid", epochs=1)

    desk.engine.stop(waiting.id)

    assert desk.engine.live(waiting.id).status == "cancelled"
    eventually(lambda: desk.kept(waiting).status == "cancelled")
    (tmp_path / "gate").touch()
    for run in running:
        assert desk.end(run).status == "completed"
    assert desk.engine.live(waiting.id).epochs == ()
    assert desk.kept(waiting).started is None


def test_two_workspaces_train_at_the_same_time(desk, tmp_path: Path):
    long = desk.submit("ann", gate=tmp_path / "gate")
    desk.until(long, lambda live: live.epochs)

    short = desk.submit("bob", epochs=4)

    assert desk.end(short).status == "completed"
    assert desk.engine.live(long.id).status == "running"


@pytest.mark.parametrize(
    ("then", "status", "reason"),
    [
        ("fail", "failed", "The column 'Fare' is made of cheese."),
        ("diverge", "diverged", "The loss is not a number: lower the learning rate."),
        ("exhaust", "failed", "There is not enough memory"),
        ("stumble", "failed", r"ZeroDivisionError: division by zero"),
    ],
)
def test_a_failure_is_put_into_words(desk, then: str, status: str, reason: str):
    run = desk.submit(epochs=2, then=then)

    live = desk.end(run)

    assert live.status == status
    assert reason in live.reason
    assert live.epochs == (epoch(1), epoch(2))
    kept = desk.kept(run)
    assert (kept.status, kept.reason, kept.has_model) == (status, live.reason, False)


def test_a_run_is_submitted_once(desk):
    run = desk.submit(epochs=1)
    desk.engine.submit(run)
    desk.end(run)

    with pytest.raises(JobError, match="already started"):
        desk.engine.submit(desk.kept(run))


def test_a_run_that_is_stopped_while_it_reads_never_begins(desk):
    run = desk.submit(reads_until_stopped=True)
    desk.until(run, lambda live: live.status == "running")

    desk.engine.stop(run.id)

    ended = desk.end(run)
    assert (ended.status, ended.epochs) == ("stopped", ())
    assert "before it began" in ended.reason
    assert not desk.kept(run).has_model


def test_a_run_that_is_stopped_within_its_first_epoch_says_so(desk, tmp_path: Path):
    run = desk.submit(epochs=0, gate=tmp_path / "never")
    desk.until(run, lambda live: live.status == "running")

    desk.engine.stop(run.id)

    ended = desk.end(run)
    assert ended.status == "stopped"
    assert desk.kept(run).has_model == ("only some of the rows" in ended.reason)


def test_a_paused_run_steps_goes_on_and_stops(desk):
    run = desk.submit(commands=RunCommands().paused(), epochs=1_000_000)
    assert desk.until(run, lambda live: live.paused).epochs == ()

    desk.engine.command(run.id, RunCommands.stepped)
    live = desk.until(run, lambda live: live.epochs and live.paused)
    assert live.epochs == (epoch(1),)
    assert live.pausing

    desk.engine.command(run.id, lambda commands, _done: commands.at_learning_rate(0.25))
    desk.engine.command(run.id, RunCommands.stepped)
    live = desk.until(run, lambda live: len(live.epochs) == 2 and live.paused)
    assert live.epochs[1].learning_rate == 0.25

    desk.engine.command(run.id, lambda commands, _done: commands.at_speed(20).resumed())
    live = desk.until(run, lambda live: len(live.epochs) > 3)
    assert not live.paused
    desk.engine.stop(run.id)
    ended = desk.end(run)
    assert (ended.status, ended.paused, ended.pausing) == ("stopped", False, False)
    assert desk.kept(run).has_model


def test_paused_runs_take_no_place_from_others(desk):
    paused = [desk.submit(one, commands=RunCommands().paused()) for one in ("ann", "bob", "cid")]
    for run in paused:
        desk.until(run, lambda live: live.paused)

    assert desk.end(desk.submit("dan", epochs=3)).status == "completed"

    for run in paused:
        desk.engine.command(run.id, lambda commands, _done: commands.resumed())
    for run in paused:
        assert desk.end(run).status == "completed"


def test_orders_for_a_run_that_has_ended_change_nothing(desk):
    run = desk.submit(epochs=1)
    ended = desk.end(run)
    desk.engine.command(run.id, lambda commands, _done: commands.paused())
    assert desk.engine.live(run.id) == ended


def test_a_trial_ends_without_model_and_test_metrics_and_the_store_does_not_have_it(desk):
    kept = desk.submit(epochs=1)
    desk.end(kept)
    trial = replace(desk.kept(kept), id="f" * 32, status="queued", epochs=(), has_model=False)

    desk.engine.submit(trial, trial=True)

    live = desk.end(trial)
    assert live.status == "completed"
    assert live.epochs == (epoch(1),)
    assert live.test_metrics is None
    assert not live.has_model
    assert live.stored
    with pytest.raises(JobError, match="no such run"):
        desk.store.find_run(trial.id)


def test_a_trial_can_be_stopped_in_training_and_in_the_queue(desk, tmp_path: Path):
    kept = desk.submit(epochs=2, gate=tmp_path / "never")
    desk.until(kept, lambda live: len(live.epochs) == 2)
    # The two places of the worker: one for the run, one for a trial.
    training, waiting = (replace(kept, id=letter * 32, workspace=kept.workspace) for letter in "de")
    for trial in (training, waiting):
        desk.engine.submit(trial, trial=True)
    desk.engine.stop(waiting.id)
    assert desk.end(waiting).status == "cancelled"
    desk.engine.stop(kept.id)
    desk.until(training, lambda live: len(live.epochs) == 2)
    desk.engine.stop(training.id)
    assert desk.end(training).status == "stopped"
