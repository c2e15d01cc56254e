"""Data sets, runs and trained models, kept in SQL and apart by workspace."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, sessionmaker

from nfm.epoch import Epoch, Metrics
from nfm.errors import JobError
from nfm.jobs import codec, servers
from nfm.jobs.database import open_database
from nfm.jobs.records import ACTIVE as ACTIVE
from nfm.jobs.records import Dataset as Dataset
from nfm.jobs.records import LiveRun as LiveRun
from nfm.jobs.records import Run as Run
from nfm.jobs.records import Status as Status
from nfm.jobs.tables import (
    BundleRow,
    ContentRow,
    DatasetRow,
    EpochsRow,
    MemoryRow,
    RunRow,
    prepare,
)
from nfm.settings import Settings

if TYPE_CHECKING:
    from nfm.tabular.reading import ReadingOptions
    from nfm.tabular.schema import Schema
    from nfm.tabular.splitting import SplitOptions

NAME_LENGTH = 200


@dataclass(frozen=True)
class Limits:
    """How much one workspace may keep.

    Attributes:
        datasets: Number of data sets.
        runs: Number of runs.
        waiting: Number of runs that wait or train at the same time.
        size: Bytes of all its files and models.
    """

    datasets: int = 50
    runs: int = 1000
    waiting: int = 20
    size: int = 2_000_000_000


class Store:
    """The one place where runs are kept; every method is a short transaction of its own.

    A workspace is the unguessable token of a browser. Whatever belongs to another
    workspace does not exist here. The database holds the token's SHA-256 only.
    Several threads may use one store.

    Args:
        url: SQLAlchemy's; None: $NFM_DATABASE_URL, else SQLite in $NFM_DATA_DIR or .nfm.
        limits: How much one workspace may keep.
    """

    def __init__(self, url: str | None = None, limits: Limits = Limits()) -> None:
        self.limits = limits
        self._engine = open_database(url)
        prepare(self._engine)
        self._reading = sessionmaker(self._engine)
        self._writing = sessionmaker(self._engine.execution_options(writing=True))
        self.server = _new_id()
        with self._write() as session:
            servers.register(session, self.server)

    def close(self) -> None:
        """Let go of all connections; runs of this store that have not ended are abandoned."""
        with self._write() as session:
            servers.leave(session, self.server)
        self._engine.dispose()

    # Data sets

    def add_dataset(
        self,
        workspace: str,
        name: str,
        content: bytes,
        options: ReadingOptions,
        schema: Schema,
        split: SplitOptions,
    ) -> Dataset:
        """Keep a file and how it is read; equal contents are kept once.

        Raises:
            JobError: If the workspace has no room for it.
        """
        digest = hashlib.sha256(content).hexdigest()
        with self._write() as session:
            self._check_room(session, workspace, DatasetRow, self.limits.datasets, "data sets")
            self._check_size(session, workspace, len(content))
            if session.get(ContentRow, digest) is None:
                session.add(ContentRow(hash=digest, size=len(content), data=content))
                session.flush()
            row = DatasetRow(
                id=_new_id(),
                workspace=_key(workspace),
                name=_clip(name),
                content_hash=digest,
                size=len(content),
                options=codec.dump(options),
                schema=codec.dump(schema),
                split=codec.dump(split),
                created=time.time(),
            )
            session.add(row)
            session.flush()
            return codec.dataset(row, workspace)

    def dataset(self, workspace: str, dataset_id: str) -> Dataset:
        """Return one data set.

        Raises:
            JobError: If the workspace has no such data set.
        """
        with self._read() as session:
            return codec.dataset(_dataset_row(session, workspace, dataset_id), workspace)

    def datasets(self, workspace: str) -> tuple[Dataset, ...]:
        """Return all data sets, the newest first."""
        statement = (
            select(DatasetRow)
            .where(DatasetRow.workspace == _key(workspace))
            .order_by(DatasetRow.sequence.desc())
        )
        with self._read() as session:
            return tuple(codec.dataset(row, workspace) for row in session.scalars(statement))

    def content(self, workspace: str, dataset_id: str) -> bytes:
        """Return the bytes of a data set's file.

        Raises:
            JobError: If the workspace has no such data set.
        """
        with self._read() as session:
            row = _dataset_row(session, workspace, dataset_id)
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
        """Change what is given; runs that were made before keep their own schema and split.

        Raises:
            JobError: If the workspace has no such data set.
        """
        with self._write() as session:
            row = _dataset_row(session, workspace, dataset_id)
            if name is not None:
                row.name = _clip(name)
            if options is not None:
                row.options = codec.dump(options)
            if schema is not None:
                row.schema = codec.dump(schema)
            if split is not None:
                row.split = codec.dump(split)
            return codec.dataset(row, workspace)

    def delete_dataset(self, workspace: str, dataset_id: str) -> None:
        """Forget a data set and, if nobody else has the same, its bytes; its runs stay.

        Raises:
            JobError: If the workspace has no such data set, or a run of it waits or trains.
        """
        with self._write() as session:
            row = _dataset_row(session, workspace, dataset_id)
            active = select(RunRow.id).where(RunRow.dataset_id == row.id, RunRow.status.in_(ACTIVE))
            if session.scalar(active.limit(1)) is not None:
                raise JobError("A run is still learning from this data set: stop it first.")
            digest = row.content_hash
            session.delete(row)
            session.flush()
            others = select(DatasetRow.id).where(DatasetRow.content_hash == digest).limit(1)
            if session.scalar(others) is None:
                session.execute(delete(ContentRow).where(ContentRow.hash == digest))

    # Runs

    def add_run(
        self,
        workspace: str,
        dataset_id: str,
        settings: Settings,
        *,
        name: str | None = None,
        schema: Schema | None = None,
        split: SplitOptions | None = None,
    ) -> Run:
        """Make a run that waits; `Engine.submit` has it carried out.

        Args:
            workspace: Whose run it is.
            dataset_id: The data set to learn from.
            settings: Model and training.
            name: None: "Run" and its number.
            schema: None: the data set's.
            split: None: the data set's.

        Raises:
            JobError: If the workspace has no such data set, or no room for another run.
        """
        with self._write() as session:
            dataset = _dataset_row(session, workspace, dataset_id)
            self._check_room(session, workspace, RunRow, self.limits.runs, "runs")
            self._check_size(session, workspace, 1)
            key = _key(workspace)
            mine = select(func.count()).where(RunRow.workspace == key, RunRow.status.in_(ACTIVE))
            if (session.scalar(mine) or 0) >= self.limits.waiting:
                raise JobError(
                    f"{self.limits.waiting} of your runs already wait or train: "
                    "let one end, or cancel one."
                )
            last = session.scalar(select(func.max(RunRow.number)).where(RunRow.workspace == key))
            number = (last or 0) + 1
            row = RunRow(
                id=_new_id(),
                workspace=key,
                number=number,
                dataset_id=dataset.id,
                name=_clip(name) if name else f"Run {number}",
                settings=codec.dump(settings),
                schema=dataset.schema if schema is None else codec.dump(schema),
                split=dataset.split if split is None else codec.dump(split),
                status="queued",
                server=self.server,
                created=time.time(),
                has_model=False,
            )
            session.add(row)
            session.flush()
            return codec.run(row, (), workspace)

    def run(self, workspace: str, run_id: str) -> Run:
        """Return one run with its epochs.

        Raises:
            JobError: If the workspace has no such run.
        """
        with self._read() as session:
            row = _run_row(session, workspace, run_id)
            return codec.run(row, _history(session, row), workspace)

    def runs(self, workspace: str) -> tuple[Run, ...]:
        """Return all runs with their epochs, the newest first."""
        key = _key(workspace)
        statement = (
            select(EpochsRow.run_id, EpochsRow.state)
            .join(RunRow, RunRow.id == EpochsRow.run_id)
            .where(RunRow.workspace == key)
            .order_by(EpochsRow.run_id, EpochsRow.first)
        )
        with self._read() as session:
            chunks: dict[str, list[str]] = {}
            for run_id, state in session.execute(statement):
                chunks.setdefault(run_id, []).append(state)
            rows = session.scalars(
                select(RunRow).where(RunRow.workspace == key).order_by(RunRow.number.desc())
            )
            return tuple(
                codec.run(row, codec.epochs(chunks.get(row.id, ())), workspace) for row in rows
            )

    def rename_run(self, workspace: str, run_id: str, name: str) -> None:
        """Give a run another name.

        Raises:
            JobError: If the workspace has no such run.
        """
        with self._write() as session:
            _run_row(session, workspace, run_id).name = _clip(name)

    def delete_run(self, workspace: str, run_id: str) -> None:
        """Forget a run and its model.

        Raises:
            JobError: If the workspace has no such run, or it waits or trains.
        """
        with self._write() as session:
            row = _run_row(session, workspace, run_id)
            if row.status in ACTIVE:
                raise JobError("This run still waits or trains: stop it first.")
            session.execute(delete(EpochsRow).where(EpochsRow.run_id == row.id))
            session.execute(delete(BundleRow).where(BundleRow.run_id == row.id))
            session.delete(row)

    def bundle(self, workspace: str, run_id: str) -> bytes | None:
        """Return a run's trained model (`nfm.inference.bundle.load_bundle` reads it), if any.

        Raises:
            JobError: If the workspace has no such run.
        """
        with self._read() as session:
            row = _run_row(session, workspace, run_id)
            return session.scalar(select(BundleRow.data).where(BundleRow.run_id == row.id))

    # What the engine writes

    def begin_run(self, workspace: str, run_id: str) -> None:
        """Mark a run that waited as running."""
        with self._write() as session:
            row = _run_row(session, workspace, run_id)
            if row.status == "queued":
                row.status, row.started = "running", time.time()

    def record_epochs(self, workspace: str, run_id: str, epochs: Sequence[Epoch]) -> None:
        """Add epochs that follow those already there."""
        if not epochs:
            return
        with self._write() as session:
            row = _run_row(session, workspace, run_id)
            session.add(_epochs_row(row.id, epochs))

    def finish_run(
        self,
        workspace: str,
        run_id: str,
        status: Status,
        reason: str | None = None,
        *,
        epochs: Iterable[Epoch] | None = None,
        test_metrics: Metrics | None = None,
        bundle: bytes | None = None,
    ) -> None:
        """End a run; a run that has ended already stays as it is.

        Args:
            workspace: Whose run it is.
            run_id: The run.
            status: How it ended.
            reason: For people, one sentence.
            epochs: All of them, replacing what was recorded; None: keep what was recorded.
            test_metrics: Measured on the test rows.
            bundle: The trained model.
        """
        with self._write() as session:
            row = _run_row(session, workspace, run_id)
            if row.status not in ACTIVE:
                return
            row.status, row.reason, row.finished = status, reason, time.time()
            row.test_metrics = None if test_metrics is None else json.dumps(asdict(test_metrics))
            row.has_model = bundle is not None
            if epochs is not None:
                session.execute(delete(EpochsRow).where(EpochsRow.run_id == row.id))
                if epochs := tuple(epochs):
                    session.add(_epochs_row(row.id, epochs))
            if bundle is not None:
                session.add(BundleRow(run_id=row.id, size=len(bundle), data=bundle))

    def find_live(self, run_id: str) -> LiveRun:
        """Return how a run stands, whoever's it is.

        Raises:
            JobError: If there is no such run.
        """
        with self._read() as session:
            row = session.scalar(select(RunRow).where(RunRow.id == run_id))
            if row is None:
                raise JobError("There is no such run: it was deleted.")
            run = codec.run(row, _history(session, row), "")
        return LiveRun(
            id=run.id,
            status=run.status,
            epochs=run.epochs,
            reason=run.reason,
            test_metrics=run.test_metrics,
        )

    def beat(self) -> None:
        """Note that this process still lives."""
        with self._write() as session:
            servers.beat(session, self.server)

    def interrupt_abandoned(self) -> None:
        """Mark runs that wait or train in a server process that is gone as interrupted."""
        with self._write() as session:
            servers.interrupt_abandoned(session, self.server)

    # Small things that a workspace remembers

    def remember(self, workspace: str, key: str, value: Any) -> None:
        """Keep a small JSON value: which data set is open, say."""
        with self._write() as session:
            session.merge(MemoryRow(workspace=_key(workspace), key=key, value=json.dumps(value)))

    def recall(self, workspace: str, key: str, default: Any = None) -> Any:
        """Return what `remember` kept under the key, else the default."""
        with self._read() as session:
            row = session.get(MemoryRow, (_key(workspace), key))
            return default if row is None else json.loads(row.value)

    def _read(self) -> AbstractContextManager[Session]:
        return self._reading.begin()

    def _write(self) -> AbstractContextManager[Session]:
        return self._writing.begin()

    def _check_room(
        self,
        session: Session,
        workspace: str,
        table: type[DatasetRow] | type[RunRow],
        limit: int,
        what: str,
    ) -> None:
        count = select(func.count()).select_from(table).where(table.workspace == _key(workspace))
        if (session.scalar(count) or 0) >= limit:
            raise JobError(f"This workspace already has {limit} {what}: delete one to make room.")

    def _check_size(self, session: Session, workspace: str, more: int) -> None:
        key = _key(workspace)
        files = session.scalar(select(func.sum(DatasetRow.size)).where(DatasetRow.workspace == key))
        models = session.scalar(
            select(func.sum(BundleRow.size))
            .join(RunRow, RunRow.id == BundleRow.run_id)
            .where(RunRow.workspace == key)
        )
        if (files or 0) + (models or 0) + more > self.limits.size:
            raise JobError(
                f"This workspace may keep {self.limits.size // 1_000_000} MB of files and models: "
                "delete a data set or a run to make room."
            )


def _key(workspace: str) -> str:
    return hashlib.sha256(workspace.encode()).hexdigest()


def _new_id() -> str:
    return secrets.token_hex(16)


def _clip(name: str) -> str:
    return name.strip()[:NAME_LENGTH] or "Untitled"


def _dataset_row(session: Session, workspace: str, dataset_id: str) -> DatasetRow:
    row = session.scalar(
        select(DatasetRow).where(
            DatasetRow.workspace == _key(workspace), DatasetRow.id == dataset_id
        )
    )
    if row is None:
        raise JobError("This workspace has no such data set: it was deleted, or is another's.")
    return row


def _run_row(session: Session, workspace: str, run_id: str) -> RunRow:
    row = session.scalar(
        select(RunRow).where(RunRow.workspace == _key(workspace), RunRow.id == run_id)
    )
    if row is None:
        raise JobError("This workspace has no such run: it was deleted, or is another's.")
    return row


def _history(session: Session, row: RunRow) -> tuple[Epoch, ...]:
    return codec.epochs(
        session.scalars(
            select(EpochsRow.state).where(EpochsRow.run_id == row.id).order_by(EpochsRow.first)
        )
    )


def _epochs_row(run_id: str, epochs: Sequence[Epoch]) -> EpochsRow:
    return EpochsRow(
        run_id=run_id,
        first=epochs[0].number,
        state=json.dumps([epoch.to_dict() for epoch in epochs]),
    )
