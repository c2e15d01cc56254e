"""Records the progress and the outcomes of runs in the store."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from nfm.environment import environment
from nfm.errors import JobError, StoreError
from nfm.jobs.retry_pause import RetryPause
from nfm.jobs.run_outcomes import interrupted_outcome
from nfm.jobs.runs import TrackedRun
from nfm.store.records import ACTIVE, RunOutcome
from nfm.store.run_repository import SERVER_GONE
from nfm.store.store import Store
from nfm.store.unsaved_outcomes import UnsavedOutcome, UnsavedOutcomeFiles, file_age, remove_file

logger = logging.getLogger(__name__)

_PROGRESS_SECONDS = 1.0
_HEARTBEAT_SECONDS = 10.0
_FOREIGN_SECONDS = 7 * 86_400.0


class Recorder:
    """Writes the progress of runs to the store; training continues even if the store fails.

    Outcomes that the store refuses are kept in memory and in files until it accepts them. The
    checkpoint of each run in training is kept in a file, for the case that this process is killed.

    Args:
        store: The store of the runs and their results.
        folder: Folder of the files' folders, `unsaved_outcomes` and `checkpoints`; None for the
            data folder.
    """

    def __init__(self, store: Store, folder: Path | None = None) -> None:
        self._store = store
        folder = folder or environment().data_directory
        self._files = UnsavedOutcomeFiles(folder / "unsaved_outcomes")
        self._checkpoints = UnsavedOutcomeFiles(folder / "checkpoints")
        self._unsaved: dict[str, tuple[TrackedRun, UnsavedOutcome]] = {}
        # Files without a run in this database: that of another server which shares the folder.
        self._foreign: set[Path] = set()
        self._refused: set[Path] = set()
        self._progress_pause = RetryPause()
        self._outcome_pause = RetryPause()
        self._last_heartbeat = float("-inf")
        self._last_look = float("-inf")

    def heartbeat(self) -> None:
        """Record that this process is alive, if ten seconds have passed since the last time."""
        now = time.monotonic()
        due = now - self._last_heartbeat >= _HEARTBEAT_SECONDS and self._progress_pause.over
        if due and self._write(self._store.heartbeat):
            self._last_heartbeat = now
            self._import_checkpoints()

    def record_start(self, tracked: TrackedRun) -> None:
        """Record that a worker has started a run."""
        if self._progress_pause.over and not tracked.trial:
            run = tracked.run
            tracked.start_recorded = self._write(
                self._store.begin_run, run.workspace, run.id, tracked.started
            )

    def record_progress(self, runs: Iterable[TrackedRun]) -> None:
        """Record starts that the store has refused, and new epochs, once per second and run."""
        now = time.monotonic()
        for tracked in runs:
            if not tracked.active or tracked.trial or not self._progress_pause.over:
                continue
            if tracked.started and not tracked.start_recorded:
                self.record_start(tracked)
                if not tracked.start_recorded:
                    continue
            new = tracked.live.epochs[tracked.recorded :]
            if new and now - tracked.recorded_at >= _PROGRESS_SECONDS:
                run = tracked.run
                written = self._write(self._store.record_epochs, run.workspace, run.id, new)
                tracked.recorded += len(new) if written else 0
                tracked.recorded_at = now

    def record_checkpoint(self, tracked: TrackedRun) -> None:
        """Keep the checkpoint of a run in a file until its outcome is recorded."""
        if tracked.checkpoint is not None:
            outcome = interrupted_outcome(SERVER_GONE, tracked.live.epochs, tracked.checkpoint)
            self._checkpoints.write(self._unsaved_outcome(tracked, outcome))

    def record_outcome(self, tracked: TrackedRun, outcome: RunOutcome) -> None:
        """Record the outcome of a run, with its epochs, metrics and model.

        If the store refuses it, `tracked.stored` becomes False until a later attempt succeeds.
        """
        if tracked.trial:
            return
        unsaved = self._unsaved_outcome(tracked, outcome)
        # An attempt can take seconds, in which this process may be killed.
        early = self._progress_pause.failures > 0 or self._outcome_pause.failures > 0
        written = early and self._files.write(unsaved)
        # When the server is shut down, twenty runs must not wait for a locked database in turn.
        waits = self._outcome_pause.failures > 1 and not self._outcome_pause.over
        if waits or not self._save(tracked.run.workspace, unsaved):
            tracked.stored = False
            self._unsaved[unsaved.run_id] = (tracked, unsaved)
            if not early:
                written = self._files.write(unsaved)
            if not written:
                return  # the checkpoint is all that a restart would find
        elif written:
            remove_file(self._files.path(unsaved))
        remove_file(self._checkpoints.path(unsaved))

    def save_outcomes(self, *, now: bool = False) -> None:
        """Try again to store the outcomes that the store has refused, here or before a restart.

        Args:
            now: Whether to try even if the pause after the last attempt is not over.
        """
        if not (now or self._outcome_pause.over):
            return
        for run_id, (tracked, outcome) in list(self._unsaved.items()):
            if self._save(tracked.run.workspace, outcome):
                self.forget(run_id)
                tracked.stored = True
            else:
                if not self._files.path(outcome).exists():
                    self._files.write(outcome)
                # Next time another one is first: on a full disk it may be small enough.
                self._unsaved[run_id] = self._unsaved.pop(run_id)
                return
        if now or time.monotonic() - self._last_look >= _HEARTBEAT_SECONDS:
            self._last_look = time.monotonic()
            # Those that were refused come last, so that one of them does not hold up the others.
            for path in sorted(self._files.paths(), key=self._refused.__contains__):
                if path not in self._foreign and not self._import_file(path):
                    self._refused.add(path)
                    return

    def forget(self, run_id: str) -> None:
        """Give up an outcome that is stored, or that the run was continued without."""
        _tracked, outcome = self._unsaved.pop(run_id, (None, None))
        if outcome is not None:
            remove_file(self._files.path(outcome))

    def _unsaved_outcome(self, tracked: TrackedRun, outcome: RunOutcome) -> UnsavedOutcome:
        now = time.time()
        return UnsavedOutcome(tracked.run.id, self._store.server, outcome, now, tracked.started)

    def _save(self, workspace: str | None, unsaved: UnsavedOutcome) -> bool:
        """Store an outcome, and return whether that is done; a deleted run needs none."""
        return self._write(
            self._store.finish_run,
            workspace,
            unsaved.run_id,
            unsaved.outcome,
            server=unsaved.server,
            started=unsaved.started,
            finished=unsaved.finished,
            pause=self._outcome_pause,
        )

    def _import_file(self, path: Path) -> bool:
        """Store the outcome in a file that was left by a server which has ended.

        Returns:
            False if the database refuses it.
        """
        outcome = self._files.read(path)
        if outcome is None:
            return True
        try:
            ours = self._store.status(outcome.run_id) is not None
        except StoreError:
            self._outcome_pause.record(success=False)
            return False
        if not ours and file_age(path) < _FOREIGN_SECONDS:
            self._foreign.add(path)
        elif not ours or self._save(None, outcome):
            remove_file(path)
        else:
            return False
        return True

    def _import_checkpoints(self) -> None:
        """Store the last models of runs whose server was killed."""
        for path in self._checkpoints.paths():
            if path in self._foreign:
                continue
            run_id, _, server = path.stem.partition("-")
            if server == self._store.server:
                continue
            try:
                status = self._store.status(run_id)
            except StoreError:
                return
            if status in ACTIVE:
                continue  # it trains at another server that shares the folder
            if status is None and file_age(path) < _FOREIGN_SECONDS:
                self._foreign.add(path)
                continue
            checkpoint = None if status is None else self._checkpoints.read(path)
            # The store refuses it if the run has ended in another way.
            if checkpoint is None or self._save(None, checkpoint):
                remove_file(path)

    def _write(
        self,
        method: Callable[..., Any],
        *arguments: Any,
        pause: RetryPause | None = None,
        **keywords: Any,
    ) -> bool:
        """Call a method of the store, and return whether that is done."""
        pause = pause or self._progress_pause
        try:
            method(*arguments, **keywords)
        except JobError as error:
            logger.info("%s: %s", method.__name__, error)
        except Exception as error:
            # Whatever the database's driver raises: the next write may succeed again.
            trace = not isinstance(error, StoreError)  # the store has logged the cause
            logger.error("Writing to the database failed: %s.", method.__name__, exc_info=trace)
            pause.record(success=False)
            return False
        pause.record(success=True)
        return True
