"""Carries out runs in worker processes: a thin face over a Dask client."""

from __future__ import annotations

from typing import Literal

from nfm.jobs.records import LiveRun, Run
from nfm.jobs.store import Store

EngineState = Literal["stopped", "starting", "warming", "ready", "unavailable"]


class Engine:
    """Takes runs, keeps them in order, and follows them. (Being written: signatures hold.)

    Args:
        store: Where runs and their results are kept.
    """

    def __init__(self, store: Store) -> None:
        self.store = store

    def start(self) -> None:
        """Start workers in the background and return at once."""
        raise NotImplementedError

    @property
    def state(self) -> EngineState:
        """How far it is; runs can be submitted in every state and wait."""
        raise NotImplementedError

    @property
    def ready(self) -> bool:
        """Whether a worker is warm, so that a run would begin at once."""
        raise NotImplementedError

    @property
    def reason(self) -> str | None:
        """For people, one sentence: why there are no workers, if there are none."""
        raise NotImplementedError

    def submit(self, run: Run) -> None:
        """Queue a run that `Store.add_run` made; returns at once."""
        raise NotImplementedError

    def stop(self, run_id: str) -> None:
        """End a run: at once if it waits (cancelled), within a second if it trains (stopped)."""
        raise NotImplementedError

    def live(self, run_id: str) -> LiveRun:
        """Return how a run stands; cheap enough for several calls a second.

        Raises:
            JobError: If there is no such run.
        """
        raise NotImplementedError

    def close(self) -> None:
        """End all runs and all processes."""
        raise NotImplementedError


def get_store() -> Store:
    """Return the process's one store, opened on first use."""
    raise NotImplementedError


def get_engine() -> Engine:
    """Return the process's one engine; `start` is the server's business."""
    raise NotImplementedError
