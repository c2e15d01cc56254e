"""Damaged databases: one message says what to do, and the start changes nothing in them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy import event

from nfm.compatibility import DATABASE_VERSION
from nfm.errors import DamagedStoreError, StoreError, UnusableStoreError
from nfm.files.reading import ReadingOptions
from nfm.store import database, database_check
from nfm.store.store import Store
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import SplitOptions


@pytest.fixture
def file(data_folder: Path, schema: Schema) -> Path:
    """A database with a data set, closed."""
    store = Store()
    content = os.urandom(200_000)
    store.add_dataset("ann", "t.csv", content, ReadingOptions(), schema, SplitOptions())
    store.close()
    return data_folder / "nfm.sqlite3"


def execute(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")  # no files beside it
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute(statement)
        connection.commit()


def truncate(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def write_text(file: Path) -> None:
    file.write_bytes(b"no database, but a text\n" * 500)


def cut_header(file: Path) -> None:
    with file.open("r+b") as opened:
        opened.write(bytes(16))


def empty_beside_its_log(file: Path) -> None:
    os.truncate(file, 0)
    file.with_name("nfm.sqlite3-wal").write_bytes(b"changes" * 1000)


def lose_beside_its_log(file: Path) -> None:
    file.unlink()
    file.with_name("nfm.sqlite3-wal").write_bytes(b"changes" * 1000)


def overwrite_pages(file: Path) -> None:
    """Overwrite every page but the first, which has the list of the tables."""
    with closing(sqlite3.connect(file)) as connection:
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'contents'")
        page = root.fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    with file.open("r+b") as opened:
        opened.seek((page - 1) * size)
        opened.write(b"\x07" * size)


def make_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "truncated": (truncate, "malformed"),
    "text": (write_text, "not a database"),
    "header": (cut_header, "not a database"),
    "empty": (empty_beside_its_log, r"missing or empty, but its nfm\.sqlite3-wal isn't"),
    "lost": (lose_beside_its_log, r"missing or empty, but its nfm\.sqlite3-wal isn't"),
    "page": (overwrite_pages, "it is damaged"),
    "folder": (make_folder, "not a file"),
    "table": (lambda file: execute(file, "DROP TABLE bundles"), "the table 'bundles' is missing"),
    "column": (
        lambda file: execute(file, "ALTER TABLE runs DROP COLUMN note"),
        "the table 'runs' has no column 'note'",
    ),
    "meta": (lambda file: execute(file, "DROP TABLE meta"), "'meta' with its version is missing"),
    "version": (lambda file: execute(file, "DELETE FROM meta"), "with its version is missing"),
}


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_database_is_named_and_not_changed(file: Path, damage: str):
    break_it, problem = DAMAGES[damage]
    break_it(file)
    before = contents(file.parent)
    with pytest.raises(UnusableStoreError, match=problem) as refused:
        Store()
    said = str(refused.value)
    assert str(file) in said
    assert "Nothing was changed." in said
    assert "and restore a copy, or set NFM_DATA_DIR" in said
    assert len(said) <= 300
    assert contents(file.parent) == before


@pytest.mark.parametrize("damage", ["truncated", "page"])
def test_damage_is_found_beside_a_log_that_another_program_left(file: Path, damage: str):
    DAMAGES[damage][0](file)
    file.with_name("nfm.sqlite3-wal").touch()
    before = file.read_bytes()
    with pytest.raises(UnusableStoreError, match="with its -wal and -shm files"):
        Store()
    assert file.read_bytes() == before


def test_a_database_of_a_newer_version_keeps_its_bytes(file: Path):
    execute(file, "UPDATE meta SET version = 987")
    before = contents(file.parent)
    with pytest.raises(UnusableStoreError, match="version 987"):
        Store()
    assert contents(file.parent) == before


def test_a_copy_beside_the_database_is_named(file: Path):
    (file.parent / "notes.txt").write_text("no database")
    with closing(sqlite3.connect(file)) as source:
        for name in ("old.sqlite3", "before-the-update.sqlite3"):
            with closing(sqlite3.connect(file.with_name(name))) as copy:
                source.backup(copy)
    os.utime(file.with_name("old.sqlite3"), (1, 1))
    with closing(sqlite3.connect(file.with_name("other-program.sqlite3"))) as other:
        other.execute("CREATE TABLE meta (version TEXT)")
        other.execute("INSERT INTO meta VALUES ('3.1')")
        other.commit()
    damaged = file.with_name("damaged.sqlite3")
    damaged.write_bytes(file.read_bytes()[:5000])
    truncate(file)
    with pytest.raises(
        UnusableStoreError, match=r"and restore the copy before-the-update\.sqlite3, or"
    ):
        Store()


def test_a_restored_copy_is_opened(file: Path):
    copy = file.with_name("copy")
    copy.write_bytes(file.read_bytes())
    truncate(file)
    with pytest.raises(UnusableStoreError):
        Store()
    copy.replace(file)
    store = Store()
    assert len(store.datasets("ann")) == 1
    store.close()


def test_an_empty_file_without_changes_beside_it_starts_anew_and_says_so(data_folder, caplog):
    data_folder.mkdir()
    (data_folder / "nfm.sqlite3").touch()
    Store().close()
    assert "is empty. All tables are created anew." in caplog.text


def test_changes_that_are_only_in_the_log_are_kept(data_folder, schema):
    """As after a server that was killed."""
    store = Store()
    store.add_dataset("ann", "t.csv", b"a\n1\n", ReadingOptions(), schema, SplitOptions())
    log = data_folder / "nfm.sqlite3-wal"
    assert log.stat().st_size > 0
    again = Store()
    assert len(again.datasets("ann")) == 1
    again.close()
    store.close()


def test_an_unfinished_transaction_of_another_journal_mode_is_undone(file: Path):
    execute(file, "UPDATE memories SET value = ''")
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("PRAGMA cache_size=1")
        writer.execute("BEGIN")
        writer.execute("UPDATE contents SET data = zeroblob(200000)")
        half = {file: file.read_bytes()}
        journal = file.with_name("nfm.sqlite3-journal")
        half[journal] = journal.read_bytes()
    for path, content in half.items():
        path.write_bytes(content)
    store = Store()
    (kept,) = store.datasets("ann")
    assert store.content("ann", kept.id) != bytes(200_000)
    store.close()


@pytest.mark.parametrize("denied", ["nfm.sqlite3", "data"])
def test_a_file_or_folder_without_permission_is_named(file: Path, monkeypatch, denied: str):
    allowed = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: Path(path).name != denied and allowed(path, mode)
    )
    before = contents(file.parent)
    with pytest.raises(UnusableStoreError, match=r"this user may not .*\. Allow it, or"):
        Store()
    assert contents(file.parent) == before


def test_a_data_folder_that_cannot_be_created_is_named(tmp_path: Path, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.delenv("NFM_DATABASE_URL", raising=False)
    for place in (tmp_path / "file", tmp_path / "file" / "data"):
        monkeypatch.setenv("NFM_DATA_DIR", str(place))
        with pytest.raises(UnusableStoreError, match=r"cannot be created: .* Set NFM_DATA_DIR"):
            Store()
    with pytest.raises(UnusableStoreError, match=r"its folder does not exist\. .*Create it, or"):
        Store(f"sqlite:///{tmp_path / 'none' / 'nfm.sqlite3'}")


@pytest.mark.parametrize("url", ["postgresql://host:port/nfm", "not a url", "mysql://host/nfm"])
def test_a_url_that_is_not_one_is_refused(url: str):
    with pytest.raises(UnusableStoreError, match="NFM_DATABASE_URL"):
        Store(url)


def test_a_database_server_that_is_away_is_named_without_the_password(monkeypatch):
    create_engine = sqlalchemy.create_engine

    def of_a_server_that_is_away(url, **_keywords):
        engine = create_engine("sqlite://")
        engine.url = url

        @event.listens_for(engine, "do_connect")
        def refuse(*_arguments):
            raise sqlite3.OperationalError("connection refused")

        return engine

    monkeypatch.setattr(database, "create_engine", of_a_server_that_is_away)
    with pytest.raises(UnusableStoreError) as refused:
        Store("postgresql://ann:secret@db.example/nfm")
    said = str(refused.value)
    assert said.startswith("The database server at db.example does not respond: connection refused")
    assert "correct NFM_DATABASE_URL" in said
    assert "secret" not in said


def test_a_locked_database_is_not_called_damaged(file: Path, monkeypatch):
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.05)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(UnusableStoreError, match="is locked by another program"):
            Store()
    Store().close()


def test_all_but_files_and_models_are_checked_in_a_large_database(file: Path, monkeypatch):
    monkeypatch.setattr(database_check, "_WHOLE_BYTES", 1000)
    pages = file.read_bytes()
    overwrite_pages(file)  # of the files
    Store().close()
    file.write_bytes(pages)
    with closing(sqlite3.connect(file)) as connection:
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'datasets'")
        page = root.fetchone()[0]
    with file.open("r+b") as opened:
        opened.seek((page - 1) * 4096)
        opened.write(b"\x07" * 4096)
    with pytest.raises(UnusableStoreError, match=r"damaged|malformed"):
        Store()


def test_older_databases_may_lack_what_came_later(file: Path):
    execute(file, "DROP TABLE visits")
    execute(file, "ALTER TABLE runs DROP COLUMN note")
    execute(file, f"UPDATE meta SET version = {DATABASE_VERSION - 1}")
    store = Store()
    store.visit("ann")
    store.close()
    execute(file, f"UPDATE meta SET version = {DATABASE_VERSION - 1}")
    execute(file, "DROP TABLE epochs")
    with pytest.raises(UnusableStoreError, match="the table 'epochs' is missing"):
        Store()


def test_damage_while_the_app_runs_is_not_called_an_outage(file: Path):
    store = Store()
    for path in file.parent.glob("nfm.sqlite3*"):
        path.write_bytes(b"not a database at all" * 5000)
    with pytest.raises(DamagedStoreError, match="Stop the app and keep the file") as caught:
        store.check()
    assert isinstance(caught.value, StoreError)  # the outcomes of runs are kept
    assert str(file) in str(caught.value)
