"""Data sets, runs and trained models, kept in SQL and apart by workspace."""

from __future__ import annotations

import json
import os
import platform
import time
from typing import Any

from sqlalchemy import delete, func, select, union_all, update
from sqlalchemy.orm import Session

from nfm.store.dataset_repository import DatasetRepository
from nfm.store.records import ACTIVE as ACTIVE
from nfm.store.records import Dataset as Dataset
from nfm.store.records import DecisionRule as DecisionRule
from nfm.store.records import Run as Run
from nfm.store.records import Status as Status
from nfm.store.repository import StoreLimits as StoreLimits
from nfm.store.repository import workspace_key
from nfm.store.run_repository import RunRepository
from nfm.store.tables import (
    BundleRow,
    ContentRow,
    DatasetRow,
    EpochsRow,
    PreferenceRow,
    RunRow,
    ServerRow,
    VisitRow,
)

_SILENT_SECONDS = 60.0
_CLOCK_SECONDS = 5.0
_GONE = "The server ended before the run did."
_DAY_SECONDS = 86_400.0
_TIDYING_SECONDS = 3_600.0


def record_visit(session: Session, workspace: str, now: float) -> None:
    """Record a visit to a workspace.

    Args:
        session: A writing one.
        workspace: The workspace's key.
        now: Seconds since 1970, UTC.
    """
    session.merge(VisitRow(workspace=workspace, seen=now))


def delete_abandoned_workspaces(session: Session, before: float) -> int:
    """Delete the data sets, runs and preferences of workspaces not visited since a time.

    A workspace whose visits were never noted counts as visited when it last made something.
    One with a run that waits or trains stays.

    Args:
        session: A writing one.
        before: Seconds since 1970, UTC.

    Returns:
        Number of workspaces deleted.
    """
    signs = union_all(
        select(VisitRow.workspace, VisitRow.seen.label("seen")),
        select(DatasetRow.workspace, DatasetRow.created),
        select(RunRow.workspace, RunRow.created),
    ).subquery()
    active = select(RunRow.workspace).where(RunRow.status.in_(ACTIVE))
    abandoned = session.scalars(
        select(signs.c.workspace)
        .where(signs.c.workspace.not_in(active))
        .group_by(signs.c.workspace)
        .having(func.max(signs.c.seen) < before)
    ).all()
    for workspace in abandoned:
        _delete_workspace(session, workspace)
    if abandoned:
        used = select(DatasetRow.content_hash)
        session.execute(delete(ContentRow).where(ContentRow.hash.not_in(used)))
    return len(abandoned)


def _delete_workspace(session: Session, workspace: str) -> None:
    runs = select(RunRow.id).where(RunRow.workspace == workspace)
    session.execute(delete(EpochsRow).where(EpochsRow.run_id.in_(runs)))
    session.execute(delete(BundleRow).where(BundleRow.run_id.in_(runs)))
    for table in (RunRow, DatasetRow, PreferenceRow, VisitRow):
        session.execute(delete(table).where(table.workspace == workspace))


def register_server(session: Session, server: str) -> None:
    """Record this process as one that executes runs."""
    import psutil

    session.add(
        ServerRow(
            id=server,
            host=platform.node(),
            pid=os.getpid(),
            born=psutil.Process().create_time(),
            seen=time.time(),
        )
    )


def refresh_server(session: Session, server: str) -> None:
    """Record that this process is alive, even if another one has declared it gone."""
    row = session.get(ServerRow, server)
    if row is None:
        register_server(session, server)
    else:
        row.seen = time.time()


def unregister_server(session: Session, server: str) -> None:
    """Remove this process from the registered servers."""
    session.execute(delete(ServerRow).where(ServerRow.id == server))


def interrupt_abandoned_runs(session: Session, server: str) -> None:
    """End the runs of servers that are gone.

    A server of this machine is gone if its process is; one of another machine if it has
    not been seen for a minute.
    """
    living = {server}
    for row in session.scalars(select(ServerRow)):
        if row.id == server or _lives(row):
            living.add(row.id)
        else:
            session.delete(row)
    session.execute(
        update(RunRow)
        .where(RunRow.status.in_(ACTIVE), RunRow.server.not_in(living))
        .values(status="interrupted", reason=_GONE, finished=time.time())
    )


def _lives(row: ServerRow) -> bool:
    if row.host != platform.node():
        return time.time() - row.seen < _SILENT_SECONDS
    import psutil

    try:
        born = psutil.Process(row.pid).create_time()
    except psutil.NoSuchProcess:
        return False
    return abs(born - row.born) < _CLOCK_SECONDS


class Store(DatasetRepository, RunRepository):
    """Stores data sets, runs, models and preferences; each method is one short transaction.

    A workspace is the unguessable token of a browser. Whatever belongs to another
    workspace does not exist here. The database holds the token's SHA-256 only.
    Several threads may use one store, and several servers one database.

    Args:
        url: SQLAlchemy's; None: $NFM_DATABASE_URL, else SQLite in $NFM_DATA_DIR or .nfm.
        limits: How much may be kept; None: the environment's.
    """

    def __init__(self, url: str | None = None, limits: StoreLimits | None = None) -> None:
        super().__init__(url, limits)
        self._next_tidying = time.monotonic()
        with self._write() as session:
            register_server(session, self.server)

    def close(self) -> None:
        """Close all connections; unfinished runs of this store are then abandoned."""
        with self._write() as session:
            unregister_server(session, self.server)
        self._engine.dispose()

    def set_preference(self, workspace: str, key: str, value: Any) -> None:
        """Store a small JSON value, such as the open data set."""
        with self._write() as session:
            session.merge(
                PreferenceRow(workspace=workspace_key(workspace), key=key, value=json.dumps(value))
            )

    def get_preference(self, workspace: str, key: str, default: Any = None) -> Any:
        """Return the value that `set_preference` stored under the key, else the default."""
        with self._read() as session:
            row = session.get(PreferenceRow, (workspace_key(workspace), key))
            return default if row is None else json.loads(row.value)

    def visit(self, workspace: str) -> None:
        """Record a visit, so that the workspace does not count as abandoned."""
        with self._write() as session:
            record_visit(session, workspace_key(workspace), time.time())

    def delete_abandoned(self) -> int:
        """Delete everything of workspaces that were not visited for `limits.days`.

        Returns:
            Number of workspaces deleted.
        """
        if self.limits.days is None:
            return 0
        before = time.time() - self.limits.days * _DAY_SECONDS
        with self._write() as session:
            return delete_abandoned_workspaces(session, before)

    def heartbeat(self) -> None:
        """Record that this process is alive, and interrupt the runs of processes that are not.

        Once an hour, abandoned workspaces and long-deleted items are removed.
        """
        with self._write() as session:
            refresh_server(session, self.server)
            interrupt_abandoned_runs(session, self.server)
        if time.monotonic() >= self._next_tidying:
            self._next_tidying = time.monotonic() + _TIDYING_SECONDS
            self.delete_abandoned()
            self.purge_deleted()

    def purge_deleted(self) -> None:
        """Delete for good what was deleted so long ago that it can no longer be restored."""
        self.purge_deleted_runs()
        self.purge_deleted_datasets()
