"""The records of the store: data sets, runs and their status."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from nfm.epoch import Epoch, Metrics
from nfm.settings import Settings

if TYPE_CHECKING:
    from nfm.files.reading import ReadingOptions
    from nfm.tabular.schema import Schema
    from nfm.tabular.splitting import SplitOptions

Status = Literal[
    "queued",
    "running",
    "completed",
    "early_stopped",
    "stopped",
    "diverged",
    "failed",
    "interrupted",
    "cancelled",
    "opened",
]
ACTIVE: frozenset[Status] = frozenset({"queued", "running"})


@dataclass(frozen=True)
class DecisionRule:
    """The decision threshold of a class and the costs of errors.

    Attributes:
        class_code: The class that is decided for or against: 1 where there are two.
        threshold: The smallest probability that is enough.
        false_alarm_cost: Of deciding for the class where it is another one, in any unit.
        miss_cost: Of deciding against the class where it is the one, in the same unit.
    """

    class_code: int = 1
    threshold: float = 0.5
    false_alarm_cost: float = 1.0
    miss_cost: float = 1.0


@dataclass(frozen=True)
class Dataset:
    """An uploaded or sample table and how it is read; the bytes stay in the store.

    Attributes:
        id: Made by the store.
        workspace: Token of the browser that it belongs to.
        name: What the person calls it; text from outside, never a path.
        content_hash: SHA-256 of the file's bytes in hexadecimal, for instance to key caches.
        size: Length of the file in bytes.
        options: How the bytes become a table.
        schema: Role and kind of every column.
        split: How the rows are divided.
        created: Time of the upload, UTC.
    """

    id: str
    workspace: str
    name: str
    content_hash: str
    size: int
    options: ReadingOptions
    schema: Schema
    split: SplitOptions
    created: datetime


@dataclass(frozen=True)
class Run:
    """One training: its settings, status and metrics.

    A model that was trained elsewhere and opened from a file is a run too, of the status
    "opened", without a data set.

    Attributes:
        id: Made by the store, unguessable.
        workspace: Token of the browser that it belongs to.
        number: Counts the runs of the workspace, from 1.
        dataset_id: The data set that it learns from; empty if it was opened.
        name: What the person calls it, at first "Run 1", "Run 2" ...
        settings: Model and training.
        schema: The data set's schema when the run was made.
        split: The data set's split when the run was made.
        status: Where it stands.
        reason: For people, one sentence, where the status needs one.
        created: When it was asked for, UTC.
        started: When a worker took it, UTC.
        finished: When it ended, UTC.
        epochs: In order; while it runs the store may be a second behind `Engine.live`.
        test_metrics: Measured on the test rows after the last epoch.
        has_model: Whether `Store.bundle` will find a trained model.
        note: What the person has written about it.
        models_made: How often it has ended with a model: a run that went on has another one.
        decision_rules: Those that were set, one for each class at most.
        examined_on: The data set that the model is evaluated and explained on where the one that
            it learned from is not here; empty if there is none.
        first_epochs: Epochs that were asked for before it was continued; None if it never was.
    """

    id: str
    workspace: str
    number: int
    dataset_id: str
    name: str
    settings: Settings
    schema: Schema
    split: SplitOptions
    status: Status
    reason: str | None
    created: datetime
    started: datetime | None
    finished: datetime | None
    epochs: tuple[Epoch, ...]
    test_metrics: Metrics | None
    has_model: bool
    note: str = ""
    models_made: int = 0
    decision_rules: tuple[DecisionRule, ...] = ()
    examined_on: str = ""
    first_epochs: int | None = None

    def decision_rule(self, class_code: int = 1) -> DecisionRule | None:
        """Return the rule that was set for a class, if one was."""
        return next((rule for rule in self.decision_rules if rule.class_code == class_code), None)

    @property
    def active(self) -> bool:
        """Whether it waits or trains."""
        return self.status in ACTIVE

    @property
    def first_settings(self) -> Settings:
        """The settings that it was started with: continuing it raises its number of epochs."""
        if self.first_epochs is None:
            return self.settings
        return self.settings.model_copy(update={"epochs": self.first_epochs})

    @property
    def best_epoch(self) -> Epoch | None:
        """The epoch of the lowest validation loss so far, if there are validation rows."""
        return next((epoch for epoch in reversed(self.epochs) if epoch.best), None)


@dataclass(frozen=True)
class Unreadable:
    """A stored run or data set that this version cannot read.

    Attributes:
        id: Made by the store.
        name: What the person calls it.
        created: When it was made, UTC.
        reason: What is wrong with it, for people, one sentence.
    """

    id: str
    name: str
    created: datetime
    reason: str


@dataclass(frozen=True)
class RunList:
    """All runs of a workspace, the newest first.

    Attributes:
        runs: With their epochs.
        unreadable: Those of another version, say, or damaged ones.
    """

    runs: tuple[Run, ...]
    unreadable: tuple[Unreadable, ...]


@dataclass(frozen=True)
class DatasetList:
    """All data sets of a workspace, the newest first.

    Attributes:
        datasets: Those that can be used.
        unreadable: Those of another version, say, or damaged ones.
    """

    datasets: tuple[Dataset, ...]
    unreadable: tuple[Unreadable, ...]
