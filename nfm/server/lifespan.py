"""Startup and shutdown of the server."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pyarrow as pa
import streamlit as st
from threadpoolctl import threadpool_limits

from nfm.computing_process import shut_down
from nfm.environment import environment
from nfm.errors import NFMError, StoreError
from nfm.jobs import shared
from nfm.ui.components.database_problem import WithoutStoreErrors
from nfm.ui.state.account import check_settings

# The process's exit status, as uvicorn's when an application does not start.
CANNOT_START = 3
_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of glibc's malloc.h
_LARGE = 1 << 20


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[None]:
    """Start the engine, whose workers warm up in the background, and close it at shutdown.

    NumPy multiplies matrices on one thread: those of a page are small, and two threads that
    wait for each other on a busy processor take thirty times as long as one.
    """
    return_freed_memory()
    threadpool_limits(1, user_api="blas")
    logging.getLogger("streamlit.error_util").addFilter(WithoutStoreErrors())
    try:
        if environment().sign_in:
            check_settings()
        engine = await asyncio.to_thread(shared.engine)
    except (NFMError, StoreError) as error:
        # If it were raised, the message would follow forty lines of traceback.
        print(f"NFM Lab cannot start. {error}", file=sys.stderr, flush=True)  # noqa: T201
        os._exit(CANNOT_START)
    engine.start()
    print(f"\n  NFM Lab: {address_for_people()}\n", flush=True)  # noqa: T201
    try:
        yield
    finally:
        await asyncio.to_thread(engine.close)
        await asyncio.to_thread(shut_down)


def address_for_people() -> str:
    """Return the address of the app for a browser on this computer.

    Streamlit would also show the public IP address, which it looks up at another host. This app
    connects to other hosts only if a setting names them.
    """
    host = st.get_option("server.address") or ""
    if host in ("", "0.0.0.0", "::"):  # noqa: S104 - every address of this computer
        host = "localhost"
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    place = f"[{host}]" if ":" in host else host
    path = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{scheme}://{place}:{st.get_option('server.port')}/{path}".rstrip("/")


def return_freed_memory() -> None:
    """Make the allocators return the memory of a large array to the system once it is freed.

    Allocators keep freed memory for the thread that used it. Streamlit starts a thread for every
    click, so the memory of several copies of a large table would stay allocated.
    """
    pa.set_memory_pool(pa.system_memory_pool())
    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # not in every C library
        if mallopt is not None:
            mallopt(_MMAP_THRESHOLD, _LARGE)
