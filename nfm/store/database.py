"""The database: the connection, and the migration of older databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError

from nfm.compatibility import DATABASE_VERSION
from nfm.environment import environment
from nfm.errors import UnusableStoreError
from nfm.store.database_check import LATER_COLUMNS, check_file, check_tables, in_one_line, unusable
from nfm.store.tables import Base, MetaRow

_KINDS = "use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME."
# How long a transaction waits for another one's lock, and for a database server.
LOCK_SECONDS = 10
_CONNECT_SECONDS = 10
# Key of the advisory lock: any number that no other program locks in the same database.
_LOCK = 6_172_017


def open_database(url: str | None = None) -> Engine:
    """Connect to the database; it is created if it does not exist.

    Args:
        url: A SQLAlchemy URL; None for $NFM_DATABASE_URL, or SQLite in the data folder.

    Returns:
        An engine for several threads. Transactions of a connection with the execution option
        `writing` take the database's write lock when they begin, so that two writers wait for
        each other instead of failing.

    Raises:
        UnusableStoreError: If the URL isn't of SQLite or PostgreSQL, the driver isn't installed,
            or the data folder cannot be created.
    """
    url = url or environment().database_url
    if not url:
        directory = environment().data_directory
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise UnusableStoreError(
                f"The data folder {directory} cannot be created: {error.strerror}. Set "
                "NFM_DATA_DIR to a folder that this user may write in."
            ) from None
        url = f"sqlite:///{directory / 'nfm.sqlite3'}"
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # the latter of a port that is not a number
        raise UnusableStoreError(f"NFM_DATABASE_URL cannot be understood: {_KINDS}") from None
    match parsed.get_backend_name():
        case "sqlite":
            # A statement cached by sqlite3 would keep the last file that it returned in memory.
            engine = create_engine(
                parsed, connect_args={"timeout": LOCK_SECONDS, "cached_statements": 0}
            )
            event.listen(engine, "connect", _set_up_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        case "postgresql":
            return _open_postgresql(parsed)
        case other:
            raise UnusableStoreError(
                f"NFM_DATABASE_URL names a database of the kind {other!r}: {_KINDS}"
            )


def _open_postgresql(url: URL) -> Engine:
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    # By default, libpq would wait for minutes for a server that does not answer.
    timeouts = {"connect_timeout": _CONNECT_SECONDS, "tcp_user_timeout": 1000 * _CONNECT_SECONDS}
    timeouts = {name: value for name, value in timeouts.items() if name not in url.query}
    try:
        engine = create_engine(url, pool_pre_ping=True, connect_args=timeouts)
    except ModuleNotFoundError as error:
        raise UnusableStoreError(
            f"NFM_DATABASE_URL needs the package {error.name!r}, which is not installed: "
            'install "psycopg[binary]".'
        ) from error
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    """Turn on the write-ahead log (readers don't wait for a writer) and foreign keys."""
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


def prepare(engine: Engine) -> None:
    """Check the database, then create its tables, or migrate those of an older version.

    Args:
        engine: As `open_database` returns it.

    Raises:
        UnusableStoreError: If a newer version of the program has written the database, something
            in it is missing or damaged, it is locked, or its server does not respond.
    """
    name = engine.url.database or ":memory:"
    if engine.url.get_backend_name() == "sqlite" and not name.startswith((":memory:", "file:")):
        check_file(Path(name), Base.metadata)
    try:
        # With the write lock: if two servers start at once, one waits for the other.
        with engine.execution_options(writing=True).begin() as connection:
            check_tables(connection, Base.metadata, name)
            Base.metadata.create_all(connection)
            _migrate(connection)
    except DatabaseError as error:
        why = in_one_line(error.orig)
        if isinstance(error, OperationalError) and engine.url.host:
            raise UnusableStoreError(
                f"The database server at {engine.url.host} does not respond: {why}. Start it, or "
                "correct NFM_DATABASE_URL. Nothing was changed."
            ) from error
        if "locked" in why:
            raise UnusableStoreError(
                f"The database {name} is locked by another program. End that program, then start "
                "NFM Lab again. Nothing was changed."
            ) from error
        raise unusable(name, why) from error


def _migrate(connection: Connection) -> None:
    version = connection.scalar(select(MetaRow.version))
    if version is None:
        connection.execute(insert(MetaRow).values(version=DATABASE_VERSION))
    elif version < DATABASE_VERSION:
        for table, added in LATER_COLUMNS.items():
            present = {column["name"] for column in inspect(connection).get_columns(table)}
            for name, kind in added.items():
                if name not in present:
                    connection.execute(text(f"ALTER TABLE {table} ADD COLUMN {name} {kind}"))
        connection.execute(update(MetaRow).values(version=DATABASE_VERSION))
