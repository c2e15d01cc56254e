"""The embedded cluster: a scheduler and workers beside the app, which are kept running.

`distributed.LocalCluster` would run the Streamlit script again in every worker, and
`SubprocessCluster` neither restarts workers whose nanny has died nor reads the pipe of its
scheduler. The processes here are plain subprocesses that end with the app (see
`nfm.jobs.worker_process`); a worker that dies is replaced.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from nfm.environment import environment
from nfm.errors import JobError

logger = logging.getLogger(__name__)

_EARLY_EXIT_SECONDS = 15.0
_LONGEST_PAUSE_SECONDS = 60.0
_ENVIRONMENT = {
    "DASK_LOGGING__DISTRIBUTED": "warning",
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


class EmbeddedCluster:
    """A scheduler and workers on 127.0.0.1; only one thread may use it.

    Their temporary files are in a folder of their own, because a killed process cannot delete its
    files. It is deleted at the end, by the processes themselves if the app was killed.

    Args:
        workers: Number of worker processes.
        threads: Number of runs that one worker trains at the same time.
    """

    def __init__(self, workers: int, threads: int) -> None:
        self.address = ""
        self._threads = threads
        self._slots = [_Slot(f"worker-{number}") for number in range(1, workers + 1)]
        self._scheduler: subprocess.Popen | None = None
        self._folder: Path | None = None

    def start(self) -> None:
        """Start all processes; returns when the scheduler is ready, before the workers are.

        Raises:
            JobError: If the scheduler does not start.
        """
        try:
            self._folder = Path(tempfile.mkdtemp(prefix="nfm-workers-"))
        except OSError as error:
            raise JobError(
                f"The training processes cannot start: no temporary files ({error.strerror})."
            ) from error
        self._scheduler = _launch("scheduler", self._folder, stdout=subprocess.PIPE)
        assert self._scheduler.stdout is not None  # noqa: S101 - stdout is a pipe
        # Either the scheduler writes a line, or the pipe closes when it ends.
        self.address = self._scheduler.stdout.readline().decode().strip()
        if not self.address:
            raise JobError("The scheduler of the training processes does not start.")
        self.ensure_running()

    def ensure_running(self) -> None:
        """Start missing workers, after a growing pause if a worker has ended early several times.

        Raises:
            JobError: If the scheduler is gone.
        """
        if not self._folder or self._scheduler is None or self._scheduler.poll() is not None:
            raise JobError("The scheduler of the training processes ended unexpectedly.")
        now = time.monotonic()
        for slot in self._slots:
            if slot.process is not None and slot.process.poll() is not None:
                slot.record_exit(now)
            if slot.process is None and now >= slot.not_before:
                niceness, threads = str(environment().nice), str(self._threads)
                # A killed predecessor has left its files there.
                shutil.rmtree(self._folder / slot.name, ignore_errors=True)
                slot.process = _launch(
                    "worker", self._folder, niceness, self.address, slot.name, threads
                )
                slot.started = now

    @property
    def pids(self) -> list[int]:
        """Process ids of the running workers."""
        return [slot.process.pid for slot in self._slots if slot.process is not None]

    def replace(self, name: str) -> None:
        """End an idle worker; `ensure_running` starts another one in its place."""
        for slot in self._slots:
            if slot.name == name and slot.process is not None:
                logger.info("Training process %s is replaced.", name)
                slot.process.kill()
                slot.process.wait()
                slot.clear()

    def close(self) -> None:
        """End all processes; they have nothing to save."""
        processes = [slot.process for slot in self._slots] + [self._scheduler]
        living = [process for process in processes if process is not None]
        for process in living:
            process.kill()
        for process in living:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        self._scheduler = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


class _Slot:
    """One worker's place in the cluster, with its current process."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.process: subprocess.Popen | None = None
        self.started = 0.0
        self.not_before = 0.0
        self._early_exits = 0

    def record_exit(self, now: float) -> None:
        assert self.process is not None  # noqa: S101 - the caller has checked it
        logger.warning(
            "Training process %s (%s) ended with code %s.",
            self.name,
            self.process.pid,
            self.process.returncode,
        )
        self.clear()
        early = now - self.started < _EARLY_EXIT_SECONDS
        self._early_exits = self._early_exits + 1 if early else 0
        if self._early_exits > 1:
            pause = min(2.0**self._early_exits, _LONGEST_PAUSE_SECONDS)
            self.not_before = now + pause

    def clear(self) -> None:
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()
        self.process = None


def _launch(
    role: str, folder: Path, *arguments: str, stdout: int | None = None
) -> subprocess.Popen:
    """Start a process.

    Args:
        role: "scheduler" or "worker".
        folder: Folder of the cluster's temporary files.
        arguments: A worker's niceness, the scheduler's address, its name, its number of runs.
        stdout: As of `subprocess.Popen`.
    """
    temporary = folder / (arguments[2] if arguments else role)
    # On a full disk, for instance: then the process looks for another folder.
    with suppress(OSError):
        temporary.mkdir(parents=True, exist_ok=True)
    package_home = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, [package_home, os.environ.get("PYTHONPATH")]))
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "nfm.jobs.worker_process", role, str(folder), *arguments],
        env={**_ENVIRONMENT, **os.environ, "PYTHONPATH": path, "TMPDIR": str(temporary)},
        # Nothing is written to it; it closes when this process ends.
        stdin=subprocess.PIPE,
        stdout=stdout,
        # Ctrl-C in the terminal must reach only the app, which then ends its processes.
        start_new_session=True,
    )
