"""A thousand trainings and two hundred uploads: how much memory the web process takes.

    python -m benchmarks.endurance                        # an hour or more
    python -m benchmarks.endurance --trainings 200

Visitors come one after the other, each with a new workspace. One uploads a small table, trains
five short runs on it, looks at Predict and Evaluate, and does that ten times. Promised: the
web process uses at most 10% more memory at the end than after the first hundred trainings.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sqlite3
import tempfile
from pathlib import Path
from time import perf_counter

import psutil

from benchmarks.visitor import PATIENCE, Visitor
from nfm.store.records import ACTIVE
from nfm.store.repository import workspace_key
from tests.browser.conftest import Server, start_server

REPOSITORY = Path(__file__).parent.parent
TRAININGS_PER_UPLOAD = 5
UPLOADS_PER_VISITOR = 10
FIRST = 100
ALLOWED = 1.10
EPOCHS = 10


def table(seed: int) -> bytes:
    """Return a CSV of 300 rows that no other visitor has uploaded."""
    draw = random.Random(seed)
    rows = [
        f"{draw.choice('abcd')},{draw.choice('xyz')},{draw.gauss(0, 1):.3f},{draw.random() < 0.4}"
        for _ in range(300)
    ]
    return "\n".join(["letter,other,number,answer", *rows]).encode()


def latest(server: Server, workspace: str) -> tuple[int, str]:
    """Return the number and the status of a workspace's newest run."""
    connection = sqlite3.connect(f"file:{server.data_folder / 'nfm.sqlite3'}?mode=ro", uri=True)
    try:
        found = connection.execute(
            "SELECT number, status FROM runs WHERE workspace = ? ORDER BY number DESC LIMIT 1",
            [workspace_key(workspace)],
        ).fetchone()
    finally:
        connection.close()
    return found or (0, "")


async def train(server: Server, visitor: Visitor, number: int) -> str:
    """Train one run and watch it; return its status at the end.

    Args:
        server: The server.
        visitor: A visitor whose open page is Train.
        number: Number of the run in the workspace, counted from 1.
    """
    await visitor.click("train")
    deadline = perf_counter() + PATIENCE
    while perf_counter() < deadline:
        await asyncio.sleep(0.2)
        found, status = latest(server, visitor.workspace)
        if found == number and status not in ACTIVE:
            await visitor.refresh()
            return status
        await visitor.refresh()
    return "unfinished"


class Endurance:
    """What was done, and the memory that it took.

    Args:
        server: The server.
        trainings: Number of trainings to do.

    Attributes:
        memory: Resident memory of the web process in MiB, by number of trainings.
        problems: Runs that did not end as they should, and uploads that were not stored.
        uploads: Number of uploads so far.
    """

    def __init__(self, server: Server, trainings: int) -> None:
        self._server = server
        self._wanted = trainings
        self._done = 0
        self.memory: dict[int, float] = {}
        self.problems: list[str] = []
        self.uploads = 0

    async def run(self) -> None:
        """Let visitors come until all trainings are done."""
        while self._done < self._wanted:
            async with Visitor(self._server.url) as visitor:
                for turn in range(UPLOADS_PER_VISITOR):
                    if self._done < self._wanted:
                        await self._upload_and_train(visitor, turn)

    async def _upload_and_train(self, visitor: Visitor, turn: int) -> None:
        await visitor.open("data")
        key = next(key for key in visitor.widgets if key.startswith("table_choice.upload"))
        self.uploads += 1
        await visitor.upload(key, f"table {self.uploads}.csv", table(self.uploads))
        await visitor.open("train")
        await visitor.enter("settings.0.epochs", int_value=EPOCHS)
        for number in range(TRAININGS_PER_UPLOAD):
            status = await train(self._server, visitor, turn * TRAININGS_PER_UPLOAD + number + 1)
            self._done += 1
            if status not in ("completed", "early_stopped"):
                self.problems.append(f"training {self._done}: {status}")
            await self._measure()
        await visitor.open("predict")
        if turn % 5 == 0:
            await visitor.open("evaluate")

    async def _measure(self) -> None:
        if self._done % FIRST and self._done != self._wanted:
            return
        await asyncio.sleep(5)
        rss = psutil.Process(self._server.process.pid).memory_info().rss / 2**20
        self.memory[self._done] = rss
        print(f"{self._done:6} trainings {self.uploads:5} uploads {rss:8.0f} MiB", flush=True)


def main() -> None:
    """Start a server of its own, use it, and print the memory of its web process."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trainings", type=int, default=1000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = start_server(REPOSITORY, Path(folder))
        try:
            endurance = Endurance(server, arguments.trainings)
            asyncio.run(endurance.run())
            stored = sqlite3.connect(server.data_folder / "nfm.sqlite3")
            (tables,) = stored.execute("SELECT count(*) FROM datasets").fetchone()
            stored.close()
        finally:
            left_over = server.stop()
    problems = endurance.problems
    if left_over:
        problems.append(f"processes left over: {left_over}")
    if tables < endurance.uploads:
        problems.append(f"{tables} tables stored of {endurance.uploads} uploads")
    first, last = endurance.memory[min(endurance.memory)], endurance.memory[max(endurance.memory)]
    if last > ALLOWED * first:
        problems.append(f"the web process uses {last / first - 1:.0%} more memory")
    print(f"web process: {first:.0f} MiB at first, {last:.0f} MiB at the end: {last / first:.2f} x")
    print("\n".join(["Broken promises:", *problems]) if problems else "Every promise was kept.")


if __name__ == "__main__":
    main()
