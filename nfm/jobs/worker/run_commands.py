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
    """The commands of each run: set by the worker's event loop, read by the run's thread.

    Args:
        max_runs: Number of runs whose commands are kept; those of running ones always are.
    """

    def __init__(self, max_runs: int = 1000) -> None:
        self._max_runs = max_runs
        self._changed = threading.Condition()
        self._running: set[str] = set()
        # A command may arrive before its run.
        self._commands: OrderedDict[str, RunCommands] = OrderedDict()

    def register(self, run_id: str, commands: RunCommands = NO_COMMANDS) -> None:
        """Add a run with the commands that it was submitted with."""
        with self._changed:
            self._running.add(run_id)
        self.put(run_id, commands)

    def unregister(self, run_id: str) -> None:
        """Remove a run and its commands."""
        with self._changed:
            self._running.discard(run_id)
            self._commands.pop(run_id, None)

    def put(self, run_id: str, commands: RunCommands) -> None:
        """Set the commands of a run, which may run here, arrive later, or run on another worker."""
        with self._changed:
            known = self._commands.get(run_id)
            if known is None or known.version < commands.version:
                self._commands[run_id] = commands
            for other in list(self._commands):
                if len(self._commands) <= self._max_runs:
                    break
                if other not in self._running:
                    del self._commands[other]
            self._changed.notify_all()

    def commands(self, run_id: str) -> RunCommands:
        """Return the current commands of a run."""
        return self._commands.get(run_id) or NO_COMMANDS

    def wait(self, run_id: str, seen: RunCommands, seconds: float) -> None:
        """Wait for at most `seconds` until the commands are newer than `seen`."""
        with self._changed:
            self._changed.wait_for(lambda: self.commands(run_id).version != seen.version, seconds)
