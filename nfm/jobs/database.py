"""Where the database is and how SQLAlchemy talks to it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url


def data_directory() -> Path:
    """Return the folder of everything that the app keeps: $NFM_DATA_DIR, or .nfm here."""
    return Path(os.environ.get("NFM_DATA_DIR") or ".nfm").absolute()


def open_database(url: str | None = None) -> Engine:
    """Connect to the database, which need not exist yet.

    Args:
        url: SQLAlchemy's; None: $NFM_DATABASE_URL, else SQLite in `data_directory()`.

    Returns:
        An engine that several threads may use; transactions of a connection with the
        execution option `writing` take SQLite's write lock at once, so that two writers
        wait for each other instead of failing.
    """
    url = url or os.environ.get("NFM_DATABASE_URL")
    if not url:
        directory = data_directory()
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        url = f"sqlite:///{directory / 'nfm.sqlite3'}"
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": 30})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    """Write-ahead log (readers and a writer do not wait for each other), foreign keys on."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
