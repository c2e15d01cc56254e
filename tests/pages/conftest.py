"""The app without browser and workers: a store of its own, and an engine that only notes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from nfm.epoch import Epoch, Metrics
from nfm.files.options import ReadingOptions
from nfm.files.reading import read_table_file
from nfm.inference.bundle import Bundle
from nfm.jobs.runs import LiveRun
from nfm.jobs.search_progress import SearchProgress
from nfm.jobs.worker.run_commands import NO_COMMANDS, RunCommands
from nfm.network_architecture import NetworkArchitecture
from nfm.settings import Settings
from nfm.store.records import Dataset, Run, RunOutcome, Status
from nfm.store.store import Store
from nfm.tabular.encoding import Encoder
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.splitting import SplitOptions
from nfm.tabular.target import Target
from nfm.ui.state import account, services

WORKSPACE = "w" * 43
# As the server does: several threads of small products wait for each other more than they work.
threadpool_limits(1, user_api="blas")
TEST_METRICS = Metrics(loss=0.43, accuracy=0.82, auc=0.86)


def make_epochs(count: int, best: int | None = None) -> tuple[Epoch, ...]:
    """Epochs whose validation loss falls until the best one."""
    return tuple(
        Epoch(
            number=number,
            train=Metrics(loss=1 / number, accuracy=0.8, auc=0.8),
            validation=Metrics(loss=1 / number, accuracy=0.7, auc=0.7),
            learning_rate=1e-3,
            seconds=0.1 * number,
            rows_per_second=5000.0,
            best=number <= (best or count),
        )
        for number in range(1, count + 1)
    )


class NotingEngine:
    """Queues runs and lets the test say how they stand."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.ready = True
        self.reason: str | None = None
        self.submitted: list[Run] = []
        self.stopped: list[str] = []
        self.states: dict[str, LiveRun] = {}

    def submit(self, run: Run, commands: RunCommands = NO_COMMANDS) -> None:
        self.submitted.append(run)
        self.states[run.id] = LiveRun(run.id, "queued", queue_position=1, commands=commands)

    def command(self, run_id: str, change: Callable[[RunCommands, int], RunCommands]) -> None:
        state = self.states[run_id]
        self.states[run_id] = replace(state, commands=change(state.commands, len(state.epochs)))

    def stop(self, run_id: str) -> None:
        self.stopped.append(run_id)

    @property
    def active_count(self) -> int:
        return sum(state.active for state in self.states.values())

    def live(self, run_id: str) -> LiveRun:
        return self.states[run_id]

    def progress(self, epochs: int, run: Run | None = None) -> None:
        """Let a run train."""
        run = run or self.submitted[-1]
        self.store.begin_run(run.workspace, run.id)
        state = self.states[run.id]
        self.states[run.id] = replace(
            state, status="running", epochs=make_epochs(epochs), queue_position=None
        )

    def finish(
        self,
        status: Status,
        *,
        epochs: int = 12,
        best: int | None = None,
        reason: str | None = None,
        model: bool = True,
        run: Run | None = None,
    ) -> None:
        """Let a run end, with a model of random weights."""
        run = run or self.submitted[-1]
        trained = make_epochs(epochs, best)
        self.store.finish_run(
            run.workspace,
            run.id,
            RunOutcome(
                status,
                reason,
                epochs=trained,
                test_metrics=TEST_METRICS if model else None,
                bundle=random_bundle(self.store, run).to_bytes() if model else None,
            ),
        )
        self.states[run.id] = LiveRun(run.id, status, trained, reason)


class NotingSearches:
    """Starts no search, and lets the test say how one stands."""

    def __init__(self) -> None:
        self.started: list[tuple[Dataset, Settings, int, float, int]] = []
        self.stopped: list[str] = []
        self.states: dict[str, SearchProgress] = {}

    def start(
        self, dataset: Dataset, settings: Settings, *, trials: int, seconds: float, seed: int
    ) -> None:
        self.started.append((dataset, settings, trials, seconds, seed))
        self.states[dataset.workspace] = SearchProgress(dataset, "searching", (), trials)

    def stop(self, workspace: str) -> None:
        self.stopped.append(workspace)

    def progress(self, workspace: str) -> SearchProgress | None:
        return self.states.get(workspace)


def random_bundle(store: Store, run: Run) -> Bundle:
    """A model that was never trained, of the shape that the run asks for."""
    dataset = store.dataset(run.workspace, run.dataset_id)
    content = store.content(run.workspace, run.dataset_id)
    frame = read_table_file(content, dataset.name, dataset.options).frame
    assert run.schema.target is not None
    assert run.schema.task is not None
    encoder = Encoder.fit(frame, run.schema.features, run.settings)
    schema = run.schema
    target = Target.fit(frame[schema.target], schema.task, schema.target, positive=schema.positive)
    generator = np.random.default_rng(0)
    network = NetworkArchitecture(encoder.layout, run.settings, target.output_count)
    shapes = network.weight_shapes | network.member_weight_shapes
    weights = {name: _weights(generator, name, shape) for name, shape in shapes.items()}
    return Bundle(run.schema, encoder, target, run.settings, weights)


def _weights(generator: np.random.Generator, name: str, shape: tuple[int, ...]) -> np.ndarray:
    drawn = generator.normal(0, 0.1, shape).astype(np.float32)
    return np.abs(drawn) if name.endswith("_variance") else drawn


@dataclass
class Lab:
    """The app under test, and what stands behind it."""

    store: Store
    engine: NotingEngine
    searches: NotingSearches
    apps: list[AppTest] = field(default_factory=list)

    def open(self, page: str = "data") -> AppTest:
        """Open a page in a new session of the same browser."""
        return self.go(self._new_session(), page)

    @staticmethod
    def _new_session() -> AppTest:
        shell = Path(services.__file__).parents[1] / "shell.py"
        app = AppTest.from_file(str(shell), default_timeout=90)
        app.session_state["services.workspace"] = WORKSPACE
        return app

    def open_as(self, user: dict[str, object], page: str = "data") -> AppTest:
        """Open a page in a new session of the same browser, for a user who has signed in or not."""
        app = self._new_session()
        app.user = user
        return self.go(app, page)

    @staticmethod
    def workspace_of(user: dict[str, object]) -> str:
        """Return the workspace of a user's account."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(account, "st", SimpleNamespace(user=user))
            return account.account_workspace()

    def go(self, app: AppTest, page: str) -> AppTest:
        """Change the page, as a click on the navigation does."""
        app.switch_page(f"../../pages/{page}.py").run()
        # A browser stays on the page that the app leads to; else each run would come back here.
        app._page_hash = ""
        assert not app.exception
        return app

    @staticmethod
    def find(app: AppTest, label: str):
        """Return the input widget with this label."""
        inputs = [*app.selectbox, *app.number_input, *app.text_input, *app.multiselect]
        return next(widget for widget in inputs if widget.label == label)

    def add(self, content: bytes, name: str = "table.csv", target: str | None = None) -> Dataset:
        """Put a table into the workspace and open it."""
        table = read_table_file(content, name, ReadingOptions(has_header=True))
        added = self.store.add_dataset(
            WORKSPACE,
            name,
            content,
            table.options,
            infer_schema(table.frame, target),
            SplitOptions(),
        )
        self.store.set_preference(WORKSPACE, "dataset", added.id)
        return added

    def store_frame(self, run: Run) -> pd.DataFrame:
        """Return the rows of a run's table."""
        dataset = self.store.dataset(run.workspace, run.dataset_id)
        content = self.store.content(run.workspace, run.dataset_id)
        return read_table_file(content, dataset.name, dataset.options).frame

    def trained(self, dataset: Dataset, settings: Settings | None = None) -> Run:
        """Put a trained run into the workspace and look at it."""
        run = self.store.add_run(WORKSPACE, dataset.id, settings or Settings(epochs=3))
        self.store.set_preference(WORKSPACE, "run", run.id)
        self.engine.submit(run)
        self.engine.finish("completed", epochs=3)
        return self.store.run(WORKSPACE, run.id)


@pytest.fixture(scope="session", autouse=True)
def _packages_are_scanned_once() -> Iterator[None]:
    """For each AppTest, Streamlit looks for components in every package that is installed."""
    found = manifest_scanner.scan_component_manifests()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", lambda: found)
        yield


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """The app with a store in a temporary folder and an engine that trains nothing."""
    st.cache_data.clear()
    st.cache_resource.clear()
    store = Store(f"sqlite:///{tmp_path / 'lab.sqlite3'}")
    engine = NotingEngine(store)
    store.set_preference(WORKSPACE, "tour", "over")
    monkeypatch.setattr(services, "store", lambda: store)
    searches = NotingSearches()
    monkeypatch.setattr(services, "engine", lambda: engine)
    monkeypatch.setattr(services, "searches", lambda: searches)
    yield Lab(store, engine, searches)
    store.close()


@pytest.fixture
def texts() -> Callable[[AppTest], str]:
    """All that a page says in Markdown, messages and captions."""

    def read(app: AppTest) -> str:
        blocks = (
            app.title,
            app.markdown,
            app.caption,
            app.error,
            app.success,
            app.warning,
            app.info,
        )
        said = [element.value for elements in blocks for element in elements]
        return "\n".join([*said, *(bar.text for bar in app.progress)])

    return read
