"""How a run's thread carries out its commands: it waits, slows down, and lets others compute."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from nfm.jobs.worker.run_commands import CommandInbox, RunCommands
from nfm.jobs.worker.time_sliced_lock import TimeSlicedLock

LONGEST_PAUSE_SECONDS = 3600.0


class RunControl:
    """Stands between a training and the commands for its run.

    Whoever waits gives his turn away: a paused or slow run costs the others nothing.

    Args:
        run_id: The run.
        inbox: Where its commands come from.
        lock: The run's thread holds one whenever the training asks.
        on_wait: Called with True when a pause begins, with False when it is over.
        on_learning_rate: Called with a new rate before the next steps.
        longest_pause: Seconds after which a paused run ends: nobody came back to it.
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
        """Note how many epochs were done before."""
        self._epochs = epochs

    def epoch_done(self, number: int) -> None:
        """Note that an epoch is done.

        Args:
            number: Of the epoch, counts from 1.
        """
        self._epochs = number
        self._between_epochs = True
        self._epoch_ended = time.monotonic()

    def should_stop(self) -> bool:
        """Let others compute, wait as long as the commands say, and say whether to end.

        Asked by the training's thread, which holds a turn, between two calls of the graph.
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
