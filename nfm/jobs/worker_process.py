"""A process of the embedded cluster: `python -m nfm.jobs.worker_process scheduler|worker`.

It ends with the app that started it: its standard input is a pipe whose other end only the app
holds, so the pipe closes when the app ends, in whatever way. It then deletes the cluster's
temporary files, which are of no more use to any of its processes.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import threading
from contextlib import suppress
from pathlib import Path


def main(arguments: list[str]) -> None:
    """Run a scheduler, or a worker.

    Args:
        arguments: "scheduler" and the folder of the cluster's temporary files; or "worker", that
            folder, its niceness, the scheduler's address, the worker's name, and the number of
            runs that it trains at the same time.
    """
    role, folder, *rest = arguments
    threading.Thread(
        target=_exit_with_the_app, args=(Path(folder),), name="lifeline", daemon=True
    ).start()
    if role == "worker":
        niceness, address, name, threads = rest
        _lower_priority(int(niceness))
    import dask

    # Dask's processes serve no web pages: nobody uses them.
    dask.config.set({"distributed.scheduler.http.routes": [], "distributed.worker.http.routes": []})
    if role == "scheduler":
        asyncio.run(_scheduler())
    else:
        asyncio.run(_worker(address, name, int(threads)))


def _exit_with_the_app(folder: Path) -> None:
    while os.read(0, 1024):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def _lower_priority(niceness: int) -> None:
    """Give the app and the browser a higher priority, for machines with few cores."""
    os.nice(niceness)
    # Linux first divides time between sessions. A worker is a session of its own, so that only
    # the session's niceness counts.
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(niceness))


async def _scheduler() -> None:
    from distributed import Scheduler

    # A run whose worker died isn't retried: it would kill the next worker.
    async with Scheduler(
        host="127.0.0.1",
        port=0,
        dashboard=False,
        dashboard_address="127.0.0.1:0",
        allowed_failures=0,
    ) as scheduler:
        sys.stdout.write(scheduler.address + "\n")
        sys.stdout.flush()
        await scheduler.finished()


async def _worker(address: str, name: str, threads: int) -> None:
    from distributed import Worker

    async with Worker(
        address,
        host="127.0.0.1",
        name=name,
        nthreads=threads,
        memory_limit=0,
        dashboard=False,
        death_timeout=60,
    ) as worker:
        await worker.finished()


if __name__ == "__main__":
    main(sys.argv[1:])
