"""What the engine knows of a run while it carries it out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from nfm.epoch import Epoch, Metrics
from nfm.jobs.worker.run_commands import NO_ORDERS, Orders
from nfm.store.records import ACTIVE, LiveRun, Run, Status


@dataclass
class Tracked:
    """A run in the engine; changed under the engine's lock.

    Attributes:
        run: As the store made it.
        status: Where it stands.
        epochs: Those that the worker has reported.
        reason: For people, one sentence, where the status needs one.
        test_metrics: Measured on the test rows.
        orders: What is wanted of it.
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
    orders: Orders = NO_ORDERS
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
        """Return how it stands at this moment."""
        return LiveRun(
            id=self.run.id,
            status=self.status,
            epochs=tuple(self.epochs),
            reason=self.reason,
            queue_position=queue_position,
            orders=self.orders,
            paused=self.paused and self.active,
            test_metrics=self.test_metrics,
        )


def take_up(run: Run, orders: Orders, known: Tracked | None) -> Tracked:
    """Begin to follow a run that waits, or one that goes on.

    Args:
        run: As the store has it.
        orders: What is wanted of it.
        known: What was known of it when it had ended before.
    """
    tracked = Tracked(run, epochs=list(run.epochs), recorded=len(run.epochs), orders=orders)
    if known is not None:
        tracked.worker = known.worker
        # An order for the time before may still be on its way.
        tracked.orders = replace(orders, version=known.orders.version + 2)
    return tracked
