"""What happens when the server starts and when it ends."""

from __future__ import annotations

import asyncio
import ctypes
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pyarrow as pa
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from nfm.errors import NFMError
from nfm.jobs.shared import get_engine

# The process's exit status, as uvicorn's when an application does not start.
CANNOT_START = 3


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Start the engine, whose workers warm up in the background, and close it at the end.

    NumPy multiplies matrices on one thread: those of a page are small, and two threads that
    wait for each other on a busy processor take thirty times as long as one.
    """
    give_back_large_arrays()
    threadpool_limits(1, user_api="blas")
    try:
        engine = await asyncio.to_thread(get_engine)
    except NFMError as error:
        # Raised further, the sentence would stand below forty lines of a trace.
        print(f"NFM Lab cannot start. {error}", file=sys.stderr, flush=True)  # noqa: T201
        os._exit(CANNOT_START)
    engine.start()
    try:
        yield
    finally:
        await asyncio.to_thread(engine.close)


_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of glibc's malloc.h
_LARGE = 1 << 20


def give_back_large_arrays() -> None:
    """Have every large array given back to the system as soon as nobody needs it.

    Allocators keep what is freed for the thread that had it. Streamlit starts a thread for every
    click, so that of a large table several copies would stay behind.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # not in every C library
        if mallopt is not None:
            mallopt(_MMAP_THRESHOLD, _LARGE)
