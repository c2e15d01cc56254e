"""Data sets, runs and trained models, kept in SQL and apart by workspace."""

from __future__ import annotations

import json
import time
from typing import Any

from nfm.store import servers, workspace_expiry
from nfm.store.dataset_repository import DatasetShelf
from nfm.store.records import ACTIVE as ACTIVE
from nfm.store.records import Dataset as Dataset
from nfm.store.records import DecisionRule as DecisionRule
from nfm.store.records import Run as Run
from nfm.store.records import Status as Status
from nfm.store.repository import StoreLimits as StoreLimits
from nfm.store.repository import workspace_key
from nfm.store.run_repository import RunShelf
from nfm.store.tables import PreferenceRow

_DAY_SECONDS = 86_400.0
_TIDYING_SECONDS = 3_600.0


class Store(DatasetShelf, RunShelf):
    """The one place where runs are kept; every method is a short transaction of its own.

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
            servers.register(session, self.server)

    def close(self) -> None:
        """Let go of all connections; runs of this store that have not ended are abandoned."""
        with self._write() as session:
            servers.leave(session, self.server)
        self._engine.dispose()

    def set_preference(self, workspace: str, key: str, value: Any) -> None:
        """Keep a small JSON value: which data set is open, say."""
        with self._write() as session:
            session.merge(
                PreferenceRow(workspace=workspace_key(workspace), key=key, value=json.dumps(value))
            )

    def get_preference(self, workspace: str, key: str, default: Any = None) -> Any:
        """Return what `set_preference` kept under the key, else the default."""
        with self._read() as session:
            row = session.get(PreferenceRow, (workspace_key(workspace), key))
            return default if row is None else json.loads(row.value)

    def visit(self, workspace: str) -> None:
        """Note that somebody is here, so that the workspace is not taken for abandoned."""
        with self._write() as session:
            workspace_expiry.touch(session, workspace_key(workspace), time.time())

    def delete_abandoned(self) -> int:
        """Delete all that belongs to workspaces not visited for `limits.days`.

        Returns:
            How many workspaces were forgotten.
        """
        if self.limits.days is None:
            return 0
        before = time.time() - self.limits.days * _DAY_SECONDS
        with self._write() as session:
            return workspace_expiry.delete_abandoned(session, before)

    def heartbeat(self) -> None:
        """Note that this process lives, and interrupt the runs of those that no longer do.

        Once an hour, abandoned workspaces and runs that were deleted long ago are forgotten.
        """
        with self._write() as session:
            servers.heartbeat(session, self.server)
            servers.interrupt_abandoned(session, self.server)
        if time.monotonic() >= self._next_tidying:
            self._next_tidying = time.monotonic() + _TIDYING_SECONDS
            self.delete_abandoned()
            self.purge_deleted()

    def purge_deleted(self) -> None:
        """Let what was deleted so long ago go for good, that nobody wants it back."""
        self.purge_deleted_runs()
        self.purge_deleted_datasets()
