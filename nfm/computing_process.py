"""Long computations in processes of their own, so that the pages of other sessions don't wait."""

from __future__ import annotations

import gc
import logging
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, ParamSpec, TypeVar

from nfm.errors import NFMError

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)

# The second explains while the first trains a simpler model.
_PROCESSES = 2
_IDLE_SECONDS = 600
# Below the pages, above the trainings.
_NICENESS = 3
_WATCH_SECONDS = 2
# What a thread has left to do after the last process has ended takes no longer.
_END_SECONDS = 2
_repeating = threading.Lock()
_started: dict[str, Any] = {}


def compute(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function in another process and wait for its result.

    Processes start when they are needed, and end when they have had nothing to do for a while.

    Args:
        function: From a module that doesn't import Streamlit, which each process would load.
        args: Its positional arguments; they are pickled, and so is the result.
        kwargs: Its keyword arguments, pickled too.

    Raises:
        NFMError: If the process ended before it had the result, probably for lack of memory, or
            if the server is shutting down.
        Exception: What the function raises.
    """
    # The package loky by itself would not do: both register the same name with multiprocessing,
    # and scikit-learn imports joblib. The whole of joblib comes first: a part that one thread
    # imports while another one imports the whole can end both with an AttributeError.
    import joblib  # noqa: F401
    from joblib.externals.loky.process_executor import BrokenProcessPool, ShutdownExecutorError

    try:
        return _submit(function, *args, **kwargs)
    except ShutdownExecutorError as error:
        raise NFMError("The server is shutting down. Try again once it is back.") from error
    except BrokenProcessPool:
        # The computation of another session may have ended all processes. Repeated one by one, no
        # computation suffers from another.
        with _repeating:
            try:
                return _submit(function, *args, **kwargs)
            except BrokenProcessPool as error:
                raise NFMError(
                    "The computation was ended by the system, probably because memory ran out. "
                    "Try again, or use a smaller table."
                ) from error


def _submit(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    from joblib.externals.loky import get_reusable_executor

    try:
        executor = get_reusable_executor(
            max_workers=_PROCESSES,
            timeout=_IDLE_SECONDS,
            initializer=_begin,
            initargs=(os.getpid(),),
            env={"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
        )
        _started["executor"] = executor
        future = executor.submit(function, *args, **kwargs)
    except OSError:
        logger.exception("No process could be started; computing in the web process.")
        return function(*args, **kwargs)
    return future.result()


def warm_up() -> None:
    """Start the processes in the background, so that the first computation doesn't wait for it."""
    threading.Thread(target=_warm_up, daemon=True).start()


def shut_down() -> None:
    """End the processes, when the server ends; what they compute is lost."""
    executor = _started.pop("executor", None)
    if executor is None:
        return
    # The server ends by a signal, without Python's own clean-up: semaphores are given back when
    # the last thread that uses them has ended, and what refers to each other is freed.
    senders = [thread for thread in threading.enumerate() if thread.name == "QueueFeederThread"]
    executor.shutdown(wait=True, kill_workers=True)
    for thread in senders:
        thread.join(_END_SECONDS)
    del executor
    gc.collect()


def _warm_up() -> None:
    # The server may be shut down meanwhile; a failure appears again where a result is needed.
    with suppress(NFMError, RuntimeError):
        compute(_load_packages)


def _load_packages() -> None:
    import nfm.explanation.importance  # noqa: F401


def _begin(parent: int) -> None:
    """Prepare a process: a lower priority, and an end with the web process."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    """End this process soon after its parent, which may have been killed."""
    while os.getppid() == parent:
        time.sleep(_WATCH_SECONDS)
    os._exit(1)
