"""Growing pauses between attempts that fail."""

from __future__ import annotations

import time

_FIRST_SECONDS = 1.0
_LONGEST_SECONDS = 30.0


class RetryPause:
    """Tells when to try again: after 1 second, then 2, up to 30.

    Attributes:
        failures: Number of failed attempts since the last success.
        end: End of the pause, on the monotonic clock.
    """

    def __init__(self) -> None:
        self.failures = 0
        self.end = float("-inf")
        self._pause = _FIRST_SECONDS

    @property
    def over(self) -> bool:
        """Whether it is time for an attempt."""
        return time.monotonic() >= self.end

    def record(self, *, success: bool) -> None:
        """Record an attempt.

        Args:
            success: Whether it succeeded.
        """
        self.failures = 0 if success else self.failures + 1
        if success:
            self.end, self._pause = float("-inf"), _FIRST_SECONDS
        else:
            self.end = time.monotonic() + self._pause
            self._pause = min(2 * self._pause, _LONGEST_SECONDS)
