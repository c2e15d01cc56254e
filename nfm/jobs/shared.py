"""The store and the engine of this process."""

from __future__ import annotations

import threading

from nfm.jobs.engine import Engine
from nfm.store.store import Store

_guard = threading.RLock()
_store: Store | None = None
_engine: Engine | None = None


def get_store() -> Store:
    """Return the store of this process, which is opened at the first call."""
    global _store
    with _guard:
        if _store is None:
            _store = Store()
        return _store


def get_engine() -> Engine:
    """Return the engine of this process; the server starts it."""
    global _engine
    with _guard:
        if _engine is None:
            _engine = Engine(get_store())
        return _engine
