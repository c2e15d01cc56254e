"""The app as it is started, seen from outside."""

from __future__ import annotations

import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from urllib.error import HTTPError, URLError
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
        return urlopen(Request(self.url + path, headers=headers), timeout=DEADLINE_SECONDS)

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@contextmanager
def started(repository: Path, folder: Path, address: str, **variables: str) -> Iterator[App]:
    """Start the app on a free port, and end it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    command += ["--server.port", str(port), "--server.address", address]
    data = {"NFM_DATA_DIR": str(folder / "data"), "NFM_WORKERS": "2"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=repository,
            env={**os.environ, **data, **variables},
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

    try:
        eventually(answers)
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


@pytest.fixture(scope="module")
def app(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app on a free port."""
    with started(repository, tmp_path_factory.mktemp("app"), "127.0.0.1") as running:
        yield running


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


def test_no_file_carries_the_cookie_and_nobody_sees_the_metrics(app: App):
    page = app.get("/", Accept="text/html").read().decode()
    script = re.search(r'src="\./(static/js/[^"]+)"', page)[1]
    assert app.get(f"/{script}", Accept="text/html").headers["Set-Cookie"] is None
    with pytest.raises(HTTPError) as refused:
        app.get("/_stcore/metrics")
    assert refused.value.code == 404


def test_over_https_the_cookie_belongs_to_this_host(app: App):
    headers = {"Accept": "text/html", "X-Forwarded-Proto": "https"}
    cookie = app.get("/", **headers).headers["Set-Cookie"]
    assert cookie.startswith("__Host-nfm_workspace=")
    assert "Path=/;" in cookie
    assert "Secure" in cookie
    assert "Domain" not in cookie


# Python runs a file of this name at its start. It stands in for the network: it notes every place
# that is not this computer, and refuses it.
TRAP = """
import os
import re
import socket
import sys

_NEAR = {"", "localhost", "127.0.0.1", "::1", "0.0.0.0", "::", socket.gethostname()}


def _watch(event, arguments):
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else ""
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = arguments[0] or ""
    else:
        return
    host = host.decode() if isinstance(host, bytes) else host
    if host not in _NEAR and not host.startswith("127."):
        with open(os.environ["TRAP"], "a") as log:
            log.write(f"{event} {host}\\n")
        raise OSError("the network is a trap")


sys.addaudithook(_watch)
"""


def shake_hands(app: App, **headers: str) -> bytes:
    """Ask for a WebSocket, and return the first line of the answer."""
    port = int(app.url.rsplit(":", 1)[1])
    lines = ["GET /_stcore/stream HTTP/1.1", "Upgrade: websocket", "Connection: Upgrade"]
    lines += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE_SECONDS) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        return connection.recv(1_000).split(b"\r\n")[0]


@pytest.mark.slow
def test_the_server_connects_to_no_other_host(repository: Path, tmp_path: Path):
    folder = tmp_path / "trap"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(TRAP)
    caught = tmp_path / "caught"
    trap = {"PYTHONPATH": str(folder), "TRAP": str(caught)}
    dead = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy"), "http://192.0.2.1:9")
    check = "import socket; socket.create_connection(('192.0.2.1', 9))"
    command = [sys.executable, "-c", check]
    subprocess.run(command, env={**os.environ, **trap}, capture_output=True, check=False)
    assert "192.0.2.1" in caught.read_text()  # the trap works
    caught.unlink()

    with started(repository, tmp_path, "0.0.0.0", **trap, **dead) as app:
        for path in ("/", "/train", "/_stcore/host-config", "/media/none", "/nothing"):
            for headers in ({}, {"Accept": "text/html"}, {"Origin": "https://evil.example"}):
                with suppress(HTTPError):  # 403 or 404
                    app.get(path, **headers)
        assert b" 101 " in shake_hands(app, Host="lab.example", Origin="http://lab.example")
        assert b" 101 " in shake_hands(app, Host="lab.example", Origin="http://LAB.example")
        own = {"Host": "127.0.0.1:1", "X_Forwarded_Host": "lab.example"}
        assert b" 101 " in shake_hands(app, **own, Origin="https://lab.example")
        assert b" 403 " in shake_hands(app, **own, Origin="https://evil.example")
        assert b" 403 " in shake_hands(app, Host="lab.example", Origin="null")
    assert f"NFM Lab: http://localhost:{app.url.rsplit(':', 1)[1]}" in (
        (tmp_path / "log").read_text()
    )
    assert not caught.exists(), caught.read_text()


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


@pytest.mark.parametrize("command", [["streamlit", "run", "app.py"], ["nfm", "app"]])
def test_a_damaged_database_ends_the_start_with_a_sentence_and_stays_as_it_is(
    repository: Path, tmp_path: Path, command: list[str]
) -> None:
    damaged = b"no database, but a text\n" * 500
    (tmp_path / "nfm.sqlite3").write_bytes(damaged)
    port = ["--server.port", "0"] if command[0] == "streamlit" else ["--port", "1"]
    ended = subprocess.run(
        [sys.executable, "-m", *command, *port],
        cwd=repository,
        env={
            **os.environ,
            "NFM_DATA_DIR": str(tmp_path),
            "STREAMLIT_SERVER_HEADLESS": "true",
            "STREAMLIT_SERVER_ADDRESS": "127.0.0.1",
        },
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )
    assert ended.returncode == 3
    sentence = f"NFM Lab cannot start. The database {tmp_path / 'nfm.sqlite3'} cannot be used: "
    assert ended.stderr.count(sentence) == 1
    assert "Move it away and restore a copy" in ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout
    assert [file.name for file in tmp_path.iterdir()] == ["nfm.sqlite3"]
    assert (tmp_path / "nfm.sqlite3").read_bytes() == damaged


def test_incomplete_sign_in_settings_end_the_start_with_a_sentence(
    repository: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
    command += ["--server.port", "0", "--server.address", "127.0.0.1"]
    folders = {"NFM_DATA_DIR": str(tmp_path / "data"), "HOME": str(tmp_path)}
    ended = subprocess.run(
        command,
        cwd=repository,
        env={**os.environ, **folders, "NFM_SIGN_IN": "1"},
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=False,
    )
    assert ended.returncode == 3
    assert (
        "NFM Lab cannot start. NFM_SIGN_IN=1, but [auth] in secrets.toml lacks 'redirect_uri'"
        in (ended.stderr)
    )
    assert "Traceback" not in ended.stderr + ended.stdout
    assert not (tmp_path / "data").exists()
