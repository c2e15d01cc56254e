"""The connection to the Dask workers, started beside the app or running elsewhere."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nfm.errors import JobError
from nfm.jobs.cluster import (
    EmbeddedCluster,
    runs_per_worker,
    worker_count,
    worker_memory,
)
from nfm.jobs.worker import training_job
from nfm.jobs.worker.run_commands import RunCommands

if TYPE_CHECKING:
    from distributed import Client, Future

logger = logging.getLogger(__name__)

_CONNECT_SECONDS = 10
_LOOK_SECONDS = 1.0


class DaskWorkers:
    """Connects to a Dask scheduler: $NFM_SCHEDULER, else one that it starts beside the app.

    Args:
        topic: Where the workers log the events of this engine's runs.
        on_event: Called with each of them, in order, by a thread of Dask's.
        warm_up: What a worker does before it gets runs.
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
        self._looked = 0.0
        self.problem: str | None = None

    def start(self) -> None:
        """Start or find the scheduler and connect to it; workers come later by themselves.

        Raises:
            JobError: If there is no scheduler.
        """
        address = os.environ.get("NFM_SCHEDULER")
        if not address:
            self._cluster = EmbeddedCluster(worker_count(), runs_per_worker())
            self._cluster.start()
            address = self._cluster.address
        import dask
        from distributed import Client

        dask.config.set({"distributed.admin.large-graph-warning-threshold": "10GB"})
        try:
            self._client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise JobError(
                f"There is no Dask scheduler at {address}: start one, or unset NFM_SCHEDULER."
            ) from error
        self._client.subscribe_topic(self._topic, self._receive)

    def ensure_running(self, idle: bool = False) -> None:
        """Called often: replace dead workers, warm new ones.

        Args:
            idle: Whether no run is with the workers, so that those which have grown too
                large can be replaced as well.

        Raises:
            JobError: If the connection is lost; close it then, and start another.
        """
        client = self._connected()
        if self._cluster is not None:
            self._cluster.ensure_running()
        if client.status != "running":
            raise JobError("The connection to the training processes was lost.")
        self._note_warm_workers()
        now = time.monotonic()
        if self._threads and now - self._looked < _LOOK_SECONDS:
            return
        self._looked = now
        workers = client.scheduler_info()["workers"]
        self._threads = {address: one["nthreads"] for address, one in workers.items()}
        self._warming = {key: one for key, one in self._warming.items() if key in workers}
        self._warm &= workers.keys()
        for address in workers.keys() - self._warming.keys() - self._warm:
            self._warming[address] = client.submit(
                self._warm_up, key=f"nfm-warm-{address}", workers=[address], pure=False, retries=0
            )
        if idle and self._cluster is not None:
            for address in self._used & workers.keys():
                if workers[address]["metrics"].get("memory", 0) > worker_memory():
                    self._cluster.replace(workers[address]["name"])

    @property
    def places(self) -> int:
        """Number of runs that the workers take at the same time.

        A worker takes none before it is warm, so that a run can be cancelled meanwhile; if
        none can be warmed, all do, so that the runs fail and say why.
        """
        able = self._threads.keys() if self.problem else self._warm
        return sum(self._threads[address] for address in able & self._threads.keys())

    @property
    def warm(self) -> bool:
        """Whether a run would begin at once."""
        return bool(self._warm)

    @property
    def worker_pids(self) -> list[int]:
        """Process ids of the embedded workers."""
        return [] if self._cluster is None else self._cluster.pids

    def submit(
        self,
        train: Callable[[training_job.Job], training_job.RunOutcome],
        job: training_job.Job,
        on_done: Callable[[Future], None],
        wish: str | None = None,
    ) -> Future:
        """Submit a job to a worker; it is not retried.

        Args:
            train: What to do; the workers must be able to import it.
            job: With what.
            on_done: Called with the future when it ended, by a thread of Dask's.
            wish: Address of the preferred worker; another one is used if it is gone.
        """
        future = self._connected().submit(
            train,
            job,
            key=f"nfm-run-{job.run_id}-{len(job.history)}-{job.commands.version}",
            workers=[wish] if wish in self._warm else None,
            allow_other_workers=True if wish in self._warm else None,
            pure=False,
            retries=0,
        )
        future.add_done_callback(on_done)
        return future

    def ask(self, function: Callable[..., Any], *arguments: Any) -> Future:
        """Run a short function on a warm worker.

        Args:
            function: What to do; the workers must be able to import it.
            arguments: Its arguments.
        """
        warm = list(self._warm) or None
        return self._connected().submit(function, *arguments, workers=warm, pure=False, retries=0)

    def tell(self, run_id: str, commands: RunCommands) -> None:
        """Send the commands of a run to all workers without waiting for their answer."""
        client = self._connected()

        async def tell() -> None:
            await client.run(training_job.obey, run_id, commands, on_error="ignore")

        client.loop.add_callback(tell)

    def close(self) -> None:
        """Close the connection; end the scheduler and workers if they are embedded."""
        if self._client is not None:
            self._client.close(timeout=2)
        if self._cluster is not None:
            self._cluster.close()
        self._client = self._cluster = None

    def _receive(self, event: tuple[float, dict[str, Any]]) -> None:
        _time, message = event
        self._used = self._used | {message["worker"]}
        self._on_event(message)

    def _connected(self) -> Client:
        if self._client is None:
            raise JobError("The training processes have not started.")
        return self._client

    def _note_warm_workers(self) -> None:
        """Record which workers are ready, and the problem of one that cannot train."""
        for address, future in list(self._warming.items()):
            if future.status == "finished":
                self._warm.add(address)
                # Dask forgets it as well, and so does not miss it when the worker dies.
                del self._warming[address]
            elif future.status == "error" and self.problem is None:
                error = future.exception()
                if type(error).__name__ != "KilledWorker":
                    logger.error("A worker cannot train.", exc_info=error)
                    self.problem = f"The workers cannot train: {type(error).__name__}: {error}"
