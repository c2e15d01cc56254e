"""The store: data sets, runs, models and preferences per workspace, in an SQL database."""

from __future__ import annotations

import json
import os
import platform
import time
from typing import Any

from sqlalchemy import delete, func, select, union_all, update
from sqlalchemy.orm import Session

from nfm.errors import JobError
from nfm.store.dataset_repository import DatasetRepository
from nfm.store.records import ACTIVE
from nfm.store.repository import (
    UNDO_SECONDS,
    StoreLimits,
    has_active_run,
    purge_datasets,
    purge_runs,
    workspace_key,
)
from nfm.store.run_repository import SERVER_GONE, RunRepository
from nfm.store.tables import DatasetRow, PreferenceRow, RunRow, ServerRow, VisitRow

_SILENT_SECONDS = 60.0
_CLOCK_SECONDS = 5.0
_DAY_SECONDS = 86_400.0
_CLEANUP_SECONDS = 3_600.0


def register_server(session: Session, server: str) -> None:
    """Record that this process is a server that trains runs, and is alive."""
    import psutil

    session.merge(
        ServerRow(
            id=server,
            host=platform.node(),
            pid=os.getpid(),
            born=psutil.Process().create_time(),
            seen=time.time(),
        )
    )


def interrupt_abandoned_runs(session: Session, server: str) -> None:
    """Interrupt the runs of servers that have ended.

    A server on this machine has ended if its process has; one on another machine if its last
    heartbeat is more than a minute old.
    """
    living = {server}
    for row in session.scalars(select(ServerRow)):
        if row.id == server or _is_alive(row):
            living.add(row.id)
        else:
            session.delete(row)
    session.execute(
        update(RunRow)
        .where(RunRow.status.in_(ACTIVE), RunRow.server.not_in(living))
        .values(status="interrupted", reason=SERVER_GONE, finished=time.time())
    )


def _is_alive(row: ServerRow) -> bool:
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

    A workspace is the unguessable token of a browser. The items of one workspace don't exist for
    another. The database holds only the SHA-256 of the token. Several threads can use one store,
    and several servers one database.

    Args:
        url: A SQLAlchemy URL; None for $NFM_DATABASE_URL, or SQLite in $NFM_DATA_DIR or .nfm.
        limits: Limits on what is stored; None for those of the environment.
    """

    def __init__(self, url: str | None = None, limits: StoreLimits | None = None) -> None:
        super().__init__(url, limits)
        self._next_cleanup = time.monotonic()
        with self._write() as session:
            register_server(session, self.server)

    def close(self) -> None:
        """Close all connections; other servers then interrupt this store's unfinished runs."""
        with self._write() as session:
            session.execute(delete(ServerRow).where(ServerRow.id == self.server))
        self._engine.dispose()

    def set_preference(self, workspace: str, key: str, value: Any) -> None:
        """Store a small value as JSON, such as the id of the open data set."""
        with self._write() as session:
            session.merge(
                PreferenceRow(workspace=workspace_key(workspace), key=key, value=json.dumps(value))
            )

    def get_preference(self, workspace: str, key: str, default: Any = None) -> Any:
        """Return the value that `set_preference` stored under a key, or the default."""
        with self._read() as session:
            row = session.get(PreferenceRow, (workspace_key(workspace), key))
            return default if row is None else json.loads(row.value)

    def visit(self, workspace: str) -> None:
        """Record a visit, so that the workspace isn't deleted as abandoned."""
        with self._write() as session:
            session.merge(VisitRow(workspace=workspace_key(workspace), seen=time.time()))

    def move_workspace(self, source: str, target: str) -> None:
        """Move all data sets, runs, models and preferences of a workspace to another one.

        Runs get new numbers after those of the other workspace. Of a preference that both have,
        the moved one is kept.

        Args:
            source: Token of the workspace that is then empty.
            target: Token of the other workspace.

        Raises:
            JobError: If a run waits or trains, or the other workspace would have too many items or
                bytes.
        """
        old, new = workspace_key(source), workspace_key(target)
        with self._write() as session:
            if has_active_run(session, RunRow.workspace == old):
                raise JobError("A run still waits or trains there: try again when it has ended.")
            for table, limit, what in (
                (DatasetRow, self.limits.datasets, "data sets"),
                (RunRow, self.limits.runs, "runs"),
            ):
                count = select(func.count()).select_from(table).where(table.deleted.is_(None))
                if (session.scalar(count.where(table.workspace.in_((old, new)))) or 0) > limit:
                    raise JobError(
                        f"Your account may have {limit} {what}, and would have more: delete some."
                    )
            last = select(func.max(RunRow.number)).where(RunRow.workspace == new)
            session.execute(
                update(RunRow)
                .where(RunRow.workspace == old)
                .values(workspace=new, number=RunRow.number + (session.scalar(last) or 0))
            )
            keys = select(PreferenceRow.key).where(PreferenceRow.workspace == old)
            session.execute(
                delete(PreferenceRow).where(
                    PreferenceRow.workspace == new, PreferenceRow.key.in_(keys)
                )
            )
            for moved in (DatasetRow, PreferenceRow):
                session.execute(update(moved).where(moved.workspace == old).values(workspace=new))
            session.execute(delete(VisitRow).where(VisitRow.workspace == old))
            self._check_storage(session, target, 0)

    def delete_abandoned(self) -> int:
        """Delete the workspaces that were not visited for `limits.days` days.

        A workspace without a recorded visit counts as visited when its last data set or run was
        created. A workspace with a run that waits or trains stays.

        Returns:
            Number of workspaces deleted.
        """
        if self.limits.days is None:
            return 0
        visits = union_all(
            select(VisitRow.workspace, VisitRow.seen.label("seen")),
            select(DatasetRow.workspace, DatasetRow.created),
            select(RunRow.workspace, RunRow.created),
        ).subquery()
        active = select(RunRow.workspace).where(RunRow.status.in_(ACTIVE))
        abandoned_since = time.time() - self.limits.days * _DAY_SECONDS
        with self._write() as session:
            abandoned = session.scalars(
                select(visits.c.workspace)
                .where(visits.c.workspace.not_in(active))
                .group_by(visits.c.workspace)
                .having(func.max(visits.c.seen) < abandoned_since)
            ).all()
            for workspace in abandoned:
                purge_runs(session, RunRow.workspace == workspace)
                purge_datasets(session, DatasetRow.workspace == workspace)
                for table in (PreferenceRow, VisitRow):
                    session.execute(delete(table).where(table.workspace == workspace))
            return len(abandoned)

    def heartbeat(self) -> None:
        """Record that this process is alive, and interrupt the runs of servers that have ended.

        Once an hour, delete abandoned workspaces and items that can no longer be restored.
        """
        with self._write() as session:
            # Again, if another server has removed it.
            register_server(session, self.server)
            interrupt_abandoned_runs(session, self.server)
        if time.monotonic() >= self._next_cleanup:
            self._next_cleanup = time.monotonic() + _CLEANUP_SECONDS
            self.delete_abandoned()
            self.purge_deleted()

    def purge_deleted(self) -> None:
        """Delete permanently the runs and data sets that can no longer be restored."""
        oldest = time.time() - UNDO_SECONDS
        with self._write() as session:
            purge_runs(session, RunRow.deleted < oldest)
            purge_datasets(session, DatasetRow.deleted < oldest)
