"""What happens when the server starts and when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from nfm.jobs.engine import get_engine


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Start the engine, whose workers warm up in the background, and close it at the end."""
    engine = await asyncio.to_thread(get_engine)
    engine.start()
    try:
        yield
    finally:
        await asyncio.to_thread(engine.close)
