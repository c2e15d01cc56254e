"""The lease of an engine on a worker: a worker ends the runs of an engine that is gone."""

from __future__ import annotations

import threading
import time

RENEWAL_SECONDS = 5.0
_LEASE_SECONDS = 60.0
_LONGEST_STEP = 5.0


class Lease:
    """The time since an engine was last heard of, as far as the worker was awake to hear it.

    A worker that was frozen (a closed laptop, a debugger) finds the messages of that time only
    afterwards. So a gap between two questions counts as a few seconds at most.

    Args:
        seconds: Time without a renewal after which the lease ends.
    """

    def __init__(self, seconds: float = _LEASE_SECONDS) -> None:
        self._seconds = seconds
        self._guard = threading.Lock()
        self._unheard = 0.0
        self._asked = time.monotonic()

    def renew(self) -> None:
        """Record that the engine is alive."""
        with self._guard:
            self._unheard = 0.0

    @property
    def ended(self) -> bool:
        """Whether the engine is gone; asked at least every few seconds while a run trains."""
        with self._guard:
            now = time.monotonic()
            self._unheard += min(now - self._asked, _LONGEST_STEP)
            self._asked = now
            return self._unheard > self._seconds
