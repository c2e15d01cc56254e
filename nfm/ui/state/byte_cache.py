"""A cache of results about models and tables for all sessions, bounded by bytes.

`st.cache_resource` limits the number of entries only. If thirty people use models of their own,
eight entries are replaced at every click; and eight entries of large tables fill the memory.
"""

from __future__ import annotations

import dataclasses
import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any, ParamSpec, TypeVar

import numpy as np
import pandas as pd
import streamlit as st

P = ParamSpec("P")
T = TypeVar("T")

LIMIT = 200 * 2**20


class ByteCache:
    """A least-recently-used cache that is limited by the bytes of its results.

    Args:
        limit: Bytes of all results together. The newest result is kept even if it alone is
            larger.
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._entries: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
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
            if key in self._entries:
                self._entries.move_to_end(key)
                return self._entries[key][0]
            computing = self._computing.setdefault(key, threading.Lock())
        with computing:
            with self._guard:
                if key in self._entries:
                    return self._entries[key][0]
            try:
                result = compute()
                self._keep(key, result, byte_count(result, shared))
            finally:
                with self._guard:
                    self._computing.pop(key, None)
            return result

    def _keep(self, key: Hashable, result: Any, size: int) -> None:
        with self._guard:
            _former, released = self._entries.pop(key, (None, 0))
            self._entries[key] = result, size
            self._bytes += size - released
            while self._bytes > self._limit and len(self._entries) > 1:
                _key, (_result, dropped) = self._entries.popitem(last=False)
                self._bytes -= dropped


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
    """Return the bytes of all arrays, tables, texts and byte strings in an object.

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
    if value is None or isinstance(value, bool | int | float | type) or id(value) in seen:
        return 0
    seen.add(id(value))
    if isinstance(value, str | bytes | bytearray):
        return len(value)
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
        return sum(_count(one, seen, measure=measure) for pair in value.items() for one in pair)
    if isinstance(value, list | tuple | set | frozenset):
        return sum(_count(one, seen, measure=measure) for one in value)
    held = getattr(value, "__dict__", None)
    if held is not None:
        return _count(held, seen, measure=measure)
    if dataclasses.is_dataclass(value):
        return sum(
            _count(getattr(value, one.name), seen, measure=measure)
            for one in dataclasses.fields(value)
        )
    return 0
