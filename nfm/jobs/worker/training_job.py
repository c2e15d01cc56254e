"""One training inside a worker process: reports its epochs, returns its outcome and model."""

from __future__ import annotations

import logging
import os
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol

from nfm.epoch import Epoch, Metrics
from nfm.errors import DivergenceError, NFMError
from nfm.jobs.worker.run_commands import NO_COMMANDS, CommandInbox, RunCommands
from nfm.jobs.worker.run_control import RunControl
from nfm.jobs.worker.time_sliced_lock import TimeSlicedLock
from nfm.settings import Settings
from nfm.store.records import Status
from nfm.text import shorten

if TYPE_CHECKING:
    from nfm.files.reading import ReadingOptions
    from nfm.tabular.schema import Schema
    from nfm.tabular.splitting import SplitOptions
    from nfm.training.fitting import Fitting

logger = logging.getLogger(__name__)

ShouldStop = Callable[[], bool]
FRESH_OPTIMIZER = (
    "It went on from the kept weights with a fresh optimiser: "
    "the state of the one before was no longer there."
)
_KEPT_LEARNINGS = 2
_inbox = CommandInbox()
_lock = TimeSlicedLock()
# By run: what trained last, with its optimiser's state, to go on from.
_learnings: OrderedDict[str, _TableLearning] = OrderedDict()


@dataclass(frozen=True)
class Job:
    """Everything a worker needs for a run.

    Attributes:
        run_id: The run.
        topic: Where its events are logged.
        name: Name of the file.
        content: Bytes of the file.
        options: How the bytes become a table.
        schema: Which columns are learned from, and what.
        split: How the rows are divided.
        settings: Model and training.
        commands: Those at the time of sending; later ones arrive through `obey`.
        history: The epochs that it has trained already, if it goes on.
        bundle: The model that it goes on from.
    """

    run_id: str
    topic: str
    name: str
    content: bytes
    options: ReadingOptions
    schema: Schema
    split: SplitOptions
    settings: Settings
    commands: RunCommands = NO_COMMANDS
    history: tuple[Epoch, ...] = ()
    bundle: bytes | None = None


@dataclass(frozen=True)
class RunOutcome:
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
    """A training as `carry_out` calls it, in the order of the calls."""

    def read(self) -> None:
        """Read the table; other runs may compute meanwhile."""
        ...

    def prepare(self) -> None:
        """Encode the table and build the network."""
        ...

    def epochs(self, should_stop: ShouldStop, count: int | None) -> Iterator[Epoch]:
        """Train, one epoch after another, `count` at most."""
        ...

    def set_learning_rate(self, rate: float) -> None:
        """Set the learning rate of the following steps."""
        ...

    @property
    def outcome(self) -> Status:
        """How it ended."""
        ...

    @property
    def has_its_optimizer(self) -> bool:
        """Whether it continues with the optimiser state of the earlier epochs."""
        ...

    def bundle(self) -> bytes:
        """Return the model."""
        ...

    def test(self) -> Metrics | None:
        """Measure the model on the test rows, if there are any."""
        ...


def train(job: Job) -> RunOutcome:
    """Carry out a run; called by Dask, in one of the worker's threads."""
    learning = _learnings.pop(job.run_id, None)
    if learning is None or learning.done != len(job.history):
        learning = _TableLearning(job)
    outcome = carry_out(job, learning)
    if outcome.bundle is not None:
        _learnings[job.run_id] = learning
        while len(_learnings) > _KEPT_LEARNINGS:
            _learnings.popitem(last=False)
    return outcome


def carry_out(job: Job, learning: Learning) -> RunOutcome:
    """Carry out a run; every failure becomes an outcome with a message.

    Args:
        job: Which run it is, and who follows it.
        learning: What to do.

    Returns:
        The outcome; nothing is raised.
    """
    _inbox.begin(job.run_id, job.commands)
    epochs = list(job.history)
    try:
        _report(job, {"kind": "started", "pid": os.getpid()})
        return _carry_out(job, learning, epochs)
    except DivergenceError as error:
        return RunOutcome("diverged", str(error), tuple(epochs))
    except NFMError as error:
        return RunOutcome("failed", str(error), tuple(epochs))
    except MemoryError:
        reason = (
            "There is not enough memory for this training: "
            "use fewer rows, fewer levels or a smaller network."
        )
        return RunOutcome("failed", reason, tuple(epochs))
    except Exception as error:
        logger.exception("Run %s failed.", job.run_id)
        reason = f"The training failed because of a defect of the program ({_words(error)})."
        return RunOutcome("failed", reason, tuple(epochs))
    finally:
        _inbox.end(job.run_id)


def _carry_out(job: Job, learning: Learning, epochs: list[Epoch]) -> RunOutcome:
    for step in (learning.read, partial(_in_turn, learning.prepare)):
        if not _inbox.commands(job.run_id).stop:
            step()
    if _inbox.commands(job.run_id).stop:
        why = stopped_early(has_model=job.bundle is not None)
        return RunOutcome("stopped", why, tuple(epochs))
    obedience = RunControl(
        job.run_id,
        _inbox,
        _lock,
        on_wait=_Pauses(job).report,
        on_learning_rate=learning.set_learning_rate,
    )
    with _lock.turn():
        fresh = job.bundle is not None and not learning.has_its_optimizer
        _report(job, {"kind": "prepared", "reason": FRESH_OPTIMIZER if fresh else None})
        obedience.begin(len(epochs))
        more = job.settings.epochs - len(epochs) if job.history else None
        for epoch in learning.epochs(obedience.should_stop, more):
            epochs.append(epoch)
            obedience.epoch_done(epoch.number)
            _report(job, {"kind": "epoch", "epoch": epoch.to_dict()})
        bundle, test_metrics = learning.bundle(), None
        reason = FRESH_OPTIMIZER if fresh else None
        if obedience.was_forgotten:
            reason = "It was paused for an hour."
        if not epochs:
            reason = "It was stopped within its first epoch: the model has seen a part of the rows."
        try:
            test_metrics = learning.test()
        except NFMError as error:
            reason = f"The test rows could not be scored: {error}"
        return RunOutcome(learning.outcome, reason, tuple(epochs), test_metrics, bundle)


class _Pauses:
    """Reports the pauses of a run and frees its place in the worker for another run."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._has_a_place = True

    def report(self, paused: bool) -> None:
        if paused and self._has_a_place:
            from distributed import secede

            self._has_a_place = False
            secede()
        _report(self._job, {"kind": "paused" if paused else "resumed"})


def _in_turn(step: Callable[[], None]) -> None:
    with _lock.turn():
        step()


class _TableLearning:
    """The training of a table by `nfm.training`."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._fitting: Fitting | None = None
        self.has_its_optimizer = False

    @property
    def done(self) -> int:
        """Number of epochs trained."""
        return 0 if self._fitting is None else len(self._fitting.history)

    @property
    def _built(self) -> Fitting:
        if self._fitting is None:
            raise RuntimeError("Nothing is prepared yet.")
        return self._fitting

    def read(self) -> None:
        """Read the table and split its rows."""
        if self._fitting is not None:
            return
        from nfm.files.reading import read_table_file
        from nfm.training.split_table import SplitTable

        job = self._job
        frame = read_table_file(job.content, job.name, job.options).frame
        self._division = SplitTable.of(frame, job.schema, job.split)

    def prepare(self) -> None:
        """Encode the table and build the network, with the weights to continue from."""
        from nfm.inference.bundle import load_bundle

        if self._fitting is not None:
            return
        earlier = None if self._job.bundle is None else load_bundle(self._job.bundle)
        fitting = self._division.fitting(
            self._job.settings, None if earlier is None else earlier.target
        )
        if earlier is not None:
            fitting.resume(earlier)
        self._fitting = fitting

    def epochs(self, should_stop: ShouldStop, count: int | None = None) -> Iterator[Epoch]:
        """Train, one epoch after another, `count` at most."""
        self.has_its_optimizer = True
        return self._built.epochs(should_stop, count)

    def set_learning_rate(self, rate: float) -> None:
        """Set the learning rate of the following steps."""
        self._built.training.learning_rate = rate

    @property
    def outcome(self) -> Status:
        """How it ended."""
        return self._built.training.outcome or "stopped"

    def bundle(self) -> bytes:
        """Return the model."""
        return self._built.bundle().to_bytes()

    def test(self) -> Metrics | None:
        """Measure the model on the test rows, if there are any."""
        return self._division.test(self._built.bundle())


def _report(job: Job, message: dict[str, Any]) -> None:
    """Send an event to the engine."""
    from distributed import get_worker

    worker = get_worker()
    worker.log_event(job.topic, {"run": job.run_id, "worker": worker.address, **message})


def _words(error: Exception) -> str:
    text = shorten(error, 200)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def stopped_early(*, has_model: bool) -> str:
    """Return the message for a run that was stopped before its first epoch.

    Args:
        has_model: Whether it was to go on from one.
    """
    if has_model:
        return "It was stopped before it resumed; the previous model was kept."
    return "It was stopped before it began, so there is no model."


def obey(run_id: str, commands: RunCommands) -> None:
    """Set the commands of a run; called by Dask in the worker's event loop."""
    _inbox.give(run_id, commands)


def keras_file(bundle: bytes) -> bytes:
    """Return a model as Keras's own file, for `keras.models.load_model`.

    Args:
        bundle: As `Bundle.to_bytes` returns it.
    """
    from nfm.inference.bundle import load_bundle
    from nfm.training.keras_model import keras_model

    with _lock.turn(), TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        keras_model(load_bundle(bundle)).save(path)
        return path.read_bytes()


def warm_up() -> None:
    """Import TensorFlow and train a tiny network, so the first run starts without delay."""
    with _quiet():
        import nfm.model.training  # noqa: F401
    _train_something_tiny()


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppress the messages about missing GPUs that TensorFlow's C++ prints at import."""
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _train_something_tiny() -> None:
    from nfm.files.reading import read_table_file
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
