"""Whether the best trial is better than the start by more than the seeds alone change a loss."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from nfm.settings import Settings

FURTHER_SEEDS = 2
_STANDARD_ERRORS = 2.0

Side = Literal["start", "best"]


@dataclass(frozen=True)
class Confirmation:
    """Validation losses of the start and of the best trial with several seeds.

    Attributes:
        start_losses: Of the start, its first trial included.
        best_losses: Of the best settings with further seeds. The loss by which the trial was
            chosen is left out: it is lower than the average because it was chosen.
    """

    start_losses: tuple[float, ...]
    best_losses: tuple[float, ...]

    @property
    def gain(self) -> float:
        """Mean loss of the start minus that of the best settings; positive if they are better."""
        return fmean(self.start_losses) - fmean(self.best_losses)

    @property
    def noise(self) -> float:
        """Two standard errors of the gain, from the spread of the losses between seeds."""
        groups = (self.start_losses, self.best_losses)
        squares = sum(sum((loss - fmean(group)) ** 2 for loss in group) for group in groups)
        variance = squares / sum(len(group) - 1 for group in groups)
        return _STANDARD_ERRORS * math.sqrt(variance * sum(1 / len(group) for group in groups))

    @property
    def confirmed(self) -> bool:
        """Whether the gain is larger than the noise."""
        return self.gain > self.noise


def confirmation_settings(start: Settings, best: Settings) -> Iterator[tuple[Side, Settings]]:
    """Yield the settings to train again, with further seeds.

    Args:
        start: Settings of the first trial.
        best: Settings of the best trial.
    """
    for more in range(1, FURTHER_SEEDS + 1):
        for side, settings in (("start", start), ("best", best)):
            seed = (settings.random_state + more) % 2**32
            yield side, settings.model_copy(update={"random_state": seed})  # type: ignore[misc]


def make_confirmation(
    first_loss: float, losses: Sequence[tuple[Side, float]]
) -> Confirmation | None:
    """Return the comparison of several seeds; None if a training has diverged or failed.

    Args:
        first_loss: Validation loss of trial 1.
        losses: Losses of the trainings of `confirmation_settings`.
    """
    of = {side: tuple(loss for one, loss in losses if one == side) for side in ("start", "best")}
    if any(len(group) < FURTHER_SEEDS for group in of.values()):
        return None
    return Confirmation((first_loss, *of["start"]), of["best"])
