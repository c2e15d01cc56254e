"""Base class of the repositories: sessions, workspaces and limits."""

from __future__ import annotations

import hashlib
import logging
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from threading import Lock

from sqlalchemy import ColumnElement, and_, delete, func, select, true
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, TimeoutError
from sqlalchemy.orm import Session, sessionmaker

from nfm.environment import environment
from nfm.errors import DamagedStoreError, JobError, StoreError
from nfm.settings import Settings
from nfm.store.database import LOCK_SECONDS, open_database, prepare
from nfm.store.database_check import advice, in_one_line
from nfm.store.records import ACTIVE
from nfm.store.tables import BundleRow, ContentRow, DatasetRow, EpochsRow, MetaRow, Row, RunRow
from nfm.tabular.run_size import estimated_run_size
from nfm.tabular.schema import Schema
from nfm.text import megabytes

logger = logging.getLogger(__name__)

NAME_LENGTH = 200
_DAMAGED_CODES = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_NOT_RESPONDING = (
    "The database is not responding: it is locked, full or unreachable. Nothing was changed. Try "
    "again in a moment."
)
# How long a deleted item can be restored.
UNDO_SECONDS = 3600.0


@dataclass(frozen=True)
class StoreLimits:
    """Limits on what is stored.

    Attributes:
        datasets: Number of data sets per workspace.
        runs: Number of runs per workspace.
        waiting: Number of runs per workspace that wait or train at the same time.
        size: Bytes of all files and models of a workspace.
        total: Bytes of the files and models of all workspaces together.
        model: Bytes of a run's weights. A model that is larger cannot be opened again here.
        memory: Bytes that a run's weights may take in a worker.
        days: Days without a visit after which a workspace is deleted; None to keep all.
    """

    datasets: int = 50
    runs: int = 1000
    waiting: int = 20
    size: int = 2_000_000_000
    total: int = 20_000_000_000
    model: int = 256 << 20
    memory: int = 1_500_000_000
    days: float | None = None

    @classmethod
    def from_environment(cls) -> StoreLimits:
        """Return the default limits, changed by $NFM_KEEP_MEGABYTES and $NFM_KEEP_DAYS if set.

        Raises:
            SettingsError: If a variable is not a positive number.
        """
        values = environment()
        return cls(total=int(values.keep_megabytes * 1_000_000), days=values.keep_days)


class WriteTurns:
    """Lets the threads of this process write one after the other.

    SQLite makes a writer try again and again, at growing intervals, so that of many writers some
    wait in vain while others pass them. A lock wakes the next one at once.

    Args:
        patience: Seconds that a thread waits while no other one succeeds in writing.
    """

    def __init__(self, patience: float = LOCK_SECONDS) -> None:
        self._patience = patience
        self._lock = Lock()
        self._written = 0

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for this thread's turn, which ends with the block.

        Raises:
            StoreError: If no other thread has succeeded in writing for as long as the patience.
        """
        written = self._written
        while not self._lock.acquire(timeout=self._patience):
            if self._written == written:
                raise StoreError(_NOT_RESPONDING)
            written = self._written
        try:
            yield
            self._written += 1
        finally:
            self._lock.release()


class Repository:
    """A database and its limits per workspace.

    Args:
        url: A SQLAlchemy URL; None for $NFM_DATABASE_URL, or SQLite in $NFM_DATA_DIR or .nfm.
        limits: Limits on what is stored; None for those of the environment.

    Attributes:
        server: Id of this process in the database.
    """

    def __init__(self, url: str | None = None, limits: StoreLimits | None = None) -> None:
        self.limits = limits or StoreLimits.from_environment()
        self.server = new_id()
        self._engine = open_database(url)
        prepare(self._engine)
        self._reading = sessionmaker(self._engine)
        self._writing = sessionmaker(self._engine.execution_options(writing=True))
        self._turns = WriteTurns()

    @property
    def path(self) -> str | None:
        """Path of the database's file, or its name on a database server."""
        return self._engine.url.database

    def check(self) -> None:
        """Return if the database can be read.

        Raises:
            StoreError: If it does not respond.
        """
        with self._read() as session:
            session.execute(select(MetaRow.version))

    def _read(self) -> AbstractContextManager[Session]:
        return _transaction(self._reading)

    @contextmanager
    def _write(self) -> Iterator[Session]:
        with self._turns.take(), _transaction(self._writing) as session:
            yield session

    def _check_count(
        self,
        session: Session,
        workspace: str,
        table: type[DatasetRow] | type[RunRow],
        limit: int,
        what: str,
    ) -> None:
        key = workspace_key(workspace)
        count = select(func.count()).select_from(table).where(table.workspace == key)
        count = count.where(table.deleted.is_(None))
        if (session.scalar(count) or 0) >= limit:
            raise JobError(f"This workspace already has {limit} {what}: delete one to make room.")

    def _check_storage(self, session: Session, workspace: str, more: int) -> None:
        """Raise JobError if a workspace, or all together, would store too many bytes.

        Deleted data sets and runs count as long as they can be restored, or somebody could fill
        the disk with them. If there is no space otherwise, those of the workspace are purged. Of
        a run that waits or trains, the model that it will have counts.
        """
        key = workspace_key(workspace)
        if self._size_problem(session, key, more):
            purge_datasets(
                session, and_(DatasetRow.workspace == key, DatasetRow.deleted.is_not(None))
            )
            purge_runs(session, and_(RunRow.workspace == key, RunRow.deleted.is_not(None)))
        if problem := self._size_problem(session, key, more):
            raise JobError(problem)

    def check_run_size(self, schema: Schema, settings: Settings) -> int:
        """Return the bytes that the model of a run will take, by estimate.

        Args:
            schema: Schema of the run.
            settings: Settings of the run.

        Raises:
            JobError: If they, or the memory to train it, exceed a limit; the message names the
                setting.
        """
        size = estimated_run_size(schema, settings)
        if size.weights_bytes > self.limits.model:
            what, needed, limit = "A model", size.weights_bytes, self.limits.model
        elif size.memory_bytes > self.limits.memory:
            what, needed, limit = "The memory to train it", size.memory_bytes, self.limits.memory
        else:
            return size.model_bytes
        raise JobError(
            f"{what} with these settings would take about {megabytes(needed)}, more than the "
            f"{megabytes(limit)} allowed: change {size.setting}, or leave out columns."
        )

    def _size_problem(self, session: Session, key: str, more: int) -> str:
        """Return why `more` bytes cannot be stored, empty if they can."""
        files = session.scalar(select(func.sum(DatasetRow.size)).where(DatasetRow.workspace == key))
        models = session.scalar(
            select(func.sum(BundleRow.size))
            .join(RunRow, RunRow.id == BundleRow.run_id)
            .where(RunRow.workspace == key)
        )
        reserved = _reserved(session, RunRow.workspace == key)
        if (files or 0) + (models or 0) + reserved + more > self.limits.size:
            return (
                f"This workspace may keep {self.limits.size // 1_000_000} MB of files and models: "
                "delete a data set or a run to make room."
            )
        all_files = session.scalar(select(func.sum(ContentRow.size)))
        all_models = session.scalar(select(func.sum(BundleRow.size)))
        reserved = _reserved(session, true())
        if (all_files or 0) + (all_models or 0) + reserved + more > self.limits.total:
            return (
                f"This server's storage of {self.limits.total // 1_000_000} MB for everybody is "
                "full: delete data sets or runs that you no longer need, or ask the operator for "
                "more (NFM_KEEP_MEGABYTES)."
            )
        return ""


@contextmanager
def _transaction(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """Open a session and commit at the end; every error of the database becomes a StoreError."""
    try:
        with sessions.begin() as session:
            yield session
    except (IntegrityError, DataError):
        # The database responds, and refuses what it was given.
        raise
    except (DBAPIError, TimeoutError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if getattr(cause, "sqlite_errorcode", 0) & 0xFF in _DAMAGED_CODES:
            name = str(sessions.kw["bind"].url.database)
            logger.error("The database %s is damaged: %s", name, in_one_line(cause))
            raise DamagedStoreError(
                f"The database {name} was damaged while it was in use: {in_one_line(cause)}. "
                f"Stop the app and keep the file. {advice(name)}"
            ) from error
        logger.warning("The database does not respond: %s", " ".join(str(cause).split())[:200])
        raise StoreError(_NOT_RESPONDING) from error


def _reserved(session: Session, which: ColumnElement[bool]) -> int:
    """Return the bytes that the models of runs that wait or train will take, by estimate."""
    active = select(RunRow.settings, RunRow.schema).where(which, RunRow.status.in_(ACTIVE))
    size = 0
    for settings, schema in session.execute(active):
        if isinstance(settings, Settings) and isinstance(schema, Schema):  # else it cannot train
            size += estimated_run_size(schema, settings).model_bytes
    return size


def workspace_key(workspace: str) -> str:
    """Return the key of a workspace in the database: the SHA-256 of its token."""
    return hashlib.sha256(workspace.encode()).hexdigest()


def new_id() -> str:
    """Return an unguessable id, 32 hexadecimal digits."""
    return secrets.token_hex(16)


def clean_name(name: str) -> str:
    """Return a name without surrounding spaces, shortened to 200 characters, or "Untitled"."""
    return name.strip()[:NAME_LENGTH] or "Untitled"


def dataset_row(
    session: Session, workspace: str, dataset_id: str, *, deleted: bool = False
) -> DatasetRow:
    """Return the row of a workspace's data set; one that was deleted only if `deleted` is True.

    Raises:
        JobError: If the workspace has no such data set.
    """
    return _row(session, DatasetRow, workspace, dataset_id, deleted, "data set")


def run_row(session: Session, workspace: str, run_id: str, *, deleted: bool = False) -> RunRow:
    """Return the row of a workspace's run; one that was deleted only if `deleted` is True.

    Raises:
        JobError: If the workspace has no such run.
    """
    return _row(session, RunRow, workspace, run_id, deleted, "run")


def _row(
    session: Session, table: type[Row], workspace: str, row_id: str, deleted: bool, what: str
) -> Row:
    found = session.scalar(
        select(table).where(table.workspace == workspace_key(workspace), table.id == row_id)
    )
    if found is None or (found.deleted is not None and not deleted):
        raise JobError(f"This workspace has no such {what}: it was deleted, or belongs to another.")
    return found


def has_active_run(session: Session, which: ColumnElement[bool]) -> bool:
    """Return whether a run waits or trains.

    Args:
        session: An open session.
        which: Condition on the rows of `RunRow`.
    """
    active = select(RunRow.id).where(which, RunRow.status.in_(ACTIVE))
    return session.scalar(active.limit(1)) is not None


def purge_datasets(session: Session, which: ColumnElement[bool]) -> None:
    """Delete data sets permanently, with the bytes that no other data set shares.

    Args:
        session: A session that writes.
        which: Condition on the rows of `DatasetRow`.
    """
    hashes = session.scalars(select(DatasetRow.content_hash).where(which)).all()
    session.execute(delete(DatasetRow).where(which))
    used = select(DatasetRow.content_hash)
    session.execute(
        delete(ContentRow).where(ContentRow.hash.in_(hashes), ContentRow.hash.not_in(used))
    )


def purge_runs(session: Session, which: ColumnElement[bool]) -> None:
    """Delete runs permanently, with their epochs and models.

    Args:
        session: A session that writes.
        which: Condition on the rows of `RunRow`.
    """
    ids = select(RunRow.id).where(which)
    for table in (EpochsRow, BundleRow):
        session.execute(delete(table).where(table.run_id.in_(ids)))
    session.execute(delete(RunRow).where(which))
