"""Training of several networks whose outputs are averaged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from statistics import fmean
from time import perf_counter

import numpy as np

from nfm.epoch import Epoch, Metrics
from nfm.model.ensemble_weights import merge_weights, split_weights
from nfm.model.training import Training, TrainingOutcome
from nfm.network_architecture import NetworkArchitecture
from nfm.settings import Settings

_SEED_STEP = 1_000_003


class EnsembleTraining:
    """Trains the members of an ensemble, all for one epoch and then all for the next.

    Each member has its own initial weights, order of rows, dropout and best epoch. A member that
    has stopped early is kept as it was at its best epoch, and the others go on. The validation
    metrics of an epoch are those of the mean of the members' logits, each member as it would be
    kept if training ended now; the training metrics are means over the members.

    It is used like `Training`.

    Args:
        settings: Settings of the ensemble.
        make_member: Makes the training of a network of other settings; all on the same rows.

    Attributes:
        outcome: How the last call of `epochs` ended; None before its end.
    """

    def __init__(self, settings: Settings, make_member: Callable[[Settings], Training]) -> None:
        self._settings = settings
        self._members = [
            make_member(_member_settings(settings, member))
            for member in range(settings.member_count)
        ]
        first = self._members[0]
        self._architecture = NetworkArchitecture(first.layout, settings, first.target.output_count)
        self.outcome: TrainingOutcome | None = None
        # The last epoch of each member, and whether this epoch's is among them.
        self._last: list[Epoch | None] = [None] * len(self._members)
        self._has_epoch = [False] * len(self._members)
        self._epochs_done = 0
        self._lowest = float("inf")
        self._start_time: float | None = None
        self._seconds_before = 0.0

    @property
    def learning_rate(self) -> float:
        """Learning rate of the next steps of all members; it can be set during training."""
        return self._members[0].learning_rate

    @learning_rate.setter
    def learning_rate(self, rate: float) -> None:
        for member in self._members:
            member.learning_rate = rate

    def resume(self, weights: Mapping[str, np.ndarray], history: Sequence[Epoch]) -> None:
        """Continue from the combined weights of an earlier training; see `Training.resume`."""
        for member, own in zip(
            self._members, split_weights(self._architecture, weights), strict=True
        ):
            member.resume(own, history)
        self._epochs_done = len(history)
        self._seconds_before = history[-1].seconds if history else 0.0
        self._lowest = min(
            (epoch.validation.loss for epoch in history if epoch.validation is not None),
            default=self._lowest,
        )

    def epochs(
        self, should_stop: Callable[[], bool] | None = None, count: int | None = None
    ) -> Iterator[Epoch]:
        """Train, and yield each epoch when all members have done it; see `Training.epochs`."""
        last = self._settings.epochs if count is None else self._epochs_done + count
        self.outcome = None
        if self._start_time is None:
            self._start_time = perf_counter()
        left = last - self._epochs_done
        # A member may have done the present epoch already, before the training was stopped.
        running = {
            place: member.epochs(should_stop, left - self._has_epoch[place])
            for place, member in enumerate(self._members)
        }
        while self._epochs_done < last:
            began = perf_counter()
            for place in [place for place in running if not self._has_epoch[place]]:
                epoch = next(running[place], None)
                if epoch is None and self._members[place].outcome == "stopped":
                    self.outcome = "stopped"
                    return
                if epoch is None:
                    del running[place]
                else:
                    self._last[place], self._has_epoch[place] = epoch, True
            if not running:
                break
            yield self._combined(perf_counter() - began)
        all_early = all(member.outcome == "early_stopped" for member in self._members)
        self.outcome = "early_stopped" if all_early else "completed"

    def weights(self) -> dict[str, np.ndarray]:
        """Return the combined weights of the members, each at the epoch that it keeps.

        Raises:
            DivergenceError: If the training of a member diverged.
        """
        return merge_weights(self._architecture, [member.weights() for member in self._members])

    def _combined(self, seconds: float) -> Epoch:
        """End the present epoch, which took so many seconds, and return its record."""
        self._epochs_done += 1
        done = [epoch for epoch in self._last if epoch is not None]
        rows = sum(self._has_epoch) * self._members[0].row_count
        changed = any(epoch.best for epoch, new in zip(done, self._has_epoch, strict=True) if new)
        kept = [member.validation_outputs for member in self._members]
        outputs = np.array([output for output in kept if output is not None], dtype=np.float64)
        validation = (
            self._members[0].validation_metrics(outputs.mean(axis=0)) if len(outputs) else None
        )
        is_lowest = validation is not None and validation.loss < self._lowest
        if is_lowest and validation is not None:
            self._lowest = validation.loss
        self._has_epoch = [False] * len(self._members)
        return replace(
            done[0],
            number=self._epochs_done,
            train=_mean([epoch.train for epoch in done]),
            validation=validation,
            learning_rate=self.learning_rate,
            seconds=self._seconds_before + perf_counter() - (self._start_time or 0.0),
            rows_per_second=rows / seconds,
            best=changed if self._settings.early_stopping else is_lowest,
        )


def _member_settings(settings: Settings, member: int) -> Settings:
    """Return the settings of one member; the first has the seed of the ensemble."""
    seed = (settings.random_state + member * _SEED_STEP) % 2**32
    return settings.model_copy(update={"members": 1, "random_state": seed})


def _mean(metrics: Sequence[Metrics]) -> Metrics:
    """Return the mean of each metric that the task has."""

    def mean(name: str) -> float | None:
        values = [getattr(one, name) for one in metrics]
        return None if None in values else fmean(values)

    return Metrics(fmean(one.loss for one in metrics), *map(mean, ("accuracy", "auc", "mae", "r2")))
