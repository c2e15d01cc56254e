"""Searches for better settings: trials go through the engine's queue, one after the other."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nfm.errors import JobError, NFMError, StoreError
from nfm.jobs.runs import LiveRun
from nfm.jobs.search_progress import SearchProgress, SearchState, load_search, save_search
from nfm.settings import Settings
from nfm.settings_search.confirmation import (
    FURTHER_SEEDS,
    Confirmation,
    Side,
    confirmation_settings,
    make_confirmation,
)
from nfm.settings_search.study import SettingsStudy, TrialState, kept_epoch
from nfm.store.records import Dataset, Run
from nfm.store.repository import new_id
from nfm.store.store import Store
from nfm.text import counted

if TYPE_CHECKING:
    from nfm.jobs.engine import Engine

logger = logging.getLogger(__name__)

CONFIRMING_RUNS = 2 * FURTHER_SEEDS
_POLL_SECONDS = 0.2
_MOST_SEARCHES = 30
_KEPT_SEARCHES = 200
_MOST_FAILURES = 3
_TRIAL_STATES: dict[str, TrialState] = {
    "completed": "completed",
    "early_stopped": "completed",
    "stopped": "stopped",
    "cancelled": "stopped",
    "diverged": "diverged",
    "failed": "failed",
}


class SettingsSearches:
    """The searches of all workspaces, one per workspace at a time; each has a thread that waits.

    Searches live in this process: closing a page changes nothing. A restart ends them, and the
    store keeps the trials that had ended.

    Args:
        store: The store of the tables, and of the run with the best settings.
        engine: Trains the trials.
    """

    def __init__(self, store: Store, engine: Engine) -> None:
        self._store = store
        self._engine = engine
        self._lock = threading.Lock()
        self._searches: dict[str, _Search] = {}

    def start(
        self, dataset: Dataset, settings: Settings, *, trials: int, seconds: float, seed: int = 0
    ) -> None:
        """Start a search on a table, and return at once.

        Args:
            dataset: The table; its schema and split are those of all trials.
            settings: Settings of the first trial.
            trials: Maximum number of trials.
            seconds: Time after which no further trial begins and the last one is stopped.
            seed: Seed of the proposals.

        Raises:
            JobError: If there are no validation rows, the workspace already has an active search,
                or too many others have one.
        """
        if dataset.split.validation_fraction == 0:
            raise JobError(
                "There are no validation rows to compare settings on: choose a validation share "
                "above 0 on the Data page."
            )
        with self._lock:
            active = [one for one in self._searches.values() if one.progress().active]
            if any(one.workspace == dataset.workspace for one in active):
                raise JobError("A search is already running: stop it first, or wait for its end.")
            if len(active) >= _MOST_SEARCHES:
                raise JobError(
                    f"{_MOST_SEARCHES} searches are running on this server: try again later."
                )
            search = _Search(self._store, self._engine, dataset, settings, trials, seconds, seed)
            self._searches.pop(dataset.workspace, None)
            self._searches[dataset.workspace] = search
            ended = [key for key, one in self._searches.items() if not one.progress().active]
            for key in ended[:-_KEPT_SEARCHES]:
                del self._searches[key]
        search.start()

    def stop(self, workspace: str) -> None:
        """Stop the search of a workspace; the best trial so far is kept. None is no error."""
        search = self._searches.get(workspace)
        if search is not None:
            search.stop()

    def progress(self, workspace: str) -> SearchProgress | None:
        """Return the state of the workspace's last search; None if there was none."""
        search = self._searches.get(workspace)
        return load_search(self._store, workspace) if search is None else search.progress()


class _Search:
    """One search. Its thread writes the attributes, pages read them."""

    def __init__(
        self,
        store: Store,
        engine: Engine,
        dataset: Dataset,
        settings: Settings,
        trials: int,
        seconds: float,
        seed: int,
    ) -> None:
        self._store = store
        self._engine = engine
        self._dataset = dataset
        self._settings = settings
        self._wanted = trials
        self._seconds = seconds
        self._seed = seed
        self._stopping = threading.Event()
        self._study: SettingsStudy | None = None
        self._state: SearchState = "searching"
        self._end: float | None = None
        self._waits = False
        self._confirmed = 0
        self._confirmation: Confirmation | None = None
        self._run_id: str | None = None
        self._reason: str | None = None

    @property
    def workspace(self) -> str:
        return self._dataset.workspace

    def start(self) -> None:
        threading.Thread(target=self._run, name="settings search", daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()

    def progress(self) -> SearchProgress:
        end = self._end
        return SearchProgress(
            dataset=self._dataset,
            # First of all: the thread writes it last.
            state=self._state,
            trials=() if self._study is None else self._study.trials,
            wanted=self._wanted,
            seconds_left=None if end is None else max(0.0, end - time.monotonic()),
            waits=self._waits,
            confirmed=self._confirmed,
            confirmation=self._confirmation,
            run_id=self._run_id,
            reason=self._reason,
            stopping=self._stopping.is_set(),
        )

    def _run(self) -> None:
        try:
            # Here, not on the page: Optuna's import takes half a second.
            self._study = SettingsStudy(self._settings, self._dataset.schema, self._seed)
            self._search(self._study)
            self._confirm(self._study)
            self._keep_best(self._study)
        except NFMError as error:
            self._reason = str(error)
        except StoreError:
            self._reason = "The database is not responding: try again when it does."
        except Exception as error:
            logger.exception("A search failed.")
            self._reason = f"The search failed because of a bug ({type(error).__name__})."
        state: SearchState = "failed" if self._run_id is None else "finished"
        save_search(self._store, replace(self.progress(), state=state))
        self._state = state

    def _search(self, study: SettingsStudy) -> None:
        """Train trials until there are enough, the time is over, or somebody stops the search."""
        failures = 0
        while len(study.trials) < self._wanted and not self._over():
            trial = study.ask()
            live = self._train(
                trial.settings,
                f"Trial {trial.number}",
                lambda live: study.report(live.epochs) or self._over(),
            )
            study.report(live.epochs)
            state = _TRIAL_STATES[live.status]
            if state == "stopped" and not self._over():
                state = "pruned"
            ended = study.tell(state, live.reason)
            save_search(self._store, self.progress())
            failures = failures + 1 if state == "failed" else 0
            if state == "failed" and (trial.number == 1 or failures == _MOST_FAILURES):
                raise JobError(ended.reason or "The trials cannot be trained.")

    def _confirm(self, study: SettingsStudy) -> None:
        """Train the first and the best settings with further seeds, until somebody stops it."""
        first, best = study.trials[0] if study.trials else None, study.best
        if first is None or best is None or best.number == 1 or first.loss is None:
            return
        self._state = "confirming"
        losses: list[tuple[Side, float]] = []
        for side, settings in confirmation_settings(first.settings, best.settings):
            if self._stopping.is_set():
                return
            live = self._train(settings, "Further seed", lambda _live: self._stopping.is_set())
            kept = kept_epoch(live.epochs, settings)
            if live.status in ("completed", "early_stopped") and kept and kept.validation:
                losses.append((side, kept.validation.loss))
            self._confirmed += 1
        self._confirmation = make_confirmation(first.loss, losses)

    def _keep_best(self, study: SettingsStudy) -> None:
        """Queue a run with the best settings, and make it the current one."""
        best, data = study.best, self._dataset
        if best is None:
            reasons = [trial.reason for trial in study.trials if trial.reason]
            raise JobError(
                reasons[0] if reasons else "No trial has finished an epoch: allow more time."
            )
        run = self._store.add_run(
            data.workspace,
            data.id,
            best.settings,
            name=f"Best of {counted(len(study.trials), 'trial')}",
            schema=data.schema,
            split=data.split,
        )
        self._engine.submit(run)
        self._store.set_preference(data.workspace, "run", run.id)
        self._run_id = run.id

    def _train(
        self, settings: Settings, name: str, should_stop: Callable[[LiveRun], bool]
    ) -> LiveRun:
        """Train settings through the queue, without a run in the store.

        Args:
            settings: The settings.
            name: Name of the training, for logs.
            should_stop: Called several times per second; True stops the training.

        Returns:
            The state at the end.

        Raises:
            JobError: If the server is shutting down, or the training was interrupted.
        """
        data = self._dataset
        run = Run(
            id=new_id(),
            workspace=data.workspace,
            number=0,
            dataset_id=data.id,
            name=name,
            settings=settings,
            schema=data.schema,
            split=data.split,
            status="queued",
            created=datetime.now(UTC),
        )
        self._waits = True
        try:
            self._store.check_run_size(run.schema, settings)
        except JobError as error:
            return LiveRun(run.id, "failed", reason=str(error))
        self._engine.submit(run, trial=True)
        try:
            live = self._follow(run, should_stop)
        except Exception:
            self._engine.stop(run.id)
            raise
        if live.status == "interrupted":
            raise JobError(live.reason or "The server was shut down.")
        return live

    def _follow(self, run: Run, should_stop: Callable[[LiveRun], bool]) -> LiveRun:
        """Wait for the end of a training, and return its state then."""
        while True:
            live = self._engine.live(run.id)
            self._waits = live.status == "queued"
            if live.status == "running" and self._end is None:
                self._end = time.monotonic() + self._seconds
            if not live.active:
                return live
            if should_stop(live) and not live.stopping:
                self._engine.stop(run.id)
            time.sleep(_POLL_SECONDS)

    def _over(self) -> bool:
        timed_out = self._end is not None and time.monotonic() >= self._end
        return timed_out or self._stopping.is_set()
