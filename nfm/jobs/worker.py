"""What runs in a worker process: one training, told apart into epochs, outcome and model."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
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
_warming = threading.Lock()
_warm = False


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
    """A training that is under way: what `carry_out` needs of it."""

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
    return carry_out(job, _TableLearning)


def carry_out(job: Job, begin: Callable[[Job], Learning]) -> Outcome:
    """Carry out a run and put whatever happens into words.

    Args:
        job: What to do.
        begin: Prepares the training.

    Returns:
        The outcome; nothing is raised.
    """
    _controls.begin(job.run_id)
    epochs: list[Epoch] = []
    try:
        _report(job, {"kind": "started", "pid": os.getpid()})
        return _carry_out(job, begin, epochs)
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


def _carry_out(job: Job, begin: Callable[[Job], Learning], epochs: list[Epoch]) -> Outcome:
    def should_stop() -> bool:
        _turns.pass_on()
        return _controls.stopping(job.run_id)

    if begin is _TableLearning:
        warm_up()
    if _controls.stopping(job.run_id):
        return Outcome("stopped", "It was stopped before it began, so there is no model.")
    with _turns.turn():
        learning = begin(job)
        for epoch in learning.epochs(should_stop):
            epochs.append(epoch)
            _report(job, {"kind": "epoch", "epoch": epoch.to_dict()})
        bundle = learning.bundle()
        try:
            test_metrics, reason = learning.test(), None
        except NFMError as error:
            test_metrics, reason = None, f"The test rows could not be scored: {error}"
        return Outcome(learning.outcome, reason, tuple(epochs), test_metrics, bundle)


class _TableLearning:
    """The real training: a table through `nfm.fitting`."""

    def __init__(self, job: Job) -> None:
        from nfm.fitting import Fitting
        from nfm.tabular.reading import read_table_file
        from nfm.tabular.splitting import split_rows

        schema = job.schema
        frame = read_table_file(job.content, job.name, job.options).frame
        if schema.target is None or schema.task is None:
            raise NFMError("No target is chosen: choose the column that is to be predicted.")
        if schema.target not in frame.columns:
            raise NFMError(f"The table has no column {schema.target!r}, which is the target.")
        values = frame[schema.target]
        split = split_rows(frame, values, schema.task, job.split)
        self._test = frame.iloc[split.test], values.iloc[split.test]
        self._fitting = Fitting(
            frame.iloc[split.train],
            values.iloc[split.train],
            schema,
            job.settings,
            validation=(frame.iloc[split.validation], values.iloc[split.validation])
            if len(split.validation)
            else None,
        )

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
        frame, values = self._test
        return self._fitting.bundle().evaluate(frame, values) if len(frame) else None


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


def warm_up() -> None:
    """Import TensorFlow and train a tiny network once, so that the first run need not."""
    global _warm
    with _warming:
        if not _warm:
            with _quiet():
                import nfm.model.training  # noqa: F401
            _train_something_tiny()
            _warm = True


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
    for _epoch in learning.epochs(lambda: False):
        pass
    learning.test()
