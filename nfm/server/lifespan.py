"""What happens when the server starts and when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from nfm.jobs.shared import get_engine
from nfm.server.memory import give_back_large_arrays


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Start the engine, whose workers warm up in the background, and close it at the end.

    NumPy multiplies matrices on one thread: those of a page are small, and two threads that
    wait for each other on a busy processor take thirty times as long as one.
    """
    give_back_large_arrays()
    threadpool_limits(1, user_api="blas")
    engine = await asyncio.to_thread(get_engine)
    engine.start()
    try:
        yield
    finally:
        await asyncio.to_thread(engine.close)
