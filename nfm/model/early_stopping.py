"""The best epoch so far: its weights, and how long ago it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class BestEpoch:
    """Remembers the epoch with the lowest validation loss.

    Args:
        patience: Epochs without a better one before the training has waited long enough.

    Attributes:
        state: What `keep` was given to remember; None before, or if it was not used.
    """

    def __init__(self, patience: int) -> None:
        self.state: Any = None
        self._patience = patience
        self._loss = float("inf")
        self._waited = 0

    def is_better(self, loss: float) -> bool:
        """Say whether a new epoch's validation loss is the lowest so far, and note it."""
        better = loss < self._loss
        if better:
            self._loss = loss
        self._waited = 0 if better else self._waited + 1
        return better

    def keep(self, snapshot: Callable[[], Any]) -> None:
        """Keep a snapshot, after the one before is let go: there is never room for two."""
        self.state = None
        self.state = snapshot()

    @property
    def has_waited_enough(self) -> bool:
        """Whether as many epochs as the patience were not better than the best."""
        return self._waited >= self._patience

    def reset_patience(self) -> None:
        """Start counting again, when a person asks for more epochs."""
        self._waited = 0
