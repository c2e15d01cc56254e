"""The store's data sets."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

from sqlalchemy import select

from nfm.errors import JobError
from nfm.store.records import Dataset, Listing
from nfm.store.repository import (
    UNDO_SECONDS,
    Repository,
    clean_name,
    dataset_row,
    has_active_run,
    new_id,
    workspace_key,
)
from nfm.store.tables import ContentRow, DatasetRow, RunRow, listing

if TYPE_CHECKING:
    from nfm.files.reading import ReadingOptions
    from nfm.tabular.schema import Schema
    from nfm.tabular.splitting import SplitOptions


class DatasetRepository(Repository):
    """Adds, reads, changes and deletes data sets."""

    def add_dataset(
        self,
        workspace: str,
        name: str,
        content: bytes,
        options: ReadingOptions,
        schema: Schema,
        split: SplitOptions,
    ) -> Dataset:
        """Store a file and how to read it; equal files are stored once.

        Args:
            workspace: Token of the workspace.
            name: Name of the data set, such as the file's.
            content: Bytes of the file.
            options: How to read the bytes as a table.
            schema: Role and kind of every column.
            split: How to split the rows.

        Returns:
            The record.

        Raises:
            JobError: If a limit on what is stored is reached.
        """
        digest = hashlib.sha256(content).hexdigest()
        with self._write() as session:
            self._check_count(session, workspace, DatasetRow, self.limits.datasets, "data sets")
            self._check_storage(session, workspace, len(content))
            if session.get(ContentRow, digest) is None:
                session.add(ContentRow(hash=digest, size=len(content), data=content))
                session.flush()
            row = DatasetRow(
                id=new_id(),
                workspace=workspace_key(workspace),
                name=clean_name(name),
                content_hash=digest,
                size=len(content),
                options=options,
                schema=schema,
                split=split,
                created=time.time(),
            )
            session.add(row)
            session.flush()
            return row.to_dataset(workspace)

    def dataset(self, workspace: str, dataset_id: str) -> Dataset:
        """Return one data set.

        Raises:
            JobError: If the workspace has no such data set.
        """
        with self._read() as session:
            return dataset_row(session, workspace, dataset_id).to_dataset(workspace)

    def datasets(self, workspace: str) -> tuple[Dataset, ...]:
        """Return all data sets that can be read, the newest first."""
        return self.list_datasets(workspace).items

    def list_datasets(self, workspace: str) -> Listing[Dataset]:
        """Return all data sets; those that cannot be read are listed separately."""
        statement = (
            select(DatasetRow)
            .where(DatasetRow.workspace == workspace_key(workspace), DatasetRow.deleted.is_(None))
            .order_by(DatasetRow.sequence.desc())
        )
        with self._read() as session:
            return listing(session.scalars(statement), lambda row: row.to_dataset(workspace))

    def content(self, workspace: str, dataset_id: str) -> bytes:
        """Return the bytes of a data set's file.

        Raises:
            JobError: If the workspace has no such data set.
        """
        with self._read() as session:
            row = dataset_row(session, workspace, dataset_id)
            data = session.scalar(
                select(ContentRow.data).where(ContentRow.hash == row.content_hash)
            )
            assert data is not None  # noqa: S101 - a foreign key holds it
            return data

    def update_dataset(
        self,
        workspace: str,
        dataset_id: str,
        *,
        name: str | None = None,
        options: ReadingOptions | None = None,
        schema: Schema | None = None,
        split: SplitOptions | None = None,
    ) -> Dataset:
        """Change the given properties; existing runs keep their own schema and split.

        Raises:
            JobError: If the workspace has no such data set.
        """
        with self._write() as session:
            row = dataset_row(session, workspace, dataset_id)
            if name is not None:
                row.name = clean_name(name)
            if options is not None:
                row.options = options
            if schema is not None:
                row.schema = schema
            if split is not None:
                row.split = split
            return row.to_dataset(workspace)

    def delete_dataset(self, workspace: str, dataset_id: str) -> None:
        """Delete a data set; `restore_dataset` can undo it for an hour. Its runs stay.

        Raises:
            JobError: If the workspace has no such data set, or a run on it waits or trains.
        """
        with self._write() as session:
            row = dataset_row(session, workspace, dataset_id)
            if has_active_run(session, RunRow.dataset_id == row.id):
                raise JobError("A run is still training on this data set: stop it first.")
            row.deleted = time.time()

    def deleted_datasets(self, workspace: str) -> tuple[Dataset, ...]:
        """Return the data sets that can be read and restored, the last deleted first."""
        statement = (
            select(DatasetRow)
            .where(
                DatasetRow.workspace == workspace_key(workspace),
                DatasetRow.deleted > time.time() - UNDO_SECONDS,
            )
            .order_by(DatasetRow.deleted.desc())
        )
        with self._read() as session:
            return listing(session.scalars(statement), lambda row: row.to_dataset(workspace)).items

    def restore_dataset(self, workspace: str, dataset_id: str) -> Dataset:
        """Restore a data set deleted by `delete_dataset`.

        Raises:
            JobError: If the workspace never had it, it was deleted more than an hour ago, or the
                workspace has too many data sets.
        """
        with self._write() as session:
            row = dataset_row(session, workspace, dataset_id, deleted=True)
            if row.deleted is not None:
                self._check_count(session, workspace, DatasetRow, self.limits.datasets, "data sets")
                row.deleted = None
            return row.to_dataset(workspace)
