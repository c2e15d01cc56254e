"""Applies the commands of a run between two steps of its training, and shares the worker's time."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nfm.jobs.worker.engine_lease import Lease
from nfm.jobs.worker.run_commands import CommandInbox, RunCommands

LONGEST_PAUSE_SECONDS = 3600.0
_LEASE_CHECK_SECONDS = 2.0
SLICE_SECONDS = 0.3


class TimeSlicedLock:
    """A fair lock, used with `with`, whose holder yields it after a time slice.

    Keras's state belongs to the process, and a worker has one core: runs that compute at the
    same time would disturb each other and be no faster. With time slices, a short run that
    starts while a long one trains doesn't have to wait for its end.

    Args:
        seconds: Length of a time slice while another thread waits.
    """

    def __init__(self, seconds: float = SLICE_SECONDS) -> None:
        self._seconds = seconds
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._held = False
        self._since = 0.0

    @property
    def waiting(self) -> int:
        """Number of threads that wait for the lock."""
        return len(self._waiting)

    def acquire(self) -> None:
        """Wait until all threads that came earlier have had the lock, and take it."""
        with self._guard:
            ticket = None
            if self._held:
                ticket = threading.Event()
                self._waiting.append(ticket)
            self._held = True
        if ticket is not None:
            ticket.wait()
        self._since = time.monotonic()

    def release(self) -> None:
        """Pass the lock to the next thread; called by the holder."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._held = False

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def yield_slice(self) -> None:
        """Let the next thread have the lock if the time slice is over; called by the holder."""
        if self._waiting and time.monotonic() - self._since >= self._seconds:
            ticket = threading.Event()
            with self._guard:
                self._waiting.append(ticket)
            self.release()
            ticket.wait()
            self._since = time.monotonic()

    @contextmanager
    def released(self) -> Iterator[None]:
        """Release the lock for a block that waits; called by the holder."""
        self.release()
        try:
            yield
        finally:
            self.acquire()


class RunControl:
    """Applies stop, pause, speed and learning-rate commands between calls of the graph.

    A run that waits releases the lock, so a paused or slow run costs the others nothing.

    Args:
        attempt: Id of the attempt to train the run.
        inbox: Receives the run's commands.
        lease: Lease of the engine that started the run.
        lock: Held by the run's thread while it trains.
        on_pause: Called with True when a pause begins, with False when it ends.
        on_learning_rate: Called with a new rate before the next steps.
        epochs_done: Number of epochs trained before.
        longest_pause: Seconds after which a paused run ends.

    Attributes:
        pause_timed_out: Whether the run ended because its pause was too long.
        abandoned: Whether the run ended because its engine is gone.
    """

    def __init__(
        self,
        attempt: str,
        inbox: CommandInbox,
        lease: Lease,
        lock: TimeSlicedLock,
        *,
        on_pause: Callable[[bool], None],
        on_learning_rate: Callable[[float], None],
        epochs_done: int = 0,
        longest_pause: float = LONGEST_PAUSE_SECONDS,
    ) -> None:
        self._attempt = attempt
        self._inbox = inbox
        self._lease = lease
        self._lock = lock
        self._on_pause = on_pause
        self._on_learning_rate = on_learning_rate
        self._longest_pause = longest_pause
        self._learning_rate: float | None = None
        self._epochs_done = epochs_done
        self._between_epochs = False
        self._epoch_ended = -math.inf
        self._paused_at: float | None = None
        self.pause_timed_out = False
        self.abandoned = False

    def epoch_done(self, number: int) -> None:
        """Record that an epoch is done.

        Args:
            number: Number of the epoch, counted from 1.
        """
        self._epochs_done = number
        self._between_epochs = True
        self._epoch_ended = time.monotonic()

    def should_stop(self) -> bool:
        """Yield to other runs, wait as the commands require, and return whether to stop.

        Called between two calls of the graph by the run's thread, which holds the lock.
        """
        self._lock.yield_slice()
        while True:
            commands = self._inbox.commands(self._attempt)
            self.abandoned = self._lease.ended
            if commands.learning_rate not in (None, self._learning_rate):
                self._learning_rate = commands.learning_rate
                self._on_learning_rate(commands.learning_rate)
            pauses = commands.pauses_at(self._epochs_done)
            if pauses != (self._paused_at is not None):
                self._paused_at = time.monotonic() if pauses else None
                self._on_pause(pauses)
            seconds = 0.0 if commands.stop else self._seconds_to_wait(commands)
            if commands.stop or self.pause_timed_out or self.abandoned:
                return True
            if seconds <= 0:
                self._between_epochs = False
                return False
            with self._lock.released():
                self._inbox.wait(self._attempt, commands, min(seconds, _LEASE_CHECK_SECONDS))

    def _seconds_to_wait(self, commands: RunCommands) -> float:
        now = time.monotonic()
        if self._paused_at is not None:
            left = self._paused_at + self._longest_pause - now
            self.pause_timed_out = left <= 0
            return left
        if self._between_epochs:
            return self._epoch_ended + 1 / commands.epochs_per_second - now
        return 0.0
