"""Checkpoints: the models of runs in training, for the case that a run is interrupted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

_FIRST_SECONDS = 1.0
_SECONDS = 4.0
# Of the training's time, at most a twentieth goes into checkpoints, whatever the model's size.
_LONGEST_SHARE = 1 / 20


@dataclass(frozen=True)
class Checkpoint:
    """The model of a run at some time.

    Attributes:
        epochs: Number of epochs done.
        bundle: The model, as `Bundle.to_bytes` returns it.
    """

    epochs: int
    bundle: bytes


class CheckpointTimer:
    """Says when a run's next checkpoint is due: every four seconds, later if one takes long."""

    def __init__(self) -> None:
        self._due = time.monotonic() + _FIRST_SECONDS

    @property
    def due(self) -> bool:
        """Whether it is time for a checkpoint."""
        return time.monotonic() >= self._due

    def make(self, bundle: Callable[[], bytes], epochs: int) -> Checkpoint:
        """Return a checkpoint, and start to wait for the next.

        Args:
            bundle: Returns the model as bytes.
            epochs: Number of epochs done.
        """
        started = time.monotonic()
        checkpoint = Checkpoint(epochs, bundle())
        now = time.monotonic()
        self._due = now + max(_SECONDS, (now - started) / _LONGEST_SHARE)
        return checkpoint


class LatestCheckpoints:
    """The last checkpoint of each run, until the engine fetches it.

    The run's thread sets it, and the worker's event loop takes it.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._checkpoints: dict[str, dict[str, Checkpoint]] = {}

    def put(self, topic: str, attempt: str, checkpoint: Checkpoint) -> None:
        """Replace the checkpoint of a run's attempt.

        Args:
            topic: Topic of the run's engine.
            attempt: Id of the attempt to train the run.
            checkpoint: The checkpoint.
        """
        with self._guard:
            self._checkpoints.setdefault(topic, {})[attempt] = checkpoint

    def take_all(self, topic: str) -> dict[str, Checkpoint]:
        """Remove and return the new checkpoints of an engine's runs, by attempt."""
        with self._guard:
            return self._checkpoints.pop(topic, {})

    def discard(self, topic: str, attempt: str) -> None:
        """Remove the checkpoint of an attempt that has ended."""
        with self._guard:
            self._checkpoints.get(topic, {}).pop(attempt, None)
