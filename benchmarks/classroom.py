"""Thirty people use one server at the same time: how long each of their clicks takes.

    python -m benchmarks.classroom                        # 30 people for three minutes
    python -m benchmarks.classroom --people 1 --seconds 60

Each person is a client that speaks Streamlit's WebSocket protocol, without a browser: it opens
the app, trains a model on the Titanic, edits fields on Predict, looks at Evaluate and Data, and
now and then at Interactions, with two to six seconds of thought between clicks. Five of them train
again and again. A click takes from its message to the end of the script's run; the answer to an
edit, to the new probability, after which its explanation is drawn.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import tempfile
from collections import defaultdict
from collections.abc import Awaitable
from pathlib import Path
from time import perf_counter

import numpy as np
import psutil

from benchmarks.visitor import Visitor
from tests.browser.conftest import Server, start_server

REPOSITORY = Path(__file__).parent.parent
TRAINERS = 5


class Person:
    """One visitor who uses the app, with pauses for thought.

    Args:
        url: Of the server.
        seconds: Where the duration of every action is noted, by its name.
        seed: Of this person's choices.
        trains: Whether this person trains again and again.
    """

    def __init__(
        self, url: str, seconds: dict[str, list[float]], seed: int, *, trains: bool
    ) -> None:
        self._visitor = Visitor(url)
        self._seconds = seconds
        self._random = random.Random(seed)
        self._trains = trains

    async def live(self, until: float) -> None:
        """Use the app until a moment of the performance counter."""
        async with self._visitor:
            await self._open("first paint", "")
            await self._open("open Train", "train")
            await self._train()
            while perf_counter() < until:
                await self._think()
                if self._trains:
                    await self._open("open Train", "train")
                    await self._train()
                else:
                    await self._look_around()

    async def _look_around(self) -> None:
        await self._open("open Predict", "predict")
        for _ in range(4):
            await self._think()
            if (key := self._age) is None:  # the model isn't there yet
                return
            age = float(self._random.randint(1, 70))
            start = perf_counter()
            await self._measure("edit a field", self._visitor.enter(key, double_value=age))
            if self._visitor.answered is not None:
                self._seconds["answer to an edit"].append(self._visitor.answered - start)
        await self._think()
        await self._open("open Evaluate", "evaluate")
        await self._think()
        await self._open("open Data", "data")
        if self._random.random() < 0.3:
            await self._think()
            await self._open("open Interactions", "interactions")

    async def _think(self) -> None:
        await asyncio.sleep(self._random.uniform(2, 6))

    async def _open(self, action: str, page: str) -> None:
        await self._measure(action, self._visitor.open(page))

    async def _train(self) -> None:
        await self._measure("click Train", self._visitor.click("train"))

    @property
    def _age(self) -> str | None:
        labels = self._visitor.labels
        return next((key for label, key in labels.items() if label.startswith("Age")), None)

    async def _measure(self, action: str, done: Awaitable[None]) -> None:
        start = perf_counter()
        await done
        self._seconds[action].append(perf_counter() - start)


async def visit(server: Server, people: int, duration: float) -> dict[str, list[float]]:
    """Let people use a server; return the seconds of every action."""
    seconds: dict[str, list[float]] = defaultdict(list)
    until = perf_counter() + duration
    crowd = [
        Person(server.url, seconds, number, trains=people > 1 and number < TRAINERS)
        for number in range(people)
    ]

    async def arrive(number: int, person: Person) -> None:
        await asyncio.sleep(number * 0.5)
        await person.live(until)

    await asyncio.gather(*(arrive(number, person) for number, person in enumerate(crowd)))
    return seconds


def main() -> None:
    """Start a server of its own, let people use it, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=180)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = start_server(REPOSITORY, Path(folder))
        try:
            found = asyncio.run(visit(server, arguments.people, arguments.seconds))
            memory = psutil.Process(server.process.pid).memory_info().rss / 2**20
        finally:
            server.stop()
    print(f"{arguments.people} people, {os.cpu_count()} cores; seconds")
    print(f"{'action':20}{'clicks':>8}{'median':>9}{'95%':>9}{'longest':>9}")
    for action, values in sorted(found.items()):
        middle, high = np.quantile(values, [0.5, 0.95])
        print(f"{action:20}{len(values):8}{middle:9.2f}{high:9.2f}{max(values):9.2f}")
    print(f"web process: {memory:.0f} MiB")


if __name__ == "__main__":
    main()
