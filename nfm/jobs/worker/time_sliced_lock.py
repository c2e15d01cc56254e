"""Time slices for several runs in one worker process."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

TURN_SECONDS = 0.3


class TimeSlicedLock:
    """A fair lock whose holder yields it to the next thread after a time slice.

    Keras' state belongs to the process, and a worker has one core: runs that computed at the
    same time would disturb each other and be no faster. With time slices, a short run that
    starts while a long one trains does not have to wait for its end.

    Args:
        seconds: Length of a time slice while another thread waits.
    """

    def __init__(self, seconds: float = TURN_SECONDS) -> None:
        self._seconds = seconds
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False
        self._since = 0.0

    @property
    def waiting(self) -> int:
        """Number of threads that wait for the lock."""
        return len(self._waiting)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Acquire the lock for the block."""
        self._acquire()
        try:
            yield
        finally:
            self._release()

    def yield_turn(self) -> None:
        """Yield the lock to the next thread if the time slice is over; called by the holder."""
        if self._waiting and time.monotonic() - self._since >= self._seconds:
            ticket = threading.Event()
            with self._guard:
                self._waiting.append(ticket)
            self._release()
            ticket.wait()
            self._since = time.monotonic()

    @contextmanager
    def released(self) -> Iterator[None]:
        """Release the lock for a block that waits; called by the holder."""
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
