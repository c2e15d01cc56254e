"""The outcome of a run is never lost, however long the database refuses it."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import stat
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from scripted_training import epoch

from nfm.epoch import Metrics
from nfm.files.reading import ReadingOptions
from nfm.jobs import retry_pause
from nfm.jobs.recorder import Recorder
from nfm.jobs.retry_pause import RetryPause
from nfm.jobs.runs import LiveRun, TrackedRun
from nfm.settings import Settings
from nfm.store import database
from nfm.store.records import Run, RunOutcome
from nfm.store.store import Store
from nfm.store.unsaved_outcomes import UnsavedOutcome
from nfm.tabular.splitting import SplitOptions
from tests.outages import locked

WORKSPACE = "the token of a browser"
OUTCOME = RunOutcome(
    "early_stopped", "It was good enough.", (epoch(1), epoch(2)), Metrics(0.5, 0.75), b"a \n model"
)


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch, data_folder: Path) -> None:
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.05)


def queue_run(store: Store, schema) -> Run:
    dataset = store.add_dataset(
        WORKSPACE, "table.csv", b"sex\nmale", ReadingOptions(), schema, SplitOptions()
    )
    return store.add_run(WORKSPACE, dataset.id, Settings(epochs=2))


def start_run(store: Store, schema) -> Run:
    run = queue_run(store, schema)
    store.begin_run(WORKSPACE, run.id)
    return store.run(WORKSPACE, run.id)


def end_while_locked(store: Store, run: Run, recorder: Recorder | None = None) -> TrackedRun:
    tracked = TrackedRun(run, LiveRun(run.id, "running"), started=time.time(), start_recorded=True)
    with locked(store):
        (recorder or Recorder(store)).record_outcome(tracked, OUTCOME)
    return tracked


def die(store: Store) -> None:
    """Look to other servers like one whose process is gone."""
    assert store.path is not None
    connection = sqlite3.connect(store.path)
    with connection:
        connection.execute("UPDATE servers SET born = born - 60 WHERE id = ?", [store.server])
    connection.close()


def files(data_folder: Path) -> list[Path]:
    return sorted((data_folder / "unsaved_outcomes").glob("*"))


def assert_stored(store: Store, run: Run) -> None:
    kept = store.run(WORKSPACE, run.id)
    assert (kept.status, kept.reason) == ("early_stopped", "It was good enough.")
    assert kept.epochs == OUTCOME.epochs
    assert kept.test_metrics == OUTCOME.test_metrics
    assert store.bundle(WORKSPACE, run.id) == OUTCOME.bundle
    assert kept.models_made == 1


def test_an_outcome_that_the_database_refuses_is_stored_later(open_store, schema, data_folder):
    store = open_store()
    run, recorder = start_run(store, schema), Recorder(store)
    tracked = end_while_locked(store, run, recorder)
    assert not tracked.stored
    (file,) = files(data_folder)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert WORKSPACE.encode() not in file.read_bytes()
    with locked(store):
        recorder.save_outcomes(now=True)
    assert store.run(WORKSPACE, run.id).status == "running"

    recorder.save_outcomes(now=True)

    assert tracked.stored
    assert_stored(store, run)
    assert files(data_folder) == []


def test_a_start_that_the_database_refuses_is_stored_with_the_outcome(open_store, schema):
    store = open_store()
    run, recorder = queue_run(store, schema), Recorder(store)
    tracked = TrackedRun(run, LiveRun(run.id, "running"), started=time.time() - 30)
    with locked(store):
        recorder.record_start(tracked)
        assert not tracked.start_recorded
        recorder.record_outcome(tracked, OUTCOME)
    assert store.run(WORKSPACE, run.id).started is None

    recorder.save_outcomes(now=True)

    assert_stored(store, run)
    kept = store.run(WORKSPACE, run.id)
    assert kept.started is not None
    assert kept.finished is not None
    assert kept.started.timestamp() == pytest.approx(tracked.started)
    assert kept.finished > kept.started


def test_a_start_that_is_recorded_late_is_the_true_one(open_store, schema):
    store = open_store()
    run, recorder = queue_run(store, schema), Recorder(store)
    tracked = TrackedRun(run, LiveRun(run.id, "running"), started=time.time() - 30)
    recorder.record_progress([tracked])
    kept = store.run(WORKSPACE, run.id)
    assert kept.status == "running"
    assert kept.started is not None
    assert kept.started.timestamp() == pytest.approx(tracked.started)


@pytest.mark.parametrize("has_model", [True, False])
def test_a_file_of_an_earlier_version_is_read(has_model: bool):
    state = {
        "run_id": "a",
        "server": "b",
        "status": "early_stopped",
        "reason": "It was good enough.",
        "epochs": [epoch(1).to_dict(), epoch(2).to_dict()] if has_model else None,
        "test_metrics": asdict(Metrics(0.5, 0.75)) if has_model else None,
        "has_bundle": has_model,
        "finished": 12.5,
    }
    rest = json.dumps(state).encode() + b"\n" + (b"a \n model" if has_model else b"")
    content = b"nfm outcome 1 " + hashlib.sha256(rest).hexdigest().encode() + b"\n" + rest

    read = UnsavedOutcome.from_bytes(content)

    without = RunOutcome("early_stopped", "It was good enough.")
    assert read == UnsavedOutcome("a", "b", OUTCOME if has_model else without, 12.5)
    assert UnsavedOutcome.from_bytes(read.to_bytes()) == read
    assert json.loads(read.to_bytes().splitlines()[1]) == state | {"started": None}


@pytest.mark.parametrize("change", [{"status": "happy"}, {"epochs": [{}]}, {"finished": "soon"}])
def test_a_file_with_other_content_is_refused(change: dict):
    first, line, *model = UnsavedOutcome("a", "b", OUTCOME, 12.5).to_bytes().splitlines(True)
    rest = json.dumps(json.loads(line) | change).encode() + b"\n" + b"".join(model)
    first = b"nfm outcome 1 " + hashlib.sha256(rest).hexdigest().encode() + b"\n"

    with pytest.raises(ValueError, match=r"not valid|could not convert"):
        UnsavedOutcome.from_bytes(first + rest)


def test_an_outcome_stays_in_memory_if_its_file_cannot_be_written(open_store, schema, data_folder):
    store = open_store()
    (data_folder / "unsaved_outcomes").write_text("not a folder")
    run, recorder = start_run(store, schema), Recorder(store)
    end_while_locked(store, run, recorder)
    recorder.save_outcomes(now=True)
    assert_stored(store, run)


def test_the_file_is_written_as_soon_as_there_is_room(open_store, schema, data_folder):
    store = open_store()
    blocked = data_folder / "unsaved_outcomes"
    blocked.write_text("not a folder")
    run, recorder = start_run(store, schema), Recorder(store)
    end_while_locked(store, run, recorder)
    blocked.unlink()
    with locked(store):
        recorder.save_outcomes(now=True)
    assert len(files(data_folder)) == 1


def test_a_cancelled_run_is_cancelled_later_and_keeps_its_epochs(open_store, schema):
    store = open_store()
    run, recorder = start_run(store, schema), Recorder(store)
    store.record_epochs(WORKSPACE, run.id, [epoch(1)])
    tracked = TrackedRun(run, LiveRun(run.id, "cancelled"))
    with locked(store):
        recorder.record_outcome(tracked, RunOutcome("cancelled"))
    recorder.save_outcomes(now=True)
    kept = store.run(WORKSPACE, run.id)
    assert (kept.status, kept.epochs) == ("cancelled", (epoch(1),))


def test_an_outcome_is_in_a_file_before_a_database_that_was_away_is_tried(
    open_store, schema, data_folder, monkeypatch
):
    store = open_store()
    run, recorder = start_run(store, schema), Recorder(store)
    tracked = TrackedRun(run, LiveRun(run.id, "running", (epoch(1),)))
    with locked(store):
        recorder.record_progress([tracked])
    seen = []
    finish = store.finish_run

    def look(*arguments, **keywords):
        seen.extend(files(data_folder))
        return finish(*arguments, **keywords)

    monkeypatch.setattr(store, "finish_run", look)
    recorder.record_outcome(tracked, OUTCOME)
    assert len(seen) == 1
    assert_stored(store, run)
    assert files(data_folder) == []


def test_the_start_that_the_database_refused_is_recorded_later(open_store, schema):
    store = open_store()
    run, recorder = start_run(store, schema), Recorder(store)
    queued = store.add_run(WORKSPACE, run.dataset_id, Settings())
    tracked = TrackedRun(queued, LiveRun(queued.id, "running"), started=True)
    with locked(store):
        recorder.record_start(tracked)
    recorder._progress_pause.record(success=True)
    recorder.record_progress([tracked])
    assert store.run(WORKSPACE, queued.id).status == "running"


def test_pauses_grow_from_one_second_to_thirty(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(retry_pause.time, "monotonic", lambda: clock[0])
    pause, waits = RetryPause(), []
    for _ in range(7):
        pause.record(success=False)
        before = clock[0]
        while not pause.over:
            clock[0] += 0.5
        waits.append(clock[0] - before)
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    pause.record(success=True)
    assert pause.over


@pytest.mark.parametrize("marked", [False, True], ids=["before", "after"])
def test_a_restart_imports_the_file(open_store, schema, data_folder, marked):
    store = open_store()
    run = start_run(store, schema)
    ended = time.time()
    end_while_locked(store, run)
    die(store)
    restarted = open_store()
    if marked:
        restarted.heartbeat()
        assert restarted.run(WORKSPACE, run.id).status == "interrupted"

    Recorder(restarted).save_outcomes()
    restarted.heartbeat()

    assert_stored(restarted, run)
    finished = restarted.run(WORKSPACE, run.id).finished
    assert finished is not None
    assert finished.timestamp() == pytest.approx(ended, abs=5)
    assert files(data_folder) == []


def test_a_restart_while_the_database_is_away_imports_the_file_later(
    open_store, schema, data_folder
):
    store = open_store()
    run = start_run(store, schema)
    end_while_locked(store, run)
    die(store)
    restarted = open_store()
    recorder = Recorder(restarted)
    with locked(store):
        recorder.save_outcomes()
    assert len(files(data_folder)) == 1
    recorder.save_outcomes(now=True)
    assert_stored(restarted, run)


def test_a_damaged_file_is_set_aside_and_stops_nothing(open_store, schema, data_folder, caplog):
    store = open_store()
    runs = [start_run(store, schema) for _ in range(3)]
    for run in runs:
        end_while_locked(store, run)
    cut, changed, _whole = (
        next(file for file in files(data_folder) if file.name.startswith(run.id)) for run in runs
    )
    cut.write_bytes(cut.read_bytes()[:-1])
    changed.write_bytes(changed.read_bytes().replace(b"early_stopped", b"later_stopped"))
    die(store)
    restarted = open_store()

    Recorder(restarted).save_outcomes()

    restarted.heartbeat()
    statuses = [restarted.run(WORKSPACE, run.id).status for run in runs]
    assert statuses == ["interrupted", "interrupted", "early_stopped"]
    assert sorted(file.name for file in files(data_folder)) == sorted(
        [f"{cut.name}.damaged", f"{changed.name}.damaged"]
    )
    assert "cannot be read" in caplog.text


def test_a_file_that_is_no_longer_wanted_changes_nothing(open_store, schema, data_folder):
    store = open_store()
    ended, deleted, continued = (start_run(store, schema) for _ in range(3))
    store.finish_run(
        WORKSPACE, continued.id, RunOutcome("stopped", epochs=(epoch(1),), bundle=b"earlier")
    )
    continued = store.continue_run(WORKSPACE, continued.id, 3)
    for run in (ended, deleted, continued):
        end_while_locked(store, run)
    store.finish_run(WORKSPACE, ended.id, RunOutcome("failed", "It diverged."))
    die(store)
    restarted = open_store()
    restarted.heartbeat()
    restarted.delete_run(WORKSPACE, deleted.id)
    restarted.continue_run(WORKSPACE, continued.id, 1)

    Recorder(restarted).save_outcomes()

    assert restarted.run(WORKSPACE, ended.id).reason == "It diverged."
    assert restarted.run(WORKSPACE, continued.id).status == "queued"
    assert restarted.bundle(WORKSPACE, continued.id) == b"earlier"
    restarted.restore_run(WORKSPACE, deleted.id)
    assert restarted.run(WORKSPACE, deleted.id).status == "interrupted"
    assert files(data_folder) == []


def test_a_file_of_another_database_stays_for_a_week(open_store, schema, data_folder, tmp_path):
    store = open_store()
    end_while_locked(store, start_run(store, schema))
    other = Store(f"sqlite:///{tmp_path / 'other.sqlite3'}")
    (file,) = files(data_folder)
    Recorder(other).save_outcomes()
    assert file.exists()
    last_week = time.time() - 8 * 86_400
    os.utime(file, (last_week, last_week))
    Recorder(other).save_outcomes()
    assert not file.exists()
    other.close()


def test_what_a_killed_process_left_half_written_is_deleted(open_store, data_folder):
    folder = data_folder / "unsaved_outcomes"
    store = open_store()
    folder.mkdir()
    (folder / "run-server.unfinished").write_bytes(b"nfm")
    Recorder(store).save_outcomes()
    assert len(files(data_folder)) == 1  # another server may be writing it
    a_while_ago = time.time() - 120
    os.utime(folder / "run-server.unfinished", (a_while_ago, a_while_ago))
    Recorder(store).save_outcomes()
    assert files(data_folder) == []


def test_a_run_goes_on_that_another_server_has_taken_for_abandoned(open_store, schema):
    store = open_store()
    run, recorder = start_run(store, schema), Recorder(store)
    tracked = TrackedRun(run, LiveRun(run.id, "running", (epoch(1),)), started=True)
    die(store)
    open_store().heartbeat()
    assert store.run(WORKSPACE, run.id).status == "interrupted"

    recorder.record_progress([tracked])

    kept = store.run(WORKSPACE, run.id)
    assert (kept.status, kept.reason, kept.finished) == ("running", None, None)
    assert kept.epochs == (epoch(1),)
    recorder.record_outcome(tracked, OUTCOME)
    assert_stored(store, run)


def test_a_run_that_was_continued_elsewhere_belongs_to_the_other_server(open_store, schema):
    store = open_store()
    run, recorder = start_run(store, schema), Recorder(store)
    store.finish_run(
        WORKSPACE, run.id, RunOutcome("stopped", epochs=(epoch(1),), bundle=b"earlier")
    )
    run = store.continue_run(WORKSPACE, run.id, 3)
    tracked = TrackedRun(run, LiveRun(run.id, "running", (epoch(1), epoch(2))), recorded=1)
    die(store)
    other = open_store()
    other.heartbeat()
    other.continue_run(WORKSPACE, run.id, 5)

    recorder.record_progress([tracked])
    recorder.record_outcome(tracked, OUTCOME)

    kept = store.run(WORKSPACE, run.id)
    assert (kept.status, kept.epochs) == ("queued", (epoch(1),))
    assert store.bundle(WORKSPACE, run.id) == b"earlier"


def test_on_a_full_disk_a_small_outcome_is_stored_before_a_large_one(
    open_store, schema, monkeypatch
):
    store = open_store()
    large, small = start_run(store, schema), start_run(store, schema)
    recorder = Recorder(store)
    end_while_locked(store, large, recorder)
    with locked(store):
        recorder.record_outcome(TrackedRun(small, LiveRun.of(small)), replace(OUTCOME, bundle=None))
    finish = store.finish_run

    def refuse_models(workspace, run_id, outcome, **keywords):
        if outcome.bundle is not None:
            raise OSError("The disk is full.")
        return finish(workspace, run_id, outcome, **keywords)

    monkeypatch.setattr(store, "finish_run", refuse_models)
    recorder.save_outcomes(now=True)
    recorder.save_outcomes(now=True)
    assert store.run(WORKSPACE, small.id).status == "early_stopped"
    assert store.run(WORKSPACE, large.id).status == "running"


def test_many_outcomes_do_not_wait_for_a_locked_database_in_turn(
    open_store, schema, data_folder, monkeypatch
):
    store = open_store()
    runs = [start_run(store, schema) for _ in range(6)]
    recorder = Recorder(store)
    attempts = []
    finish = store.finish_run

    def count(*arguments, **keywords):
        attempts.append(arguments)
        return finish(*arguments, **keywords)

    monkeypatch.setattr(store, "finish_run", count)
    with locked(store):
        for run in runs:
            recorder.record_outcome(TrackedRun(run, LiveRun.of(run)), OUTCOME)
    assert len(attempts) == 2
    assert len(files(data_folder)) == 6
    recorder.save_outcomes(now=True)
    for run in runs:
        assert_stored(store, run)


def test_a_file_that_is_refused_again_and_again_does_not_hold_up_the_others(
    open_store, schema, monkeypatch
):
    store = open_store()
    runs = sorted((start_run(store, schema) for _ in range(2)), key=lambda run: run.id)
    for run in runs:
        end_while_locked(store, run)
    die(store)
    restarted = open_store()
    finish = restarted.finish_run

    def refuse_first(workspace, run_id, *arguments, **keywords):
        if run_id == runs[0].id:
            raise OverflowError("too large")
        return finish(workspace, run_id, *arguments, **keywords)

    monkeypatch.setattr(restarted, "finish_run", refuse_first)
    recorder = Recorder(restarted)
    recorder.save_outcomes(now=True)
    recorder.save_outcomes(now=True)
    assert_stored(restarted, runs[1])
