"""The connection to the Dask workers, which run beside the app or elsewhere.

What becomes of the run of a worker that died is decided in `nfm/jobs/engine.py`; `cluster.py`
starts another worker.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nfm.environment import environment
from nfm.errors import JobError
from nfm.jobs.cluster import EmbeddedCluster
from nfm.jobs.worker import training_job
from nfm.jobs.worker.engine_lease import RENEWAL_SECONDS
from nfm.jobs.worker.run_commands import RunCommands
from nfm.store.records import RunOutcome
from nfm.text import shorten

if TYPE_CHECKING:
    from distributed import Client, Future
    from tornado.ioloop import PeriodicCallback

logger = logging.getLogger(__name__)

_CONNECT_SECONDS = 10
_CHECK_SECONDS = 1.0
_RETRY_SECONDS = 30.0
_NO_WORKERS_SECONDS = 15.0


class DaskWorkers:
    """Connects to a Dask scheduler: $NFM_SCHEDULER, else one that it starts beside the app.

    Args:
        topic: Dask topic to which the workers log the events of this engine's runs.
        on_event: Called with each event, in order, and with each checkpoint, by a Dask thread.
        warm_up: Function that each worker runs before it gets runs.
    """

    def __init__(
        self,
        topic: str,
        on_event: Callable[[dict[str, Any]], None],
        warm_up: Callable[[], None] = training_job.warm_up,
    ) -> None:
        self._topic = topic
        self._on_event = on_event
        self._warm_up = warm_up
        self._cluster: EmbeddedCluster | None = None
        self._client: Client | None = None
        self._threads: dict[str, int] = {}
        self._warming: dict[str, Future] = {}
        self._warm: set[str] = set()
        self._used: set[str] = set()
        # By address: why a worker cannot train, and when to try again.
        self._problems: dict[str, tuple[str, float]] = {}
        self._last_check = 0.0
        self._last_worker = time.monotonic()
        self._renewals: PeriodicCallback | None = None

    def start(self) -> None:
        """Start or find the scheduler and connect to it; the workers register later.

        Raises:
            JobError: If there is no scheduler.
        """
        address = environment().scheduler
        if not address:
            self._cluster = EmbeddedCluster(environment().workers, environment().runs_per_worker)
            self._cluster.start()
            address = self._cluster.address
        import dask
        from distributed import Client
        from tornado.ioloop import PeriodicCallback

        dask.config.set({"distributed.admin.large-graph-warning-threshold": "10GB"})
        try:
            self._client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise JobError(
                f"There is no Dask scheduler at {address}: start one, or unset NFM_SCHEDULER."
            ) from error
        self._client.subscribe_topic(self._topic, self._receive)
        self._last_worker = time.monotonic()
        # On Dask's own thread: the engine's may wait for a database.
        self._renewals = PeriodicCallback(self._renew_leases, RENEWAL_SECONDS * 1000)
        self._client.loop.add_callback(self._renewals.start)

    def ensure_running(self, idle: bool = False) -> None:
        """Replace dead workers and warm up new ones; call it several times per second.

        Args:
            idle: Whether no run is submitted, so that workers that use too much memory can be
                replaced as well.

        Raises:
            JobError: If the connection is lost: close it and make another one.
        """
        client = self._connected()
        if self._cluster is not None:
            self._cluster.ensure_running()
        if client.status != "running":
            raise JobError("The connection to the training processes was lost.")
        self._note_warm_workers()
        now = time.monotonic()
        if self._threads and now - self._last_check < _CHECK_SECONDS:
            return
        self._last_check = now
        workers = client.scheduler_info()["workers"]
        self._threads = {address: one["nthreads"] for address, one in workers.items()}
        self._warming = {key: one for key, one in self._warming.items() if key in workers}
        self._warm &= workers.keys()
        self._problems = {key: one for key, one in self._problems.items() if key in workers}
        if workers:
            self._last_worker = now
        for address in workers.keys() - self._warming.keys() - self._warm:
            _problem, retry_at = self._problems.get(address, ("", now))
            if now >= retry_at:
                self._warming[address] = client.submit(
                    training_job.prepare_worker,
                    self._warm_up,
                    key=f"nfm-warm-{address}-{now}",
                    workers=[address],
                    pure=False,
                    retries=0,
                )
        if idle and self._cluster is not None:
            limit = environment().worker_memory * 1_000_000
            for address in self._used & workers.keys():
                if workers[address]["metrics"].get("memory", 0) > limit:
                    self._cluster.replace(workers[address]["name"])

    @property
    def capacity(self) -> int:
        """Number of runs that the workers train at the same time.

        A worker that is not warm has none, so that a run can still be cancelled.
        """
        return sum(self._threads[address] for address in self._warm & self._threads.keys())

    @property
    def problem(self) -> str | None:
        """Why no worker can train, one sentence; None if one can, or is still warming up."""
        if self._warm:
            return None
        if self._problems:
            return next(iter(self._problems.values()))[0]
        if self._cluster is None and time.monotonic() - self._last_worker > _NO_WORKERS_SECONDS:
            return (
                f"The Dask scheduler at {environment().scheduler} has no workers: "
                "start one there with `dask worker`."
            )
        return None

    @property
    def warm(self) -> bool:
        """Whether a worker is warm, so that a run starts at once."""
        return bool(self._warm)

    def is_warm(self, address: str | None) -> bool:
        """Whether a worker is warm, as far as that is known yet."""
        return address in self._warm

    def lost(self, address: str) -> bool:
        """Whether a worker that was there is gone."""
        return address not in self._threads

    @property
    def worker_pids(self) -> list[int]:
        """Process ids of the embedded workers."""
        return [] if self._cluster is None else self._cluster.pids

    def submit(
        self,
        train: Callable[[training_job.TrainingJob], RunOutcome],
        job: training_job.TrainingJob,
        on_done: Callable[[Future], None],
        preferred_worker: str | None = None,
    ) -> Future:
        """Submit a job to a worker; a job that fails is not retried.

        Args:
            train: Function that trains the job; the workers must be able to import it.
            job: Its argument.
            on_done: Called with the future when it has ended, by a Dask thread.
            preferred_worker: Address of a worker; another one is used if this one is busy.

        Returns:
            The future of the outcome.
        """
        future = self._connected().submit(
            train,
            job,
            key=f"nfm-run-{job.run_id}-{job.attempt}",
            workers=[preferred_worker] if preferred_worker else None,
            allow_other_workers=True if preferred_worker else None,
            pure=False,
            retries=0,
        )
        future.add_done_callback(on_done)
        return future

    def submit_call(self, function: Callable[..., Any], *arguments: Any) -> Future:
        """Submit a short function to a warm worker.

        Args:
            function: Function to call; the workers must be able to import it.
            arguments: Its arguments.

        Returns:
            The future of its result.
        """
        warm = list(self._warm) or None
        return self._connected().submit(function, *arguments, workers=warm, pure=False, retries=0)

    def send_commands(self, attempt: str, commands: RunCommands) -> None:
        """Send the commands of an attempt to all workers, without waiting for their answer."""
        client = self._connected()

        async def send() -> None:
            await client.run(training_job.set_commands, attempt, commands, on_error="ignore")

        client.loop.add_callback(send)

    def close(self) -> None:
        """Close the connection; end the scheduler and workers if they are embedded."""
        if self._client is not None:
            if self._renewals is not None:
                self._client.loop.add_callback(self._renewals.stop)
            self._client.close(timeout=2)
        if self._cluster is not None:
            self._cluster.close()
        self._client = self._cluster = None

    def _receive(self, event: tuple[float, dict[str, Any]]) -> None:
        _time, message = event
        self._used = self._used | {message["worker"]}
        self._on_event(message)

    async def _renew_leases(self) -> None:
        """Tell the workers that this engine is alive, and fetch the checkpoints of its runs.

        Each worker is called by itself: one that hangs must not end the leases of the others.
        """
        client = self._connected()
        if client.status == "running":
            workers = list(self._threads)
            await asyncio.gather(*(self._renew_lease(client, worker) for worker in workers))

    async def _renew_lease(self, client: Client, worker: str) -> None:
        call = client.run(
            training_job.renew_lease, self._topic, workers=[worker], on_error="ignore"
        )
        try:
            answers = await asyncio.wait_for(call, _CONNECT_SECONDS)
        except OSError:  # it hangs, or the connection was lost: `ensure_running` notices it
            return
        checkpoints = answers.get(worker)
        # A worker of another version answers with an exception.
        if isinstance(checkpoints, dict):
            for attempt, checkpoint in checkpoints.items():
                message = {"kind": "checkpoint", "checkpoint": checkpoint}
                self._on_event({**message, "worker": worker, "attempt": attempt})

    def _connected(self) -> Client:
        if self._client is None:
            raise JobError("The training processes have not started.")
        return self._client

    def _note_warm_workers(self) -> None:
        """Record which workers are warm, and why one cannot train."""
        for address, future in list(self._warming.items()):
            if future.status in ("pending", "cancelled", "lost"):
                continue
            try:
                problem = _version_difference(address, future.result(timeout=_CONNECT_SECONDS))
            except Exception as error:
                # Whatever the worker raises, or Dask: the worker may have died, or be of another
                # version, on which this program's functions cannot even be read.
                problem = None
                if type(error).__name__ not in ("KilledWorker", "CancelledError"):
                    text = shorten(f"{type(error).__name__}: {error}", 150)
                    problem = (
                        f"The worker at {address} cannot train ({text}): "
                        "install the same version of NFM Lab there, with its requirements."
                    )
            else:
                if problem is None:
                    self._warm.add(address)
            # Dask then drops the result too, and does not recompute it if the worker dies.
            del self._warming[address]
            known = self._problems.pop(address, None)
            if problem is not None:
                if known is None or known[0] != problem:
                    logger.error("%s", problem)
                self._problems[address] = (problem, time.monotonic() + _RETRY_SECONDS)


def _version_difference(address: str, versions: dict[str, str]) -> str | None:
    """Return a sentence about a worker whose software is of another version, else None."""
    for name, here in training_job.versions().items():
        there = versions.get(name)
        if there != here:
            return (
                f"The worker at {address} has {name} {there or 'of another version'}, "
                f"this app has {name} {here}: install the same version there."
            )
    return None
