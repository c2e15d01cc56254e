"""The tables of the database, one class each, and the records of their rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import chain
from typing import ClassVar, TypeVar

from sqlalchemy import Float, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from nfm.epoch import Epoch, Metrics
from nfm.errors import JobError
from nfm.files.reading import ReadingOptions
from nfm.settings import Settings
from nfm.store.json_column import JSONColumn, Stored, readable
from nfm.store.records import Dataset, DecisionRule, Listing, Record, Run, Status, Unreadable
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import SplitOptions


class Base(DeclarativeBase):
    """Base class of all tables."""

    # Those of the first databases, also where SQLAlchemy has other defaults by now.
    type_annotation_map: ClassVar = {str: Text, float: Float, Status: String(16)}


class MetaRow(Base):
    """Version of the tables, one row."""

    __tablename__ = "meta"
    version: Mapped[int] = mapped_column(primary_key=True)


class ContentRow(Base):
    """Bytes of an uploaded file; equal files share one row."""

    __tablename__ = "contents"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class DatasetRow(Base):
    """A data set; `workspace` is the SHA-256 of the workspace's token."""

    __tablename__ = "datasets"
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    workspace: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str]
    content_hash: Mapped[str] = mapped_column(ForeignKey("contents.hash"))
    size: Mapped[int]
    options: Mapped[Stored[ReadingOptions]] = mapped_column(JSONColumn(ReadingOptions))
    schema: Mapped[Stored[Schema]] = mapped_column(JSONColumn(Schema))
    split: Mapped[Stored[SplitOptions]] = mapped_column(JSONColumn(SplitOptions))
    created: Mapped[float]
    deleted: Mapped[float | None]

    def to_dataset(self, workspace: str) -> Dataset:
        """Return the record.

        Args:
            workspace: Token of the workspace; the row holds its hash only.

        Raises:
            JobError: If this version cannot read it.
        """
        return Dataset(
            id=self.id,
            workspace=workspace,
            name=self.name,
            content_hash=self.content_hash,
            size=self.size,
            options=readable(self.options, "reading options", self.name),
            schema=readable(self.schema, "columns", self.name),
            split=readable(self.split, "split options", self.name),
            created=_utc(self.created),
        )


class EpochsRow(Base):
    """Consecutive epochs of a run: one row per write, not per epoch."""

    __tablename__ = "epochs"
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    first: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[Stored[tuple[Epoch, ...]]] = mapped_column(JSONColumn(tuple[Epoch, ...]))


class RunRow(Base):
    """A run; `workspace` is the SHA-256 of the token, times are seconds since 1970, UTC."""

    __tablename__ = "runs"
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    workspace: Mapped[str] = mapped_column(String(64))
    number: Mapped[int]
    dataset_id: Mapped[str] = mapped_column(String(32), index=True)
    name: Mapped[str]
    settings: Mapped[Stored[Settings]] = mapped_column(JSONColumn(Settings))
    schema: Mapped[Stored[Schema]] = mapped_column(JSONColumn(Schema))
    split: Mapped[Stored[SplitOptions]] = mapped_column(JSONColumn(SplitOptions))
    status: Mapped[Status] = mapped_column(index=True)
    reason: Mapped[str | None]
    server: Mapped[str | None] = mapped_column(String(32))
    created: Mapped[float]
    started: Mapped[float | None]
    finished: Mapped[float | None]
    test_metrics: Mapped[Stored[Metrics] | None] = mapped_column(JSONColumn(Metrics))
    has_model: Mapped[bool] = mapped_column(default=False)
    models_made: Mapped[int | None]
    note: Mapped[str | None]
    deleted: Mapped[float | None]
    decision_rules: Mapped[Stored[tuple[DecisionRule, ...]] | None] = mapped_column(
        JSONColumn(tuple[DecisionRule, ...])
    )
    examined_on: Mapped[str | None] = mapped_column(String(32))
    first_epochs: Mapped[int | None]
    history: Mapped[list[EpochsRow]] = relationship(order_by=EpochsRow.first, viewonly=True)

    __table_args__ = (Index("runs_of_workspace", "workspace", "number", unique=True),)

    def to_run(self, workspace: str) -> Run:
        """Return the record, with its epochs.

        Args:
            workspace: Token of the workspace; the row holds its hash only.

        Raises:
            JobError: If this version cannot read it.
        """
        return Run(
            id=self.id,
            workspace=workspace,
            number=self.number,
            dataset_id=self.dataset_id,
            name=self.name,
            settings=readable(self.settings, "settings", self.name),
            schema=readable(self.schema, "columns", self.name),
            split=readable(self.split, "split options", self.name),
            status=self.status,
            reason=self.reason,
            created=_utc(self.created),
            started=None if self.started is None else _utc(self.started),
            finished=None if self.finished is None else _utc(self.finished),
            epochs=tuple(
                chain.from_iterable(
                    readable(part.state, "epochs", self.name) for part in self.history
                )
            ),
            test_metrics=readable(self.test_metrics, "figures", self.name),
            has_model=self.has_model,
            note=self.note or "",
            models_made=self.models_made or 0,
            decision_rules=readable(self.decision_rules or (), "decision rules", self.name),
            examined_on=self.examined_on or "",
            first_epochs=self.first_epochs,
        )


class BundleRow(Base):
    """The trained model of a run."""

    __tablename__ = "bundles"
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    size: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class PreferenceRow(Base):
    """A preference of a workspace, such as the open data set."""

    __tablename__ = "memories"
    workspace: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str]


class VisitRow(Base):
    """Time of a workspace's last visit; abandoned workspaces are deleted."""

    __tablename__ = "visits"
    workspace: Mapped[str] = mapped_column(String(64), primary_key=True)
    seen: Mapped[float] = mapped_column(index=True)


class ServerRow(Base):
    """A server process that trains runs, and the time of its last heartbeat."""

    __tablename__ = "servers"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    host: Mapped[str]
    pid: Mapped[int]
    born: Mapped[float]
    seen: Mapped[float]


Row = TypeVar("Row", DatasetRow, RunRow)


def listing(rows: Iterable[Row], read: Callable[[Row], Record]) -> Listing[Record]:
    """Return the records of rows; those that cannot be read are listed separately.

    Args:
        rows: The rows, in order.
        read: Returns the record of a row, or raises a JobError.
    """
    items, unreadable = [], []
    for row in rows:
        try:
            items.append(read(row))
        except JobError as error:
            unreadable.append(Unreadable(row.id, row.name, _utc(row.created), str(error)))
    return Listing(tuple(items), tuple(unreadable))


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
