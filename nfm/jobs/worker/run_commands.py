"""Commands to a running training: stop, pause, speed and learning rate."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class RunCommands:
    """All commands that apply to a run at the moment.

    They are sent together and carry a version, so an outdated message has no effect.

    Attributes:
        version: Increases with every change.
        stop: Whether the run ends and keeps its model.
        pause_after: Number of epochs after which the run pauses; 0 pauses at once, even within
            an epoch; None for no pause.
        epochs_per_second: Upper limit of the speed; infinity for no limit.
        learning_rate: Learning rate of the next steps; None for that of the settings.
    """

    version: int = 0
    stop: bool = False
    pause_after: int | None = None
    epochs_per_second: float = math.inf
    learning_rate: float | None = None

    def stopped(self) -> RunCommands:
        """Return commands that end the run, whether it is paused or not."""
        return replace(self, version=self.version + 1, stop=True)

    def paused(self) -> RunCommands:
        """Return commands that pause the run now."""
        return replace(self, version=self.version + 1, pause_after=0)

    def resumed(self) -> RunCommands:
        """Return commands that end a pause."""
        return replace(self, version=self.version + 1, pause_after=None)

    def stepped(self, done: int) -> RunCommands:
        """Return commands that pause after one more epoch; steps requested before count too.

        Args:
            done: Number of epochs that are done.
        """
        last = max(done, self.pause_after or 0)
        return replace(self, version=self.version + 1, pause_after=last + 1)

    def at_speed(self, epochs_per_second: float) -> RunCommands:
        """Return commands with an upper limit of epochs per second."""
        return replace(self, version=self.version + 1, epochs_per_second=epochs_per_second)

    def at_learning_rate(self, learning_rate: float) -> RunCommands:
        """Return commands with another learning rate."""
        return replace(self, version=self.version + 1, learning_rate=learning_rate)

    def pauses_at(self, done: int) -> bool:
        """Return whether a run that has trained `done` epochs pauses."""
        return self.pause_after is not None and done >= self.pause_after and not self.stop


NO_COMMANDS = RunCommands()


class CommandInbox:
    """The commands of each attempt to train a run: set by the event loop, read by its thread.

    They belong to an attempt, because a command for an earlier part of a run's life, such as its
    stop, may arrive when the run has been continued.

    Args:
        max_attempts: Number of attempts whose commands are kept; those of running ones always are.
    """

    def __init__(self, max_attempts: int = 1000) -> None:
        self._max_attempts = max_attempts
        self._changed = threading.Condition()
        self._running: set[str] = set()
        # A command may arrive before its attempt.
        self._commands: OrderedDict[str, RunCommands] = OrderedDict()

    def register(self, attempt: str, commands: RunCommands = NO_COMMANDS) -> None:
        """Add an attempt with the commands that it was submitted with."""
        with self._changed:
            self._running.add(attempt)
        self.put(attempt, commands)

    def unregister(self, attempt: str) -> None:
        """Remove an attempt and its commands."""
        with self._changed:
            self._running.discard(attempt)
            self._commands.pop(attempt, None)

    def put(self, attempt: str, commands: RunCommands) -> None:
        """Set the commands of an attempt, which may run here, come later, or run elsewhere."""
        with self._changed:
            known = self._commands.get(attempt)
            if known is None or known.version < commands.version:
                self._commands[attempt] = commands
            for other in list(self._commands):
                if len(self._commands) <= self._max_attempts:
                    break
                if other not in self._running:
                    del self._commands[other]
            self._changed.notify_all()

    def commands(self, attempt: str) -> RunCommands:
        """Return the current commands of an attempt."""
        return self._commands.get(attempt) or NO_COMMANDS

    def wait(self, attempt: str, seen: RunCommands, seconds: float) -> None:
        """Wait for at most `seconds` until the commands are newer than `seen`."""
        with self._changed:
            self._changed.wait_for(lambda: self.commands(attempt).version != seen.version, seconds)
