"""Applies the commands of a run between two steps of its training."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from nfm.jobs.worker.run_commands import CommandInbox, RunCommands
from nfm.jobs.worker.time_sliced_lock import TimeSlicedLock

LONGEST_PAUSE_SECONDS = 3600.0


class RunControl:
    """Applies stop, pause, speed and learning-rate commands between graph calls.

    A run that waits releases the lock, so a paused or slow run costs the others nothing.

    Args:
        run_id: The run.
        inbox: Where its commands come from.
        lock: Held by the run's thread while it trains.
        on_wait: Called with True when a pause begins, with False when it is over.
        on_learning_rate: Called with a new rate before the next steps.
        longest_pause: Seconds after which a paused run ends.
    """

    def __init__(
        self,
        run_id: str,
        inbox: CommandInbox,
        lock: TimeSlicedLock,
        *,
        on_wait: Callable[[bool], None],
        on_learning_rate: Callable[[float], None],
        longest_pause: float = LONGEST_PAUSE_SECONDS,
    ) -> None:
        self._run_id = run_id
        self._inbox = inbox
        self._lock = lock
        self._on_wait = on_wait
        self._on_learning_rate = on_learning_rate
        self._longest_pause = longest_pause
        self._learning_rate: float | None = None
        self._epochs = 0
        self._between_epochs = False
        self._epoch_ended = -math.inf
        self._paused_at: float | None = None
        self.was_forgotten = False

    def begin(self, epochs: int) -> None:
        """Set the number of epochs done before."""
        self._epochs = epochs

    def epoch_done(self, number: int) -> None:
        """Record that an epoch is done.

        Args:
            number: Of the epoch, counts from 1.
        """
        self._epochs = number
        self._between_epochs = True
        self._epoch_ended = time.monotonic()

    def should_stop(self) -> bool:
        """Yield to other runs, wait as the commands require, and return whether to stop.

        Called by the training's thread, which holds the lock, between two graph calls.
        """
        self._lock.yield_turn()
        while True:
            commands = self._inbox.commands(self._run_id)
            if commands.learning_rate not in (None, self._learning_rate):
                self._learning_rate = commands.learning_rate
                self._on_learning_rate(commands.learning_rate)
            self._note_pause(commands)
            seconds = 0.0 if commands.stop else self._seconds_to_wait(commands)
            if commands.stop or self.was_forgotten:
                return True
            if seconds <= 0:
                self._between_epochs = False
                return False
            with self._lock.released():
                self._inbox.wait(self._run_id, commands, seconds)

    def _seconds_to_wait(self, commands: RunCommands) -> float:
        now = time.monotonic()
        if self._paused_at is not None:
            left = self._paused_at + self._longest_pause - now
            self.was_forgotten = left <= 0
            return left
        if self._between_epochs:
            return self._epoch_ended + 1 / commands.epochs_per_second - now
        return 0.0

    def _note_pause(self, commands: RunCommands) -> None:
        waits = commands.wait(self._epochs)
        if waits != (self._paused_at is not None):
            self._paused_at = time.monotonic() if waits else None
            self._on_wait(waits)
