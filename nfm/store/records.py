"""Records of the store: data sets, runs and their status."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Generic, Literal, TypeVar

from nfm.epoch import Epoch, Metrics, best_epoch
from nfm.settings import Settings

if TYPE_CHECKING:
    from nfm.files.reading import ReadingOptions
    from nfm.tabular.schema import Schema
    from nfm.tabular.splitting import SplitOptions

Record = TypeVar("Record")

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
        class_code: Code of the class, 1 for the positive class of two.
        threshold: Lowest probability at which the class is predicted.
        false_alarm_cost: Cost of a false positive, in any unit.
        miss_cost: Cost of a false negative, in the same unit.
    """

    class_code: int = 1
    threshold: float = 0.5
    false_alarm_cost: float = 1.0
    miss_cost: float = 1.0


@dataclass(frozen=True)
class Dataset:
    """An uploaded or sample table and how it is read; the bytes stay in the store.

    Attributes:
        id: Id from the store.
        workspace: Token of the browser that it belongs to.
        name: Name that the person gave it; untrusted text, never a path.
        content_hash: SHA-256 of the file's bytes in hexadecimal, a key for caches.
        size: Size of the file in bytes.
        options: How to read the bytes as a table.
        schema: Role and kind of every column.
        split: How to split the rows.
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

    A model that was trained elsewhere and opened from a file is also a run. It has the status
    "opened" and no data set.

    Attributes:
        id: Id from the store, unguessable.
        workspace: Token of the browser that it belongs to.
        number: Number of the run in its workspace, counted from 1.
        dataset_id: Id of the data set that it trains on; empty for an opened model.
        name: Name that the person gave it, at first "Run 1", "Run 2" ...
        settings: Settings of the model and its training.
        schema: Schema of the data set when the run was created.
        split: Split of the data set when the run was created.
        status: Current status.
        created: When it was created, UTC.
        reason: One sentence for people that explains the status, if it needs one.
        started: When a worker started it, UTC.
        finished: When it ended, UTC.
        epochs: All epochs, in order; in training, the store may be a second behind `Engine.live`.
        test_metrics: Metrics of the test rows after the last epoch.
        has_model: Whether the store has a trained model (`Store.bundle`).
        note: Note that the person has written.
        models_made: How often it has ended with a model; it grows when a run is continued.
        decision_rules: Decision rules that were set, at most one per class.
        examined_on: Id of the data set to evaluate and explain the model on if its own is not in
            the workspace; empty if there is none.
        first_epochs: Number of epochs in the settings before it was continued; None if it wasn't.
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
    created: datetime
    reason: str | None = None
    started: datetime | None = None
    finished: datetime | None = None
    epochs: tuple[Epoch, ...] = ()
    test_metrics: Metrics | None = None
    has_model: bool = False
    note: str = ""
    models_made: int = 0
    decision_rules: tuple[DecisionRule, ...] = ()
    examined_on: str = ""
    first_epochs: int | None = None

    def decision_rule(self, class_code: int = 1) -> DecisionRule | None:
        """Return the decision rule that was set for a class, if any."""
        return next((rule for rule in self.decision_rules if rule.class_code == class_code), None)

    @property
    def active(self) -> bool:
        """Whether it waits or trains."""
        return self.status in ACTIVE

    @property
    def first_settings(self) -> Settings:
        """The settings that the run started with; continuing it raises its number of epochs."""
        if self.first_epochs is None:
            return self.settings
        return self.settings.model_copy(update={"epochs": self.first_epochs})

    @property
    def best_epoch(self) -> Epoch | None:
        """The epoch with the lowest validation loss so far, None without validation rows."""
        return best_epoch(self.epochs)


@dataclass(frozen=True)
class RunOutcome:
    """How a run ended.

    Attributes:
        status: Status at the end.
        reason: One sentence for people that explains the status, if it needs one.
        epochs: All epochs, in order; None for those that were reported before.
        test_metrics: Metrics of the test rows, if there are any.
        bundle: The trained model, as `Bundle.to_bytes` returns it; None without a model.
    """

    status: Status
    reason: str | None = None
    epochs: tuple[Epoch, ...] | None = None
    test_metrics: Metrics | None = None
    bundle: bytes | None = None


@dataclass(frozen=True)
class Unreadable:
    """A stored run or data set that this version cannot read.

    Attributes:
        id: Id from the store.
        name: Name that the person gave it.
        created: When it was created, UTC.
        reason: One sentence for people: why it cannot be read.
    """

    id: str
    name: str
    created: datetime
    reason: str


@dataclass(frozen=True)
class Listing(Generic[Record]):
    """All runs or data sets of a workspace, the newest first.

    Attributes:
        items: Those that can be read; runs with their epochs.
        unreadable: Those that cannot be read: of a newer version, or damaged.
    """

    items: tuple[Record, ...]
    unreadable: tuple[Unreadable, ...]
