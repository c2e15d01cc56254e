"""How a run ended, as the future of Dask tells it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from nfm.jobs.worker.training_job import RunOutcome

if TYPE_CHECKING:
    from distributed import Future

logger = logging.getLogger(__name__)

DIED = RunOutcome(
    "failed",
    "Its training process ended unexpectedly: it was killed, or there was too little memory.",
)
LOST = RunOutcome("failed", "The connection to the training processes was lost while it trained.")
SHUT_DOWN = RunOutcome("interrupted", "The server was shut down before it ended.")
_FETCH_SECONDS = 60


def outcome_of(future: Future, run_id: str) -> RunOutcome | None:
    """Return how a run ended; None if its scheduler is gone, and nobody knows.

    Args:
        future: The run's, done.
        run_id: The run, for the log.
    """
    if future.status == "finished":
        try:
            return future.result(timeout=_FETCH_SECONDS)
        except Exception:
            # Whatever Dask raises here: the result was on a worker that is no more.
            logger.exception("The result of run %s was lost.", run_id)
            return DIED
    if future.status != "error":
        return None
    error = future.exception()
    if type(error).__name__ == "KilledWorker":
        return DIED
    logger.error("Run %s cannot be carried out.", run_id, exc_info=error)
    return RunOutcome(
        "failed",
        f"The workers cannot carry it out ({type(error).__name__}): "
        "is the same version of NFM Lab installed there?",
    )
