"""Rows of the store to records and back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, cast

from pydantic import TypeAdapter

from nfm.epoch import Epoch, Metrics
from nfm.jobs.records import Dataset, Run, Status
from nfm.jobs.tables import DatasetRow, RunRow
from nfm.settings import Settings
from nfm.tabular.reading import ReadingOptions
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import FORMER_OPTIONS, SplitOptions


def dump(value: Any) -> str:
    """Write a pydantic model or a dataclass as JSON."""
    return TypeAdapter(type(value)).dump_json(value).decode()


def load(kind: type, text: str) -> Any:
    """Read what `dump` wrote."""
    return TypeAdapter(kind).validate_json(text)


def load_split(text: str) -> SplitOptions:
    """Read how rows are divided, as this version or an earlier one wrote it."""
    return SplitOptions.model_validate(FORMER_OPTIONS | json.loads(text))


def epochs(chunks: Iterable[str]) -> tuple[Epoch, ...]:
    """Join lists of epochs that were written one after another."""
    return tuple(epoch for chunk in chunks for epoch in _parsed(chunk))


@lru_cache(maxsize=256)
def _parsed(chunk: str) -> tuple[Epoch, ...]:
    """A page looks at the same runs again and again: a run of 1,000 epochs takes 10 ms."""
    return tuple(Epoch.from_dict(state) for state in json.loads(chunk))


def dataset(row: DatasetRow, workspace: str) -> Dataset:
    """Return the row as a record; `workspace` is the token, which the row does not hold."""
    return Dataset(
        id=row.id,
        workspace=workspace,
        name=row.name,
        content_hash=row.content_hash,
        size=row.size,
        options=load(ReadingOptions, row.options),
        schema=load(Schema, row.schema),
        split=load_split(row.split),
        created=_moment(row.created),
    )


def run(row: RunRow, history: tuple[Epoch, ...], workspace: str) -> Run:
    """Return the row as a record; `workspace` is the token, which the row does not hold."""
    return Run(
        id=row.id,
        workspace=workspace,
        number=row.number,
        dataset_id=row.dataset_id,
        name=row.name,
        settings=load(Settings, row.settings),
        schema=load(Schema, row.schema),
        split=load_split(row.split),
        status=cast(Status, row.status),
        reason=row.reason,
        created=_moment(row.created),
        started=None if row.started is None else _moment(row.started),
        finished=None if row.finished is None else _moment(row.finished),
        epochs=history,
        test_metrics=None if row.test_metrics is None else Metrics(**json.loads(row.test_metrics)),
        has_model=row.has_model,
        note=row.note or "",
        models_made=row.models_made or 0,
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
