"""Thirty people use one server at the same time: how long each of their clicks takes.

    python -m benchmarks.classroom                        # 30 people for three minutes
    python -m benchmarks.classroom --people 1 --seconds 60

Each person is a client that speaks Streamlit's WebSocket protocol, without a browser: it opens
the app, trains a model on the Titanic, edits fields on Predict, looks at Evaluate and Data, and
now and then at Interactions, with two to six seconds of thought between clicks. Five of them train
again and again. A click takes from its message to the end of the script's run.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import tempfile
from collections import defaultdict
from pathlib import Path
from time import perf_counter
from urllib.request import Request, urlopen

import numpy as np
import psutil
from google.protobuf.message import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from tests.browser.conftest import Server, start_server

REPOSITORY = Path(__file__).parent.parent
TRAINERS = 5
FINISHED = {
    ForwardMsg.FINISHED_SUCCESSFULLY,
    ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
    ForwardMsg.FINISHED_WITH_COMPILE_ERROR,
}
PATIENCE = 180.0


class Person:
    """One visitor: a workspace, a session, and the widgets that the last runs drew.

    Args:
        url: Of the server.
        seconds: Where the duration of every action is noted, by its name.
        seed: Of this person's choices.
        trains: Whether this person trains again and again.
    """

    def __init__(
        self, url: str, seconds: dict[str, list[float]], seed: int, *, trains: bool
    ) -> None:
        self._url = url
        self._seconds = seconds
        self._random = random.Random(seed)
        self._trains = trains
        self._socket: ClientConnection | None = None
        self._widgets: dict[str, str] = {}  # id by the key that the app gave
        self._labels: dict[str, str] = {}  # key by label
        self._values: dict[str, WidgetState] = {}
        self._page = ""

    async def live(self, until: float) -> None:
        """Use the app until a moment of the performance counter."""
        with await asyncio.to_thread(
            urlopen, Request(self._url, headers={"Accept": "text/html"})
        ) as page:
            cookie = page.headers["Set-Cookie"].split(";")[0]
        address = self._url.replace("http", "ws", 1) + "/_stcore/stream"
        async with connect(
            address,
            additional_headers={"Cookie": cookie},
            origin=self._url,
            subprotocols=["streamlit"],
            max_size=None,
            open_timeout=PATIENCE,
            ping_interval=None,
        ) as self._socket:
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
            if (name := self._age) is None:  # the model isn't there yet
                return
            await self._edit(name)
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
        self._page, self._values, self._widgets, self._labels = page, {}, {}, {}
        await self._run(action)

    async def _train(self) -> None:
        await self._run("click Train", self._state("train", trigger_value=True))

    @property
    def _age(self) -> str | None:
        return next((key for label, key in self._labels.items() if label.startswith("Age")), None)

    async def _edit(self, name: str) -> None:
        state = self._state(name, double_value=float(self._random.randint(1, 70)))
        self._values[state.id] = state
        await self._run("edit a field")

    def _state(self, key: str, **value: object) -> WidgetState:
        return WidgetState(id=self._widgets[key], **value)  # type: ignore[arg-type]

    async def _run(self, action: str, *triggers: WidgetState) -> None:
        """Send a click and wait until the script's run has ended."""
        assert self._socket is not None
        message = BackMsg()
        state = message.rerun_script
        state.page_name = self._page
        state.widget_states.widgets.extend([*self._values.values(), *triggers])
        state.context_info.url = f"{self._url}/{self._page}"
        start = perf_counter()
        await self._socket.send(message.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            while True:
                answer = ForwardMsg.FromString(await self._socket.recv())  # type: ignore[arg-type]
                if answer.WhichOneof("type") == "delta":
                    self._note_widgets(answer.delta)
                elif answer.WhichOneof("type") == "script_finished" and (
                    answer.script_finished in FINISHED
                ):
                    break
        self._seconds[action].append(perf_counter() - start)

    def _note_widgets(self, message: Message) -> None:
        for field, value in message.ListFields():
            if field.message_type is not None:
                values = value if field.is_repeated else [value]
                if field.message_type.GetOptions().map_entry:
                    continue
                for one in values:
                    self._note_widgets(one)
            elif field.name == "id" and isinstance(value, str) and value.startswith("$$ID-"):
                key = value.split("-", 2)[2]
                self._widgets[key] = value
                self._labels[str(getattr(message, "label", ""))] = key


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
