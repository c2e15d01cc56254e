"""Trainings that do as the test says, in a real worker: the job's content is a script in JSON."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from nfm.epoch import Epoch, Metrics
from nfm.errors import DivergenceError, TrainingError
from nfm.jobs.worker import training_job
from nfm.jobs.worker.engine_lease import Lease
from nfm.store.records import RunOutcome, Status


def train(job: training_job.TrainingJob) -> RunOutcome:
    """Carry out a script; content that is none is a table for the real training."""
    if job.content.startswith(b"{"):
        outcome = training_job.run_job(job, ScriptedTrainer(job))
        if ended := json.loads(job.content).get("ended"):
            Path(ended).touch()
        return outcome
    return training_job.train(job)


def stay_cold() -> None:
    """Be ready at once: a script needs no TensorFlow."""


def never_get_warm() -> None:
    """Fail as a worker does on which something is not installed."""
    raise ModuleNotFoundError("No module named 'tensorflow'")


def warm_up_if_installed() -> None:
    """Fail as long as a file is missing, as if something were installed later."""
    if not Path(os.environ["NFM_TEST_INSTALLED"]).exists():
        never_get_warm()


def warm_up_for_ever() -> None:
    """Never be ready."""
    while True:
        time.sleep(0.1)


def epoch(number: int) -> Epoch:
    """An epoch whose figures follow from its number."""
    return Epoch(
        number=number,
        train=Metrics(loss=1 / number, accuracy=0.5),
        validation=Metrics(loss=2 / number, accuracy=0.25),
        learning_rate=0.001,
        seconds=0.125 * number,
        rows_per_second=1000.0,
        best=True,
    )


class ScriptedTrainer:
    """Trains `epochs` epochs at once, then waits for the file `gate`, then does `then`."""

    def __init__(self, job: training_job.TrainingJob) -> None:
        script = json.loads(job.content)
        if diary := script.get("diary"):
            with Path(diary).open("a") as file:
                file.write("began\n")
        if seconds := script.get("lease"):
            training_job._leases[job.topic] = Lease(seconds)
        self._epochs: int = script.get("epochs", 3)
        self._gate: str | None = script.get("gate")
        self._attempt = job.attempt
        self._done = len(job.history)
        self.has_optimizer_state = False
        self._reads_until_stopped: bool = script.get("reads_until_stopped", False)
        self._learning_rate = 0.001
        self._then: str = script.get("then", "complete")
        self.status: Status = "completed"

    @property
    def epochs_done(self) -> int:
        return self._done

    def read(self) -> None:
        while self._reads_until_stopped and not training_job._inbox.commands(self._attempt).stop:
            time.sleep(0.005)

    def prepare(self) -> None:
        pass

    def lamp_probabilities(self) -> None:
        return None

    def epochs(self, should_stop: Callable[[], bool], count: int | None) -> Iterator[Epoch]:
        last = self._done + (self._epochs if count is None else count)
        for number in range(self._done + 1, last + 1):
            if should_stop():
                self.status = "stopped"
                return
            yield replace(epoch(number), learning_rate=self._learning_rate)
            self._done = number
        while self._gate and not Path(self._gate).exists():
            if should_stop():
                self.status = "stopped"
                return
            time.sleep(0.005)
        match self._then:
            case "fail":
                raise TrainingError("The column 'Fare' is made of cheese.")
            case "diverge":
                raise DivergenceError("The loss is not a number: lower the learning rate.")
            case "stumble":
                raise ZeroDivisionError("division by zero")
            case "exhaust":
                raise MemoryError
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)

    def set_learning_rate(self, rate: float) -> None:
        self._learning_rate = rate

    def bundle(self) -> bytes:
        return b"model after " + str(self._done).encode()

    def test(self) -> Metrics:
        return Metrics(loss=0.5, accuracy=0.75)
