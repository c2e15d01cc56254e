"""Workspaces that are no longer visited are deleted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from nfm.errors import JobError, SettingsError
from nfm.files.reading import ReadingOptions
from nfm.settings import Settings
from nfm.store import store as store_module
from nfm.store.records import Dataset, RunOutcome
from nfm.store.repository import StoreLimits
from nfm.store.store import Store
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import SplitOptions

DAY = 86_400
TABLES = ("datasets", "contents", "runs", "epochs", "bundles", "memories", "visits")


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Of a database of its own."""
    return f"sqlite:///{tmp_path / 'nfm.sqlite3'}"


@pytest.fixture
def forgetful(url: str):
    """A store that keeps a workspace for ten days."""
    store = Store(url, StoreLimits(days=10))
    yield store
    store.close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Move the time by some days."""
    real, shift = store_module.time.time, [0.0]
    monkeypatch.setattr(store_module.time, "time", lambda: real() + shift[0])

    def move(days: float) -> None:
        shift[0] += days * DAY

    return move


def add_table(store: Store, schema: Schema, workspace: str, content: bytes) -> Dataset:
    return store.add_dataset(workspace, "t", content, ReadingOptions(), schema, SplitOptions())


def finished_run(store: Store, schema: Schema, workspace: str, content: bytes) -> None:
    """Leave something of every kind."""
    run = store.add_run(workspace, add_table(store, schema, workspace, content).id, Settings())
    store.set_preference(workspace, "run", run.id)
    store.finish_run(workspace, run.id, RunOutcome("completed", bundle=b"model"))


def count(url: str, table: str) -> int:
    with create_engine(url).connect() as connection:
        return connection.scalar(text(f"SELECT count(*) FROM {table}"))


def test_all_of_an_abandoned_workspace_goes(forgetful, schema, url, clock):
    forgetful.visit("ann")
    finished_run(forgetful, schema, "ann", b"a\n1\n")
    clock(11)
    assert forgetful.delete_abandoned() == 1
    assert {table: count(url, table) for table in TABLES} == dict.fromkeys(TABLES, 0)


def test_one_who_came_back_keeps_everything(forgetful, schema, clock):
    finished_run(forgetful, schema, "ann", b"a\n1\n")
    finished_run(forgetful, schema, "bob", b"a\n1\n")
    clock(9)
    forgetful.visit("ann")
    clock(9)
    assert forgetful.delete_abandoned() == 1
    (kept,) = forgetful.datasets("ann")
    assert forgetful.content("ann", kept.id) == b"a\n1\n"
    assert forgetful.bundle("ann", forgetful.runs("ann")[0].id) == b"model"
    assert forgetful.datasets("bob") == ()


def test_a_workspace_whose_run_waits_stays(forgetful, schema, clock):
    forgetful.add_run("ann", add_table(forgetful, schema, "ann", b"a\n1\n").id, Settings())
    clock(11)
    assert forgetful.delete_abandoned() == 0
    assert len(forgetful.runs("ann")) == 1


def test_without_a_limit_everything_stays(url, schema, clock):
    store = Store(url, StoreLimits())
    finished_run(store, schema, "ann", b"a\n1\n")
    clock(10_000)
    assert store.delete_abandoned() == 0
    assert len(store.datasets("ann")) == 1
    store.close()


def test_the_first_beat_forgets(forgetful, schema, clock):
    finished_run(forgetful, schema, "ann", b"a\n1\n")
    clock(11)
    forgetful.heartbeat()
    assert forgetful.datasets("ann") == ()


def test_everybody_together_has_a_limit(url, schema):
    store = Store(url, StoreLimits(total=10))
    add_table(store, schema, "ann", b"12345678")
    with pytest.raises(JobError, match="for everybody"):
        add_table(store, schema, "bob", b"123")
    store.close()


def test_limits_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("NFM_KEEP_DAYS", "1.5")
    monkeypatch.setenv("NFM_KEEP_MEGABYTES", "100")
    assert StoreLimits.from_environment() == StoreLimits(total=100_000_000, days=1.5)


@pytest.mark.parametrize("value", ["0", "-1", "many", "nan", "inf"])
def test_a_limit_that_is_no_number_is_named(monkeypatch, value):
    monkeypatch.setenv("NFM_KEEP_DAYS", value)
    with pytest.raises(SettingsError, match="NFM_KEEP_DAYS"):
        StoreLimits.from_environment()
