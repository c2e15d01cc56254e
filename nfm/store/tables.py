"""The tables of the store, and the migration of older databases."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Connection,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from nfm.errors import JobError
from nfm.version import __version__

VERSION = 5
# What newer versions added to tables that older ones had made.
_ADDED_COLUMNS = {
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


class Base(DeclarativeBase):
    """All tables."""


class MetaRow(Base):
    """One row: the version of the tables."""

    __tablename__ = "meta"
    version: Mapped[int] = mapped_column(Integer, primary_key=True)


class ContentRow(Base):
    """Bytes of an uploaded file, once for each content."""

    __tablename__ = "contents"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(Integer)
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class DatasetRow(Base):
    """A data set of a workspace; `workspace` is the token's SHA-256, not the token."""

    __tablename__ = "datasets"
    sequence: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    workspace: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(ForeignKey("contents.hash"))
    size: Mapped[int] = mapped_column(Integer)
    options: Mapped[str] = mapped_column(Text)
    schema: Mapped[str] = mapped_column(Text)
    split: Mapped[str] = mapped_column(Text)
    created: Mapped[float] = mapped_column(Float)
    deleted: Mapped[float | None] = mapped_column(Float)


class RunRow(Base):
    """A run of a workspace; times are seconds since 1970, UTC."""

    __tablename__ = "runs"
    sequence: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    id: Mapped[str] = mapped_column(String(32), unique=True)
    workspace: Mapped[str] = mapped_column(String(64))
    number: Mapped[int] = mapped_column(Integer)
    dataset_id: Mapped[str] = mapped_column(String(32), index=True)
    name: Mapped[str] = mapped_column(Text)
    settings: Mapped[str] = mapped_column(Text)
    schema: Mapped[str] = mapped_column(Text)
    split: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(16), index=True)
    reason: Mapped[str | None] = mapped_column(Text)
    server: Mapped[str | None] = mapped_column(String(32))
    created: Mapped[float] = mapped_column(Float)
    started: Mapped[float | None] = mapped_column(Float)
    finished: Mapped[float | None] = mapped_column(Float)
    test_metrics: Mapped[str | None] = mapped_column(Text)
    has_model: Mapped[bool] = mapped_column(Boolean, default=False)
    models_made: Mapped[int | None] = mapped_column(Integer)
    note: Mapped[str | None] = mapped_column(Text)
    deleted: Mapped[float | None] = mapped_column(Float)
    decision_rules: Mapped[str | None] = mapped_column(Text)
    examined_on: Mapped[str | None] = mapped_column(String(32))
    first_epochs: Mapped[int | None] = mapped_column(Integer)

    __table_args__ = (Index("runs_of_workspace", "workspace", "number", unique=True),)


class EpochsRow(Base):
    """Some consecutive epochs of a run as a JSON list: one row per write, not one per epoch."""

    __tablename__ = "epochs"
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    first: Mapped[int] = mapped_column(Integer, primary_key=True)
    state: Mapped[str] = mapped_column(Text)


class BundleRow(Base):
    """The trained model of a run."""

    __tablename__ = "bundles"
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    size: Mapped[int] = mapped_column(Integer)
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class PreferenceRow(Base):
    """A preference of a workspace, such as the open data set."""

    __tablename__ = "memories"
    workspace: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class VisitRow(Base):
    """Last visit of a workspace, by which abandoned ones are deleted."""

    __tablename__ = "visits"
    workspace: Mapped[str] = mapped_column(String(64), primary_key=True)
    seen: Mapped[float] = mapped_column(Float, index=True)


class ServerRow(Base):
    """A process that executes runs, and its last heartbeat."""

    __tablename__ = "servers"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    host: Mapped[str] = mapped_column(Text)
    pid: Mapped[int] = mapped_column(Integer)
    born: Mapped[float] = mapped_column(Float)
    seen: Mapped[float] = mapped_column(Float)


def prepare(engine: Engine) -> None:
    """Create the tables, or bring those of an older version up to date.

    Raises:
        JobError: If the database was written by a newer version of the program, or cannot be
            used at all.
    """
    try:
        # As a writer: of two servers that start at once, one waits for the other.
        with engine.execution_options(writing=True).begin() as connection:
            if inspect(connection).has_table(MetaRow.__tablename__):
                _refuse_newer(connection)
            Base.metadata.create_all(connection)
            _migrate(connection)
    except DatabaseError as error:
        why = " ".join(str(error.orig).split())[:200]
        raise JobError(
            f"The database {engine.url.database} cannot be used: {why}. Bring a copy of it back, "
            "or point NFM_DATA_DIR (or NFM_DATABASE_URL) to another place."
        ) from error


def _refuse_newer(connection: Connection) -> None:
    """Raise JobError before anything is changed in a database that a newer version has written."""
    version = connection.scalar(select(MetaRow.version))
    if version is not None and version > VERSION:
        raise JobError(
            f"The database {connection.engine.url.database} was written by a newer version of NFM "
            f"Lab: its tables are of version {version}, and this one, NFM Lab {__version__}, knows "
            f"version {VERSION}. Please start a newer release, or point NFM_DATA_DIR (or "
            "NFM_DATABASE_URL) to another place."
        )


def _migrate(connection: Connection) -> None:
    version = connection.scalar(select(MetaRow.version))
    if version is None:
        connection.execute(insert(MetaRow).values(version=VERSION))
    elif version < VERSION:
        for table, added in _ADDED_COLUMNS.items():
            present = {column["name"] for column in inspect(connection).get_columns(table)}
            for name, kind in added.items():
                if name not in present:
                    connection.execute(text(f"ALTER TABLE {table} ADD COLUMN {name} {kind}"))
        connection.execute(update(MetaRow).values(version=VERSION))
