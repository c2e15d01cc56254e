"""What runs in a worker process: one training, told apart into epochs, outcome and model."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol

from nfm.epoch import Epoch, Metrics
from nfm.errors import DivergenceError, NFMError
from nfm.jobs.controls import Controls
from nfm.jobs.records import Status
from nfm.jobs.turns import Turns
from nfm.settings import Settings

if TYPE_CHECKING:
    from nfm.tabular.reading import ReadingOptions
    from nfm.tabular.schema import Schema
    from nfm.tabular.splitting import SplitOptions

logger = logging.getLogger(__name__)

ShouldStop = Callable[[], bool]
_controls = Controls()
_turns = Turns()


@dataclass(frozen=True)
class Job:
    """All that a worker must know of a run.

    Attributes:
        run_id: The run.
        topic: Where its events are logged.
        name: Name of the file.
        content: Bytes of the file.
        options: How the bytes become a table.
        schema: Which columns are learned from, and what.
        split: How the rows are divided.
        settings: Model and training.
    """

    run_id: str
    topic: str
    name: str
    content: bytes
    options: ReadingOptions
    schema: Schema
    split: SplitOptions
    settings: Settings


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        status: Where it stands now.
        reason: For people, one sentence, where the status needs one.
        epochs: All of them, in order.
        test_metrics: Measured on the test rows.
        bundle: The trained model, `Bundle.to_bytes`.
    """

    status: Status
    reason: str | None = None
    epochs: tuple[Epoch, ...] = ()
    test_metrics: Metrics | None = None
    bundle: bytes | None = None


class Learning(Protocol):
    """A training: what `carry_out` needs of it, in the order in which it is asked."""

    def read(self) -> None:
        """Read the table; other runs may compute meanwhile."""
        ...

    def prepare(self) -> None:
        """Encode the table and build the network."""
        ...

    def epochs(self, should_stop: ShouldStop) -> Iterator[Epoch]:
        """Train, one epoch after another."""
        ...

    @property
    def outcome(self) -> Status:
        """How it ended."""
        ...

    def bundle(self) -> bytes:
        """Return the model."""
        ...

    def test(self) -> Metrics | None:
        """Measure the model on the test rows, if there are any."""
        ...


def train(job: Job) -> Outcome:
    """Carry out a run; called by Dask, in one of the worker's threads."""
    return carry_out(job, _TableLearning(job))


def carry_out(job: Job, learning: Learning) -> Outcome:
    """Carry out a run and put whatever happens into words.

    Args:
        job: Which run it is, and who follows it.
        learning: What to do.

    Returns:
        The outcome; nothing is raised.
    """
    _controls.begin(job.run_id)
    epochs: list[Epoch] = []
    try:
        _report(job, {"kind": "started", "pid": os.getpid()})
        return _carry_out(job, learning, epochs)
    except DivergenceError as error:
        return Outcome("diverged", str(error), tuple(epochs))
    except NFMError as error:
        return Outcome("failed", str(error), tuple(epochs))
    except MemoryError:
        reason = (
            "There is not enough memory for this training: "
            "use fewer rows, fewer levels or a smaller network."
        )
        return Outcome("failed", reason, tuple(epochs))
    except Exception as error:
        logger.exception("Run %s failed.", job.run_id)
        reason = f"The training failed because of a defect of the program ({_words(error)})."
        return Outcome("failed", reason, tuple(epochs))
    finally:
        _controls.end(job.run_id)


def _carry_out(job: Job, learning: Learning, epochs: list[Epoch]) -> Outcome:
    def stopping() -> bool:
        return _controls.stopping(job.run_id)

    def pass_on_and_ask() -> bool:
        _turns.pass_on()
        return stopping()

    for step in (learning.read, partial(_in_turn, learning.prepare)):
        if not stopping():
            step()
    if stopping():
        return Outcome("stopped", "It was stopped before it began, so there is no model.")
    with _turns.turn():
        for epoch in learning.epochs(pass_on_and_ask):
            epochs.append(epoch)
            _report(job, {"kind": "epoch", "epoch": epoch.to_dict()})
        bundle, reason, test_metrics = learning.bundle(), None, None
        if not epochs:
            reason = "It was stopped within its first epoch: the model has seen a part of the rows."
        try:
            test_metrics = learning.test()
        except NFMError as error:
            reason = f"The test rows could not be scored: {error}"
        return Outcome(learning.outcome, reason, tuple(epochs), test_metrics, bundle)


def _in_turn(step: Callable[[], None]) -> None:
    with _turns.turn():
        step()


class _TableLearning:
    """The real training: a table through `nfm.fitting`."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def read(self) -> None:
        """Read the table and divide its rows."""
        from nfm.fitting import Division
        from nfm.tabular.reading import read_table_file

        job = self._job
        frame = read_table_file(job.content, job.name, job.options).frame
        self._division = Division.of(frame, job.schema, job.split)

    def prepare(self) -> None:
        """Encode the table and build the network."""
        self._fitting = self._division.fitting(self._job.settings)

    def epochs(self, should_stop: ShouldStop) -> Iterator[Epoch]:
        """Train, one epoch after another."""
        return self._fitting.epochs(should_stop)

    @property
    def outcome(self) -> Status:
        """How it ended."""
        return self._fitting.training.outcome or "stopped"

    def bundle(self) -> bytes:
        """Return the model."""
        return self._fitting.bundle().to_bytes()

    def test(self) -> Metrics | None:
        """Measure the model on the test rows, if there are any."""
        return self._division.test(self._fitting.bundle())


def _report(job: Job, message: dict[str, Any]) -> None:
    """Send an event to whoever follows the run."""
    from distributed import get_worker

    worker = get_worker()
    worker.log_event(job.topic, {"run": job.run_id, "worker": worker.address, **message})


def _words(error: Exception) -> str:
    text = " ".join(str(error).split())
    text = text if len(text) <= 200 else text[:197] + "..."
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def stop_run(run_id: str) -> None:
    """Ask a run to stop; called by Dask in the worker's event loop, so it answers at once."""
    _controls.stop(run_id)


def keras_file(bundle: bytes) -> bytes:
    """Return a model as Keras's own file, for `keras.models.load_model`.

    Args:
        bundle: As `Bundle.to_bytes` returns it.
    """
    from nfm.fitting import keras_model
    from nfm.inference.bundle import load_bundle

    with _turns.turn(), TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        keras_model(load_bundle(bundle)).save(path)
        return path.read_bytes()


def warm_up() -> None:
    """Import TensorFlow and train a tiny network, so that the first run need not."""
    with _quiet():
        import nfm.model.training  # noqa: F401
    _train_something_tiny()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what TensorFlow's C++ says at its import, about GPUs that are not there, to itself."""
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _train_something_tiny() -> None:
    from nfm.tabular.reading import read_table_file
    from nfm.tabular.schema import infer_schema
    from nfm.tabular.splitting import SplitOptions

    content = "target,level,number\n" + "yes,a,1.5\nno,b,2.25\n" * 20
    table = read_table_file(content.encode(), "tiny.csv")
    job = Job(
        run_id="",
        topic="",
        name="tiny.csv",
        content=content.encode(),
        options=table.options,
        schema=infer_schema(table.frame, "target"),
        split=SplitOptions(),
        settings=Settings(epochs=2),
    )
    learning = _TableLearning(job)
    learning.read()
    learning.prepare()
    for _epoch in learning.epochs(lambda: False):
        pass
    learning.test()
