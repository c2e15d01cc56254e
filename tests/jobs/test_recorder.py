"""What becomes of the runs, written into the store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from distributed.scheduler import KilledWorker

from nfm.epoch import Epoch, Metrics
from nfm.jobs import recorder
from nfm.jobs.run_outcomes import DIED, outcome_of
from nfm.jobs.runs import LiveRun, TrackedRun
from nfm.store.records import Run, RunOutcome
from nfm.store.store import Store


@dataclass
class Written:
    """A store that writes down what it is told, or refuses."""

    calls: list[tuple[Any, ...]] = field(default_factory=list)
    broken: bool = False
    server: str = "here"

    def heartbeat(self) -> None:
        self._note("beat")

    def begin_run(self, workspace: str, run_id: str, started: float | None) -> None:
        self._note("begin", run_id)

    def record_epochs(self, workspace: str, run_id: str, epochs: list[Epoch]) -> None:
        self._note("epochs", [epoch.number for epoch in epochs])

    def finish_run(self, workspace: str, run_id: str, outcome: RunOutcome, **more: Any) -> None:
        self._note("finish", outcome.status)

    def _note(self, *call: Any) -> None:
        self.calls.append(call)
        if self.broken:
            raise ConnectionError("The database is away.")


@dataclass
class Named:
    """As much of a run as is written."""

    id: str = "run"
    workspace: str = "ann"


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which the test moves."""
    clock = [0.0]
    monkeypatch.setattr(recorder.time, "monotonic", lambda: clock[0])
    return clock


def make(store: Written) -> recorder.Recorder:
    return recorder.Recorder(cast(Store, store))


def epoch(number: int) -> Epoch:
    return Epoch(number, Metrics(loss=0.5), None, 0.001, 1.0, 1000.0, best=False)


def tracked(epochs: int) -> TrackedRun:
    done = tuple(epoch(number) for number in range(1, epochs + 1))
    return TrackedRun(cast(Run, Named()), LiveRun("run", "running", done))


def test_a_beat_every_ten_seconds(now):
    store = Written()
    notes = make(store)
    for now[0] in (0.0, 9.9, 10.0, 19.9):
        notes.heartbeat()
    assert store.calls == [("beat",), ("beat",)]


def test_new_epochs_are_written_at_most_once_a_second(now):
    store = Written()
    notes, run = make(store), tracked(2)
    now[0] = 100.0
    notes.record_progress([run])
    run.live = tracked(3).live
    now[0] = 100.9
    notes.record_progress([run])
    now[0] = 101.0
    notes.record_progress([run])
    notes.record_progress([run])
    assert store.calls == [("epochs", [1, 2]), ("epochs", [3])]


def test_a_database_that_is_away_does_not_end_the_training(now, data_folder, caplog):
    store = Written(broken=True)
    notes, run = make(store), tracked(1)
    notes.record_start(run)
    notes.record_outcome(run, RunOutcome("completed"))
    notes.record_outcome(run, RunOutcome("cancelled"))
    assert [call[0] for call in store.calls] == ["begin", "finish", "finish"]
    assert "Writing to the database failed: begin_run." in caplog.text


def test_epochs_that_could_not_be_written_are_written_later(now):
    store = Written(broken=True)
    notes, run = make(store), tracked(2)
    now[0] = 100.0
    notes.record_progress([run])
    store.broken = False
    run.live = tracked(3).live
    now[0] = 101.0
    notes.record_progress([run])
    assert store.calls == [("epochs", [1, 2]), ("epochs", [1, 2, 3])]


@dataclass
class Done:
    """As much of a future as is asked."""

    status: str
    answer: Any = None

    def result(self, timeout: float) -> Any:
        assert timeout > 0
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def exception(self) -> Any:
        return self.answer


def test_what_the_worker_returned_is_the_outcome():
    outcome = RunOutcome("completed", bundle=b"model")
    assert outcome_of(Done("finished", outcome), "run") is outcome


def test_a_result_that_was_lost_means_that_the_worker_died():
    assert outcome_of(Done("finished", TimeoutError()), "run") is DIED
    assert outcome_of(Done("error", KilledWorker("run", None, 1)), "run") is DIED


def test_another_version_of_the_program_is_named_as_the_likely_reason():
    outcome = outcome_of(Done("error", ModuleNotFoundError("nfm.jobs.worker.training_job")), "run")
    assert outcome is not None
    assert outcome.status == "failed"
    assert "(ModuleNotFoundError)" in str(outcome.reason)
    assert "same version" in str(outcome.reason)


def test_nobody_knows_what_became_of_a_run_whose_scheduler_is_gone():
    assert outcome_of(Done("cancelled"), "run") is None
    assert outcome_of(Done("lost"), "run") is None
