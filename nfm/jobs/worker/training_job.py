"""One training inside a worker process: reports its epochs and returns its outcome and model."""

from __future__ import annotations

import logging
import os
import platform
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from nfm.epoch import Epoch, Metrics
from nfm.errors import DivergenceError, NFMError
from nfm.jobs.worker.checkpoints import Checkpoint, CheckpointTimer, LatestCheckpoints
from nfm.jobs.worker.engine_lease import Lease
from nfm.jobs.worker.run_commands import NO_COMMANDS, CommandInbox, RunCommands
from nfm.jobs.worker.run_control import RunControl, TimeSlicedLock
from nfm.settings import Settings
from nfm.store.records import RunOutcome, Status
from nfm.text import shorten
from nfm.version import __version__

if TYPE_CHECKING:
    import pandas as pd

    from nfm.files.reading import ReadingOptions
    from nfm.tabular.schema import Schema
    from nfm.tabular.splitting import SplitOptions
    from nfm.training.trainer import Trainer

logger = logging.getLogger(__name__)

ShouldStop = Callable[[], bool]
FRESH_OPTIMIZER = (
    "Training continued from the saved weights with a fresh optimiser, "
    "because the optimiser's earlier state was no longer available."
)
_ABANDONED = "The app that started it is gone."
_KEPT_TRAINERS = 2
_inbox = CommandInbox()
_checkpoints = LatestCheckpoints()
# By topic: the leases of the engines that have trained here.
_leases: defaultdict[str, Lease] = defaultdict(Lease)
_lock = TimeSlicedLock()
# By run id: the trainers of the last runs with their optimisers' state, for runs that continue.
_recent_trainers: OrderedDict[str, JobTrainer] = OrderedDict()
# The last table that was read: people train on one table again and again.
_last_table: tuple[tuple[bytes, str, ReadingOptions], pd.DataFrame] | None = None


@dataclass(frozen=True)
class TrainingJob:
    """Everything a worker needs to train one run.

    Attributes:
        run_id: Id of the run.
        attempt: Id of this attempt to train the run; each continuation is another one.
        topic: Dask topic to which the worker logs the run's events.
        name: Name of the table's file.
        content: Bytes of the file.
        options: How to read the bytes as a table.
        schema: Target, task and features.
        split: How to split the rows.
        settings: Settings of the model and its training.
        commands: Commands at the time of submission; later ones arrive through `set_commands`.
        history: Epochs that the run has trained before, if it continues.
        bundle: Model that the run continues from, as `Bundle.to_bytes` returns it.
        trial: Whether only the validation metrics of the epochs are needed: no model is kept, and
            test rows are not used.
    """

    run_id: str
    attempt: str
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
    trial: bool = False


def train(job: TrainingJob) -> RunOutcome:
    """Train a run; called by Dask in one of the worker's threads."""
    trainer = _recent_trainers.pop(job.run_id, None)
    if trainer is None or trainer.epochs_done != len(job.history):
        trainer = JobTrainer(job)
    outcome = run_job(job, trainer)
    if outcome.status != "failed":
        trainer.release()
    if outcome.bundle is not None:
        _recent_trainers[job.run_id] = trainer
        while len(_recent_trainers) > _KEPT_TRAINERS:
            _recent_trainers.popitem(last=False)
    return outcome


def run_job(job: TrainingJob, trainer: JobTrainer) -> RunOutcome:
    """Train a run and return its outcome; every failure becomes an outcome with a message.

    Args:
        job: The run.
        trainer: Reads the table, trains and tests; the tests pass a scripted one.

    Returns:
        The outcome. Nothing is raised.
    """
    _inbox.register(job.attempt, job.commands)
    _leases[job.topic].renew()
    epochs = list(job.history)
    try:
        _report(job, {"kind": "started", "pid": os.getpid()})
        return _train_and_test(job, trainer, epochs)
    except DivergenceError as error:
        return RunOutcome("diverged", str(error), tuple(epochs))
    except NFMError as error:
        return RunOutcome("failed", str(error), tuple(epochs))
    except MemoryError:
        reason = (
            "There is not enough memory to train this model: "
            "use fewer rows, fewer levels or a smaller network."
        )
        return RunOutcome("failed", reason, tuple(epochs))
    except Exception as error:
        logger.exception("Run %s failed.", job.run_id)
        text = shorten(error, 200)
        what = f"{type(error).__name__}: {text}" if text else type(error).__name__
        reason = f"Training failed because of a bug in the program ({what})."
        return RunOutcome("failed", reason, tuple(epochs))
    finally:
        _inbox.unregister(job.attempt)
        _checkpoints.discard(job.topic, job.attempt)


def _train_and_test(job: TrainingJob, trainer: JobTrainer, epochs: list[Epoch]) -> RunOutcome:
    if not _inbox.commands(job.attempt).stop:
        trainer.read()
    if not _inbox.commands(job.attempt).stop:
        with _lock:
            trainer.prepare()
    if _inbox.commands(job.attempt).stop:
        return RunOutcome("stopped", stop_reason(has_model=job.bundle is not None), tuple(epochs))
    # A run that was interrupted may have trained more epochs than its last model.
    del epochs[trainer.epochs_done :]
    control = RunControl(
        job.attempt,
        _inbox,
        _leases[job.topic],
        _lock,
        on_pause=_PauseReporter(job).report,
        on_learning_rate=trainer.set_learning_rate,
        epochs_done=len(epochs),
    )
    timer = CheckpointTimer()

    def should_stop() -> bool:
        stop = control.should_stop()
        if epochs and timer.due and not stop and not job.trial:
            _checkpoints.put(job.topic, job.attempt, timer.make(trainer.bundle, len(epochs)))
        return stop

    with _lock:
        fresh = job.bundle is not None and not trainer.has_optimizer_state
        reason = FRESH_OPTIMIZER if fresh else None
        _report(job, {"kind": "prepared", "reason": reason, "epochs": len(epochs)})
        more = job.settings.epochs - len(epochs) if job.history else None
        for epoch in trainer.epochs(should_stop, more):
            epochs.append(epoch)
            control.epoch_done(epoch.number)
            _report(
                job,
                {"kind": "epoch", "epoch": epoch.to_dict(), "lamp": trainer.lamp_probabilities()},
            )
        if control.abandoned:
            return RunOutcome("interrupted", _ABANDONED, tuple(epochs))
        if job.trial:
            return RunOutcome(trainer.status, None, tuple(epochs))
        bundle, test_metrics = trainer.bundle(), None
        if control.pause_timed_out:
            reason = "It was paused for an hour."
        if not epochs:
            reason = (
                "It was stopped within its first epoch: the model has seen only some of the rows."
            )
        try:
            test_metrics = trainer.test()
        except NFMError as error:
            reason = f"The test rows could not be scored: {error}"
        return RunOutcome(trainer.status, reason, tuple(epochs), test_metrics, bundle)


class _PauseReporter:
    """Reports the pauses of a run, and frees its Dask thread for another run at the first one."""

    def __init__(self, job: TrainingJob) -> None:
        self._job = job
        self._holds_thread = True

    def report(self, paused: bool) -> None:
        if paused and self._holds_thread:
            from distributed import secede

            self._holds_thread = False
            secede()
        _report(self._job, {"kind": "paused" if paused else "resumed"})


class JobTrainer:
    """Trains a job's table with `nfm.training`; `run_job` calls its methods in this order.

    Args:
        job: The run.

    Attributes:
        has_optimizer_state: Whether the optimiser still has the state of the earlier epochs.
    """

    def __init__(self, job: TrainingJob) -> None:
        self._job = job
        self._trainer: Trainer | None = None
        self.has_optimizer_state = False

    @property
    def epochs_done(self) -> int:
        """Number of epochs trained, 0 before `prepare`."""
        return 0 if self._trainer is None else len(self._trainer.loop.history)

    @property
    def _prepared(self) -> Trainer:
        if self._trainer is None:
            raise RuntimeError("Call prepare first.")
        return self._trainer

    def read(self) -> None:
        """Read the table and split its rows; other runs may compute at the same time."""
        if self._trainer is not None:
            return
        from nfm.training.train_table import SplitTable

        self._table = SplitTable.of(_read_table(self._job), self._job.schema, self._job.split)

    def prepare(self) -> None:
        """Encode the table and build the network, with the weights of the model to continue.

        Raises:
            JobError: If the training would take too much memory or time.
        """
        from nfm.inference.bundle import load_bundle
        from nfm.training.workload import check_workload

        if self._trainer is not None:
            return
        earlier = None if self._job.bundle is None else load_bundle(self._job.bundle)
        trainer = self._table.trainer(
            self._job.settings, None if earlier is None else earlier.target
        )
        check_workload(trainer.architecture, len(self._table.split.train))
        if earlier is not None:
            trainer.loop.resume(earlier.weights, earlier.history)
        self._trainer = trainer

    def epochs(self, should_stop: ShouldStop, count: int | None = None) -> Iterator[Epoch]:
        """Train, and yield each epoch.

        Args:
            should_stop: Called several times per epoch; True ends the training.
            count: Maximum number of epochs; None for the number in the settings.
        """
        self.has_optimizer_state = True
        return self._prepared.loop.epochs(should_stop, count)

    def lamp_probabilities(self) -> tuple[float, ...] | None:
        """Return the model's present truth table of the lamp in the samples XOR and parity."""
        from nfm.teaching.lamp_sample import lamp_probabilities, switch_columns

        if not switch_columns(self._job.schema):
            return None
        try:
            return lamp_probabilities(self._prepared.bundle())
        except NFMError:
            return None  # the training itself reports what is wrong

    def set_learning_rate(self, rate: float) -> None:
        """Set the learning rate of the next steps."""
        self._prepared.loop.learning_rate = rate

    @property
    def status(self) -> Status:
        """Status of the run after the last call of `epochs`."""
        return self._prepared.loop.outcome or "stopped"

    def bundle(self) -> bytes:
        """Return the trained model as bytes."""
        return self._prepared.bundle().to_bytes()

    def release(self) -> None:
        """Let the next run of the same shape use the graph; this one can still be continued."""
        if self._trainer is not None:
            self._trainer.loop.release()

    def test(self) -> Metrics | None:
        """Return the metrics of the test rows, None if there are no test rows."""
        return self._table.test(self._prepared.bundle())


def _read_table(job: TrainingJob) -> pd.DataFrame:
    """Return the table of a run, which nobody may change."""
    from nfm.files.reading import read_table_file

    global _last_table
    file, known = (job.content, job.name, job.options), _last_table
    if known is not None and known[0] == file:
        return known[1]
    frame = read_table_file(*file).frame
    _last_table = file, frame
    return frame


def _report(job: TrainingJob, message: dict[str, Any]) -> None:
    """Log an event of the run; the engine subscribes to its topic."""
    from distributed import get_worker

    worker = get_worker()
    source = {"run": job.run_id, "attempt": job.attempt, "worker": worker.address}
    worker.log_event(job.topic, {**source, **message})


def stop_reason(*, has_model: bool) -> str:
    """Return the message for a run that was stopped before its first epoch.

    Args:
        has_model: Whether the run has an earlier model.
    """
    if has_model:
        return "It was stopped before it resumed; the previous model was kept."
    return "It was stopped before it began, so there is no model."


def set_commands(attempt: str, commands: RunCommands) -> None:
    """Set the commands of an attempt; called by Dask in the worker's event loop."""
    _inbox.put(attempt, commands)


def renew_lease(topic: str) -> dict[str, Checkpoint]:
    """Record that an engine is alive; called by Dask in the worker's event loop.

    Args:
        topic: Topic of the engine.

    Returns:
        The checkpoints of its runs since the last call, by attempt.
    """
    _leases[topic].renew()
    return _checkpoints.take_all(topic)


def prepare_worker(warm_up: Callable[[], None]) -> dict[str, str]:
    """Warm up a worker, and return the versions of its software.

    Args:
        warm_up: Function that makes the first run start without delay.
    """
    warm_up()
    return versions()


def versions() -> dict[str, str]:
    """Return the versions that the app and its workers must share, by name."""
    import distributed

    return {
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "Dask": distributed.__version__,
        "NFM Lab": __version__,
    }


def keras_file(bundle: bytes) -> bytes:
    """Return a model in Keras's own file format, for `keras.models.load_model`.

    Args:
        bundle: The model, as `Bundle.to_bytes` returns it.

    Returns:
        Bytes of a `.keras` file.

    Raises:
        BundleError: If the bytes are not a bundle.
    """
    from nfm.inference.bundle import load_bundle
    from nfm.training.trainer import keras_model

    with _lock, TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        keras_model(load_bundle(bundle)).save(path)
        return path.read_bytes()


def warm_up() -> None:
    """Import TensorFlow and train a tiny network, so that the first run starts without delay."""
    from nfm.files.reading import read_table_file
    from nfm.model.import_tensorflow import import_tensorflow
    from nfm.tabular.infer_schema import infer_schema
    from nfm.tabular.splitting import SplitOptions

    import_tensorflow()
    content = "target,level,number\n" + "yes,a,1.5\nno,b,2.25\n" * 20
    table = read_table_file(content.encode(), "tiny.csv")
    job = TrainingJob(
        run_id="",
        attempt="",
        topic="",
        name="tiny.csv",
        content=content.encode(),
        options=table.options,
        schema=infer_schema(table.frame, "target"),
        split=SplitOptions(),
        settings=Settings(epochs=2),
    )
    trainer = JobTrainer(job)
    trainer.read()
    trainer.prepare()
    for _epoch in trainer.epochs(lambda: False):
        pass
    trainer.test()
