"""Reads a run's outcome from its Dask future, and records progress and outcomes in the store."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from nfm.jobs.runs import TrackedRun
from nfm.jobs.worker.training_job import RunOutcome
from nfm.store.store import Store

if TYPE_CHECKING:
    from distributed import Future


logger = logging.getLogger(__name__)

_PROGRESS_SECONDS = 1.0
_HEARTBEAT_SECONDS = 10.0
_FETCH_SECONDS = 60

DIED = RunOutcome(
    "failed",
    "Its training process ended unexpectedly: it was killed, or there was not enough memory.",
)
LOST = RunOutcome("failed", "The connection to the training processes was lost while it trained.")
SHUT_DOWN = RunOutcome("interrupted", "The server was shut down before it ended.")


class Recorder:
    """Writes the progress of runs to the store; training continues even if the store fails.

    Args:
        store: The store of the runs and their results.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._last_heartbeat = float("-inf")

    def heartbeat(self) -> None:
        """Record that this process is alive, if ten seconds have passed since the last time."""
        now = time.monotonic()
        if now - self._last_heartbeat >= _HEARTBEAT_SECONDS:
            self._last_heartbeat = now
            self._write(self._store.heartbeat)

    def record_start(self, tracked: TrackedRun) -> None:
        """Record that a worker has started a run."""
        self._write(self._store.begin_run, tracked.run.workspace, tracked.run.id)

    def record_progress(self, runs: Iterable[TrackedRun]) -> None:
        """Record new epochs, at most once per second and run."""
        now = time.monotonic()
        for tracked in runs:
            new = tracked.epochs[tracked.recorded :]
            if new and tracked.active and now - tracked.recorded_at >= _PROGRESS_SECONDS:
                run = tracked.run
                written = self._write(self._store.record_epochs, run.workspace, run.id, new)
                tracked.recorded += len(new) if written else 0
                tracked.recorded_at = now

    def record_cancelled(self, tracked: TrackedRun) -> None:
        """Record that a run was cancelled while it waited; earlier epochs stay."""
        self._write(self._store.finish_run, tracked.run.workspace, tracked.run.id, "cancelled")

    def record_outcome(self, tracked: TrackedRun, outcome: RunOutcome) -> None:
        """Record the outcome of a run, with its epochs, metrics and model."""
        self._write(
            self._store.finish_run,
            tracked.run.workspace,
            tracked.run.id,
            outcome.status,
            outcome.reason,
            epochs=outcome.epochs,
            test_metrics=outcome.test_metrics,
            bundle=outcome.bundle,
        )

    def _write(self, method: Callable[..., Any], *arguments: Any, **keywords: Any) -> bool:
        """Call a method of the store, and return whether it succeeded."""
        try:
            method(*arguments, **keywords)
            return True
        except Exception:
            # Whatever the database's driver raises: the next write may succeed again.
            logger.exception("Writing to the database failed: %s.", method.__name__)
            return False


def outcome_of(future: Future, run_id: str) -> RunOutcome | None:
    """Return the outcome of a run; None if it is unknown because the scheduler is gone.

    Args:
        future: The run's Dask future, which is done.
        run_id: Id of the run, for the log.
    """
    if future.status == "finished":
        try:
            return future.result(timeout=_FETCH_SECONDS)
        except Exception:
            # Whatever Dask raises: the result was on a worker that is gone.
            logger.exception("The result of run %s was lost.", run_id)
            return DIED
    if future.status != "error":
        return None
    error = future.exception()
    if type(error).__name__ == "KilledWorker":
        return DIED
    logger.error("Run %s cannot be trained.", run_id, exc_info=error)
    return RunOutcome(
        "failed",
        f"The workers cannot train it ({type(error).__name__}): "
        "install the same version of NFM Lab there.",
    )
