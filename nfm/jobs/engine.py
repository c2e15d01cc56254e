"""Trains runs in worker processes: queue, progress, commands and outcomes."""

from __future__ import annotations

import logging
import queue
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from nfm.epoch import Epoch
from nfm.errors import JobError, StoreError
from nfm.jobs.dask_workers import DaskWorkers
from nfm.jobs.recorder import Recorder
from nfm.jobs.retry_pause import RetryPause
from nfm.jobs.run_outcomes import DIED, LOST, SHUT_DOWN, interrupted_outcome, outcome_of
from nfm.jobs.runs import FairQueue, LiveRun, TrackedRun
from nfm.jobs.worker import training_job
from nfm.jobs.worker.run_commands import NO_COMMANDS, RunCommands
from nfm.jobs.worker_calls import WorkerCall, WorkerCalls
from nfm.store.records import Run, RunOutcome
from nfm.store.store import Store

if TYPE_CHECKING:
    from distributed import Future

logger = logging.getLogger(__name__)

EngineState = Literal["stopped", "starting", "warming", "ready", "unavailable"]

_TICK_SECONDS = 0.25
_KEPT_RUNS = 200
_NO_DATABASE = "The database is not responding. Waiting runs start as soon as it does."


class Engine:
    """Queues runs, submits them to workers in a fair order, and stores progress and outcomes.

    A thread of the engine does everything that may block (workers, database). The methods that
    pages call only read the state or send a message to this thread. Closing a page changes
    nothing.

    Args:
        store: The store of the runs and their results.
        train: Function that a worker calls with a job; tests replace it.
        warm_up: Function that each worker calls before it gets runs; tests replace it.
    """

    def __init__(
        self,
        store: Store,
        train: Callable[[training_job.TrainingJob], RunOutcome] = training_job.train,
        warm_up: Callable[[], None] = training_job.warm_up,
    ) -> None:
        self._store = store
        self._recorder = Recorder(store)
        self._read_pause = RetryPause()
        self._train = train
        self._warm_up = warm_up
        self._topic = f"nfm-runs-{store.server}"
        self._lock = threading.Lock()
        self._runs: dict[str, TrackedRun] = {}
        self._queue = FairQueue()
        self._calls = WorkerCalls()
        self._inbox: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._workers: DaskWorkers | None = None
        self._closing = False
        self._state: EngineState = "stopped"
        self._reason: str | None = None

    # What pages call

    def start(self) -> None:
        """Start workers in the background and return at once."""
        if self._thread is None:
            self._state = "starting"
            self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
            self._thread.start()

    @property
    def state(self) -> EngineState:
        """State of the engine; runs can be submitted in every state, and wait."""
        return self._state

    @property
    def ready(self) -> bool:
        """Whether a worker is warm, so that a run starts at once."""
        return self._state == "ready"

    @property
    def active_count(self) -> int:
        """Number of runs that wait or train."""
        with self._lock:
            return sum(tracked.active for tracked in self._runs.values())

    @property
    def reason(self) -> str | None:
        """Why there are no workers, one sentence for people; None if there are workers."""
        return self._reason

    @property
    def worker_pids(self) -> list[int]:
        """Process ids of the embedded workers."""
        return [] if self._workers is None else self._workers.worker_pids

    def submit(self, run: Run, commands: RunCommands = NO_COMMANDS, *, trial: bool = False) -> None:
        """Queue a run that `Store.add_run` made; returns at once.

        Args:
            run: The run, of the status "queued".
            commands: Commands that apply from the start, such as a speed.
            trial: Whether it is a trial of a search, which the store does not have. Trials come
                after all runs in the queue, and end without a model and test metrics.

        Raises:
            JobError: If the engine was closed, or the run isn't queued.
        """
        if run.status != "queued":
            raise JobError("This run has already started: create another one.")
        # An earlier outcome that the store has not accepted is out of date.
        self._inbox.put(partial(self._recorder.forget, run.id))
        with self._lock:
            if self._closing:
                raise JobError("The server is shutting down: try again in a moment.")
            known = self._runs.get(run.id)
            if known is None or not known.active:
                self._runs[run.id] = TrackedRun.queued(run, commands, known, trial=trial)
                self._queue.add(run.id, run.workspace, trial=trial)
        self._inbox.put(self._dispatch)

    def stop(self, run_id: str) -> None:
        """End a run: at once if it waits (cancelled), within a second if it trains (stopped).

        A run that has ended stays as it is.

        Args:
            run_id: Id of the run.

        Raises:
            JobError: If there is no such run.
        """
        with self._lock:
            tracked = self._runs.get(run_id)
            if tracked is not None and tracked.active and self._queue.discard(run_id):
                tracked.live = replace(tracked.live, status="cancelled")
                cancelled = RunOutcome("cancelled")
                self._inbox.put(partial(self._recorder.record_outcome, tracked, cancelled))
        self.command(run_id, lambda commands, _done: commands.stopped())

    def command(self, run_id: str, change: Callable[[RunCommands, int], RunCommands]) -> None:
        """Send a command to a run, such as a pause; returns at once.

        A run that has ended stays as it is.

        Args:
            run_id: Id of the run.
            change: Returns the new commands, given the current ones and the number of epochs done.

        Raises:
            JobError: If there is no such run.
        """
        with self._lock:
            tracked = self._runs.get(run_id)
            if tracked is not None and tracked.active:
                commands = change(tracked.live.commands, len(tracked.live.epochs))
                tracked.live = replace(tracked.live, commands=commands)
                self._inbox.put(partial(self._send_commands, tracked))
        if tracked is None:
            self.live(run_id)  # raises if there is no such run

    def live(self, run_id: str) -> LiveRun:
        """Return the current state of a run; fast enough for several calls per second.

        Args:
            run_id: Id of the run.

        Raises:
            JobError: If there is no such run.
        """
        with self._lock:
            tracked = self._runs.get(run_id)
            if tracked is not None:
                waiting = self._queue.order(self._training_counts())
                position = waiting.index(run_id) + 1 if run_id in waiting else None
                return replace(tracked.live, queue_position=position, stored=tracked.stored)
        return LiveRun.of(self._store.find_run(run_id))

    def call(self, function: Callable[..., Any], *arguments: Any, timeout: float = 60.0) -> Any:
        """Run a short function on a worker and wait for its result.

        Args:
            function: Function to call; the workers must be able to import it.
            arguments: Its arguments.
            timeout: How long to wait, in seconds.

        Returns:
            The function's result.

        Raises:
            NFMError: If the function raises it, fails, or has no result in time.
        """
        call = WorkerCall(function, *arguments)
        if self._thread is None or self._closing:
            call.dispatch(None, self._reason)
        else:
            self._inbox.put(partial(self._add_call, call))
        return call.wait(timeout)

    def close(self) -> None:
        """End all runs and processes; returns when they have ended."""
        with self._lock:
            self._closing = True
        if self._thread is not None:
            self._inbox.put(lambda: None)
            self._thread.join()
        self._state = "stopped"

    # The engine's thread

    def _run(self) -> None:
        pause = RetryPause()
        while not self._closing:
            # First of all, before the runs of a server that is gone are marked as interrupted.
            self._recorder.save_outcomes()
            self._recorder.heartbeat()
            try:
                self._run_connected()
            except JobError as error:
                logger.warning("%s", error)
                self._reason = str(error)
            except Exception as error:
                # No other thread submits runs: whatever Dask raises, this one tries again.
                logger.exception("The engine's loop failed; it tries again.")
                self._reason = f"The training processes cannot be used ({type(error).__name__})."
            if self._state == "ready":
                pause.record(success=True)
            self._disconnect()
            if not self._closing:
                self._state = "unavailable"
                pause.record(success=False)
                self._handle_messages(until=pause.end)
        self._finish_all()

    def _run_connected(self) -> None:
        """Connect to the workers and train runs until the connection is lost."""
        self._state = "starting"
        self._workers = workers = DaskWorkers(
            self._topic,
            # A Dask thread calls it.
            lambda message: self._inbox.put(partial(self._handle_event, message)),
            self._warm_up,
        )
        workers.start()
        while not self._closing:
            workers.ensure_running(
                idle=not any(one.submitted and one.active for one in list(self._runs.values()))
            )
            self._state = "ready" if workers.warm else "warming"
            self._reason = workers.problem or (_NO_DATABASE if self._read_pause.failures else None)
            self._calls.dispatch(self._workers, self._reason)
            self._requeue_runs_of_lost_workers()
            self._dispatch()
            self._recorder.record_progress(list(self._runs.values()))
            self._recorder.save_outcomes()
            self._recorder.heartbeat()
            self._handle_messages(until=time.monotonic() + _TICK_SECONDS)

    def _handle_messages(self, until: float) -> None:
        while not self._closing:
            try:
                message = self._inbox.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                return
            message()

    def _dispatch(self) -> None:
        """Submit waiting runs while the workers have capacity."""
        while self._workers is not None and self._read_pause.over:
            with self._lock:
                run_id = self._queue.next(
                    self._training_counts(), self._workers.capacity, self._trials_in_training()
                )
                if run_id is None:
                    return
                tracked = self._runs[run_id]
            try:
                job = self._job(tracked)
            except StoreError:
                # The run waits on.
                self._read_pause.record(success=False)
                return
            except JobError as error:
                with self._lock:
                    self._queue.discard(run_id)
                self._finish(tracked, RunOutcome("failed", str(error)))
                continue
            self._read_pause.record(success=True)
            if not self._workers.is_warm(tracked.worker):
                tracked.worker = None
            with self._lock:
                tracked.submitted = self._queue.discard(run_id)
            if tracked.submitted:
                tracked.future = self._workers.submit(
                    self._train, job, partial(self._on_done, tracked), tracked.worker
                )

    def _job(self, tracked: TrackedRun) -> training_job.TrainingJob:
        run = tracked.run
        dataset = self._store.dataset(run.workspace, run.dataset_id)
        tracked.attempt = uuid.uuid4().hex
        return training_job.TrainingJob(
            run_id=run.id,
            attempt=tracked.attempt,
            topic=self._topic,
            name=dataset.name,
            content=self._store.content(run.workspace, run.dataset_id),
            options=dataset.options,
            schema=run.schema,
            split=run.split,
            settings=run.settings,
            commands=tracked.live.commands,
            history=run.epochs,
            bundle=self._store.bundle(run.workspace, run.id) if run.has_model else None,
            trial=tracked.trial,
        )

    def _add_call(self, call: WorkerCall) -> None:
        self._calls.add(call)
        self._calls.dispatch(self._workers, self._reason)

    def _send_commands(self, tracked: TrackedRun) -> None:
        if self._workers is None or not tracked.active:
            return
        self._workers.send_commands(tracked.attempt, tracked.live.commands)
        if tracked.live.commands.stop and tracked.started and not tracked.prepared:
            # Reading a long table cannot be interrupted: the worker notices the command afterwards.
            reason = training_job.stop_reason(has_model=tracked.run.has_model)
            self._abort(tracked, RunOutcome("stopped", reason))

    def _handle_event(self, message: dict[str, Any]) -> None:
        attempt = message["attempt"]
        tracked = next((one for one in list(self._runs.values()) if one.attempt == attempt), None)
        if tracked is None or not tracked.active:
            return
        if message["kind"] == "started":
            if tracked.started:
                # Dask has retried a run whose worker died: it ends here instead.
                self._abort(tracked, DIED)
                return
            with self._lock:
                tracked.started, tracked.worker = time.time(), message["worker"]
                tracked.live = replace(tracked.live, status="running")
            self._recorder.record_start(tracked)
        elif message["kind"] == "prepared":
            with self._lock:
                if len(tracked.live.epochs) > message["epochs"]:
                    # It was interrupted after its last model: the other epochs come again.
                    tracked.recorded = 0
                epochs = tracked.live.epochs[: message["epochs"]]
                tracked.live = replace(tracked.live, reason=message["reason"], epochs=epochs)
                tracked.prepared = True
        elif message["kind"] == "checkpoint":
            tracked.checkpoint = message["checkpoint"]
            self._recorder.record_checkpoint(tracked)
        elif message["kind"] in ("paused", "resumed"):
            with self._lock:
                tracked.live = replace(tracked.live, paused=message["kind"] == "paused")
            self._dispatch()
        else:
            epoch = Epoch.from_dict(message["epoch"])
            if epoch.number == len(tracked.live.epochs) + 1:
                with self._lock:
                    epochs, lamp = (*tracked.live.epochs, epoch), tuple(message.get("lamp") or ())
                    tracked.live = replace(tracked.live, epochs=epochs, lamp=lamp)

    def _on_done(self, tracked: TrackedRun, future: Future) -> None:
        # A Dask thread calls it.
        self._inbox.put(partial(self._handle_done, tracked, future))

    def _handle_done(self, tracked: TrackedRun, future: Future) -> None:
        if tracked.future is not future or not tracked.active:
            return
        outcome = outcome_of(future, tracked.run.id)
        if outcome is None:
            self._requeue_or_fail(tracked)
        elif outcome is DIED and not (tracked.started or tracked.requeued):
            # Its worker was already about to end. Once only, in case the run ends every worker.
            tracked.requeued, tracked.worker = True, None
            self._requeue_or_fail(tracked)
        elif outcome is DIED:
            self._abort(tracked, outcome)
        else:
            self._finish(tracked, outcome)

    def _requeue_or_fail(self, tracked: TrackedRun) -> None:
        """Queue a run again that has not started; one that has started fails with its scheduler."""
        if tracked.started:
            self._finish(tracked, LOST)
        elif tracked.live.commands.stop:
            self._finish(tracked, RunOutcome("cancelled"))
        else:
            with self._lock:
                tracked.submitted, tracked.future = False, None
                self._queue.add(tracked.run.id, tracked.run.workspace, trial=tracked.trial)

    def _requeue_runs_of_lost_workers(self) -> None:
        """Queue runs again that were submitted to a worker which had just ended.

        Dask lets a run wait for its preferred worker for ever, although others are allowed, if
        there was no other one when it was submitted.
        """
        for tracked in list(self._runs.values()):
            waits = tracked.submitted and tracked.active and not tracked.started
            if waits and tracked.worker and self._workers and self._workers.lost(tracked.worker):
                # In case it has started elsewhere after all.
                self._workers.send_commands(tracked.attempt, tracked.live.commands.stopped())
                future, tracked.worker = tracked.future, None
                self._requeue_or_fail(tracked)
                if future is not None:
                    future.cancel()

    def _abort(self, tracked: TrackedRun, outcome: RunOutcome) -> None:
        if tracked.future is not None:
            tracked.future.cancel()
        if self._workers is not None:
            self._workers.send_commands(tracked.attempt, tracked.live.commands.stopped())
        self._finish(tracked, outcome)

    def _finish(self, tracked: TrackedRun, outcome: RunOutcome) -> None:
        """Store the outcome of a run, then publish it."""
        if tracked.checkpoint is not None and outcome in (DIED, LOST, SHUT_DOWN):
            outcome = interrupted_outcome(outcome.reason, tracked.live.epochs, tracked.checkpoint)
        epochs = outcome.epochs or tracked.live.epochs
        self._recorder.record_outcome(tracked, replace(outcome, epochs=epochs))
        with self._lock:
            tracked.live = replace(
                tracked.live,
                status=outcome.status,
                epochs=epochs,
                reason=outcome.reason,
                paused=False,
                test_metrics=outcome.test_metrics,
                has_model=tracked.live.has_model or outcome.bundle is not None,
            )
            tracked.future = tracked.checkpoint = None
            ended = [run_id for run_id, one in self._runs.items() if one.stored and not one.active]
            for run_id in ended[:-_KEPT_RUNS]:
                del self._runs[run_id]
        self._inbox.put(self._dispatch)

    def _disconnect(self) -> None:
        """Close the connection; the runs that trained on it have failed."""
        workers, self._workers = self._workers, None
        self._calls.dispatch(self._workers, self._reason)
        for tracked in list(self._runs.values()):
            if tracked.submitted and tracked.active:
                if self._closing:
                    self._finish(tracked, SHUT_DOWN)
                else:
                    self._requeue_or_fail(tracked)
        if workers is not None:
            try:
                workers.close()
            except Exception:
                # Whatever Dask raises concerns workers that are abandoned anyway.
                logger.exception("Closing the training processes failed.")

    def _finish_all(self) -> None:
        """Store the outcome of every run, including those cancelled a moment ago."""
        while not self._inbox.empty():
            self._inbox.get()()
        for tracked in list(self._runs.values()):
            if tracked.active:
                self._finish(tracked, SHUT_DOWN)
        self._recorder.save_outcomes(now=True)

    def _training_counts(self) -> Counter[str]:
        """Count the runs in training by workspace, without paused ones."""
        return Counter(
            tracked.run.workspace
            for tracked in self._runs.values()
            if tracked.submitted and tracked.active and not tracked.live.paused
        )

    def _trials_in_training(self) -> int:
        return sum(one.trial and one.submitted and one.active for one in self._runs.values())
