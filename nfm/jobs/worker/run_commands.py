"""What a run's thread in the worker is told from outside, while it computes."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class RunCommands:
    """All that people want of a run at the moment.

    They are sent as a whole and numbered: one that is overtaken by a newer one does no harm.

    Attributes:
        version: Counts the changes.
        stop: Whether it should end and keep its model.
        pause_after: It waits as soon as so many epochs are done, 0 at once, within an epoch
            too; None: it goes on.
        epochs_per_second: The most that it may train; infinite: as many as it can.
        learning_rate: For the steps from now on; None: that of its settings.
    """

    version: int = 0
    stop: bool = False
    pause_after: int | None = None
    epochs_per_second: float = math.inf
    learning_rate: float | None = None

    def stopped(self) -> RunCommands:
        """End, paused or not."""
        return replace(self, version=self.version + 1, stop=True)

    def paused(self) -> RunCommands:
        """Wait from now on."""
        return replace(self, version=self.version + 1, pause_after=0)

    def resumed(self) -> RunCommands:
        """Wait no longer."""
        return replace(self, version=self.version + 1, pause_after=None)

    def stepped(self, done: int) -> RunCommands:
        """Train to the end of the next epoch and wait there; a step asked for before comes first.

        Args:
            done: Number of epochs that are done.
        """
        last = max(done, self.pause_after or 0)
        return replace(self, version=self.version + 1, pause_after=last + 1)

    def at_speed(self, epochs_per_second: float) -> RunCommands:
        """Train so many epochs a second at most."""
        return replace(self, version=self.version + 1, epochs_per_second=epochs_per_second)

    def at_learning_rate(self, learning_rate: float) -> RunCommands:
        """Take steps of another size."""
        return replace(self, version=self.version + 1, learning_rate=learning_rate)

    def wait(self, done: int) -> bool:
        """Whether a run that has done so many epochs should wait."""
        return self.pause_after is not None and done >= self.pause_after and not self.stop


NO_COMMANDS = RunCommands()


class CommandInbox:
    """The commands for each run; asked by the run's thread, given by the worker's event loop.

    Args:
        kept_early_commands: For how many runs that are not here commands are remembered.
    """

    def __init__(self, kept_early_commands: int = 1000) -> None:
        self._kept = kept_early_commands
        self._changed = threading.Condition()
        self._running: set[str] = set()
        # An order may overtake the run that it is meant for.
        self._orders: OrderedDict[str, RunCommands] = OrderedDict()

    def begin(self, run_id: str, commands: RunCommands = NO_COMMANDS) -> None:
        """Note that a run is here, and what was wanted of it when it was sent."""
        with self._changed:
            self._running.add(run_id)
        self.give(run_id, commands)

    def end(self, run_id: str) -> None:
        """Forget a run."""
        with self._changed:
            self._running.discard(run_id)
            self._orders.pop(run_id, None)

    def give(self, run_id: str, commands: RunCommands) -> None:
        """Tell a run what is wanted of it, whether it is here, will come, or is elsewhere."""
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
        """Return what is wanted of a run."""
        return self._orders.get(run_id) or NO_COMMANDS

    def wait(self, run_id: str, seen: RunCommands, seconds: float) -> None:
        """Wait for other commands than those that were seen, but no longer than so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self.commands(run_id).version != seen.version, seconds)
