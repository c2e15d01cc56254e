"""Which databases are opened, and what is said of the others."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy import Connection, Engine, event, text

from nfm.errors import JobError, NFMError, StoreError
from nfm.store import database
from nfm.store.database import open_database
from nfm.store.repository import WriteTurns
from nfm.store.store import Store


def test_the_default_is_a_file_in_the_data_folder(monkeypatch, tmp_path: Path):
    monkeypatch.delenv("NFM_DATABASE_URL", raising=False)
    monkeypatch.setenv("NFM_DATA_DIR", str(tmp_path / "new"))
    engine = open_database()
    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
    engine.dispose()
    assert (tmp_path / "new" / "nfm.sqlite3").exists()


@pytest.mark.parametrize("url", ["mysql://somewhere/nfm", "not a url"])
def test_another_kind_of_database_is_refused_with_the_ones_that_work(url: str):
    with pytest.raises(JobError, match="sqlite:///FILE or postgresql://"):
        open_database(url)


def test_a_driver_that_is_not_installed_is_named(monkeypatch):
    def create_engine(*_arguments, **_keywords):
        raise ModuleNotFoundError("No module named 'psycopg'", name="psycopg")

    monkeypatch.setattr(database, "create_engine", create_engine)
    with pytest.raises(JobError, match=r"install \"psycopg\[binary\]\""):
        open_database("postgresql://somewhere/nfm")


def test_writers_of_postgresql_wait_for_each_other(monkeypatch):
    statements: list[str] = []
    opened: list[str] = []

    def create_engine(url, **_keywords):
        opened.append(url.drivername)
        return sqlalchemy.create_engine("sqlite://")

    monkeypatch.setattr(database, "create_engine", create_engine)
    engine = open_database("postgresql://somewhere/nfm")
    assert opened == ["postgresql+psycopg"]
    sqlalchemy.event.listen(
        engine,
        "connect",
        lambda raw, _record: raw.create_function(
            "pg_advisory_xact_lock", 1, lambda number: statements.append(str(number))
        ),
    )
    with engine.begin() as connection:
        connection.execute(text("SELECT 1"))
    assert statements == []
    with engine.execution_options(writing=True).begin() as connection:
        connection.execute(text("SELECT 1"))
    assert len(statements) == 1


@pytest.fixture
def locked_store(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store whose database another program has locked."""
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.05)
    store = Store()
    store.set_preference("ann", "colour", "blue")
    connection = sqlite3.connect(data_folder / "nfm.sqlite3", isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    yield store
    connection.execute("ROLLBACK")
    connection.close()
    store.close()


def test_a_locked_database_is_an_error_of_its_own(locked_store):
    with pytest.raises(StoreError, match="The database is not responding") as caught:
        locked_store.set_preference("ann", "colour", "red")
    assert not isinstance(caught.value, NFMError)  # nothing is wrong with what was entered
    # The write-ahead log lets it be read.
    locked_store.check()
    assert locked_store.get_preference("ann", "colour") == "blue"


def test_a_database_whose_file_is_damaged_does_not_respond(data_folder):
    store = Store()
    store.close()
    for file in data_folder.glob("nfm.sqlite3*"):
        file.write_bytes(b"not a database at all" * 500)
    with pytest.raises(StoreError):
        store.check()


def test_a_database_that_responds_again_is_used_again(data_folder, monkeypatch):
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.05)
    store = Store()
    with closing(sqlite3.connect(data_folder / "nfm.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError):
            store.set_preference("ann", "colour", "red")
    store.set_preference("ann", "colour", "red")
    assert store.get_preference("ann", "colour") == "red"
    store.close()


def test_many_threads_write_one_after_the_other(data_folder, monkeypatch):
    """Together they need much longer than a writer waits for another program's lock."""
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.2)
    store = Store()

    def is_slow(_connection: Connection) -> None:
        time.sleep(0.1)

    event.listen(Engine, "commit", is_slow)
    people = [f"person {number}" for number in range(12)]
    try:
        with ThreadPoolExecutor(len(people)) as threads:
            written = [
                threads.submit(store.set_preference, person, "colour", "blue") for person in people
            ]
    finally:
        event.remove(Engine, "commit", is_slow)
    for person, one in zip(people, written, strict=True):
        one.result()
        assert store.get_preference(person, "colour") == "blue"
    store.close()


def test_a_turn_is_not_waited_for_when_nobody_can_write():
    turns = WriteTurns(patience=0.1)

    def write() -> None:
        with turns.take():
            pass

    with ThreadPoolExecutor(1) as threads:
        with turns.take(), pytest.raises(StoreError, match="The database is not responding"):
            threads.submit(write).result()
        threads.submit(write).result()
