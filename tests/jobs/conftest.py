"""A store in a temporary folder, and one engine with real worker processes for all tests."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import pytest

from nfm.files.reading import ReadingOptions, read_table_file
from nfm.jobs.engine import Engine
from nfm.jobs.runs import LiveRun
from nfm.jobs.worker.run_commands import NO_COMMANDS, RunCommands
from nfm.settings import Settings
from nfm.store.records import Run
from nfm.store.store import Store
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.samples import sample_bytes
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import SplitOptions

SUPPORT = Path(__file__).parent / "support"
# The tests and the workers that they start import scripted_training from here.
sys.path.insert(0, str(SUPPORT))
os.environ["PYTHONPATH"] = os.pathsep.join(
    filter(None, [str(SUPPORT), os.environ.get("PYTHONPATH")])
)

from scripted_training import stay_cold  # noqa: E402
from scripted_training import train as scripted_train  # noqa: E402

DEADLINE_SECONDS = 180.0
Value = TypeVar("Value")


@pytest.fixture(scope="session")
def eventually() -> Callable[[Callable[[], Value]], Value]:
    """Look again and again until there is something, and return it."""

    def look_until(look: Callable[[], Value]) -> Value:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not (value := look()):
            assert time.monotonic() < deadline, "It never came."
            time.sleep(0.01)
        return value

    return look_until


@pytest.fixture(scope="session")
def schema() -> Schema:
    """A target and two features."""
    frame = pd.DataFrame(
        {"sex": ["male", "female"] * 20, "fare": range(40), "survived": [0, 1] * 20}
    )
    return infer_schema(frame, "survived")


@pytest.fixture
def open_store(data_folder: Path) -> Iterator[Callable[[], Store]]:
    """Open the database as another server does; all are closed after the test."""
    opened: list[Store] = []

    def open_one() -> Store:
        opened.append(Store())
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def store(data_folder: Path) -> Iterator[Store]:
    """An empty store."""
    opened = Store()
    yield opened
    opened.close()


class Desk:
    """An engine and its store, and short words for what tests do with them."""

    def __init__(self, engine: Engine, store: Store, schema: Schema, eventually: Any) -> None:
        self.engine = engine
        self.store = store
        self._schema = schema
        self._eventually = eventually
        self._open: list[Path] = []

    def submit(
        self, workspace: str = "somebody", commands: RunCommands = NO_COMMANDS, **script: Any
    ) -> Run:
        """Have a script carried out (see support/scripted_training.py)."""
        if "gate" in script:
            script["gate"] = str(script["gate"])
            self._open.append(Path(script["gate"]))
        dataset = self.store.add_dataset(
            workspace,
            "script.csv",
            json.dumps(script).encode(),
            ReadingOptions(),
            self._schema,
            SplitOptions(),
        )
        run = self.store.add_run(workspace, dataset.id, Settings())
        self.engine.submit(run, commands)
        return run

    def until(self, run: Run, condition: Callable[[LiveRun], Any]) -> LiveRun:
        """Wait until a run stands as it should, and return how it stands then."""

        def look() -> LiveRun | None:
            live = self.engine.live(run.id)
            return live if condition(live) else None

        return self._eventually(look)

    def end(self, run: Run) -> LiveRun:
        """Wait until a run has ended."""
        return self.until(run, lambda live: not live.active)

    def checkpointed(self, run: Run, folder: Path) -> None:
        """Wait until a checkpoint of a run is in its file, in a data folder."""
        self._eventually(lambda: list((folder / "checkpoints").glob(f"{run.id}-*")))

    def kept(self, run: Run) -> Run:
        """Return the run as the store has it."""
        return self.store.run(run.workspace, run.id)

    def open_gates(self) -> None:
        """Let everything that still waits go on."""
        for gate in self._open:
            gate.touch()


def start_desk(
    folder: Path, schema: Schema, eventually: Any, **engine_arguments: Any
) -> Iterator[Desk]:
    """Start an engine with one worker and a store of its own."""
    with pytest.MonkeyPatch.context() as environment:
        for name in ("NFM_DATABASE_URL", "NFM_SCHEDULER"):
            environment.delenv(name, raising=False)
        environment.setenv("NFM_DATA_DIR", str(folder))
        environment.setenv("NFM_WORKERS", "1")
        environment.setenv("NFM_RUNS_PER_WORKER", "2")
        # Beside other work, a worker that gives way to it would not get ready within the deadline.
        environment.setenv("NFM_NICE", "0")
        store = Store(f"sqlite:///{folder / 'runs.sqlite3'}")
        engine = Engine(store, scripted_train, **engine_arguments)
        engine.start()
        desk = Desk(engine, store, schema, eventually)
        # What is set above is read while it starts.
        eventually(lambda: engine.worker_pids)
    yield desk
    desk.open_gates()
    engine.close()
    store.close()


@pytest.fixture(scope="session")
def shared_desk(
    tmp_path_factory: pytest.TempPathFactory, schema: Schema, eventually: Any
) -> Iterator[Desk]:
    """One engine for all tests."""
    yield from start_desk(tmp_path_factory.mktemp("engine"), schema, eventually)


@pytest.fixture
def desk(shared_desk: Desk, eventually: Any) -> Iterator[Desk]:
    """The shared engine; what a test leaves waiting is let go."""
    # A worker that was replaced may have warmed up while a test had patched the versions.
    eventually(lambda: shared_desk.engine.ready)
    yield shared_desk
    shared_desk.open_gates()


@pytest.fixture
def own_desk(tmp_path: Path, schema: Schema, eventually: Any) -> Iterator[Desk]:
    """An engine that only this test has: its processes may be killed."""
    yield from start_desk(tmp_path, schema, eventually, warm_up=stay_cold)


@pytest.fixture
def make_desk(schema: Schema, eventually: Any) -> Iterator[Callable[..., Desk]]:
    """Start engines as the environment says; they are closed after the test."""
    engines: list[Engine] = []

    def make(store: Store, warm_up: Callable[[], None] = stay_cold) -> Desk:
        engines.append(Engine(store, scripted_train, warm_up))
        engines[-1].start()
        return Desk(engines[-1], store, schema, eventually)

    yield make
    for engine in engines:
        engine.close()


@pytest.fixture(scope="module")
def submit(shared_desk):
    """Have a network trained, on Titanic if nothing else is said (`submit("ann", epochs=3)`)."""
    whole = sample_bytes("titanic")

    def submit(
        workspace: str = "somebody", features=None, content=whole, target="Survived", **settings
    ) -> Run:
        table = read_table_file(content, "titanic.csv")
        schema = infer_schema(table.frame, target)
        if features is not None:
            schema = schema.with_features(features)
        dataset = shared_desk.store.add_dataset(
            workspace, "titanic.csv", content, table.options, schema, SplitOptions()
        )
        run = shared_desk.store.add_run(workspace, dataset.id, Settings(**settings))
        shared_desk.engine.submit(run)
        return run

    return submit
