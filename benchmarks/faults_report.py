"""What is looked at while `benchmarks.faults` makes faults, and what must be right afterwards."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from nfm.errors import NFMError
from nfm.inference.bundle import load_bundle
from nfm.jobs.run_outcomes import DIED, LOST, SHUT_DOWN
from nfm.store.records import ACTIVE, Run
from nfm.store.run_repository import SERVER_GONE
from nfm.store.store import Store
from nfm.store.unsaved_outcomes import UnsavedOutcome

FINISHED = frozenset({"completed", "early_stopped"})
# What ends a run is noticed a moment later.
_NOTICED_SECONDS = 2.0
# A checkpoint is at most ten seconds old; a busy machine makes it later.
_CHECKPOINT_SECONDS = 20.0
_END_SECONDS = 20.0
_DATABASE = {"nfm.sqlite3", "nfm.sqlite3-wal", "nfm.sqlite3-shm"}


@dataclass(frozen=True)
class Fault:
    """Something that went wrong on purpose.

    Attributes:
        name: What it was.
        began: When it began, in seconds since 1970.
        ended: When it was over.
        ends_runs: Whether runs in training may end because of it, or else must not notice.
    """

    name: str
    began: float
    ended: float
    ends_runs: bool


class OutsideView:
    """Looks at the database and the data folder from outside, again and again.

    Args:
        data: The data folder.

    Attributes:
        active: Ids of the runs that wait or train.
        unsettled: Ids of the runs that did not end in time.
        changed: Statuses that changed although the run had ended.
        kept: Status by id of each outcome that was seen in a file.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._statuses: dict[str, tuple[str, str | None]] = {}
        self.active: set[str] = set()
        self.unsettled: set[str] = set()
        self.changed: list[str] = []
        self.kept: dict[str, str] = {}

    def look(self) -> int:
        """Look at the runs and at the files of outcomes; return the number of runs."""
        for path in self._data.glob("unsaved_outcomes/*.outcome"):
            with suppress(OSError, ValueError):
                outcome = UnsavedOutcome.from_bytes(path.read_bytes())
                self.kept[outcome.run_id] = outcome.outcome.status
        address = f"file:{self._data / 'nfm.sqlite3'}?mode=ro"
        with suppress(sqlite3.Error), closing(sqlite3.connect(address, uri=True)) as connection:
            rows = connection.execute("SELECT id, status, reason FROM runs").fetchall()
            for run, status, reason in rows:
                self._note(run, status, reason)
        self.active = {run for run, (status, _) in self._statuses.items() if status in ACTIVE}
        return len(self._statuses)

    def files(self) -> list[Path]:
        """Return the files that the app keeps only while something is not stored."""
        folders = ("checkpoints", "unsaved_outcomes")
        return [path for folder in folders for path in self._data.glob(f"{folder}/*")]

    def statuses(self) -> Counter[str]:
        """Return the number of runs by status."""
        return Counter(status for status, _ in self._statuses.values())

    def _note(self, run: str, status: str, reason: str | None) -> None:
        before, why = self._statuses.get(run, ("queued", None))
        ended = before not in ACTIVE and not (before == "interrupted" and why == SERVER_GONE)
        if ended and status != before:
            self.changed.append(f"run {run} was {before}, then {status}")
        self._statuses[run] = status, reason


def processes_of(folder: Path) -> list[psutil.Process]:
    """Return the processes whose environment names a data folder below a folder."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get("NFM_DATA_DIR", "").startswith(str(folder)):
                found.append(process)
    return found


def broken_promises(
    folder: Path, workspaces: Sequence[str], faults: Sequence[Fault], seen: OutsideView
) -> list[str]:
    """Return a line for everything that is not as it must be once the app was shut down.

    Args:
        folder: Folder of the app's data and temporary files.
        workspaces: Tokens of all workspaces.
        faults: What went wrong on purpose.
        seen: What was seen meanwhile.
    """
    left = _left_processes(folder)
    seen.look()
    data = folder / "data"
    files = [path for path in data.rglob("*") if path.is_file() and path.name not in _DATABASE]
    files += (folder / "temporary").iterdir()
    problems = [f"process left over: {process}" for process in left]
    problems += [f"file left over: {path.relative_to(folder)}" for path in files]
    problems += seen.changed
    store = Store(f"sqlite:///{data / 'nfm.sqlite3'}")
    try:
        runs = [run for workspace in workspaces for run in store.runs(workspace)]
        if len(runs) != sum(seen.statuses().values()):
            problems.append(f"{len(runs)} runs, but {sum(seen.statuses().values())} were seen")
        for run in runs:
            content = store.bundle(run.workspace, run.id)
            wrong = _problems_of(run, content, faults)
            kept = seen.kept.get(run.id)
            if kept not in (None, run.status):
                wrong.append(f"a file had the outcome {kept}")
            problems += [f"run {run.id}, {run.status}: {problem}" for problem in wrong]
    finally:
        store.close()
    return problems


def _left_processes(folder: Path) -> list[psutil.Process]:
    deadline = time.monotonic() + _END_SECONDS
    while (left := processes_of(folder)) and time.monotonic() < deadline:
        time.sleep(0.5)
    return left


def _problems_of(run: Run, content: bytes | None, faults: Sequence[Fault]) -> list[str]:
    """Return what is wrong with a run that must have ended."""
    problems = []
    if run.status in ACTIVE:
        return ["it has not ended"]
    if run.has_model != (content is not None):
        problems.append(f"has_model is {run.has_model}, but the model's size is {content and 1}")
    if content is not None:
        try:
            model = load_bundle(content)
        except NFMError as error:
            problems.append(f"its model cannot be opened: {error}")
        else:
            if len(model.history) != len(run.epochs):
                problems.append(f"{len(run.epochs)} epochs, its model {len(model.history)}")
    if [epoch.number for epoch in run.epochs] != list(range(1, len(run.epochs) + 1)):
        problems.append("its epochs are not numbered from 1")
    return problems + (_finished(run) if run.status in FINISHED else _ended_early(run, faults))


def _finished(run: Run) -> list[str]:
    problems = []
    if not run.has_model:
        problems.append("it has no model")
    if run.test_metrics is None:
        problems.append("it has no test metrics")
    if (run.status == "completed") != (len(run.epochs) == run.settings.epochs):
        problems.append(f"{len(run.epochs)} of {run.settings.epochs} epochs")
    if run.started is None or run.finished is None:
        problems.append("its start or its end was not recorded")
    return problems


def _ended_early(run: Run, faults: Sequence[Fault]) -> list[str]:
    """Return what is wrong with a run that did not finish; only some faults may end a run."""
    problems = []
    began, ended = run.created.timestamp(), run.finished.timestamp() if run.finished else None
    if ended is None:
        return ["its end was not recorded"]
    during = [
        fault
        for fault in faults
        if fault.ended >= began and fault.began <= ended + _NOTICED_SECONDS
    ]
    if not any(fault.ends_runs for fault in during):
        names = ", ".join(fault.name for fault in during) or "no fault"
        problems.append(f"nothing has ended it, only {names}: {run.reason}")
    if run.status == "interrupted":
        without_model = {SERVER_GONE, SHUT_DOWN.reason}
        known = {*without_model, DIED.reason, LOST.reason}
        if run.reason not in known or not (run.has_model or run.reason in without_model):
            problems.append(f"an unexpected reason, with model {run.has_model}: {run.reason}")
    elif run.status != "failed" or run.has_model or run.reason not in (DIED.reason, LOST.reason):
        problems.append(f"an unexpected end: {run.reason}")
    started = run.started.timestamp() if run.started else ended
    disturbed = any(not fault.ends_runs for fault in during)
    if not run.has_model and not disturbed and len(run.epochs) > 1:
        trained = min(f.began for f in during if f.ends_runs) - started if during else 0.0
        if trained > _CHECKPOINT_SECONDS:
            problems.append(f"it has no model after {trained:.0f} s of training")
    return problems
