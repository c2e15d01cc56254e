"""What happens when a process of the engine, or the app itself, is killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil
import pytest
from scripted_training import epoch, never_get_warm, warm_up_for_ever, warm_up_if_installed

from nfm.errors import JobError
from nfm.jobs import dask_workers
from nfm.jobs.cluster import EmbeddedCluster
from nfm.jobs.recorder import Recorder
from nfm.jobs.worker import training_job
from nfm.store.records import RunOutcome
from nfm.store.store import Store

pytestmark = pytest.mark.slow

SUPPORT = Path(__file__).parent / "support"


def scheduler_of(worker: int) -> psutil.Process:
    """The process that a worker takes its commands from."""
    address = psutil.Process(worker).cmdline()[-3]
    port = int(address.rpartition(":")[2])
    (scheduler,) = (
        child
        for child in psutil.Process().children()
        if "scheduler" in child.cmdline()
        and any(one.laddr.port == port for one in child.net_connections("tcp"))
    )
    return scheduler


def start_app(
    folder: Path, repository: Path, schema, script: dict, **environment: str
) -> subprocess.Popen:
    """Start an app whose database and data are in a folder, and which trains a script."""
    path = os.pathsep.join([str(repository), os.environ["PYTHONPATH"]])
    url = f"sqlite:///{folder / 'runs.sqlite3'}"
    script = {"gate": "/nowhere/never", "ended": str(folder / "ended")} | script
    command = [SUPPORT / "app_with_a_run.py", url, schema.model_dump_json(), json.dumps(script)]
    return subprocess.Popen(
        [sys.executable, *command],
        env={**os.environ, "NFM_DATA_DIR": str(folder), "PYTHONPATH": path} | environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def gone(pid: int) -> bool:
    """Whether a process has ended, collected by its parent or not."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_killed_worker_fails_its_run_and_the_next_one_trains(own_desk, tmp_path: Path):
    run = own_desk.submit(epochs=2, gate=tmp_path / "never")
    own_desk.until(run, lambda live: len(live.epochs) == 2)
    (pid,) = own_desk.engine.worker_pids

    os.kill(pid, signal.SIGKILL)

    ended = own_desk.end(run)
    assert ended.status == "failed"
    assert "ended unexpectedly" in ended.reason
    assert len(own_desk.kept(run).epochs) == 2
    assert own_desk.end(own_desk.submit(epochs=1)).status == "completed"
    assert own_desk.engine.worker_pids != [pid]


@pytest.mark.parametrize("victim", ["worker", "scheduler", "app"])
def test_an_interrupted_run_keeps_its_last_model_and_continues_from_it(
    own_desk, tmp_path: Path, victim: str
):
    run = own_desk.submit(epochs=2, gate=tmp_path / "gate")
    own_desk.checkpointed(run, tmp_path)
    (worker,) = own_desk.engine.worker_pids

    if victim == "app":
        own_desk.engine.close()
    elif victim == "worker":
        os.kill(worker, signal.SIGKILL)
    else:
        scheduler_of(worker).kill()

    assert own_desk.end(run).status == "interrupted"
    kept = own_desk.kept(run)
    assert (kept.status, len(kept.epochs), kept.has_model) == ("interrupted", 2, True)
    assert own_desk.store.bundle(run.workspace, run.id) == b"model after 2"
    assert not list((tmp_path / "checkpoints").iterdir())
    if victim != "app":
        continued = own_desk.store.continue_run(run.workspace, run.id, 1)
        (tmp_path / "gate").touch()
        own_desk.engine.submit(continued)
        assert own_desk.end(run).status == "completed"
        assert [epoch.number for epoch in own_desk.kept(run).epochs] == [1, 2, 3]


def test_a_run_that_its_worker_has_not_begun_waits_for_the_next_worker(own_desk, eventually):
    own_desk.end(own_desk.submit(epochs=1))
    (worker,) = own_desk.engine.worker_pids
    os.kill(worker, signal.SIGSTOP)
    run = own_desk.submit(epochs=2)
    eventually(lambda: own_desk.engine._runs[run.id].future is not None)

    os.kill(worker, signal.SIGKILL)

    assert own_desk.end(run).status == "completed"


def test_a_run_continues_although_its_worker_has_just_ended(own_desk):
    run = own_desk.submit(epochs=2)
    own_desk.end(run)
    (worker,) = own_desk.engine.worker_pids
    continued = own_desk.store.continue_run(run.workspace, run.id, 1)
    os.kill(worker, signal.SIGKILL)

    own_desk.engine.submit(continued)

    assert own_desk.end(run).status == "completed"


def test_epochs_after_the_last_model_are_trained_again(own_desk, tmp_path: Path):
    run = own_desk.submit(epochs=2)
    own_desk.end(run)
    own_desk.store.continue_run(run.workspace, run.id, 3)
    own_desk.store.begin_run(run.workspace, run.id)
    # Killed before the first checkpoint: epochs are stored of which there is no model.
    own_desk.store.record_epochs(run.workspace, run.id, [epoch(3), epoch(4)])
    own_desk.store.finish_run(run.workspace, run.id, RunOutcome("interrupted", "Killed."))
    again = own_desk.store.continue_run(run.workspace, run.id, 1)
    assert len(again.epochs) == 4
    (tmp_path / "gate").touch()

    own_desk.engine.submit(again)

    assert own_desk.end(run).status == "completed"
    assert [one.number for one in own_desk.kept(run).epochs] == [1, 2, 3, 4, 5]
    assert own_desk.store.bundle(run.workspace, run.id) == b"model after 5"


def test_a_run_that_kills_every_worker_is_tried_at_most_twice(own_desk, tmp_path: Path):
    diary = tmp_path / "diary"
    deadly = own_desk.submit(epochs=1, diary=str(diary), then="die")

    assert own_desk.end(deadly).status == "failed"
    assert own_desk.end(own_desk.submit(epochs=1)).status == "completed"
    # Twice if the worker was gone before it could report that the run had begun.
    assert diary.read_text() in ("began\n", "began\nbegan\n")
    assert own_desk.kept(deadly).status == "failed"


def test_a_killed_scheduler_is_replaced(own_desk, tmp_path: Path, eventually):
    run = own_desk.submit(gate=tmp_path / "never")
    own_desk.until(run, lambda live: live.epochs)
    (worker,) = own_desk.engine.worker_pids

    scheduler_of(worker).kill()

    ended = own_desk.end(run)
    assert ended.status == "failed"
    assert "connection" in ended.reason
    assert own_desk.end(own_desk.submit(epochs=1)).status == "completed"
    eventually(lambda: gone(worker))


def test_a_cluster_leaves_no_temporary_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, eventually
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    cluster = EmbeddedCluster(workers=1, threads=1)
    cluster.start()
    try:
        (folder,) = tmp_path.iterdir()
        eventually(lambda: list(folder.glob("worker-1/*/worker-*")))
        (worker,) = cluster.pids
        (folder / "worker-1" / "of a killed process").touch()
        os.kill(worker, signal.SIGKILL)

        def is_replaced() -> bool:
            cluster.ensure_running()
            return cluster.pids != [worker]

        # Its threads may outlive it for a moment.
        eventually(is_replaced)
        assert not (folder / "worker-1" / "of a killed process").exists()
    finally:
        cluster.close()
    assert not list(tmp_path.iterdir())


def test_closing_the_engine_interrupts_runs_and_ends_all_processes(own_desk, tmp_path: Path):
    training = own_desk.submit("ann", gate=tmp_path / "never")
    own_desk.until(training, lambda live: live.epochs)
    own_desk.submit("bob", gate=tmp_path / "never")
    waiting = own_desk.submit("cid")
    (worker,) = own_desk.engine.worker_pids

    own_desk.engine.close()

    assert gone(worker)
    for run in (training, waiting):
        kept = own_desk.kept(run)
        assert kept.status == "interrupted"
        assert "shut down" in kept.reason
    assert len(own_desk.kept(training).epochs) == 3


def test_nothing_outlives_a_killed_app_and_its_run_is_marked(
    tmp_path: Path, repository: Path, schema, eventually
):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    app = start_app(tmp_path, repository, schema, {}, NFM_WORKERS="1", TMPDIR=str(temporary))
    processes = [int(pid) for pid in app.stdout.readline().split()]
    assert len(processes) == 2
    assert list(temporary.iterdir())

    app.kill()
    app.wait()
    app.stdout.close()

    eventually(lambda: all(gone(pid) for pid in processes))
    assert not list(temporary.iterdir())
    store = Store(f"sqlite:///{tmp_path / 'runs.sqlite3'}")
    (run,) = store.runs("somebody")
    assert run.status == "running"
    store.heartbeat()
    (run,) = store.runs("somebody")
    assert run.status == "interrupted"
    assert run.reason == "The server ended before the run did."
    assert run.epochs
    assert not run.has_model

    Recorder(store, tmp_path).heartbeat()

    (run,) = store.runs("somebody")
    assert (run.status, len(run.epochs), run.has_model) == ("interrupted", 3, True)
    assert store.bundle("somebody", run.id) == b"model after 3"
    assert not list((tmp_path / "checkpoints").iterdir())
    store.close()


def test_a_worker_ends_a_run_whose_app_was_killed(
    tmp_path: Path, repository: Path, schema, eventually
):
    cluster = EmbeddedCluster(workers=1, threads=1)
    cluster.start()
    try:
        app = start_app(tmp_path, repository, schema, {"lease": 12}, NFM_SCHEDULER=cluster.address)
        assert app.stdout.readline() == "\n"
        app.kill()
        app.wait()
        app.stdout.close()
        eventually((tmp_path / "ended").exists)
        (worker,) = cluster.pids
        assert not gone(worker)
    finally:
        cluster.close()


def test_a_worker_that_has_grown_is_replaced_when_it_is_idle(
    own_desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, eventually
):
    monkeypatch.setenv("NFM_WORKER_MEMORY", "1")
    before = own_desk.engine.worker_pids
    run = own_desk.submit(gate=tmp_path / "gate")
    own_desk.until(run, lambda live: live.epochs)
    assert own_desk.engine.worker_pids == before

    (tmp_path / "gate").touch()

    assert own_desk.end(run).status == "completed"
    eventually(lambda: own_desk.engine.worker_pids not in ([], before))
    fresh = own_desk.engine.worker_pids
    monkeypatch.delenv("NFM_WORKER_MEMORY")
    assert own_desk.end(own_desk.submit(epochs=1)).status == "completed"
    assert own_desk.engine.worker_pids == fresh


def test_an_engine_joins_the_scheduler_that_it_is_told(
    store, schema, monkeypatch: pytest.MonkeyPatch, make_desk
):
    cluster = EmbeddedCluster(workers=1, threads=1)
    cluster.start()
    try:
        monkeypatch.setenv("NFM_SCHEDULER", cluster.address)
        desk = make_desk(store)
        assert desk.end(desk.submit(epochs=2)).status == "completed"
        assert desk.engine.worker_pids == []
        (worker,) = cluster.pids
        desk.engine.close()
        assert not gone(worker)
    finally:
        cluster.close()


def test_runs_wait_while_there_is_no_scheduler(
    store, monkeypatch: pytest.MonkeyPatch, make_desk, eventually
):
    monkeypatch.setattr(dask_workers, "_CONNECT_SECONDS", 0.5)
    monkeypatch.setenv("NFM_SCHEDULER", "tcp://127.0.0.1:1")
    desk = make_desk(store)
    run = desk.submit(epochs=1)

    eventually(lambda: desk.engine.reason)

    assert desk.engine.reason == (
        "There is no Dask scheduler at tcp://127.0.0.1:1: start one, or unset NFM_SCHEDULER."
    )
    assert not desk.engine.ready
    live = desk.engine.live(run.id)
    assert (live.status, live.queue_position) == ("queued", 1)
    desk.engine.stop(run.id)
    assert desk.end(run).status == "cancelled"
    assert eventually(lambda: desk.kept(run).finished)
    desk.engine.close()


def test_workers_that_cannot_train_say_why(
    store, monkeypatch: pytest.MonkeyPatch, make_desk, eventually
):
    monkeypatch.setenv("NFM_WORKERS", "1")
    desk = make_desk(store, warm_up=never_get_warm)

    eventually(lambda: desk.engine.reason)

    assert "No module named 'tensorflow'" in desk.engine.reason
    assert not desk.engine.ready
    # Runs wait for a worker that can train them, and can be cancelled.
    run = desk.submit()
    assert desk.engine.live(run.id).queue_position == 1
    desk.engine.stop(run.id)
    assert desk.end(run).status == "cancelled"
    with pytest.raises(JobError, match="No module named 'tensorflow'"):
        desk.engine.call(len, "abc")


def test_the_message_about_a_worker_goes_away_with_its_cause(
    store, monkeypatch: pytest.MonkeyPatch, make_desk, eventually, tmp_path: Path
):
    monkeypatch.setattr(dask_workers, "_RETRY_SECONDS", 0.5)
    monkeypatch.setenv("NFM_WORKERS", "1")
    monkeypatch.setenv("NFM_TEST_INSTALLED", str(tmp_path / "installed"))
    desk = make_desk(store, warm_up=warm_up_if_installed)
    eventually(lambda: desk.engine.reason)
    run = desk.submit(epochs=1)

    (tmp_path / "installed").touch()

    assert desk.end(run).status == "completed"
    assert desk.engine.reason is None


def test_a_scheduler_without_workers_is_named_until_one_comes(
    store, monkeypatch: pytest.MonkeyPatch, make_desk, eventually, tmp_path: Path
):
    monkeypatch.setattr(dask_workers, "_NO_WORKERS_SECONDS", 0.5)
    cluster = EmbeddedCluster(workers=0, threads=1)
    cluster.start()
    try:
        monkeypatch.setenv("NFM_SCHEDULER", cluster.address)
        desk = make_desk(store)
        eventually(lambda: desk.engine.reason)
        assert desk.engine.reason == (
            f"The Dask scheduler at {cluster.address} has no workers: "
            "start one there with `dask worker`."
        )
        run = desk.submit(epochs=1)
        command = [sys.executable, "-m", "nfm.jobs.worker_process", "worker"]
        worker = subprocess.Popen(
            [*command, str(tmp_path / "temporary"), "10", cluster.address, "w", "1"],
            stdin=subprocess.PIPE,
        )
        assert desk.end(run).status == "completed"
        assert desk.engine.reason is None
        worker.kill()
        worker.wait()
    finally:
        cluster.close()


def test_a_worker_of_another_version_is_named(
    store, monkeypatch: pytest.MonkeyPatch, make_desk, eventually
):
    monkeypatch.setenv("NFM_WORKERS", "1")
    # The worker is a process of its own: it says what it has.
    monkeypatch.setattr(training_job, "versions", lambda: {"Python": "3.99", "Dask": "1.0"})
    desk = make_desk(store)
    eventually(lambda: desk.engine.reason)
    assert "this app has Python 3.99: install the same version there." in desk.engine.reason
    assert not desk.engine.ready


def test_a_run_that_waits_for_the_workers_to_warm_up_is_cancelled_at_once(
    store, monkeypatch: pytest.MonkeyPatch, make_desk, eventually
):
    monkeypatch.setenv("NFM_WORKERS", "1")
    desk = make_desk(store, warm_up=warm_up_for_ever)
    eventually(lambda: desk.engine.state == "warming")
    run = desk.submit()
    assert desk.engine.live(run.id).queue_position == 1

    desk.engine.stop(run.id)

    assert desk.engine.live(run.id).status == "cancelled"
    desk.engine.close()
    assert desk.kept(run).status == "cancelled"
