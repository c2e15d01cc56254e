"""Ways in which a database goes away while a server runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import sessionmaker

from nfm.store import database
from nfm.store.store import Store


@contextmanager
def locked(store: Store) -> Iterator[None]:
    """Have another program lock the database."""
    assert store.path is not None
    connection = sqlite3.connect(store.path, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        yield
    finally:
        connection.close()


@contextmanager
def unreachable(store: Store) -> Iterator[None]:
    """Have the database neither read nor written."""
    nowhere = database.open_database("sqlite:////nowhere/nfm.sqlite3")
    kept = store._reading, store._writing
    store._reading = store._writing = sessionmaker(nowhere)
    try:
        yield
    finally:
        store._reading, store._writing = kept
