"""What pages show while the database cannot be read or written, and that they recover."""

from __future__ import annotations

import logging
import sys
import time
from contextlib import nullcontext
from functools import partialmethod
from pathlib import Path

import pytest
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.testing.v1 import AppTest

import nfm.server
from nfm.errors import StoreError, UnusableStoreError
from nfm.jobs import shared
from nfm.jobs.runs import LiveRun
from nfm.store import database
from nfm.ui.components import database_problem
from nfm.ui.components.database_problem import WithoutStoreErrors, on_script_error
from tests.outages import locked, unreachable

MESSAGE = "The database is not responding. Your run continues. This page comes back by itself."


@pytest.fixture(autouse=True)
def _as_the_server_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have AppTest handle errors as app.py says."""
    handled = partialmethod(ScriptRunner.__init__, on_script_error=on_script_error)
    monkeypatch.setattr(ScriptRunner, "__init__", handled)
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.05)


def errors(app) -> list[str]:
    return [error.value for error in app.error]


@pytest.mark.parametrize("page", ["start", "data", "train", "predict", "evaluate", "interactions"])
def test_a_page_says_that_the_database_is_away_and_comes_back(lab, page):
    app = lab.open()
    run = lab.trained(lab.store.datasets("w" * 43)[0])
    lab.go(app, page)
    if page == "data":
        app.run()
    before = [element.value for element in app.markdown]

    with unreachable(lab.store):
        app.run()
        assert errors(app) == [MESSAGE]
        assert not app.exception
        app.run()
        assert errors(app) == [MESSAGE]

    app.run()
    assert errors(app) == []
    assert not app.exception
    assert [element.value for element in app.markdown] == before
    assert lab.store.run(run.workspace, run.id).has_model


@pytest.mark.parametrize("page", ["start", "data", "learn"])
def test_a_page_names_a_database_that_cannot_be_opened(
    data_folder, monkeypatch, caplog, page, repository
):
    monkeypatch.setattr(shared, "_store", None)
    log = logging.getLogger("streamlit.error_util")
    monkeypatch.setattr(log, "filters", [WithoutStoreErrors()])  # as nfm.server.lifespan does
    data_folder.mkdir()
    file = data_folder / "nfm.sqlite3"
    file.write_bytes(b"no database, but a text\n" * 500)
    app = AppTest.from_file(str(repository / "nfm" / "ui" / "shell.py"), default_timeout=90)
    app.switch_page(f"../../pages/{page}.py").run()
    (said,) = errors(app)
    said = said.replace("\\", "")
    assert said.startswith(f"The database {file} cannot be used: file is not a database.")
    assert "Move it away and restore a copy, or set NFM_DATA_DIR to another place." in said
    assert not app.exception
    assert file.read_bytes() == b"no database, but a text\n" * 500
    assert "Traceback" not in caplog.text
    assert f"The database {file} cannot be used" in caplog.text

    file.unlink()
    app.run()
    assert errors(app) == []
    shared.store().close()


def test_a_page_names_a_database_that_was_damaged_meanwhile(lab):
    app = lab.open()
    files = {path: path.read_bytes() for path in Path(lab.store.path).parent.glob("lab.sqlite3*")}
    for path in files:
        path.write_bytes(b"not a database at all" * 5000)
    app.run()
    for path, content in files.items():
        path.write_bytes(content)
    (said,) = errors(app)
    assert "was damaged while it was in use" in said
    assert "Stop the app and keep the file" in said


class RerunError(Exception):
    """What `st.rerun` raises here."""


@pytest.mark.parametrize(
    ("seconds", "responds", "reruns"), [(5.0, True, True), (5.0, False, False), (0.0, True, False)]
)
def test_the_page_is_drawn_again_once_the_database_responds(
    lab, monkeypatch, seconds, responds, reruns
):
    def rerun() -> None:
        raise RerunError

    monkeypatch.setattr(database_problem.st, "rerun", rerun)
    state = nullcontext() if responds else unreachable(lab.store)
    with state, pytest.raises(RerunError) if reruns else nullcontext():
        database_problem._wait(time.monotonic() - seconds)


def fail():
    raise StoreError("locked")


def test_an_action_that_the_database_refuses_says_so_beside_its_button(lab):
    app = lab.open("train")
    with locked(lab.store):
        app.button(key="train").click().run()
        (said,) = errors(app)
        assert said.replace("\\", "").startswith("The database is not responding: it is locked,")
        assert "Nothing was changed." in said
        assert lab.engine.submitted == []
    app.button(key="train").click().run()
    assert len(lab.engine.submitted) == 1


def test_a_visit_that_cannot_be_recorded_does_not_hide_the_page(lab):
    lab.open()
    with locked(lab.store):
        app = lab.open()
    assert app.title[0].value == "Data"
    assert not app.error


def test_a_run_is_started_even_if_it_cannot_be_made_the_current_one(lab, monkeypatch):
    app = lab.open("train")
    monkeypatch.setattr(lab.store, "set_preference", lambda *arguments: fail())
    app.button(key="train").click().run()
    assert len(lab.engine.submitted) == 1


def test_a_run_that_is_not_stored_yet_is_shown_as_it_ended(lab, texts):
    app = lab.open("train")
    app.button(key="train").click().run()
    (run,) = lab.engine.submitted
    lab.engine.progress(3)
    app.run()
    ended = lab.engine.states[run.id]
    lab.engine.states[run.id] = LiveRun(
        run.id, "completed", ended.epochs, has_model=True, stored=False
    )

    app.run()

    assert "The result of this run is kept, and saved as soon as the database responds." in texts(
        app
    )
    assert "**Finished**" in texts(app) or "Completed" in texts(app)
    assert not app.button(key="train").disabled
    lab.go(app, "predict")
    assert not app.exception
    lab.go(app, "train")
    lab.engine.finish("completed", epochs=3)
    app.run()
    assert "The result of this run is kept" not in texts(app)
    assert app.button(key="to_predict")


def test_the_app_is_started_with_the_message(repository):
    source = (repository / "app.py").read_text()
    assert "on_script_error=on_script_error" in source
    assert nfm.server.on_script_error is on_script_error


def test_other_errors_are_left_to_streamlit():
    assert on_script_error(ValueError("a bug")) is False


def test_the_log_has_no_trace_of_an_error_that_the_store_has_logged():
    def record(error: Exception) -> logging.LogRecord:
        try:
            raise error
        except type(error):
            return logging.LogRecord("x", logging.ERROR, "", 0, "Uncaught", None, sys.exc_info())

    assert not WithoutStoreErrors().filter(record(StoreError("locked")))
    unusable = record(UnusableStoreError("damaged"))
    assert WithoutStoreErrors().filter(unusable)
    assert (unusable.getMessage(), unusable.exc_info) == ("damaged", None)
    assert WithoutStoreErrors().filter(record(ValueError("a bug")))
    assert WithoutStoreErrors().filter(logging.LogRecord("x", 10, "", 0, "text", None, None))


def test_the_start_page_waits_for_a_model_that_is_not_stored_yet(lab, monkeypatch):
    timers: list[float | None] = []
    fragment = database_problem.st.fragment

    def note(function, *, run_every=None):
        if function.__name__ == "show_passenger_and_training":
            timers.append(run_every)
        return fragment(function, run_every=run_every)

    monkeypatch.setattr(database_problem.st, "fragment", note)
    app = lab.open("start")
    app.button(key="start_train").click().run()
    (run,) = lab.engine.submitted
    lab.engine.states[run.id] = LiveRun(run.id, "completed", has_model=True, stored=False)
    app.run()
    assert timers[-1] is not None
    assert not app.exception
    lab.engine.finish("completed", epochs=3)
    app.run()
    assert timers[-1] is None
