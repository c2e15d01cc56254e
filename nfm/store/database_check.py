"""Checks of a database before the store uses it; they change nothing in it."""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, MetaData, NullPool, create_engine, inspect, text
from sqlalchemy.exc import DatabaseError

from nfm.compatibility import DATABASE_VERSION
from nfm.environment import environment
from nfm.errors import UnusableStoreError
from nfm.version import __version__

logger = logging.getLogger(__name__)

# Larger files are not read as a whole at the start: on a slow disk, that takes minutes. Of them,
# all tables but these are read.
_WHOLE_BYTES = 500_000_000
_LARGE_TABLES = ("contents", "bundles")
# Tables and columns that databases of older versions lack; migration adds them.
_LATER_TABLES = frozenset({"visits"})
LATER_COLUMNS = {
    "runs": {
        "note": "TEXT",
        "deleted": "FLOAT",
        "models_made": "INTEGER",
        "decision_rules": "TEXT",
        "examined_on": "VARCHAR(32)",
        "first_epochs": "INTEGER",
    },
    "datasets": {"deleted": "FLOAT"},
}


def check_file(path: Path, tables: MetaData) -> None:
    """Check the file of an SQLite database, which need not exist yet.

    Of a truncated file, SQLite refuses the first page. The other pages are read only if the file
    has at most 500 MB.

    Args:
        path: The file.
        tables: The tables that it must have.

    Raises:
        UnusableStoreError: If it is damaged, of a newer version, or may not be read or written;
            the message says what is wrong and what to do.
    """
    _check_access(path)
    if not path.exists() or path.stat().st_size == 0:
        return
    besides = [path.with_name(path.name + suffix) for suffix in ("-journal", "-wal", "-shm")]
    if besides[0].exists():  # SQLite first has to undo a transaction, which it does when it writes
        return
    # Reading creates the other two files, unless SQLite may assume that nobody writes.
    mode = "mode=ro" if any(beside.exists() for beside in besides) else "immutable=1"
    engine = create_engine("sqlite://", poolclass=NullPool, creator=lambda: _read_only(path, mode))
    try:
        with engine.connect() as connection:
            check_tables(connection, tables, str(path))
            _check_pages(connection, path)
    except DatabaseError as error:
        raise unusable(str(path), in_one_line(error.orig)) from error


def _check_access(path: Path) -> None:
    """Raise UnusableStoreError unless a file and its folder can be read and written."""
    if not path.parent.is_dir():
        raise unusable(str(path), "its folder does not exist", "Create it")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise unusable(str(path), "this user may not write in its folder", "Allow it")
    if not path.exists() or (path.is_file() and path.stat().st_size == 0):
        log = path.with_name(path.name + "-wal")
        if log.exists() and log.stat().st_size > 0:
            # SQLite would delete it.
            raise unusable(str(path), f"it is missing or empty, but its {log.name} isn't")
        if path.exists():
            logger.warning("The database %s is empty. All tables are created anew.", path)
    elif not path.is_file():
        raise unusable(str(path), "it is not a file")
    elif not os.access(path, os.R_OK | os.W_OK):
        raise unusable(str(path), "this user may not read and write it", "Allow it")


def _check_pages(connection: Connection, path: Path) -> None:
    """Raise UnusableStoreError if SQLite finds a damaged page."""
    checks = ["quick_check(1)"]
    if path.stat().st_size > _WHOLE_BYTES:
        names = inspect(connection).get_table_names()
        checks = [f"quick_check('{name}')" for name in names if name not in _LARGE_TABLES]
    for check in checks:
        found = connection.scalar(text(f"PRAGMA {check}"))
        if found != "ok":
            raise unusable(str(path), f"it is damaged ({in_one_line(found)})")


def check_tables(connection: Connection, tables: MetaData, name: str) -> None:
    """Check that a database is new, or has all tables and columns of its version.

    Args:
        connection: A connection to it.
        tables: The tables of this version.
        name: The file or name of the database, for the message.

    Raises:
        UnusableStoreError: If a newer version has written it, or something is missing.
    """
    inspector = inspect(connection)
    present = set(inspector.get_table_names())
    if present.isdisjoint(tables.tables):
        return
    version = None
    if "meta" in present:
        version = connection.scalar(text("SELECT version FROM meta"))
    if version is None:
        raise unusable(name, "it is damaged: the table 'meta' with its version is missing")
    if version > DATABASE_VERSION:
        raise UnusableStoreError(
            f"The database {name} was written by a newer version of NFM "
            f"Lab: its tables have version {version}, and this one, NFM Lab {__version__}, reads "
            f"version {DATABASE_VERSION}. Start a newer release, or set NFM_DATA_DIR (or "
            "NFM_DATABASE_URL) to another place."
        )
    later_tables = _LATER_TABLES - present if version < DATABASE_VERSION else frozenset()
    for table in tables.sorted_tables:
        if table.name in later_tables:
            continue
        if table.name not in present:
            raise unusable(name, f"it is damaged: the table {table.name!r} is missing")
        columns = {column["name"] for column in inspector.get_columns(table.name)}
        if version < DATABASE_VERSION:
            columns |= LATER_COLUMNS.get(table.name, {}).keys()
        if missing := set(table.columns.keys()) - columns:
            raise unusable(
                name, f"it is damaged: the table {table.name!r} has no column {min(missing)!r}"
            )


def unusable(name: str, problem: str, remedy: str = "") -> UnusableStoreError:
    """Return the error for a database that cannot be used; the message says what to do.

    Args:
        name: File or name of the database.
        problem: What is wrong, without a full stop.
        remedy: What to do, without a full stop; by default, to restore a copy.
    """
    return UnusableStoreError(
        f"The database {name} cannot be used: {problem}. Nothing was changed. "
        f"{advice(name, remedy)}"
    )


def advice(name: str, remedy: str = "") -> str:
    """Return what to do about a database that cannot be used.

    Args:
        name: File or name of the database; copies of a file are looked for beside it.
        remedy: What to do, without a full stop; by default, to restore a copy.
    """
    variable = "NFM_DATABASE_URL" if environment().database_url else "NFM_DATA_DIR"
    if not remedy:
        path = Path(name)
        copies = _copies(path)
        remedy = f"restore the copy {copies[-1].name}" if copies else "restore a copy"
        if any(path.with_name(path.name + suffix).exists() for suffix in ("-wal", "-shm")):
            remedy = f"Move it away with its -wal and -shm files and {remedy}"
        elif path.exists():
            remedy = f"Move it away and {remedy}"
    return f"{remedy[0].upper()}{remedy[1:]}, or set {variable} to another place."


def _copies(path: Path) -> list[Path]:
    """Return the other databases of this app in a file's folder, the newest last."""
    found = []
    try:
        others = [other for other in path.parent.iterdir() if other != path and other.is_file()]
        others.sort(key=lambda other: other.stat().st_mtime)
    except OSError:
        return []
    for other in others:
        with suppress(sqlite3.Error), closing(_read_only(other, "immutable=1")) as connection:
            row = connection.execute("SELECT version FROM meta").fetchone()
            if row is not None and isinstance(row[0], int) and row[0] <= DATABASE_VERSION:
                found.append(other)
    return found


def _read_only(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path))}?{mode}", uri=True)


def in_one_line(problem: object) -> str:
    """Return an error's text in one line of at most 100 characters."""
    return " ".join(str(problem).split())[:100]
