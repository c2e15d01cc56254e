"""Several runs in one worker process, one at a time, in short turns."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

TURN_SECONDS = 0.3


class TimeSlicedLock:
    """A fair lock that its holder passes on when it has had it for a while.

    Keras' state belongs to the process, and a worker has one core: runs that computed at
    the same time would disturb each other and be no faster. So each computes in turns, and
    a short run that comes while a long one trains need not wait for its end.

    Args:
        seconds: Length of a turn, as soon as somebody else waits.
    """

    def __init__(self, seconds: float = TURN_SECONDS) -> None:
        self._seconds = seconds
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False
        self._since = 0.0

    @property
    def waiting(self) -> int:
        """Number of those that wait for their turn."""
        return len(self._waiting)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn, hold it for the block, and let the next one have it."""
        self._acquire()
        try:
            yield
        finally:
            self._release()

    def yield_turn(self) -> None:
        """Called by the holder now and then: lets others compute if the turn is over."""
        if self._waiting and time.monotonic() - self._since >= self._seconds:
            ticket = threading.Event()
            with self._guard:
                self._waiting.append(ticket)
            self._release()
            ticket.wait()
            self._since = time.monotonic()

    @contextmanager
    def released(self) -> Iterator[None]:
        """Called by the holder: lets others compute for the block, which waits for something."""
        self._release()
        try:
            yield
        finally:
            self._acquire()

    def _acquire(self) -> None:
        with self._guard:
            ticket = None
            if self._taken:
                ticket = threading.Event()
                self._waiting.append(ticket)
            self._taken = True
        if ticket is not None:
            ticket.wait()
        self._since = time.monotonic()

    def _release(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False
