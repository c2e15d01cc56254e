"""Where the database is and how SQLAlchemy talks to it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from nfm.errors import JobError

_KINDS = "use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME."
# Any number that no other program of the same database locks.
_LOCK = 6_172_017


def data_directory() -> Path:
    """Return the folder of everything that the app keeps: $NFM_DATA_DIR, or .nfm here."""
    return Path(os.environ.get("NFM_DATA_DIR") or ".nfm").absolute()


def open_database(url: str | None = None) -> Engine:
    """Connect to the database; it is created if it does not exist.

    Args:
        url: SQLAlchemy's; None: $NFM_DATABASE_URL, else SQLite in `data_directory()`.

    Returns:
        An engine that several threads may use; transactions of a connection with the
        execution option `writing` take the database's one write lock at once, so that two
        writers wait for each other instead of failing.

    Raises:
        JobError: If the URL is not one of SQLite or PostgreSQL, or the driver is not installed.
    """
    url = url or os.environ.get("NFM_DATABASE_URL")
    if not url:
        directory = data_directory()
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        url = f"sqlite:///{directory / 'nfm.sqlite3'}"
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise JobError(f"NFM_DATABASE_URL cannot be understood: {_KINDS}") from None
    match parsed.get_backend_name():
        case "sqlite":
            # A statement that sqlite3 keeps for the next time keeps its last file in memory too.
            engine = create_engine(parsed, connect_args={"timeout": 30, "cached_statements": 0})
            event.listen(engine, "connect", _set_up_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        case "postgresql":
            return _open_postgresql(parsed)
        case other:
            raise JobError(f"NFM_DATABASE_URL names a database of the kind {other!r}: {_KINDS}")


def _open_postgresql(url: URL) -> Engine:
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    try:
        engine = create_engine(url, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise JobError(
            f"NFM_DATABASE_URL needs the package {error.name!r}, which is not installed: "
            'install "psycopg[binary]".'
        ) from error
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    """Write-ahead log (readers and a writer do not wait for each other), foreign keys on."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get("writing", False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
