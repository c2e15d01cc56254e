"""Data of learning curves, independent of the chart library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nfm.epoch import Epoch, Metrics, best_epoch
from nfm.figures.labels import titled
from nfm.figures.number_format import with_minus
from nfm.settings import RegressionLoss, Task

CurveMeasure = Literal["loss", "accuracy", "auc", "r2", "mae"]

_POINTS = 400
PERCENT = {"accuracy"}
"""Measures shown in percent."""
COUNTED = {"mae"}
"""Measures in the unit of the target, of any magnitude."""


@dataclass(frozen=True)
class View:
    """View of learning curves.

    Attributes:
        smoothing: Weight of earlier epochs in a moving average, in [0, 1); 0 for no smoothing.
        logarithmic: Whether the axis of the loss is logarithmic.
        last: Number of latest epochs to draw; None for all.
        span: Fixed first and last epoch of the axis; None for an axis that grows.
    """

    smoothing: float = 0.0
    logarithmic: bool = False
    last: int | None = None
    span: tuple[int, int] | None = None


PLAIN_VIEW = View()


def scores(task: Task) -> tuple[CurveMeasure, CurveMeasure]:
    """Return the two scores of a task that people read, the more informative one first."""
    return ("r2", "mae") if task == "regression" else ("accuracy", "auc")


def measure_title(
    measure: CurveMeasure,
    task: Task,
    unit: str = "",
    regression_loss: RegressionLoss = "squared_error",
) -> str:
    """Name a measure with its unit, as the axis does.

    Args:
        measure: The measure.
        task: The task; it decides which loss is used.
        unit: Unit of the target; "" if it has none.
        regression_loss: Loss of a regression.
    """
    if measure == "loss":
        # The network learns the standardised target, (value - mean) / standard deviation.
        names = {"squared_error": "Squared error", "huber": "Huber loss"}
        return f"{names[regression_loss]} (standardised)" if task == "regression" else "Log loss"
    if measure == "mae":
        return titled("Mean absolute error", unit)
    return {"accuracy": "Accuracy (%)", "auc": "AUC", "r2": "R²"}[measure]


def epoch_limit(trained: int, planned: int, *, finished: bool) -> int:
    """Return the last epoch on the axis; it grows in a few large steps, not at every epoch.

    Args:
        trained: Number of epochs trained so far.
        planned: Number of epochs in the settings.
        finished: Whether training has ended.

    Returns:
        The last epoch, at least 2, so that a single point has an axis.
    """
    if finished:
        return max(2, trained)
    limit = 50
    while limit < trained * 1.1:
        limit *= 2
    return max(2, min(planned, limit))


def smooth(points: Sequence[tuple[int, float]], weight: float) -> list[tuple[int, float]]:
    """Smooth a curve by an exponential moving average without bias, as TensorBoard does.

    Args:
        points: (epoch, value) pairs.
        weight: Weight of earlier values, in [0, 1); 0 for no smoothing.

    Returns:
        (epoch, average) pairs for the same epochs.
    """
    smoothed, average = [], 0.0
    for place, (epoch, value) in enumerate(points, start=1):
        average = weight * average + (1 - weight) * value
        smoothed.append((epoch, average / (1 - weight**place)))
    return smoothed


def thin(epochs: Sequence[Epoch]) -> list[Epoch]:
    """Keep a few hundred epochs: the first, the last, the best, and evenly spaced ones."""
    if len(epochs) <= _POINTS:
        return list(epochs)
    step = -(-len(epochs) // _POINTS)
    best = best_epoch(epochs)
    last = len(epochs) - 1
    return [
        epoch
        for index, epoch in enumerate(epochs)
        if index % step == 0 or index == last or epoch is best
    ]


def curve_points(
    epochs: Sequence[Epoch], measure: CurveMeasure, part: str
) -> list[tuple[int, float]]:
    """Return one curve.

    Args:
        epochs: The epochs of a run, in order.
        measure: The measure.
        part: "train" or "validation".

    Returns:
        (epoch, value) pairs, without epochs that lack the measure; accuracies in percent.
    """
    points = []
    for epoch in epochs:
        metrics: Metrics | None = epoch.train if part == "train" else epoch.validation
        value = None if metrics is None else getattr(metrics, measure)
        if value is not None:
            points.append((epoch.number, float(value) * (100 if measure in PERCENT else 1)))
    return points


def describe_curves(epochs: Sequence[Epoch], measure: CurveMeasure, title: str) -> str:
    """Describe the curves of a run, for screen readers.

    Args:
        epochs: The epochs of the run, in order.
        measure: The measure.
        title: Its title, as `measure_title` returns it.
    """
    title = f"{title} by epoch"
    ends = [
        f"{name} {with_minus(points[-1][1], '.4g')}"
        for name, part in (("training", "train"), ("validation", "validation"))
        if (points := curve_points(epochs, measure, part))
    ]
    if not ends:
        return title
    best = best_epoch(epochs)
    at_best = dict(curve_points(epochs, measure, "validation")).get(best.number if best else 0)
    marked = ""
    if best is not None and at_best is not None:
        marked = f"; at the best epoch, {best.number:,}, validation {with_minus(at_best, '.4g')}"
    return f"{title}: after epoch {epochs[-1].number:,}, {' and '.join(ends)}{marked}"
