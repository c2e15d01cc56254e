"""`search`: better settings for a table, by trying some on the same validation rows."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from nfm.analysis.result import AnalysisResult
from nfm.epoch import Epoch
from nfm.errors import DivergenceError, SchemaError, SettingsError, TrainingError
from nfm.figures.search_trials import search_trials
from nfm.settings import Settings
from nfm.settings_search.conclusion import conclusion, optimism_warning
from nfm.settings_search.confirmation import (
    Confirmation,
    Side,
    confirmation_settings,
    make_confirmation,
)
from nfm.settings_search.study import SearchTrial, SettingsStudy, TrialState, kept_epoch
from nfm.tabular.frames import as_column, as_frame
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.schema import Schema
from nfm.tabular.splitting import SplitOptions
from nfm.training.train_table import SplitTable

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


@dataclass(frozen=True, eq=False, repr=False)
class SearchResult(AnalysisResult):
    """The trials of a search for better settings.

    Attributes:
        trials: All trials, in order; trial 1 has the settings that the search started from.
        best: The trial with the lowest validation loss.
        confirmation: Losses of the first and the best settings with further seeds; None if the
            first ones are the best, or it was not measured.
        schema: Target, task and features, for `train_table`.
        split: How the rows were split, for `train_table`.
    """

    trials: tuple[SearchTrial, ...]
    best: SearchTrial
    confirmation: Confirmation | None
    schema: Schema
    split: SplitOptions

    @property
    def best_settings(self) -> Settings:
        """The settings of the best trial, for `train_table`."""
        return self.best.settings

    @property
    def warning(self) -> str:
        """Why the validation score of the best trial is optimistic."""
        return optimism_warning(self.trials)

    @property
    def summary(self) -> str:
        """How the best trial compares with the first, and how far to trust its score."""
        return f"{conclusion(self.trials, self.confirmation)} {self.warning}"

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The trials by number.

        Columns: state, validation_loss and the other validation metrics of the task, epochs,
        seconds, and each setting that some trial has changed.
        """
        varied = {name: None for trial in self.trials for name in trial.changed}
        rows = []
        for trial in self.trials:
            metrics = {} if trial.metrics is None else asdict(trial.metrics)
            rows.append(
                {
                    "state": trial.state,
                    "validation_loss": math.nan if trial.loss is None else trial.loss,
                    **{f"validation_{name}": value for name, value in metrics.items()},
                    "epochs": trial.epochs,
                    "seconds": trial.seconds,
                    **{name: getattr(trial.settings, name) for name in varied},
                }
            )
        numbers = pd.Index([trial.number for trial in self.trials], name="trial")
        frame = pd.DataFrame(rows, index=numbers)
        metrics_of_other_tasks = [
            name
            for name in frame.columns
            if name.startswith("validation_") and frame[name].isna().all()
        ]
        return frame.drop(columns=set(metrics_of_other_tasks) - {"validation_loss"})

    def plot(self) -> Figure:
        """Draw the validation loss of each trial."""
        return search_trials(self.trials)


def search(
    X: Any,
    y: Any = None,
    *,
    target: str | None = None,
    schema: Schema | None = None,
    settings: Settings | None = None,
    split: SplitOptions | None = None,
    trials: int = 20,
    time_limit: float | None = None,
    confirm: bool = True,
    seed: int = 0,
    callback: Callable[[SearchTrial], bool | None] | None = None,
) -> SearchResult:
    """Search for better settings for a table.

    A dozen settings are varied, such as the learning rate, the sizes of the network and dropout.
    The rows are split once, so that all trials train and validate on the same rows. Trials that
    are worse than most at the same epoch end early. Test rows are not used: afterwards, train
    with the best settings and the same split to measure them.

    Args:
        X: The table; without the target's column if y is given.
        y: The target of each row, (rows,); None if the table has the target's column.
        target: Name of the target's column; None if y or a schema is given.
        schema: Target, task and features; None to infer them.
        settings: Settings of the first trial. Settings that the search does not vary, such as
            the number of epochs, have these values in all trials. None for the recommended ones.
        split: How to split the rows; None for the app's default, which holds out test rows.
        trials: Maximum number of trials.
        time_limit: Seconds after which no further trial begins, and the one in training is
            stopped; None for no limit.
        confirm: Whether to train the first and the best settings again with two further seeds, to
            compare their difference with that between seeds. It comes after the time limit.
        seed: Seed of the proposals. With the same seed and no time limit, the trials are the same.
        callback: Called with every trial that has ended; True ends the search.

    Returns:
        The trials, the best settings, and how they compare with the first ones.

    Raises:
        NFMError: If the table, the target or the settings cannot be used, there are no validation
            rows, or no trial finishes an epoch.

    Example:
        >>> import nfm
        >>> frame = nfm.read_table("data/titanic.csv")
        >>> quick = nfm.Settings(epochs=3)
        >>> found = nfm.search(frame, target="Survived", settings=quick, trials=2, confirm=False)
        >>> list(found.frame["state"])
        ['completed', 'completed']
        >>> trained = nfm.train_table(frame, found.schema, found.best_settings, found.split)
        >>> trained.test_metrics.accuracy > 0.5
        True
    """
    if trials < 1:
        raise SettingsError(f"trials is {trials}: choose 1 or more.")
    if time_limit is not None and not time_limit > 0:
        raise SettingsError(f"time_limit is {time_limit}: choose a positive number of seconds.")
    frame, schema = _table(X, y, target, schema)
    split = split or SplitOptions()
    table = SplitTable.of(schema.read(frame), schema, split)
    if not len(table.split.validation):
        raise SettingsError(
            "There are no validation rows to compare settings on: choose a validation_fraction "
            "above 0 in split."
        )
    end = math.inf if time_limit is None else time.monotonic() + time_limit
    study = SettingsStudy(settings or Settings(), schema, seed)
    for _trial in range(trials):
        trial = _try(study, table, end)
        if (callback is not None and callback(trial)) or time.monotonic() >= end:
            break
    best = study.best
    if best is None:
        reasons = [trial.reason for trial in study.trials if trial.reason]
        raise TrainingError(
            reasons[0] if reasons else "No trial has finished an epoch: choose a longer time_limit."
        )
    confirmation = _confirm(study.trials[0], best, table) if confirm else None
    return SearchResult(study.trials, best, confirmation, schema, split)


def _table(
    X: Any, y: Any, target: str | None, schema: Schema | None
) -> tuple[pd.DataFrame, Schema]:
    """Return the table with its target, and the schema."""
    frame = as_frame(X, "X")
    if y is not None:
        if target is not None or schema is not None:
            raise SchemaError("Give the target as y, or by target or schema, not both.")
        target = str(getattr(y, "name", None) or "target")
        if target in frame.columns:
            raise SchemaError(
                f"X has a column {target!r}, as y is called: leave it out of X, or leave out y "
                f"and pass target={target!r}."
            )
        values = as_column(y)
        if len(values) != len(frame):
            raise SchemaError(f"X has {len(frame):,} rows, y has {len(values):,}: align them.")
        frame = frame.copy(deep=False)
        frame[target] = values.array
    if schema is None:
        if target is None:
            raise SchemaError('No target is given: pass y, or target="its column".')
        schema = infer_schema(frame, target)
    return frame, schema


def _try(study: SettingsStudy, table: SplitTable, end: float) -> SearchTrial:
    """Train one trial; `end` is the time on the monotonic clock at which it is stopped."""
    settings = study.ask().settings
    epochs: list[Epoch] = []
    state: TrialState = "completed"
    trainer = table.trainer(settings)
    try:
        for epoch in trainer.loop.epochs(lambda: time.monotonic() >= end):
            epochs.append(epoch)
            if study.report(epochs):
                return study.tell("pruned")
        if trainer.loop.outcome == "stopped":
            state = "stopped"
    except DivergenceError as error:
        return study.tell("diverged", str(error))
    finally:
        trainer.loop.release()
    return study.tell(state)


def _confirm(start: SearchTrial, best: SearchTrial, table: SplitTable) -> Confirmation | None:
    """Train the first and the best settings with further seeds."""
    if best.number == start.number or start.loss is None:
        return None
    losses: list[tuple[Side, float]] = []
    for side, settings in confirmation_settings(start.settings, best.settings):
        trainer = table.trainer(settings)
        try:
            epochs = list(trainer.loop.epochs())
        except DivergenceError:
            continue
        finally:
            trainer.loop.release()
        kept = kept_epoch(epochs, settings)
        if kept is not None and kept.validation is not None:
            losses.append((side, kept.validation.loss))
    return make_confirmation(start.loss, losses)
