"""A server as the README starts it, and Chromium to look at it.

A test takes `page` (one tab of a fresh browser profile, 1280 x 800), or parametrises its
size by `@pytest.mark.parametrize("viewport", ["desktop", "phone"], indirect=True)`, or
takes `new_page` to open several. Any error on the browser's console, any uncaught
exception of a script and any request to another host fails the test; `problems` is the
list of them, which a test that provokes one may clear.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

VIEWPORTS = {
    "desktop": {"width": 1280, "height": 800},
    "phone": {"width": 390, "height": 844},
    "projector": {"width": 1920, "height": 1080},
}
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# Workers that give way to everything else would hardly train beside a busy browser and other work.
AT_ONCE = {"NFM_NICE": "0"}
# An update of the page may wait for a worker that shares two cores with the browser.
expect.set_options(timeout=30_000)


@dataclass
class Server:
    """A running app: where it answers, its process, what it printed and where it keeps data."""

    url: str
    process: subprocess.Popen
    log: Path
    data_folder: Path

    def output(self, characters: int = 4000) -> str:
        """The end of what the server and its workers have printed."""
        return self.log.read_text(errors="replace")[-characters:]

    def stop(self, seconds: float = 20) -> list[int]:
        """End the server politely; return the processes of its family that stayed."""
        try:
            family = [*psutil.Process(self.process.pid).children(recursive=True)]
        except psutil.NoSuchProcess:
            family = []
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        _, alive = psutil.wait_procs(family, timeout=seconds)
        for process in alive:
            process.kill()
        return [process.pid for process in alive]


def start_server(
    repository: Path, folder: Path, script: str = "app.py", **variables: str
) -> Server:
    """Start the app as the README's command does, on a free port, and wait for its answer.

    Another script than the app's, or with more environment variables, is started in the same way.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data_folder = folder / "data"
    log = folder / "server.log"
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("NFM_DATABASE_URL", "NFM_SCHEDULER", "NFM_WORKERS")
    }
    environment |= {"NFM_DATA_DIR": str(data_folder), "STREAMLIT_SERVER_HEADLESS": "true"}
    environment |= variables
    command = [sys.executable, "-m", "streamlit", "run", script]
    command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=repository,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(f"http://127.0.0.1:{port}", process, log, data_folder)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(f"{server.url}/_stcore/health", timeout=5):
                return server
        except (URLError, OSError):
            time.sleep(0.1)
    server.stop()
    raise RuntimeError(f"The app did not start.\n{server.output()}")


@pytest.fixture(scope="session")
def server(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The app that all browser tests share."""
    running = start_server(repository, tmp_path_factory.mktemp("server"), **AT_ONCE)
    yield running
    left_over = running.stop()
    assert not left_over, f"Processes {left_over} outlived the app.\n{running.output()}"


@pytest.fixture
def own_server(repository: Path, tmp_path: Path) -> Iterator[Callable[[], Server]]:
    """Start apps that only this test sees, with one data folder: they may be killed."""
    servers: list[Server] = []

    def start() -> Server:
        servers.append(start_server(repository, tmp_path, **AT_ONCE))
        return servers[-1]

    yield start
    for running in servers:
        running.stop()


@contextmanager
def open_browser(repository: Path) -> Iterator[Browser]:
    """Start the Chromium that scripts/browser.py finds, for the block."""
    found = subprocess.run(
        [sys.executable, repository / "scripts" / "browser.py"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert found, "No Chromium or Chrome here: python scripts/browser.py --install"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=CHROMIUM_ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def browser(repository: Path) -> Iterator[Browser]:
    """One Chromium for all tests; each test has profiles of its own in it."""
    with open_browser(repository) as chromium:
        yield chromium


@pytest.fixture
def problems() -> list[str]:
    """What went wrong in the test's tabs; must be empty when the test ends."""
    return []


@pytest.fixture
def viewport(request: pytest.FixtureRequest) -> str:
    """The size of `page`: "desktop" or "phone"."""
    return getattr(request, "param", "desktop")


@pytest.fixture
def new_page(
    browser: Browser,
    own_server: Callable[[], Server],  # the tabs are closed before their server ends
    problems: list[str],
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., Page]]:
    """Open a tab in a browser profile of its own: another person's browser."""
    pages: list[Page] = []

    def open_tab(viewport: str = "desktop", color_scheme: str = "light") -> Page:
        phone = viewport == "phone"
        profile = browser.new_context(
            viewport=VIEWPORTS[viewport],
            has_touch=phone,
            is_mobile=phone,
            color_scheme=color_scheme,
        )
        tab = profile.new_page()
        tab.set_default_timeout(30_000)
        _watch(tab, problems)
        pages.append(tab)
        return tab

    yield open_tab
    failed = request.session.testsfailed > request.node.stash.get(FAILED_BEFORE, 0)
    if failed or problems:
        folder = tmp_path_factory.mktemp("screenshots")
        for number, tab in enumerate(pages, start=1):
            path = folder / f"{request.node.name[:60].replace('/', '_')}-{number}.png"
            tab.screenshot(path=path)
            sys.stderr.write(f"Screenshot of {tab.url}: {path}\n")
    for tab in pages:
        tab.context.close()
    assert not problems, "\n".join(problems)


FAILED_BEFORE = pytest.StashKey[int]()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Remember how many tests had failed, so that a fixture can tell whether this one did."""
    item.stash[FAILED_BEFORE] = item.session.testsfailed


def _watch(tab: Page, problems: list[str]) -> None:
    """Write down whatever should not happen in a tab."""

    def on_console(message) -> None:
        source = message.location.get("url", "")
        if message.type == "error":
            problems.append(f"console: {message.text} ({source})")

    def on_request(request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "data:", "blob:", "about:")):
            problems.append(f"asked another host: {request.url}")

    tab.on("console", on_console)
    tab.on("pageerror", lambda error: problems.append(f"script: {error}"))
    tab.on("request", on_request)


@pytest.fixture
def page(new_page: Callable[..., Page], viewport: str) -> Page:
    """One tab."""
    return new_page(viewport)


@pytest.fixture
def open_app(server: Server) -> Callable[..., None]:
    """Go to a page of the app (`open_app(page, "train")`) and wait until it is connected."""

    def go(page: Page, path: str = "", url: str = server.url) -> None:
        page.goto(f"{url}/{path}")
        wait_until_connected(page)

    return go


def wait_until_connected(page: Page) -> None:
    """Wait until the browser talks to the app and the page has shown something."""
    connected = page.locator("[data-testid=stApp][data-test-connection-state=CONNECTED]")
    connected.wait_for(timeout=90_000)
    page.locator("[data-testid=stMain] h1").first.wait_for(timeout=90_000)
