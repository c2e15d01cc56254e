"""The table and the run that a workspace has open, the same after a refresh and in a second tab."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd
import streamlit as st

from nfm.column_formats.column_format import ColumnFormat
from nfm.errors import JobError
from nfm.files.reading import ReadingOptions, TableFile, read_table_file
from nfm.inference.bundle import load_uploaded_bundle
from nfm.jobs.runs import LiveRun
from nfm.jobs.worker.run_commands import NO_COMMANDS, RunCommands
from nfm.settings import Settings
from nfm.store.records import Dataset, Run, Unreadable
from nfm.tabular.samples import SAMPLES, Sample, sample_bytes
from nfm.tabular.schema import Schema, infer_schema
from nfm.tabular.splitting import SplitOptions
from nfm.ui.state import services
from nfm.ui.state.byte_cache import shared_cache

DEFAULT_SAMPLE = next(iter(SAMPLES))
_FILE_NAME_LENGTH = 80


def dataset() -> Dataset:
    """Return the open table; on the first visit the default sample."""
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
    """Return what each table is called by its id, the newest first.

    Tables of the same name get the time of their upload, on the browser's clock.
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
    """Return a time on the browser's clock; UTC where that is not known."""
    try:
        return moment.astimezone(ZoneInfo(st.context.timezone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        return moment


def unreadable_datasets() -> tuple[Unreadable, ...]:
    """Return the tables of the workspace that this version cannot read."""
    return services.store().list_datasets(services.workspace()).unreadable


def delete_dataset(opened: Dataset) -> None:
    """Delete a table, for now; if it is the open one, the newest of one's own is opened.

    Raises:
        JobError: If a run still learns from it.
    """
    store, workspace = services.store(), services.workspace()
    store.delete_dataset(workspace, opened.id)
    if store.get_preference(workspace, "dataset") != opened.id:
        return
    own = next((table for table in datasets() if not sample_of(table)), None)
    if own is None:
        open_sample(DEFAULT_SAMPLE)
    else:
        open_dataset(own.id)


def last_deleted_dataset() -> Dataset | None:
    """Return the table that was deleted last, if it can still be brought back."""
    return next(iter(services.store().deleted_datasets(services.workspace())), None)


def restore_dataset(dataset_id: str) -> None:
    """Bring a deleted table back, and open it.

    Raises:
        JobError: If it was deleted long ago, or there is no room for it.
    """
    services.store().restore_dataset(services.workspace(), dataset_id)
    open_dataset(dataset_id)


def open_dataset(dataset_id: str) -> None:
    """Make one of the workspace's tables the open one."""
    services.store().set_preference(services.workspace(), "dataset", dataset_id)


def open_sample(key: str) -> Dataset:
    """Open a sample, with the roles and kinds that were chosen when it was last open."""
    store, workspace = services.store(), services.workspace()
    dataset_id = store.get_preference(workspace, f"sample.{key}")
    if dataset_id is not None:
        try:
            kept = store.dataset(workspace, dataset_id)
        except JobError:
            pass
        else:
            open_dataset(kept.id)
            return kept
    sample = SAMPLES[key]
    content = sample_bytes(key)
    table = read_table_file(content)
    schema = infer_schema(table.frame, sample.target, sample.task).with_unit(sample.unit)
    added = store.add_dataset(
        workspace, sample.title, content, table.options, schema, SplitOptions()
    )
    store.set_preference(workspace, f"sample.{key}", added.id)
    open_dataset(added.id)
    return added


def sample_of(opened: Dataset) -> Sample | None:
    """Return the sample that a table is, None for an uploaded one."""
    store, workspace = services.store(), services.workspace()
    for key, sample in SAMPLES.items():
        if (
            sample.title == opened.name
            and store.get_preference(workspace, f"sample.{key}") == opened.id
        ):
            return sample
    return None


def add_file(name: str, content: bytes, options: ReadingOptions | None = None) -> Dataset:
    """Read an uploaded file, suggest its schema, keep it and open it.

    Args:
        name: What it is called.
        content: Its bytes.
        options: How it is read; what they leave open is found out.

    Raises:
        NFMError: In one sentence, if it cannot be read, learned from, or kept.
    """
    added = keep_file(name, content, options)
    open_dataset(added.id)
    return added


def keep_file(name: str, content: bytes, options: ReadingOptions | None = None) -> Dataset:
    """Read an uploaded file, suggest its schema and keep it, without opening it.

    Args:
        name: What it is called.
        content: Its bytes.
        options: How it is read; what they leave open is found out.

    Raises:
        NFMError: In one sentence, if it cannot be read, learned from, or kept.
    """
    read = read_table_file(content, name, options)
    schema = infer_schema(read.frame)
    store, workspace = services.store(), services.workspace()
    added = store.add_dataset(workspace, _bare(name), content, read.options, schema, SplitOptions())
    _keep(added, read)
    return added


def table(opened: Dataset) -> TableFile:
    """Return a table's rows and what was detected while it was read; do not change the frame."""

    def read() -> TableFile:
        content = services.store().content(opened.workspace, opened.id)
        return read_table_file(content, opened.name, opened.options)

    return shared_cache().get(_table_key(opened), read)


def _keep(opened: Dataset, read: TableFile) -> None:
    """Keep a table that was read already for the pages, so that its file is parsed once."""
    shared_cache().get(_table_key(opened), lambda: read)


def frame(opened: Dataset) -> pd.DataFrame:
    """Return a table's rows; do not change them."""
    return table(opened).frame


def read_anew(opened: Dataset, options: ReadingOptions) -> None:
    """Read a table with other options and suggest its schema again.

    Runs that learned from the table as it was keep it: then the newly read one is a table of
    its own, which is opened.

    Raises:
        NFMError: In one sentence, if it cannot be read that way.
    """
    store, workspace = services.store(), services.workspace()
    content = store.content(workspace, opened.id)
    table = read_table_file(content, opened.name, options)
    target = opened.schema.target
    schema = infer_schema(table.frame, target if target in table.frame.columns else None)
    _replace(opened, content, table, schema, SplitOptions())


def change_format(opened: Dataset, name: str, style: ColumnFormat) -> None:
    """Read one column of a table otherwise; what was chosen for the others stays.

    Runs that learned from the table as it was keep it: then the newly read one is a table of
    its own, which is opened.

    Args:
        opened: The table.
        name: The column.
        style: Its new format.

    Raises:
        NFMError: In one sentence, if it cannot be read that way.
    """
    content = services.store().content(services.workspace(), opened.id)
    options = opened.options.with_format(name, style)
    table = read_table_file(content, opened.name, options)
    old, guessed = opened.schema, infer_schema(table.frame, opened.schema.target)
    task = guessed.task if name == old.target else old.task
    columns = tuple(
        column if column.name == name else old.column(column.name) for column in guessed.columns
    )
    if name == old.target:  # it stays the target, whatever kind it is now
        columns = tuple(
            column.model_copy(update={"role": "target"}) if column.name == name else column
            for column in columns
        )
    schema = guessed.model_copy(update={"columns": columns, "task": task})
    _replace(opened, content, table, schema, opened.split)


def _replace(
    opened: Dataset, content: bytes, table: TableFile, schema: Schema, split: SplitOptions
) -> None:
    """Keep a table that was read anew: in place of the old one, unless a run learned from that."""
    store, workspace = services.store(), services.workspace()
    if any(run.dataset_id == opened.id for run in store.runs(workspace)):
        added = store.add_dataset(workspace, opened.name, content, table.options, schema, split)
        _keep(added, table)
        open_dataset(added.id)
        return
    kept = store.update_dataset(
        workspace, opened.id, options=table.options, schema=schema, split=split
    )
    _keep(kept, table)


def suggest_schema(opened: Dataset) -> None:
    """Suggest roles, kinds, target and task anew, as if the table had just been opened."""
    sample = sample_of(opened)
    target, task = (None, None) if sample is None else (sample.target, sample.task)
    unit = "" if sample is None else sample.unit
    update_schema(opened, infer_schema(frame(opened), target, task).with_unit(unit))


def update_schema(opened: Dataset, schema: Schema) -> None:
    """Keep changed roles, kinds or target."""
    services.store().update_dataset(services.workspace(), opened.id, schema=schema)


def ignore_columns(opened: Dataset, names: Iterable[str]) -> None:
    """Leave columns out of what is learned from."""
    schema = opened.schema
    for name in names:
        schema = schema.with_column(name, role="ignored")
    update_schema(opened, schema)


def update_split(opened: Dataset, split: SplitOptions) -> None:
    """Keep changed shares of the test and validation rows."""
    services.store().update_dataset(services.workspace(), opened.id, split=split)


def run() -> Run | None:
    """Return the run that the workspace looks at: the one started last."""
    store, workspace = services.store(), services.workspace()
    run_id = store.get_preference(workspace, "run")
    if run_id is None:
        return None
    try:
        return store.run(workspace, run_id)
    except JobError:
        return None


def find_run(run_id: str) -> Run:
    """Return one of the workspace's runs.

    Raises:
        JobError: If it has none of that id.
    """
    return services.store().run(services.workspace(), run_id)


def look_at(run: Run | None) -> None:
    """Make one of the workspace's runs the one that is looked at, or none of them."""
    services.store().set_preference(services.workspace(), "run", None if run is None else run.id)


def start_run(opened: Dataset, settings: Settings, commands: RunCommands = NO_COMMANDS) -> Run:
    """Queue a training on the open table and look at it.

    Args:
        opened: The table.
        settings: Of the model and its training.
        commands: What is wanted of the run from the start.

    Raises:
        NFMError: If it cannot be kept or queued.
    """
    store, workspace = services.store(), services.workspace()
    # The validation share is asked for once, beside the test share.
    settings = settings.model_copy(update={"validation_fraction": opened.split.validation_fraction})
    added = store.add_run(workspace, opened.id, settings)
    store.set_preference(workspace, "run", added.id)
    services.engine().submit(added, commands)
    return added


def open_model(name: str, content: bytes) -> Run:
    """Read a model from an uploaded bundle, keep it and look at it.

    Raises:
        NFMError: In one sentence, if it is not a usable bundle, or cannot be stored.
    """
    bundle = load_uploaded_bundle(content)
    store, workspace = services.store(), services.workspace()
    added = store.add_model(workspace, _bare(name), bundle, SplitOptions())
    store.set_preference(workspace, "run", added.id)
    return added


def continue_run(opened: Run, more: int, commands: RunCommands = NO_COMMANDS) -> Run:
    """Queue a run that has ended for more epochs.

    Args:
        opened: The run.
        more: Number of epochs.
        commands: What is wanted of it from the start.

    Raises:
        NFMError: If it cannot go on, or not be queued.
    """
    continued = services.store().continue_run(services.workspace(), opened.id, more)
    services.engine().submit(continued, commands)
    return continued


def restore_table(opened: Run) -> None:
    """Open a run's table again, with the roles and the split that it had.

    Raises:
        JobError: If the table was deleted.
    """
    kept = run_dataset(opened)
    open_dataset(kept.id)
    update_schema(kept, opened.schema)
    update_split(kept, opened.split)


def run_dataset(opened: Run) -> Dataset:
    """Return the table that a run learned from.

    Raises:
        JobError: If it was deleted.
    """
    return services.store().dataset(services.workspace(), opened.dataset_id)


def run_frame(opened: Run) -> pd.DataFrame:
    """Return the rows of the table that a run learned from.

    Raises:
        JobError: If the table was deleted.
    """
    return frame(run_dataset(opened))


def live(opened: Run) -> LiveRun:
    """Return how a run stands at this moment."""
    if opened.active:
        return services.engine().live(opened.id)
    return LiveRun.of(opened)


def _table_key(opened: Dataset) -> tuple[str, str, str]:
    return "table", opened.content_hash, opened.options.model_dump_json()


def _bare(name: str) -> str:
    """Return a file's name without its folders, and not too long."""
    return name.replace("\\", "/").rsplit("/", 1)[-1][:_FILE_NAME_LENGTH]
