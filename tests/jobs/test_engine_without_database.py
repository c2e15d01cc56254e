"""What happens to runs while the database cannot be read or written."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from nfm.store import database
from tests.outages import locked, unreachable

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _one_worker_and_short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NFM_WORKERS", "1")
    monkeypatch.setenv("NFM_RUNS_PER_WORKER", "2")
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.05)


def test_a_run_that_ends_while_the_database_is_away_keeps_its_model(
    open_store, make_desk, tmp_path: Path, eventually
):
    store = open_store()
    desk = make_desk(store)
    run = desk.submit(epochs=2, gate=tmp_path / "gate")
    desk.until(run, lambda live: len(live.epochs) == 2)
    workers = desk.engine.worker_pids

    with locked(store):
        (tmp_path / "gate").touch()
        ended = desk.end(run)
        assert (ended.status, ended.has_model, ended.stored) == ("completed", True, False)
        assert ended.test_metrics is not None
        time.sleep(1.5)  # at least one more attempt
        assert not desk.engine.live(run.id).stored
        assert desk.kept(run).status == "running"

    desk.until(run, lambda live: live.stored)
    kept = desk.kept(run)
    assert (kept.status, len(kept.epochs)) == ("completed", 2)
    assert store.bundle(run.workspace, run.id) == b"model after 2"
    assert desk.engine.worker_pids == workers


def test_a_database_that_cannot_be_read_drops_no_run(
    open_store, make_desk, tmp_path: Path, eventually
):
    store = open_store()
    desk = make_desk(store)
    training = desk.submit("ann", epochs=2, gate=tmp_path / "gate")
    desk.until(training, lambda live: len(live.epochs) == 2)
    workers = desk.engine.worker_pids
    waiting = desk.submit("bob", gate=tmp_path / "gate")
    desk.until(waiting, lambda live: live.epochs)
    # Both places are taken: the next run is read from the database when one is free.
    last = desk.submit("cid", epochs=1)

    with unreachable(store):
        (tmp_path / "gate").touch()
        assert desk.end(training).status == "completed"
        assert desk.end(waiting).status == "completed"
        reason = eventually(lambda: desk.engine.reason)
        assert reason == ("The database is not responding. Waiting runs start as soon as it does.")
        assert desk.engine.live(last.id).status == "queued"
        assert desk.engine.ready

    assert desk.end(last).status == "completed"
    for run in (training, waiting, last):
        desk.until(run, lambda live: live.stored)
        assert desk.kept(run).status == "completed"
        assert desk.kept(run).has_model
    assert desk.engine.worker_pids == workers
    eventually(lambda: desk.engine.reason is None)


def test_an_app_that_is_closed_while_the_database_is_away_stores_its_runs_at_the_next_start(
    open_store, make_desk, tmp_path: Path
):
    store = open_store()
    desk = make_desk(store)
    done = desk.submit("ann", epochs=2, gate=tmp_path / "gate")
    training = desk.submit("bob", epochs=1, gate=tmp_path / "never")
    for run in (done, training):
        desk.until(run, lambda live: live.epochs)
    with locked(store):
        (tmp_path / "gate").touch()
        desk.end(done)
        desk.engine.close()
    store.close()
    restarted = open_store()
    assert restarted.run(done.workspace, done.id).status == "running"

    desk = make_desk(restarted)

    # One file is imported after the other.
    desk.until(training, lambda live: not live.active)
    desk.until(done, lambda live: not live.active)
    assert desk.kept(done).status == "completed"
    assert restarted.bundle(done.workspace, done.id) == b"model after 2"
    kept = desk.kept(training)
    assert (kept.status, kept.reason) == (
        "interrupted",
        "The server was shut down before it ended.",
    )
    assert len(kept.epochs) == 1
