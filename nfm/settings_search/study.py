"""The trials of a search: Optuna proposes settings, and ends trials that are worse than most."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from nfm.epoch import Epoch, Metrics, best_epoch
from nfm.errors import SettingsError
from nfm.settings import Settings
from nfm.settings_search.search_space import SearchSpace, changed_settings
from nfm.tabular.schema import Schema

if TYPE_CHECKING:
    import optuna

TrialState = Literal["training", "completed", "pruned", "diverged", "failed", "stopped"]

# Trials with random settings before Optuna models their losses.
_RANDOM_TRIALS = 8
# A trial may be pruned after this many epochs, once this many trials have ended.
WARM_UP_EPOCHS = 10
TRIALS_BEFORE_PRUNING = 4


@dataclass(frozen=True)
class SearchTrial:
    """One trial of a search: settings, and how the training with them went.

    Attributes:
        number: Number of the trial, from 1; trial 1 has the settings that the search starts from.
        settings: All settings of the trial.
        changed: Name to value of the settings that differ from those of trial 1.
        state: "training" until it ends. "pruned" if it was ended early, because its loss was
            above the median of the earlier trials; "stopped" if the search ended first.
        loss: Lowest validation loss so far; of the last epoch without early stopping. None
            before the first epoch.
        metrics: All metrics of the validation rows of that epoch.
        epochs: Number of epochs trained.
        seconds: Time from the first step to the last epoch.
        reason: Why it has failed or diverged, one sentence for people.
    """

    number: int
    settings: Settings
    changed: dict[str, Any]
    state: TrialState = "training"
    loss: float | None = None
    metrics: Metrics | None = None
    epochs: int = 0
    seconds: float = 0.0
    reason: str | None = None

    @property
    def eligible(self) -> bool:
        """Whether it can be the best trial; pruned, diverged and failed ones cannot."""
        return self.state in ("completed", "stopped") and self.loss is not None

    def after(self, epochs: Sequence[Epoch]) -> SearchTrial:
        """Return the trial after some epochs."""
        kept = kept_epoch(epochs, self.settings)
        if kept is None or kept.validation is None:
            return self
        return replace(
            self,
            loss=kept.validation.loss,
            metrics=kept.validation,
            epochs=len(epochs),
            seconds=epochs[-1].seconds,
        )


def kept_epoch(epochs: Sequence[Epoch], settings: Settings) -> Epoch | None:
    """Return the epoch whose weights a training keeps.

    Args:
        epochs: All epochs, in order.
        settings: Settings of the training.

    Returns:
        The best epoch with early stopping, else the last one; None without an epoch.
    """
    if not settings.early_stopping:
        return epochs[-1] if epochs else None
    return best_epoch(epochs)


class SettingsStudy:
    """Proposes the settings of one trial after the other; nothing is stored or logged.

    The first trial has the settings of the start. Further ones are random at first, then chosen
    by Optuna's tree-structured Parzen estimator. A trial is pruned if its lowest validation loss is
    above the median of the earlier trials at the same epoch.

    Args:
        start: Settings of the first trial.
        schema: Features of the table.
        seed: Seed of the proposals: the same seed and losses give the same proposals.

    Raises:
        SettingsError: If the seed is not a whole number from 0 to 4,294,967,295.
    """

    def __init__(self, start: Settings, schema: Schema, seed: int = 0) -> None:
        if not isinstance(seed, int) or not 0 <= seed < 2**32:
            raise SettingsError(
                f"The seed of the search is {seed!r}: choose a whole number from 0 to "
                "4,294,967,295."
            )
        self.start = start
        self._space = SearchSpace(start, schema)
        self._study = _make_study(seed)
        self._study.enqueue_trial(self._space.first_parameters())
        self._asked: optuna.Trial | None = None
        self._reported = 0
        self._trials: tuple[SearchTrial, ...] = ()

    @property
    def trials(self) -> tuple[SearchTrial, ...]:
        """All trials, in order; the last one may be in training."""
        return self._trials

    @property
    def best(self) -> SearchTrial | None:
        """The trial with the lowest validation loss; None if no trial can be it."""
        return best_trial(self._trials)

    def ask(self) -> SearchTrial:
        """Return a new trial to train; the one before must have ended."""
        self._asked = self._study.ask()
        self._reported = 0
        settings = self._space.suggest(self._asked)
        if not self._trials:
            settings = self.start  # exactly, even where the space has only a value near to it
        number = len(self._trials) + 1
        trial = SearchTrial(number, settings, changed_settings(settings, self.start))
        self._trials = (*self._trials, trial)
        return trial

    def report(self, epochs: Sequence[Epoch]) -> bool:
        """Record the progress of the trial in training.

        Args:
            epochs: All its epochs so far.

        Returns:
            Whether to prune it.

        Raises:
            SettingsError: If there are no validation rows, whose loss is compared.
        """
        if self._asked is None or len(epochs) <= self._reported:
            return False
        for epoch in epochs[self._reported :]:
            if epoch.validation is None:
                raise SettingsError(
                    "There are no validation rows to compare settings on: choose a validation "
                    "share above 0."
                )
            self._asked.report(epoch.validation.loss, epoch.number)
        self._reported = len(epochs)
        self._replace(self._trials[-1].after(epochs))
        return self._asked.should_prune()

    def tell(self, state: TrialState, reason: str | None = None) -> SearchTrial:
        """Record how the trial in training has ended, and return it.

        Args:
            state: How it has ended.
            reason: Why it has failed or diverged, one sentence for people.
        """
        from optuna.trial import TrialState as OptunaState

        trial = replace(self._trials[-1], state=state, reason=reason)
        self._replace(trial)
        asked, self._asked = self._asked, None
        if asked is not None:
            if trial.eligible and trial.loss is not None and math.isfinite(trial.loss):
                self._study.tell(asked, trial.loss)
            else:
                # Diverged and failed settings count as bad ones, so that they are not repeated.
                self._study.tell(asked, state=OptunaState.PRUNED)
        return trial

    def _replace(self, trial: SearchTrial) -> None:
        self._trials = (*self._trials[:-1], trial)


def best_trial(trials: Sequence[SearchTrial]) -> SearchTrial | None:
    """Return the trial with the lowest validation loss; None if no trial can be it.

    Args:
        trials: The trials, in order; of equal ones, the first is the best.
    """
    eligible = [trial for trial in trials if trial.eligible]
    return min(eligible, key=lambda trial: trial.loss or 0.0, default=None)


def _make_study(seed: int) -> optuna.Study:
    """Return a study in memory; Optuna is imported here, because that takes half a second."""
    import optuna

    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        return optuna.create_study(
            direction="minimize",
            storage=optuna.storages.InMemoryStorage(),
            sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=_RANDOM_TRIALS),
            pruner=optuna.pruners.MedianPruner(
                n_startup_trials=TRIALS_BEFORE_PRUNING,
                n_warmup_steps=WARM_UP_EPOCHS,
                n_min_trials=TRIALS_BEFORE_PRUNING - 1,
            ),
        )
    finally:
        optuna.logging.set_verbosity(level)
