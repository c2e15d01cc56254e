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
            an epoch; None: no pause.
        epochs_per_second: Upper limit of the speed; infinite: no limit.
        learning_rate: For all following steps; None: the one in the settings.
    """

    version: int = 0
    stop: bool = False
    pause_after: int | None = None
    epochs_per_second: float = math.inf
    learning_rate: float | None = None

    def stopped(self) -> RunCommands:
        """Return commands that end the run, paused or not."""
        return replace(self, version=self.version + 1, stop=True)

    def paused(self) -> RunCommands:
        """Return commands that pause the run now."""
        return replace(self, version=self.version + 1, pause_after=0)

    def resumed(self) -> RunCommands:
        """Return commands that end a pause."""
        return replace(self, version=self.version + 1, pause_after=None)

    def stepped(self, done: int) -> RunCommands:
        """Return commands that train to the end of the next epoch; earlier steps come first.

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

    def wait(self, done: int) -> bool:
        """Say whether a run with `done` epochs has to pause."""
        return self.pause_after is not None and done >= self.pause_after and not self.stop


NO_COMMANDS = RunCommands()


class CommandInbox:
    """The commands for each run: set by the worker's event loop, read by the run's thread.

    Args:
        kept_early_commands: For how many runs that have not arrived yet commands are kept.
    """

    def __init__(self, kept_early_commands: int = 1000) -> None:
        self._kept = kept_early_commands
        self._changed = threading.Condition()
        self._running: set[str] = set()
        # An order may overtake the run that it is meant for.
        self._orders: OrderedDict[str, RunCommands] = OrderedDict()

    def begin(self, run_id: str, commands: RunCommands = NO_COMMANDS) -> None:
        """Register a run with the commands that it was sent with."""
        with self._changed:
            self._running.add(run_id)
        self.give(run_id, commands)

    def end(self, run_id: str) -> None:
        """Forget a run."""
        with self._changed:
            self._running.discard(run_id)
            self._orders.pop(run_id, None)

    def give(self, run_id: str, commands: RunCommands) -> None:
        """Set the commands of a run, whether it is here, will arrive, or is on another worker."""
        with self._changed:
            known = self._orders.get(run_id)
            if known is None or known.version < commands.version:
                self._orders[run_id] = commands
            for other in list(self._orders):
                if len(self._orders) <= self._kept:
                    break
                if other not in self._running:
                    del self._orders[other]
            self._changed.notify_all()

    def commands(self, run_id: str) -> RunCommands:
        """Return the commands of a run."""
        return self._orders.get(run_id) or NO_COMMANDS

    def wait(self, run_id: str, seen: RunCommands, seconds: float) -> None:
        """Wait until the commands differ from those seen, at most so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self.commands(run_id).version != seen.version, seconds)
