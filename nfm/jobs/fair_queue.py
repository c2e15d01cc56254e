"""The order in which waiting runs start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping


class FairQueue:
    """Runs that wait; the workspace with the fewest runs in training is next, else the first.

    One workspace may use all places but one, so that somebody else's run need not wait
    for a long training to end.
    """

    def __init__(self) -> None:
        self._waiting: dict[str, str] = {}

    def add(self, run_id: str, workspace: str) -> None:
        """Put a run at the end."""
        self._waiting[run_id] = workspace

    def discard(self, run_id: str) -> bool:
        """Take a run out; return whether it was waiting."""
        return self._waiting.pop(run_id, None) is not None

    def order(self, training: Mapping[str, int]) -> list[str]:
        """Return the runs in the order in which they would start.

        Args:
            training: Number of runs that train, by workspace.
        """
        counts = Counter(training)
        waiting = dict(self._waiting)
        order = []
        while waiting:
            # min keeps to the first of equals, and a dict to the order of arrival.
            run_id = min(waiting, key=lambda one: counts[waiting[one]])
            counts[waiting.pop(run_id)] += 1
            order.append(run_id)
        return order

    def next(self, training: Mapping[str, int], places: int) -> str | None:
        """Return the run that may start now.

        Args:
            training: Number of runs that train, by workspace.
            places: Number of runs that the workers take at the same time.
        """
        if not self._waiting or sum(training.values()) >= places:
            return None
        run_id = min(self._waiting, key=lambda one: training.get(self._waiting[one], 0))
        mine = training.get(self._waiting[run_id], 0)
        return run_id if mine < max(1, places - 1) else None
