"""The tables of a workspace, and the open one: the same after a refresh and in all tabs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd
import streamlit as st

from nfm.column_formats.column_format import ColumnFormat
from nfm.errors import JobError
from nfm.files.reading import ReadingOptions, TableFile, read_table_file
from nfm.store.records import Dataset
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.samples import SAMPLES, Sample, sample_bytes
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import SplitOptions
from nfm.ui.state import services
from nfm.ui.state.byte_cache import shared_cache

DEFAULT_SAMPLE = next(iter(SAMPLES))
FILE_NAME_LENGTH = 80


def dataset() -> Dataset:
    """Return the open table; on the first visit, open the default sample."""
    store, workspace = services.store(), services.workspace()
    dataset_id = store.get_preference(workspace, "dataset")
    if dataset_id is not None:
        try:
            return store.dataset(workspace, dataset_id)
        except JobError:
            pass
    return open_sample(DEFAULT_SAMPLE)


def datasets() -> tuple[Dataset, ...]:
    """Return all tables of the workspace, the newest first."""
    return services.store().datasets(services.workspace())


def dataset_names() -> dict[str, str]:
    """Return id to name of each table, the newest first.

    Names of tables that have the same one get the time of their upload, on the browser's clock.
    """
    tables = datasets()
    names = {table.id: table.name for table in tables}
    for clock in ("%H:%M, %d %b %Y", "%H:%M:%S, %d %b %Y"):
        counts = Counter(names.values())
        for table in tables:
            if counts[names[table.id]] > 1:
                names[table.id] = f"{table.name} ({_local(table.created):{clock}})"
    for name, count in Counter(names.values()).items():
        same = [table.id for table in reversed(tables) if names[table.id] == name]
        for number, dataset_id in enumerate(same, start=1):
            if count > 1:
                names[dataset_id] = f"{name}, {number}"
    return names


def _local(moment: datetime) -> datetime:
    """Return a time on the browser's clock; unchanged if its time zone is not known."""
    try:
        return moment.astimezone(ZoneInfo(st.context.timezone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        return moment


def delete_dataset(dataset: Dataset) -> None:
    """Delete a table; it can be restored for some time.

    If it is the open one, the newest of the user's other tables is opened, or else the default
    sample.

    Raises:
        JobError: If an active run uses it.
    """
    store, workspace = services.store(), services.workspace()
    store.delete_dataset(workspace, dataset.id)
    if store.get_preference(workspace, "dataset") != dataset.id:
        return
    own = next((table for table in datasets() if not sample_of(table)), None)
    if own is None:
        open_sample(DEFAULT_SAMPLE)
    else:
        open_dataset(own.id)


def restore_dataset(dataset_id: str) -> None:
    """Restore a deleted table and open it.

    Raises:
        JobError: If it was deleted too long ago, or there is no room for it.
    """
    services.store().restore_dataset(services.workspace(), dataset_id)
    open_dataset(dataset_id)


def open_dataset(dataset_id: str) -> None:
    """Make one of the workspace's tables the open one."""
    services.store().set_preference(services.workspace(), "dataset", dataset_id)


def open_sample(key: str) -> Dataset:
    """Open a sample, with the roles and kinds that it had when it was last open.

    Args:
        key: Key of `SAMPLES`.

    Returns:
        The sample as a table of the workspace.
    """
    kept = keep_sample(key)
    open_dataset(kept.id)
    return kept


def keep_sample(key: str) -> Dataset:
    """Return a sample as a table of the workspace, without opening it.

    Args:
        key: Key of `SAMPLES`.
    """
    store, workspace = services.store(), services.workspace()
    dataset_id = store.get_preference(workspace, f"sample.{key}")
    if dataset_id is not None:
        with suppress(JobError):  # it was deleted
            return store.dataset(workspace, dataset_id)
    content, options, schema = _sample_as_read(key)
    added = store.add_dataset(
        workspace, SAMPLES[key].title, content, options, schema, SplitOptions()
    )
    store.set_preference(workspace, f"sample.{key}", added.id)
    return added


@cache
def _sample_as_read(key: str) -> tuple[bytes, ReadingOptions, Schema]:
    """Return a sample's bytes, options and schema, the same for every new visitor."""
    sample = SAMPLES[key]
    content = sample_bytes(key)
    table = read_table_file(content)
    schema = infer_schema(table.frame, sample.target, sample.task).with_unit(sample.unit)
    return content, table.options, schema


def sample_of(dataset: Dataset) -> Sample | None:
    """Return the sample that a table is; None for an uploaded one."""
    store, workspace = services.store(), services.workspace()
    for key, sample in SAMPLES.items():
        if (
            sample.title == dataset.name
            and store.get_preference(workspace, f"sample.{key}") == dataset.id
        ):
            return sample
    return None


def keep_file(name: str, content: bytes, options: ReadingOptions | None = None) -> Dataset:
    """Read an uploaded file, infer its schema and store it, without opening it.

    Args:
        name: Name of the file, without folders.
        content: Its bytes.
        options: Reading options; those that are None are detected.

    Raises:
        NFMError: If it cannot be read or stored, or no model can be trained on it.
    """
    read = read_table_file(content, name, options)
    schema = infer_schema(read.frame)
    store, workspace = services.store(), services.workspace()
    added = store.add_dataset(
        workspace, name[:FILE_NAME_LENGTH], content, read.options, schema, SplitOptions()
    )
    _keep(added, read)
    return added


def table(dataset: Dataset) -> TableFile:
    """Return a table's rows and what was detected while reading it.

    Returns:
        The cached result, shared by all sessions: do not change its frame.
    """

    def read() -> TableFile:
        content = services.store().content(dataset.workspace, dataset.id)
        return read_table_file(content, dataset.name, dataset.options)

    return shared_cache().get(_table_key(dataset), read)


def _keep(dataset: Dataset, read: TableFile) -> None:
    """Put a table that was just read into the cache, so that its file is parsed only once."""
    shared_cache().get(_table_key(dataset), lambda: read)


def frame(dataset: Dataset) -> pd.DataFrame:
    """Return the rows of a table.

    Returns:
        The cached frame, shared by all sessions: do not change it.
    """
    return table(dataset).frame


def read_anew(dataset: Dataset, options: ReadingOptions) -> None:
    """Read a table with other options and infer its schema again.

    If a run was trained on the table, that one is kept, and the newly read table is added and
    opened.

    Raises:
        NFMError: If it cannot be read that way.
    """
    store, workspace = services.store(), services.workspace()
    content = store.content(workspace, dataset.id)
    table = read_table_file(content, dataset.name, options)
    target = dataset.schema.target
    schema = infer_schema(table.frame, target if target in table.frame.columns else None)
    schema = schema.with_dictionary(dataset.schema.dictionary)
    _replace(dataset, content, table, schema, SplitOptions())


def change_format(dataset: Dataset, name: str, column_format: ColumnFormat) -> None:
    """Change the format of one column; roles and kinds of the other columns are kept.

    If a run was trained on the table, that one is kept, and the newly read table is added and
    opened.

    Raises:
        NFMError: If it cannot be read that way.
    """
    content = services.store().content(services.workspace(), dataset.id)
    options = dataset.options.with_format(name, column_format)
    table = read_table_file(content, dataset.name, options)
    old, guessed = dataset.schema, infer_schema(table.frame, dataset.schema.target)
    task = guessed.task if name == old.target else old.task
    columns = tuple(
        column if column.name == name else old.column(column.name) for column in guessed.columns
    )
    if name == old.target:  # it stays the target, whatever kind it is now
        columns = tuple(
            column.model_copy(update={"role": "target"}) if column.name == name else column
            for column in columns
        )
    update: dict[str, Any] = {"columns": columns, "task": task, "dictionary": old.dictionary}
    if name != old.target:
        update |= {"unit": old.unit, "positive": old.positive}
    schema = guessed.model_copy(update=update)
    _replace(dataset, content, table, schema, dataset.split)


def _replace(
    dataset: Dataset, content: bytes, table: TableFile, schema: Schema, split: SplitOptions
) -> None:
    """Store a table that was read again: it replaces the old one unless a run was trained on it."""
    store, workspace = services.store(), services.workspace()
    if any(run.dataset_id == dataset.id for run in store.runs(workspace)):
        added = store.add_dataset(workspace, dataset.name, content, table.options, schema, split)
        _keep(added, table)
        open_dataset(added.id)
        return
    kept = store.update_dataset(
        workspace, dataset.id, options=table.options, schema=schema, split=split
    )
    _keep(kept, table)


def suggest_schema(dataset: Dataset) -> None:
    """Infer roles, kinds, target and task again, discarding all changes."""
    sample = sample_of(dataset)
    target, task = (None, None) if sample is None else (sample.target, sample.task)
    schema = infer_schema(frame(dataset), target, task)
    if sample is not None:
        schema = schema.with_unit(sample.unit)
    update_schema(dataset, schema.with_dictionary(dataset.schema.dictionary))


def update_schema(dataset: Dataset, schema: Schema) -> None:
    """Store changed roles, kinds or target."""
    services.store().update_dataset(services.workspace(), dataset.id, schema=schema)


def ignore_columns(dataset: Dataset, names: Iterable[str]) -> None:
    """Set the role of columns to "ignored"."""
    schema = dataset.schema
    for name in names:
        schema = schema.with_column(name, role="ignored")
    update_schema(dataset, schema)


def update_split(dataset: Dataset, split: SplitOptions) -> None:
    """Store changed options of the split."""
    services.store().update_dataset(services.workspace(), dataset.id, split=split)


def _table_key(dataset: Dataset) -> tuple[str, str, str]:
    return "table", dataset.content_hash, dataset.options.model_dump_json()


CACHE_KEYS: dict[str | type[Any], Callable[[Any], Any]] = {
    Dataset: _table_key,
    Schema: Schema.model_dump_json,
    SplitOptions: SplitOptions.model_dump_json,
}
"""The `hash_funcs` of functions that `st.cache_data` caches for a table. A data set stands for its
rows alone, so such a function takes what else it uses of it, schema or split, as an argument."""
