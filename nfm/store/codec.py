"""Converts database rows to records and back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

from nfm.compatibility import read_stored
from nfm.epoch import Epoch, Metrics
from nfm.errors import CompatibilityError, JobError
from nfm.files.reading import ReadingOptions
from nfm.settings import Settings
from nfm.store.database import DatasetRow, RunRow
from nfm.store.records import Dataset, DecisionRule, Run, Status, Unreadable
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import SplitOptions

Stored = TypeVar("Stored")


def dump(value: Any) -> str:
    """Return a pydantic model or a dataclass as JSON."""
    return TypeAdapter(type(value)).dump_json(value).decode()


def dataset(row: DatasetRow, workspace: str) -> Dataset:
    """Convert a row to a record.

    Args:
        row: The row, written by this version or an older one.
        workspace: Token of the workspace; the row holds its hash only.

    Raises:
        JobError: If this version cannot read it.
    """
    return Dataset(
        id=row.id,
        workspace=workspace,
        name=row.name,
        content_hash=row.content_hash,
        size=row.size,
        options=_load(ReadingOptions, row.options, "reading options", row.name),
        schema=_load(Schema, row.schema, "columns", row.name),
        split=_load(SplitOptions, row.split, "split options", row.name),
        created=_utc(row.created),
    )


def run(row: RunRow, history: Iterable[str], workspace: str) -> Run:
    """Convert a row to a record.

    Args:
        row: The row, written by this version or an older one.
        history: Its epochs, in order: JSON lists, as `EpochsRow` holds them.
        workspace: Token of the workspace; the row holds its hash only.

    Raises:
        JobError: If this version cannot read it.
    """
    figures = row.test_metrics
    return Run(
        id=row.id,
        workspace=workspace,
        number=row.number,
        dataset_id=row.dataset_id,
        name=row.name,
        settings=_load(Settings, row.settings, "settings", row.name),
        schema=_load(Schema, row.schema, "columns", row.name),
        split=_load(SplitOptions, row.split, "split options", row.name),
        status=cast(Status, row.status),
        reason=row.reason,
        created=_utc(row.created),
        started=None if row.started is None else _utc(row.started),
        finished=None if row.finished is None else _utc(row.finished),
        epochs=tuple(
            chain.from_iterable(
                _load(tuple[Epoch, ...], chunk, "epochs", row.name) for chunk in history
            )
        ),
        test_metrics=None if figures is None else _load(Metrics, figures, "figures", row.name),
        has_model=row.has_model,
        note=row.note or "",
        models_made=row.models_made or 0,
        decision_rules=decision_rules(row),
        examined_on=row.examined_on or "",
        first_epochs=row.first_epochs,
    )


def decision_rules(row: RunRow) -> tuple[DecisionRule, ...]:
    """Return the decision rules of a run's classes."""
    return tuple(DecisionRule(**rule) for rule in json.loads(row.decision_rules or "[]"))


def unreadable(row: DatasetRow | RunRow, error: JobError) -> Unreadable:
    """Return a description of a row that cannot be read."""
    return Unreadable(row.id, row.name, _utc(row.created), str(error))


def _load(kind: type[Stored], text: str, part: str, name: str) -> Stored:
    read = _read_long if len(text) > _LONG_TEXT else _read_short
    try:
        return read(kind, text)
    except CompatibilityError as error:
        raise JobError(f"The {part} of {name!r} are {error}.") from None


# A page reads the same runs again and again, and most runs of a table have equal columns.
# The record of a long text, such as 1,000 epochs, takes a megabyte: fewer of these are cached.
_read_short: Any = lru_cache(maxsize=2048)(read_stored)
_read_long: Any = lru_cache(maxsize=256)(read_stored)
_LONG_TEXT = 4_000


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
