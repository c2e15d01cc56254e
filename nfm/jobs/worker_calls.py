"""Short calls of functions on a worker, for whose results pages wait."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future as ThreadFuture
from typing import TYPE_CHECKING, Any

from nfm.errors import JobError, NFMError
from nfm.jobs.dask_workers import DaskWorkers

if TYPE_CHECKING:
    from distributed import Future

logger = logging.getLogger(__name__)

_NO_WORKER = "There is no training process at the moment: try again in a minute."
_BUSY = "All training processes are busy: try again when a run has ended."


class WorkerCalls:
    """The calls that wait for a warm worker; only the engine's thread uses it."""

    def __init__(self) -> None:
        self._waiting: list[WorkerCall] = []

    def add(self, call: WorkerCall) -> None:
        """Let a call wait until `dispatch` is called."""
        self._waiting.append(call)

    def dispatch(self, workers: DaskWorkers | None, reason: str | None) -> None:
        """Submit the waiting calls once a worker is warm, or refuse them if there will be none.

        Args:
            workers: The connection to the workers; None if there is none.
            reason: One sentence for people: why there are no workers, if that is known.
        """
        if workers is None or workers.warm or workers.problem:
            able = workers if workers is not None and workers.warm else None
            waiting, self._waiting = self._waiting, []
            for call in waiting:
                call.dispatch(able, reason)


class WorkerCall:
    """A short function call on a worker, for whose result a page waits.

    Args:
        function: Function to call; the workers must be able to import it.
        arguments: Its arguments.
    """

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self._function = function
        self._arguments = arguments
        self._submitted: ThreadFuture[Future] = ThreadFuture()

    def dispatch(self, workers: DaskWorkers | None, reason: str | None) -> None:
        """Submit the call; called by the engine's thread.

        Args:
            workers: The connection to the workers; None if there is none.
            reason: One sentence for people: why there are no workers, if that is known.
        """
        try:
            if workers is None:
                raise JobError(reason or _NO_WORKER)
            self._submitted.set_result(workers.submit_call(self._function, *self._arguments))
        except JobError as error:
            self._submitted.set_exception(error)

    def wait(self, seconds: float) -> Any:
        """Return the function's result; called by a page's thread.

        Args:
            seconds: How long to wait.

        Raises:
            NFMError: If the function raises it, fails, or has no result in time.
        """
        deadline = time.monotonic() + seconds
        try:
            future = self._submitted.result(seconds)
        except TimeoutError:
            raise JobError(_NO_WORKER) from None
        try:
            return future.result(max(0.0, deadline - time.monotonic()))
        except TimeoutError:
            future.cancel()
            raise JobError(_BUSY) from None
        except NFMError:
            raise
        except Exception as error:
            # Dask raises what the function raised on the worker, which may be anything.
            logger.exception("A call of a training process failed.")
            raise JobError(
                f"The training process failed ({type(error).__name__}): see the server's log."
            ) from None
