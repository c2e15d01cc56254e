"""The store, the engine and the searches of this process."""

from __future__ import annotations

import threading

from nfm.jobs.engine import Engine
from nfm.jobs.settings_searches import SettingsSearches
from nfm.store.store import Store

_guard = threading.RLock()
_store: Store | None = None
_engine: Engine | None = None
_searches: SettingsSearches | None = None


def store() -> Store:
    """Return the store of this process, which is opened at the first call."""
    global _store
    with _guard:
        if _store is None:
            _store = Store()
        return _store


def engine() -> Engine:
    """Return the engine of this process; the server starts it."""
    global _engine
    with _guard:
        if _engine is None:
            _engine = Engine(store())
        return _engine


def searches() -> SettingsSearches:
    """Return the searches for better settings of this process."""
    global _searches
    with _guard:
        if _searches is None:
            _searches = SettingsSearches(store(), engine())
        return _searches
