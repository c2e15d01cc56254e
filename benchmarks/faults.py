"""Runs on a server whose processes, disk and database fail at random: nothing may be lost.

    python -m benchmarks.faults                           # 100 runs, about an hour
    python -m benchmarks.faults --runs 10 --seed 3

Five visitors train on a server that is started as the README says. Meanwhile its workers, its
scheduler and the app itself are killed (SIGKILL), stopped for some seconds (SIGSTOP, SIGCONT) or
shut down, the disk is full for some seconds, and another program locks the database, the first
time for a minute. Nothing is killed while the disk is full.

All data and temporary files are on a small file system of their own, a tmpfs, which only root can
mount. For others the disk is never full, and the report says so.

Afterwards every finished run must have its model, every status must be right, and no process and
no file may be left over: `benchmarks/faults_report.py` has the details.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from benchmarks.faults_report import Fault, OutsideView, broken_promises, processes_of
from benchmarks.visitor import Visitor
from tests.browser.conftest import Server, start_server

REPOSITORY = Path(__file__).parent.parent
VISITORS = 5
DISK_MEGABYTES = 256
SETTLE_SECONDS = 240.0
START_SECONDS = 240.0
VISIT_SECONDS = 45.0
CLEANUP_SECONDS = 120.0
LOCK_SECONDS = 60.0
# Epochs, and whether to stop early. One is over soon, the other trains until it has checkpoints.
SHORT, LONG = (30, True), (120, False)


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Mount a small file system at a folder; yield whether that was possible."""
    size = f"size={DISK_MEGABYTES}m"
    command = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)]
    mounted = (
        sys.platform == "linux" and subprocess.run(command, capture_output=True).returncode == 0
    )
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


class App:
    """The app, which is started again whenever it has ended.

    Args:
        folder: Folder of its data, its log and its temporary files.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self.server: Server | None = None

    def start(self) -> Server:
        """Start it; while the database is locked it cannot start, so try again."""
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.server = start_server(REPOSITORY, self.folder, TMPDIR=str(self.temporary))
                return self.server
            except RuntimeError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(1)

    @property
    def running(self) -> Server:
        """The server."""
        assert self.server is not None
        return self.server

    def processes(self, role: str) -> list[psutil.Process]:
        """Return the processes of a role: "worker", "scheduler" or "app"."""
        found = []
        with suppress(psutil.NoSuchProcess):
            app = psutil.Process(self.running.process.pid)
            if role == "app":
                return [app]
            for child in app.children():
                with suppress(psutil.NoSuchProcess):
                    if role in child.cmdline():
                        found.append(child)
        return found


class FaultTest:
    """Trains runs and makes faults until there are enough runs.

    Args:
        app: The app, which runs.
        seed: Seed of all choices.
        disk: Whether the app's files are on a small disk, which may be filled.
    """

    def __init__(self, app: App, seed: int, *, disk: bool) -> None:
        self._app = app
        self._random = random.Random(seed)
        self._disk = disk
        self._cookies: list[str | None] = [None] * VISITORS
        self._full = False
        self._locks = 0
        self.faults: list[Fault] = []
        self.problems: list[str] = []
        self.seen = OutsideView(app.folder / "data")

    @property
    def workspaces(self) -> list[str]:
        """Tokens of the visitors' workspaces."""
        return [(cookie or "").partition("=")[2] for cookie in self._cookies]

    async def run(self, wanted: int) -> None:
        """Train runs under faults.

        Args:
            wanted: Number of runs.
        """
        round_number = 0
        while (runs := self.seen.look()) < wanted:
            round_number += 1
            began = time.time()
            visits = [asyncio.create_task(self._visit(number)) for number in range(VISITORS)]
            await self._make_faults()
            await asyncio.gather(*visits)
            await self._settle()
            new = self.seen.look() - runs
            names = ", ".join(one.name for one in self.faults if one.began >= began)
            print(
                f"round {round_number}: {new} runs, {names}; {time.time() - began:.0f} s",
                flush=True,
            )

    async def _visit(self, number: int) -> None:
        """Open Train and start a run; try again while the app does not let that happen."""
        choice = random.Random(self._random.random())
        await asyncio.sleep(choice.uniform(0, 10))
        epochs, early_stopping = SHORT if choice.random() < 0.6 else LONG
        deadline = time.monotonic() + VISIT_SECONDS
        while time.monotonic() < deadline:
            try:
                async with (
                    asyncio.timeout(VISIT_SECONDS),
                    Visitor(self._app.running.url, self._cookies[number]) as visitor,
                ):
                    self._cookies[number] = visitor.cookie
                    await visitor.open("train")
                    await visitor.enter("settings.0.epochs", int_value=epochs)
                    await visitor.enter("settings.0.early_stopping", bool_value=early_stopping)
                    await visitor.click("train")
                    return
            except Exception as error:
                # Whatever the connection raises while the app is killed.
                print(f"  visitor {number}: {type(error).__name__}", flush=True)
                await asyncio.sleep(3)

    async def _make_faults(self) -> None:
        """Make one to three faults, one after the other."""
        # A run begins after about two seconds.
        await asyncio.sleep(self._random.uniform(1, 6))
        for _ in range(self._random.choice((1, 1, 2, 3))):
            await self._random.choice(self._possible())()
            await asyncio.sleep(self._random.uniform(0, 4))

    def _possible(self) -> list[Callable[[], Awaitable[None]]]:
        possible: list[Callable[[], Awaitable[None]]] = [
            self._kill_worker,
            self._kill_worker,
            self._kill_scheduler,
            self._kill_app,
            self._shut_down,
            self._stop_worker,
            self._stop_scheduler,
            self._stop_app,
            self._lock_database,
        ]
        if self._disk:
            possible += [self._fill_disk, self._fill_disk]
        return possible

    async def _kill_worker(self) -> None:
        await self._kill("worker")

    async def _kill_scheduler(self) -> None:
        await self._kill("scheduler")

    async def _kill(self, role: str) -> None:
        if found := self._app.processes(role):
            self._note(f"kill {role}", time.time(), ends_runs=True)
            with suppress(psutil.NoSuchProcess):
                self._random.choice(found).kill()

    async def _kill_app(self) -> None:
        """Kill the app; its other processes must follow; start it again."""
        family = processes_of(self._app.folder)
        began = time.time()
        self._app.running.process.kill()
        self._app.running.process.wait()
        _, alive = await asyncio.to_thread(psutil.wait_procs, family, timeout=20)
        if alive:
            self.problems.append(f"outlived the app by 20 s: {[one.pid for one in alive]}")
        await self._start_again()
        self._note("kill app", began, ends_runs=True)

    async def _shut_down(self) -> None:
        began = time.time()
        left = await asyncio.to_thread(self._app.running.stop, 60)
        if left:
            self.problems.append(f"outlived the app, which was shut down: {left}")
        await self._start_again()
        self._note("shut down", began, ends_runs=True)

    async def _start_again(self) -> None:
        self.seen.look()
        await asyncio.sleep(self._random.uniform(0, 3))
        await asyncio.to_thread(self._app.start)

    async def _stop_worker(self) -> None:
        await self._stop("worker")

    async def _stop_scheduler(self) -> None:
        await self._stop("scheduler")

    async def _stop_app(self) -> None:
        await self._stop("app")

    async def _stop(self, role: str) -> None:
        """Stop a process with SIGSTOP, and continue it after some seconds."""
        if not (found := self._app.processes(role)):
            return
        process, began = self._random.choice(found), time.time()
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(self._random.uniform(1, 15))
            process.send_signal(signal.SIGCONT)
        self._note(f"stop {role}", began)

    async def _lock_database(self) -> None:
        """Lock the database, the first time for a minute; meanwhile something else may fail."""
        seconds = self._random.uniform(5, 20) if self._locks else LOCK_SECONDS
        self._locks += 1
        began = time.time()
        connection = sqlite3.connect(
            self._app.running.data_folder / "nfm.sqlite3", isolation_level=None, timeout=20
        )
        try:
            connection.execute("BEGIN EXCLUSIVE")
            await asyncio.sleep(self._random.uniform(0, 5))
            others = (self._kill_worker, self._stop_worker, self._kill_scheduler, self._end_app)
            await self._random.choice(others)()
            await asyncio.sleep(max(0.0, began + seconds - time.time()))
        finally:
            connection.close()
        self._note("lock the database", began)
        if self._app.running.process.poll() is not None:
            await self._start_again()

    async def _end_app(self) -> None:
        """Kill the app; it cannot start again while the database is locked."""
        self._note("kill app while locked", time.time(), ends_runs=True)
        self._app.running.process.kill()
        self._app.running.process.wait()
        self.seen.look()

    async def _fill_disk(self) -> None:
        """Fill the disk for some seconds; processes may be stopped, but not killed."""
        ballast, began = self._app.folder / "ballast", time.time()
        with ballast.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(bytes(1 << 16)):
                pass
        try:
            await asyncio.sleep(self._random.uniform(3, 20))
            if self._random.random() < 0.3:
                await self._stop_worker()
        finally:
            ballast.unlink()
        self._note("fill the disk", began)

    def _note(self, name: str, began: float, *, ends_runs: bool = False) -> None:
        self.faults.append(Fault(name, began, time.time(), ends_runs))

    async def _settle(self) -> None:
        """Wait until no run waits or trains."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline:
            self.seen.look()
            if not self.seen.active:
                return
            await asyncio.sleep(0.5)
        for run in self.seen.active:
            if run not in self.seen.unsettled:
                self.problems.append(f"run {run} did not end within {SETTLE_SECONDS:.0f} s")
        self.seen.unsettled |= self.seen.active


async def run_with_faults(app: App, arguments: argparse.Namespace, *, disk: bool) -> FaultTest:
    """Train runs under faults, then wait until the server has cleaned up."""
    test = FaultTest(app, arguments.seed, disk=disk)
    await test.run(arguments.runs)
    deadline = time.monotonic() + CLEANUP_SECONDS
    while time.monotonic() < deadline and test.seen.files():
        await asyncio.sleep(1)
    return test


def main() -> None:
    """Start a server of its own, make it fail in many ways, and report broken promises."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="a folder for a copy of the log and the data")
    arguments = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="nfm-faults-"))
    with small_disk(place) as disk:
        app = App(place)
        try:
            app.start()
            test = asyncio.run(run_with_faults(app, arguments, disk=disk))
        finally:
            left = app.running.stop(60)
        problems = [f"process {pid} outlived the app" for pid in left] + test.problems
        problems += broken_promises(place, test.workspaces, test.faults, test.seen)
        if arguments.keep:
            shutil.copytree(place, arguments.keep, dirs_exist_ok=True)
    shutil.rmtree(place)
    print(f"seed {arguments.seed}, runs by status: {dict(test.seen.statuses())}")
    print(f"faults: {dict(Counter(fault.name for fault in test.faults))}")
    if not disk:
        print("The disk was never full: only root can mount a small one.")
    print("\n".join(["Broken promises:", *problems]) if problems else "Every promise was kept.")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
