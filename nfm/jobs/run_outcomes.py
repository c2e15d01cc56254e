"""How a run ends: what its Dask future says, or why it was interrupted."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nfm.epoch import Epoch
from nfm.jobs.worker.checkpoints import Checkpoint
from nfm.store.records import RunOutcome

if TYPE_CHECKING:
    from distributed import Future

logger = logging.getLogger(__name__)

_FETCH_SECONDS = 60

DIED = RunOutcome(
    "failed",
    "Its training process ended unexpectedly: it was killed, or there was not enough memory.",
)
LOST = RunOutcome("failed", "The connection to the training processes was lost while it trained.")
SHUT_DOWN = RunOutcome("interrupted", "The server was shut down before it ended.")


def interrupted_outcome(
    reason: str | None, epochs: Sequence[Epoch], checkpoint: Checkpoint
) -> RunOutcome:
    """Return the outcome of a run that keeps the model of its last checkpoint.

    Args:
        reason: One sentence for people: why it was interrupted.
        epochs: All epochs of the run; those after the checkpoint are lost with their weights.
        checkpoint: The checkpoint.
    """
    kept = tuple(epochs[: checkpoint.epochs])
    return RunOutcome("interrupted", reason, kept, bundle=checkpoint.bundle)


def outcome_of(future: Future, run_id: str) -> RunOutcome | None:
    """Return the outcome of a run; None if it is unknown because the scheduler is gone.

    Args:
        future: The run's Dask future, which is done.
        run_id: Id of the run, for the log.
    """
    if future.status == "finished":
        try:
            return future.result(timeout=_FETCH_SECONDS)
        except Exception:
            # Whatever Dask raises: the result was on a worker that is gone.
            logger.exception("The result of run %s was lost.", run_id)
            return DIED
    if future.status != "error":
        return None
    error = future.exception()
    if type(error).__name__ == "KilledWorker":
        return DIED
    logger.error("Run %s cannot be trained.", run_id, exc_info=error)
    return RunOutcome(
        "failed",
        f"The workers cannot train it ({type(error).__name__}): "
        "install the same version of NFM Lab there.",
    )
