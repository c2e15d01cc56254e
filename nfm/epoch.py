"""What one epoch of training measured: the record that travels from the worker to the chart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import pandas as pd


@dataclass(frozen=True)
class Metrics:
    """Figures of one set of rows; those that a task does not have are None.

    Attributes:
        loss: Mean log loss in nats (binary, multiclass), or for regression the mean of the
            setting `regression_loss` on the standardised target; without any penalty term.
        accuracy: Share of rows whose most probable class is right.
        auc: Area under the ROC curve; for several classes the macro one-vs-rest mean.
        mae: Mean absolute error in the target's own units.
        r2: Coefficient of determination.
    """

    loss: float
    accuracy: float | None = None
    auc: float | None = None
    mae: float | None = None
    r2: float | None = None


@dataclass(frozen=True)
class Epoch:
    """One pass over the training rows.

    Attributes:
        number: Counts from 1.
        train: Mean over the epoch's batches, as the network was while it learned
            (dropout on), as Keras reports it.
        validation: Measured after the epoch's last batch (dropout off); None where
            there are no validation rows.
        learning_rate: The rate in force during the epoch.
        seconds: Wall time since training began, in seconds.
        rows_per_second: Training rows divided by the epoch's own wall time.
        best: Whether the validation loss is the lowest so far.
        member_losses: Validation loss of each member of an ensemble, as it was after the epoch's
            last batch; empty for a single network, and without validation rows.
    """

    number: int
    train: Metrics
    validation: Metrics | None
    learning_rate: float
    seconds: float
    rows_per_second: float
    best: bool
    member_losses: tuple[float, ...] = ()

    def to_dict(self) -> dict:
        """Return the epoch as nested plain dicts that JSON can hold."""
        return asdict(self) | {"member_losses": list(self.member_losses)}

    @classmethod
    def from_dict(cls, state: dict) -> Epoch:
        """Rebuild an epoch from what `to_dict` returned."""
        validation = state["validation"]
        return cls(
            **{
                **state,
                "train": Metrics(**state["train"]),
                "validation": None if validation is None else Metrics(**validation),
                "member_losses": tuple(state["member_losses"]),
            }
        )


def best_epoch(epochs: Sequence[Epoch]) -> Epoch | None:
    """Return the epoch with the lowest validation loss; None without validation rows.

    Args:
        epochs: In the order in which they were trained.
    """
    return next((epoch for epoch in reversed(epochs) if epoch.best), None)


def history_frame(epochs: Iterable[Epoch]) -> pd.DataFrame:
    """Return the epochs as a table, one row per epoch.

    Args:
        epochs: In the order in which they were trained.

    Returns:
        Columns `epoch`, `train_<metric>` and `validation_<metric>` for every metric that
        the task has, `validation_loss_member_<number>` for each member of an ensemble,
        `learning_rate`, `seconds`, `rows_per_second` and `best`.
    """
    rows = []
    for epoch in epochs:
        row: dict = {"epoch": epoch.number}
        for part, metrics in (("train", epoch.train), ("validation", epoch.validation)):
            if metrics is not None:
                row |= {
                    f"{part}_{name}": value
                    for name, value in asdict(metrics).items()
                    if value is not None
                }
        row |= {
            f"validation_loss_member_{member}": loss
            for member, loss in enumerate(epoch.member_losses, start=1)
        }
        row |= {
            "learning_rate": epoch.learning_rate,
            "seconds": epoch.seconds,
            "rows_per_second": epoch.rows_per_second,
            "best": epoch.best,
        }
        rows.append(row)
    return pd.DataFrame(rows)
