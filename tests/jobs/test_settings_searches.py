"""A search in the engine's process: its trials, its end, and what it leaves behind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from nfm.epoch import Epoch, Metrics
from nfm.errors import JobError
from nfm.files.reading import ReadingOptions
from nfm.jobs.runs import LiveRun
from nfm.jobs.search_progress import SearchProgress
from nfm.jobs.settings_searches import CONFIRMING_RUNS, SettingsSearches
from nfm.settings import Settings
from nfm.store.records import Dataset, Run, Status
from nfm.tabular.splitting import SplitOptions


def epochs(losses: Sequence[float]) -> tuple[Epoch, ...]:
    return tuple(
        Epoch(
            number,
            Metrics(loss),
            Metrics(loss),
            1e-3,
            0.1 * number,
            1e3,
            loss <= min(losses[:number]),
        )
        for number, loss in enumerate(losses, 1)
    )


class InstantEngine:
    """Ends each trial at once, as the test says; trials after `hold_after` train until stopped."""

    def __init__(self) -> None:
        self.outcome: Callable[[Run], LiveRun] = lambda run: LiveRun(
            run.id, "completed", epochs([0.9, 0.5 + run.settings.learning_rate])
        )
        self.hold_after = 10**9
        self.held = threading.Event()
        self.trials: list[Run] = []
        self.runs: list[Run] = []
        self._states: dict[str, LiveRun] = {}

    def submit(self, run: Run, *, trial: bool = False) -> None:
        (self.trials if trial else self.runs).append(run)
        state = self.outcome(run)
        if trial and len(self.trials) > self.hold_after:
            state = replace(state, status="running")
        self._states[run.id] = state

    def live(self, run_id: str) -> LiveRun:
        if self._states[run_id].active:
            self.held.set()
        return self._states[run_id]

    def stop(self, run_id: str) -> None:
        if self._states[run_id].active:
            self._states[run_id] = replace(self._states[run_id], status="stopped")


@pytest.fixture
def engine() -> InstantEngine:
    return InstantEngine()


@pytest.fixture
def searches(store, engine) -> SettingsSearches:
    return SettingsSearches(store, engine)


@pytest.fixture
def dataset(store, schema) -> Dataset:
    content = b"sex,fare,survived\nmale,1,0\n"
    return store.add_dataset(
        "somebody", "table.csv", content, ReadingOptions(), schema, SplitOptions()
    )


@pytest.fixture
def run_search(searches, eventually) -> Callable[..., SearchProgress]:
    """Start a search and wait for its end."""

    def run(dataset: Dataset, settings: Settings | None = None, **options: Any) -> SearchProgress:
        searches.start(dataset, settings or Settings(), **{"trials": 4, "seconds": 60.0} | options)
        return ended(searches, eventually)

    return run


def ended(searches, eventually) -> SearchProgress:
    eventually(lambda: not searches.progress("somebody").active)
    return searches.progress("somebody")


def test_the_best_trial_becomes_the_current_run_and_the_others_leave_nothing(
    run_search, dataset, store, engine
):
    found = run_search(dataset, Settings(learning_rate=0.02, epochs=9))

    assert found.state == "finished"
    assert [trial.state for trial in found.trials] == ["completed"] * 4
    assert found.trials[0].settings == Settings(learning_rate=0.02, epochs=9)
    best = min(found.trials, key=lambda trial: trial.settings.learning_rate)
    assert found.best == best
    (run,) = store.runs("somebody")
    assert (run.id, run.name, run.status) == (found.run_id, "Best of 4 trials", "queued")
    assert run.settings == best.settings
    assert store.get_preference("somebody", "run") == run.id
    assert engine.runs == [run]


def test_start_and_best_are_trained_with_further_seeds(run_search, dataset, engine):
    found = run_search(dataset, Settings(learning_rate=0.02))
    assert found.best.number > 1
    further = engine.trials[4:]
    assert len(further) == CONFIRMING_RUNS == found.confirmed
    assert sorted({run.settings.random_state for run in further}) == [1, 2]
    assert found.confirmation is not None
    assert found.confirmation.gain == pytest.approx(found.trials[0].loss - found.best.loss)


def test_a_start_that_nothing_beats_is_kept_without_further_seeds(run_search, dataset, engine):
    engine.outcome = lambda run: LiveRun(run.id, "early_stopped", epochs([0.5]))
    found = run_search(dataset)
    assert found.best.number == 1
    assert found.confirmation is None
    assert len(engine.trials) == 4
    assert engine.runs[0].settings == Settings()


def test_a_stopped_search_keeps_the_best_trial_so_far(searches, dataset, engine, eventually, store):
    engine.hold_after = 2
    searches.start(dataset, Settings(), trials=50, seconds=60.0)
    engine.held.wait(60)
    assert searches.progress("somebody").active

    searches.stop("somebody")

    found = ended(searches, eventually)
    assert [trial.state for trial in found.trials] == ["completed", "completed", "stopped"]
    assert found.confirmation is None
    assert store.run("somebody", found.run_id).settings == found.best.settings


def test_the_time_limit_ends_the_trial_in_training(run_search, dataset, engine):
    engine.hold_after = 0
    found = run_search(dataset, trials=50, seconds=0.01)
    assert [trial.state for trial in found.trials] == ["stopped"]
    assert found.state == "finished"


def test_a_trial_that_is_worse_than_most_is_pruned(run_search, dataset, engine):
    def outcome(run: Run) -> LiveRun:
        if len(engine.trials) == 6:
            return LiveRun(run.id, "running", epochs([0.9] * 20))
        return LiveRun(run.id, "completed", epochs([0.5] * 20))

    engine.outcome = outcome
    found = run_search(dataset, trials=6)
    assert [trial.state for trial in found.trials] == ["completed"] * 5 + ["pruned"]


@pytest.mark.parametrize("status", ["diverged", "failed"])
def test_bad_settings_do_not_end_the_search(run_search, dataset, engine, status: Status):
    def outcome(run: Run) -> LiveRun:
        if len(engine.trials) in (2, 3):
            return LiveRun(run.id, status, reason="It cannot be trained.")
        return LiveRun(run.id, "completed", epochs([0.5]))

    engine.outcome = outcome
    found = run_search(dataset)
    assert [trial.state for trial in found.trials] == ["completed", status, status, "completed"]
    assert found.trials[1].reason == "It cannot be trained."
    assert found.state == "finished"


def test_a_search_that_cannot_train_the_start_fails_with_the_reason(run_search, dataset, engine):
    engine.outcome = lambda run: LiveRun(run.id, "failed", reason="There is not enough memory.")
    found = run_search(dataset)
    assert (found.state, found.reason) == ("failed", "There is not enough memory.")
    assert len(found.trials) == 1
    assert engine.runs == []


def test_three_failures_in_a_row_end_the_search(run_search, dataset, engine):
    def outcome(run: Run) -> LiveRun:
        status: Status = "completed" if len(engine.trials) == 1 else "failed"
        return LiveRun(run.id, status, epochs([0.5]), reason="The table was deleted.")

    engine.outcome = outcome
    found = run_search(dataset, trials=20)
    assert len(found.trials) == 4
    assert (found.state, found.reason) == ("failed", "The table was deleted.")


def test_settings_whose_model_would_be_too_large_are_not_trained(
    run_search, dataset, engine, store, monkeypatch
):
    monkeypatch.setattr(store, "limits", replace(store.limits, model=1))
    found = run_search(dataset)
    assert engine.trials == []
    assert "more than the 1 bytes allowed" in found.reason


def test_a_shutdown_ends_the_search(run_search, dataset, engine):
    engine.outcome = lambda run: LiveRun(run.id, "interrupted", reason="The server was shut down.")
    found = run_search(dataset)
    assert (found.state, found.reason) == ("failed", "The server was shut down.")


def test_a_restart_ends_the_search_and_keeps_its_trials(searches, dataset, engine, store):
    engine.hold_after = 2
    searches.start(dataset, Settings(learning_rate=0.02), trials=9, seconds=60)
    assert engine.held.wait(10)
    before = searches.progress("somebody")

    found = SettingsSearches(store, engine).progress("somebody")

    assert found.state == "failed"
    assert found.reason == "The server ended during the search, after 2 trials."
    assert found.trials == before.trials[:2]
    assert found.best == min(found.trials, key=lambda trial: trial.loss)
    assert (found.dataset.id, found.wanted) == (dataset.id, 9)
    searches.stop("somebody")


def test_a_search_that_has_ended_is_the_same_after_a_restart(run_search, dataset, engine, store):
    found = run_search(dataset, Settings(learning_rate=0.02))
    assert found.confirmation is not None
    again = SettingsSearches(store, engine)
    assert again.progress("somebody") == replace(found, seconds_left=None, confirmed=0)
    assert again.progress("somebody else") is None
    # Of a table that is not there, or no longer.
    kept = store.get_preference("somebody", "search")
    store.set_preference("somebody", "search", kept | {"dataset_id": "none"})
    assert again.progress("somebody") is None


def test_a_search_that_another_version_has_stored_is_none(searches, dataset, store):
    store.set_preference("somebody", "search", {"dataset_id": dataset.id, "unknown": 1})
    assert searches.progress("somebody") is None


def test_one_search_at_a_time_in_a_workspace(searches, dataset, engine, eventually, store, schema):
    engine.hold_after = 0
    searches.start(dataset, Settings(), trials=3, seconds=60.0)
    with pytest.raises(JobError, match="already running: stop it first"):
        searches.start(dataset, Settings(), trials=3, seconds=60.0)
    other = replace(dataset, workspace="other")
    searches.start(other, Settings(), trials=3, seconds=60.0)
    engine.held.wait(60)
    for workspace in ("somebody", "other"):
        searches.stop(workspace)
    ended(searches, eventually)
    assert searches.progress("nobody") is None
    searches.stop("nobody")


def test_a_new_search_replaces_the_one_that_has_ended(run_search, dataset):
    first = run_search(dataset, seed=1)
    second = run_search(dataset, seed=2)
    assert first.run_id != second.run_id
    assert first.trials[1].settings != second.trials[1].settings


def test_without_validation_rows_no_search_starts(searches, dataset):
    without = replace(dataset, split=SplitOptions(validation_fraction=0.0))
    with pytest.raises(JobError, match="validation share above 0 on the Data page"):
        searches.start(without, Settings(), trials=3, seconds=60.0)


@pytest.mark.slow
def test_trials_go_through_the_workers_and_only_the_last_run_uses_test_rows(
    desk, submit, eventually
):
    workspace = "searcher"
    run = submit(workspace, features=["Sex", "Age"], epochs=2)
    desk.end(run)
    dataset = desk.store.dataset(workspace, run.dataset_id)
    searches = SettingsSearches(desk.store, desk.engine)

    searches.start(dataset, Settings(epochs=2), trials=2, seconds=600.0)
    eventually(lambda: not searches.progress(workspace).active)

    found = searches.progress(workspace)
    assert [trial.epochs for trial in found.trials] == [2, 2], found.reason
    best = desk.store.run(workspace, found.run_id)
    desk.end(best)
    best = desk.kept(best)
    assert best.test_metrics is not None
    assert best.epochs[-1].validation is not None
    # The run is the best trial again: equal settings and seeds give equal results.
    assert best.best_epoch.validation.loss == pytest.approx(found.best.loss, rel=1e-6)
    assert len(desk.store.runs(workspace)) == 2
