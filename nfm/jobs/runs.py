"""The engine's runs: the order in which they start, the state of each, and the view for pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nfm.epoch import Epoch, Metrics
from nfm.jobs.worker.checkpoints import Checkpoint
from nfm.jobs.worker.run_commands import NO_COMMANDS, RunCommands
from nfm.store.records import ACTIVE, Run, Status


@dataclass(frozen=True)
class LiveRun:
    """The current state of a run, as the engine knows it.

    Attributes:
        id: Id of the run.
        status: Current status.
        epochs: All epochs so far, in order.
        reason: One sentence for people that explains the status, if it needs one.
        queue_position: 1 for the next run to start; None if the run does not wait.
        commands: Commands that apply to the run.
        paused: Whether the run is paused.
        test_metrics: Metrics of the test rows after the last epoch.
        has_model: Whether it has a model, in the store or still to be stored.
        stored: Whether the store has the outcome; False while the database refuses it.
        lamp: Probability that the lamp is on after the last epoch, by position of the switches,
            in the samples XOR and parity; empty in other tables.
    """

    id: str
    status: Status
    epochs: tuple[Epoch, ...] = ()
    reason: str | None = None
    queue_position: int | None = None
    commands: RunCommands = NO_COMMANDS
    paused: bool = False
    test_metrics: Metrics | None = None
    has_model: bool = False
    stored: bool = True
    lamp: tuple[float, ...] = ()

    @classmethod
    def of(cls, run: Run) -> LiveRun:
        """Return the state of a run that the engine does not track."""
        return cls(
            run.id,
            run.status,
            run.epochs,
            run.reason,
            test_metrics=run.test_metrics,
            has_model=run.has_model,
        )

    @property
    def active(self) -> bool:
        """Whether it waits or trains."""
        return self.status in ACTIVE

    @property
    def stopping(self) -> bool:
        """Whether a stop was requested and the run has not ended yet."""
        return self.active and self.commands.stop

    @property
    def pausing(self) -> bool:
        """Whether a pause was requested, now or after the next epoch."""
        return self.active and self.commands.pause_after is not None


@dataclass
class TrackedRun:
    """How far the engine is with a run; changed under the engine's lock.

    Attributes:
        run: The run as the store returned it.
        live: Its current state, except `queue_position` and `stored`.
        prepared: Whether the worker has reported that the table is encoded and training starts.
        submitted: Whether the run was submitted to the workers.
        future: The run's Dask future while it is submitted.
        started: When a worker reported that it has started the run, in seconds since 1970; None
            before.
        requeued: Whether it waits or trains again because its worker had ended before its start.
        start_recorded: Whether the store has the start.
        attempt: Id of the attempt that trains the run; each submission is another one.
        checkpoint: Its model a few seconds ago, if the attempt has trained that long.
        worker: Address of the worker that trains the run, or trained it before.
        recorded: Number of epochs in the store.
        recorded_at: Time of the last write, on the monotonic clock.
        stored: Whether the store has the outcome; False while the database refuses it.
        trial: Whether it is a trial of a search, which the store does not have.
    """

    run: Run
    live: LiveRun
    prepared: bool = False
    submitted: bool = False
    future: Any = None
    started: float | None = None
    requeued: bool = False
    start_recorded: bool = False
    attempt: str = ""
    checkpoint: Checkpoint | None = None
    worker: str | None = None
    recorded: int = 0
    recorded_at: float = 0.0
    stored: bool = True
    trial: bool = False

    @classmethod
    def queued(
        cls, run: Run, commands: RunCommands, earlier: TrackedRun | None, *, trial: bool
    ) -> TrackedRun:
        """Return a run that waits for a worker, best for the one that trained it before.

        Args:
            run: The run, of the status "queued".
            commands: Commands that apply from the start.
            earlier: The same run before it was continued; None for a new one.
            trial: Whether it is a trial of a search.
        """
        live = LiveRun(run.id, run.status, run.epochs, commands=commands, has_model=run.has_model)
        worker = None if earlier is None else earlier.worker
        return cls(run, live, worker=worker, recorded=len(run.epochs), trial=trial)

    @property
    def active(self) -> bool:
        """Whether it waits or trains."""
        return self.live.active


class FairQueue:
    """Waiting runs. The next one is from the workspace with the fewest runs in training.

    Of several such runs, the one that came first is next. One workspace may use all of the
    workers' capacity but one, so that other people's runs don't wait for a long training. Trials
    of searches come after all runs, and together they may use all of the capacity but one.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, str] = {}
        self._trials: set[str] = set()

    def add(self, run_id: str, workspace: str, *, trial: bool = False) -> None:
        """Add a run at the end.

        Args:
            run_id: Id of the run.
            workspace: Token of its workspace.
            trial: Whether it is a trial of a search.
        """
        self._waiting[run_id] = workspace
        if trial:
            self._trials.add(run_id)

    def discard(self, run_id: str) -> bool:
        """Remove a run, and return whether it was waiting."""
        self._trials.discard(run_id)
        return self._waiting.pop(run_id, None) is not None

    def order(self, training: Mapping[str, int]) -> list[str]:
        """Return the ids of the waiting runs in the order in which they will start.

        Args:
            training: Number of runs in training by workspace.
        """
        counts = Counter(training)
        waiting = dict(self._waiting)
        order = []
        while waiting:
            run_id = self._first(waiting, counts)
            counts[waiting.pop(run_id)] += 1
            order.append(run_id)
        return order

    def next(self, training: Mapping[str, int], capacity: int, trials: int = 0) -> str | None:
        """Return the id of the run that may start now, None if there is none.

        Args:
            training: Number of runs in training by workspace, trials included.
            capacity: Number of runs that the workers train at the same time.
            trials: Number of trials in training.
        """
        if sum(training.values()) >= capacity:
            return None
        most = max(1, capacity - 1)
        able = {
            run_id: workspace
            for run_id, workspace in self._waiting.items()
            if training.get(workspace, 0) < most and (trials < most or run_id not in self._trials)
        }
        return self._first(able, training) if able else None

    def _first(self, waiting: Mapping[str, str], training: Mapping[str, int]) -> str:
        # min returns the first of equals, and a dict keeps the order of arrival.
        return min(
            waiting, key=lambda run_id: (run_id in self._trials, training.get(waiting[run_id], 0))
        )
