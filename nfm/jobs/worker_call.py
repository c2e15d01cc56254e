"""A short call to a worker that a page waits for."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from nfm.errors import JobError, NFMError

if TYPE_CHECKING:
    from nfm.jobs.dask_workers import DaskWorkers

logger = logging.getLogger(__name__)

_NOBODY = "There is no training process that could do it: try again in a moment."
_BUSY = "No training process had time for it: try again when a training has ended."


class WorkerCall:
    """A function call on a worker.

    Args:
        function: What to do; the workers must be able to import it.
        arguments: Its arguments.
    """

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self._function = function
        self._arguments = arguments
        self._given: Future[Any] = Future()

    def dispatch(self, workers: DaskWorkers | None, reason: str | None) -> None:
        """Send the call to a worker; called by the engine's thread.

        Args:
            workers: None if there is none.
            reason: For people, one sentence: why there are no workers, if that is known.
        """
        try:
            if workers is None:
                raise JobError(reason or _NOBODY)
            self._given.set_result(workers.ask(self._function, *self._arguments))
        except JobError as error:
            self._given.set_exception(error)

    def wait(self, seconds: float) -> Any:
        """Return the answer; called by a page's thread.

        Raises:
            NFMError: In one sentence, if there is none in time, or it cannot be done.
        """
        deadline = time.monotonic() + seconds
        try:
            future = self._given.result(seconds)
        except TimeoutError:
            raise JobError(_NOBODY) from None
        try:
            return future.result(max(0.0, deadline - time.monotonic()))
        except TimeoutError:
            future.cancel()
            raise JobError(_BUSY) from None
        except NFMError:
            raise
        except Exception as error:
            # Dask raises here what the function raised over there, which may be anything.
            logger.exception("A worker could not answer.")
            raise JobError(f"The training process failed at it ({type(error).__name__}).") from None
