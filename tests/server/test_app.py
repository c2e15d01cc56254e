"""The app as it is started, seen from outside."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request, urlopen

import psutil
import pytest

DEADLINE_SECONDS = 60.0


def eventually(look: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not look():
        assert time.monotonic() < deadline, "It never came."
        time.sleep(0.05)


@dataclass
class App:
    """A server of the test's own."""

    url: str
    process: subprocess.Popen

    def get(self, path: str, **headers: str) -> HTTPResponse:
        return urlopen(Request(self.url + path, headers=headers), timeout=30)

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@pytest.fixture(scope="module")
def app(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("app")
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=repository,
            env={**os.environ, "NFM_DATA_DIR": str(folder / "data"), "NFM_WORKERS": "2"},
            stdout=log,
            stderr=log,
        )
    running = App(f"http://127.0.0.1:{port}", process)

    def answers() -> bool:
        assert process.poll() is None, (folder / "log").read_text()
        try:
            return running.get("/_stcore/health").status == 200
        except URLError:
            return False

    eventually(answers)
    yield running
    if process.poll() is None:
        process.kill()
    process.wait()


def test_every_path_answers_with_the_headers(app: App):
    for path in ("/", "/train", "/_stcore/health", "/favicon.png"):
        headers = app.get(path).headers
        assert "'sha256-" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "SAMEORIGIN"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]


def test_a_page_brings_the_cookie_and_its_files_do_not(app: App):
    page = app.get("/train", Accept="text/html")
    assert page.headers["Set-Cookie"].startswith("nfm_workspace=")
    assert app.get("/favicon.png", Accept="image/*").headers["Set-Cookie"] is None


def test_nothing_outlives_a_killed_app(app: App):
    def roles() -> list[str]:
        commands = [process.cmdline() for process in app.family()]
        return sorted(one[3] for one in commands if "nfm.jobs.worker_process" in one)

    eventually(lambda: roles() == ["scheduler", "worker", "worker"])
    family = app.family()

    app.process.kill()
    app.process.wait()

    _, alive = psutil.wait_procs(family, timeout=DEADLINE_SECONDS)
    assert alive == []


def test_importing_the_app_loads_nothing_heavy(repository: Path, tmp_path: Path):
    program = (
        "import sys, app; heavy = {'tensorflow', 'keras', 'sklearn', 'distributed'};"
        "print(*sorted(heavy & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=repository,
        env={**os.environ, "NFM_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.split() == []
    assert list(tmp_path.iterdir()) == []


def test_wrong_environment_variables_end_the_start_with_a_sentence_each(
    repository: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    command += ["--server.port", "0", "--server.address", "127.0.0.1"]
    wrong = {"NFM_DATA_DIR": str(tmp_path / "data"), "NFM_WORKERS": "many", "NFM_NICE": "-5"}
    ended = subprocess.run(
        command,
        cwd=repository,
        env={**os.environ, **wrong},
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )
    assert ended.returncode == 3
    assert "NFM Lab cannot start. NFM_WORKERS is 'many': it must be a whole number" in ended.stderr
    assert "\nNFM_NICE is '-5': it must be a whole number from 0 to 19." in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "data").exists()


def test_a_database_of_a_newer_version_ends_the_start_with_a_sentence(
    repository: Path, tmp_path: Path
) -> None:
    with sqlite3.connect(tmp_path / "nfm.sqlite3") as connection:
        connection.execute("CREATE TABLE meta (version INTEGER PRIMARY KEY)")
        connection.execute("INSERT INTO meta VALUES (987)")
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    command += ["--server.port", "0", "--server.address", "127.0.0.1"]
    ended = subprocess.run(
        command,
        cwd=repository,
        env={**os.environ, "NFM_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )
    assert ended.returncode == 3
    assert "NFM Lab cannot start. The database" in ended.stderr
    assert "version 987" in ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout
