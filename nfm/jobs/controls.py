"""What a run's thread in the worker is told from outside, while it computes."""

from __future__ import annotations

import threading
from collections import OrderedDict


class Controls:
    """Stop requests by run; asked by the run's thread, set by the worker's event loop.

    Args:
        kept_early_stops: How many requests for runs that are not here are remembered.
    """

    def __init__(self, kept_early_stops: int = 1000) -> None:
        self._kept = kept_early_stops
        self._guard = threading.Lock()
        self._running: set[str] = set()
        # A stop may overtake the run that it is meant for.
        self._stops: OrderedDict[str, None] = OrderedDict()

    def begin(self, run_id: str) -> None:
        """Note that a run is here."""
        with self._guard:
            self._running.add(run_id)

    def end(self, run_id: str) -> None:
        """Forget a run."""
        with self._guard:
            self._running.discard(run_id)
            self._stops.pop(run_id, None)

    def stop(self, run_id: str) -> None:
        """Ask a run to stop, whether it is here, will come, or is elsewhere."""
        with self._guard:
            self._stops[run_id] = None
            for known in list(self._stops):
                if len(self._stops) <= self._kept:
                    break
                if known not in self._running:
                    del self._stops[known]

    def stopping(self, run_id: str) -> bool:
        """Whether a run was asked to stop."""
        return run_id in self._stops
