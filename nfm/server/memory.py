"""How the server's process gives memory back."""

from __future__ import annotations

import ctypes
import sys

import pyarrow as pa

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
