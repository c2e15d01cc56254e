"""A waiting or training run: the engine's record of it, and the view for pages."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from nfm.epoch import Epoch, Metrics
from nfm.jobs.worker.run_commands import NO_COMMANDS, RunCommands
from nfm.store.records import ACTIVE, Run, Status


@dataclass(frozen=True)
class LiveRun:
    """The current state of a run, as the engine knows it.

    Attributes:
        id: The run's id.
        status: Where it stands.
        epochs: All epochs so far, in order.
        reason: For people, one sentence, where the status needs one.
        queue_position: 1 for the next one to start; None when it does not wait.
        commands: What is wanted of it.
        paused: Whether it waits for somebody to let it go on.
        test_metrics: Measured on the test rows after the last epoch.
    """

    id: str
    status: Status
    epochs: tuple[Epoch, ...] = ()
    reason: str | None = None
    queue_position: int | None = None
    commands: RunCommands = NO_COMMANDS
    paused: bool = False
    test_metrics: Metrics | None = None

    @classmethod
    def of(cls, run: Run) -> LiveRun:
        """Return the state of a run that the engine does not track."""
        return cls(run.id, run.status, run.epochs, run.reason, test_metrics=run.test_metrics)

    @property
    def active(self) -> bool:
        """Whether it waits or trains."""
        return self.status in ACTIVE

    @property
    def stopping(self) -> bool:
        """Whether a stop was requested and the worker has not ended yet."""
        return self.active and self.commands.stop

    @property
    def pausing(self) -> bool:
        """Whether a pause was requested, now or after the next epoch."""
        return self.active and self.commands.pause_after is not None


@dataclass
class TrackedRun:
    """A run in the engine; changed under the engine's lock.

    Attributes:
        run: As the store made it.
        status: Where it stands.
        epochs: Those that the worker has reported.
        reason: For people, one sentence, where the status needs one.
        test_metrics: Measured on the test rows.
        commands: What is wanted of it.
        paused: Whether the worker has said that it waits.
        prepared: Whether the worker has said that it learns now.
        given: Whether the workers have it.
        begun: Whether a worker has said so.
        future: Dask's, while the workers have it.
        worker: Address of the worker that has it, or had it before.
        recorded: Number of epochs in the store.
        recorded_at: When they were put there, on the monotonic clock.
    """

    run: Run
    status: Status = "queued"
    epochs: list[Epoch] = field(default_factory=list)
    reason: str | None = None
    test_metrics: Metrics | None = None
    commands: RunCommands = NO_COMMANDS
    paused: bool = False
    prepared: bool = False
    given: bool = False
    future: Any = None
    begun: bool = False
    worker: str | None = None
    recorded: int = 0
    recorded_at: float = 0.0

    @property
    def active(self) -> bool:
        """Whether it waits or trains."""
        return self.status in ACTIVE

    def view(self, queue_position: int | None) -> LiveRun:
        """Return its current state."""
        return LiveRun(
            id=self.run.id,
            status=self.status,
            epochs=tuple(self.epochs),
            reason=self.reason,
            queue_position=queue_position,
            commands=self.commands,
            paused=self.paused and self.active,
            test_metrics=self.test_metrics,
        )


def track(run: Run, commands: RunCommands, known: TrackedRun | None) -> TrackedRun:
    """Start tracking a new run, or one that is continued.

    Args:
        run: As the store has it.
        commands: What is wanted of it.
        known: What was known of it when it had ended before.
    """
    tracked = TrackedRun(run, epochs=list(run.epochs), recorded=len(run.epochs), commands=commands)
    if known is not None:
        tracked.worker = known.worker
        # An order for the time before may still be on its way.
        tracked.commands = replace(commands, version=known.commands.version + 2)
    return tracked
