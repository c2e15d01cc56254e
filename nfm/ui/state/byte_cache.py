"""A cache of results about models and tables for all sessions, bounded by bytes and by age.

`st.cache_resource` limits the number of entries only. If thirty people use models of their own,
eight entries are replaced at every click; and eight entries of large tables fill the memory. Nor
would it forget the models of visitors who have left until as many others have come.
"""

from __future__ import annotations

import dataclasses
import functools
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, ParamSpec, TypeVar

import numpy as np
import pandas as pd
import streamlit as st

P = ParamSpec("P")
T = TypeVar("T")

LIMIT = 200 * 2**20
LONGEST_UNUSED = 180.0
"""Seconds after which a result that nobody has used is dropped, once another one is used."""


@dataclasses.dataclass
class _Entry:
    """A result in the cache.

    Attributes:
        result: The result.
        size: Its bytes.
        used: When it was used last, in seconds of the cache's clock.
        grown: Whether its size includes what its first user has computed and kept in it.
    """

    result: Any
    size: int
    used: float
    grown: bool = False


class ByteCache:
    """A least-recently-used cache that is limited by the bytes of its results and their age.

    Args:
        limit: Bytes of all results together. The newest result is kept even if it alone is
            larger.
        clock: Returns the time in seconds.
    """

    def __init__(self, limit: int = LIMIT, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()
        self._bytes = 0
        self._guard = threading.Lock()
        self._computing: dict[Hashable, threading.Lock] = {}

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def bytes(self) -> int:
        """Bytes of all results together."""
        return self._bytes

    def __contains__(self, key: Hashable) -> bool:
        return key in self._entries

    def get(self, key: Hashable, compute: Callable[[], T], shared: Iterable[Any] = ()) -> T:
        """Return the result of a key; if it is missing, compute it in one thread only.

        Args:
            key: Key of the result.
            compute: Returns the result. If it raises, the error is passed on and nothing is kept.
            shared: Objects that are in memory anyway; their bytes aren't counted.

        Returns:
            The result, shared with all other callers: do not change it.
        """
        with self._guard:
            entry = self._entries.get(key)
            if entry is not None:
                entry.used = self._clock()
                self._entries.move_to_end(key)
                self._drop()
        if entry is not None:
            self._count_growth(key, entry, shared)
            return entry.result
        with self._guard:
            computing = self._computing.setdefault(key, threading.Lock())
        with computing:
            with self._guard:
                if key in self._entries:
                    return self._entries[key].result
            try:
                result = compute()
                self._keep(key, result, byte_count(result, shared))
            finally:
                with self._guard:
                    self._computing.pop(key, None)
            return result

    def _keep(self, key: Hashable, result: Any, size: int) -> None:
        with self._guard:
            former = self._entries.pop(key, None)
            self._entries[key] = _Entry(result, size, self._clock())
            self._bytes += size - (0 if former is None else former.size)
            self._drop()

    def _count_growth(self, key: Hashable, entry: _Entry, shared: Iterable[Any]) -> None:
        """Count a result again, once, after its first user has computed more within it."""
        if entry.grown:
            return
        entry.grown = True
        size = byte_count(entry.result, shared)
        with self._guard:
            if self._entries.get(key) is entry:
                self._bytes += size - entry.size
                entry.size = size
                self._drop()

    def _drop(self) -> None:
        """Drop the results that have not been used for long, and the oldest beyond the limit."""
        oldest_kept = self._clock() - LONGEST_UNUSED
        while len(self._entries) > 1:
            entry = next(iter(self._entries.values()))
            if self._bytes <= self._limit and entry.used >= oldest_kept:
                return
            self._entries.popitem(last=False)
            self._bytes -= entry.size


def kept(spinner: str = "") -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return a decorator that caches the results of a function for all sessions.

    The function's arguments must be strings, numbers, booleans, None, or objects that their
    attribute `version` identifies.

    Args:
        spinner: Text shown while a result is computed; empty for none.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(function)
        def cached(*args: P.args, **kwargs: P.kwargs) -> T:
            given = (*args, *kwargs.values())
            key = (function.__module__, function.__qualname__, *map(_identity, given))
            cache = shared_cache()
            if not spinner or key in cache:
                return cache.get(key, lambda: function(*args, **kwargs), given)
            with st.spinner(spinner):
                return cache.get(key, lambda: function(*args, **kwargs), given)

        return cached

    return decorate


def byte_count(value: Any, shared: Iterable[Any] = ()) -> int:
    """Return the bytes of an object with its arrays, tables, texts and everything else in it.

    Args:
        value: Any object; containers and attributes are followed.
        shared: Objects that aren't counted, nor anything in them.
    """
    seen: set[int] = set()
    for one in shared:
        _count(one, seen, measure=False)
    return _count(value, seen)


@st.cache_resource(show_spinner=False)
def shared_cache() -> ByteCache:
    """Return the cache that all sessions of this process share."""
    return ByteCache()


def _identity(argument: Any) -> Hashable:
    if argument is None or isinstance(argument, str | int | float):
        return argument
    return str(argument.version)


def _count(value: Any, seen: set[int], *, measure: bool = True) -> int:
    if value is None or isinstance(value, bool | type) or id(value) in seen:
        return 0
    seen.add(id(value))
    own = sys.getsizeof(value) if measure else 0
    if isinstance(value, int | float | str | bytes | bytearray):
        return own
    if isinstance(value, np.ndarray):
        owner = value if value.base is None else value.base
        if owner is not value:
            if id(owner) in seen:
                return 0
            seen.add(id(owner))
        return int(value.nbytes)
    if isinstance(value, pd.DataFrame | pd.Series | pd.Index):
        return int(np.sum(value.memory_usage(deep=True))) if measure else 0
    if isinstance(value, Mapping):
        # Copied at once: another thread may add to it.
        pairs = tuple(value.items())
        return own + sum(_count(one, seen, measure=measure) for pair in pairs for one in pair)
    if isinstance(value, list | tuple | set | frozenset):
        return own + sum(_count(one, seen, measure=measure) for one in value)
    held = getattr(value, "__dict__", None)
    if held is not None:
        return own + _count(held, seen, measure=measure)
    if dataclasses.is_dataclass(value):
        return own + sum(
            _count(getattr(value, one.name), seen, measure=measure)
            for one in dataclasses.fields(value)
        )
    return own
