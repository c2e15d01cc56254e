"""What learning curves show, whatever draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nfm.epoch import Epoch, Metrics
from nfm.figures.labels import titled
from nfm.figures.number_format import with_minus
from nfm.settings import Task

CurveMeasure = Literal["loss", "accuracy", "auc", "r2", "mae"]

_POINTS = 400
PERCENT = {"accuracy"}
"""Measures that are shown in percent."""
COUNTED = {"mae"}
"""Measures in the unit of the target, which may be any size."""


@dataclass(frozen=True)
class View:
    """How curves are looked at.

    Attributes:
        smoothing: Weight of the epochs before in a moving average, 0 (as it is) to below 1.
        logarithmic: Whether the loss is on a logarithmic axis.
        last: How many of the latest epochs are drawn; None for all.
        span: First and last epoch on the axis, which then stands still; None for no such limits.
    """

    smoothing: float = 0.0
    logarithmic: bool = False
    last: int | None = None
    span: tuple[int, int] | None = None


PLAIN_VIEW = View()


def scores(task: Task) -> tuple[CurveMeasure, CurveMeasure]:
    """Return the figures for people that a task has, the most telling first."""
    return ("r2", "mae") if task == "regression" else ("accuracy", "auc")


def measure_title(measure: CurveMeasure, task: Task, unit: str = "") -> str:
    """Name a measure with its unit, as the axis does.

    Args:
        measure: Which one.
        task: Names the loss.
        unit: Of the target, if it has one.
    """
    if measure == "loss":
        # The network learns (value - mean) / deviation of the target, and so is its loss.
        return "Squared error (standardised)" if task == "regression" else "Log loss"
    if measure == "mae":
        return titled("Mean absolute error", unit)
    return {"accuracy": "Accuracy (%)", "auc": "AUC", "r2": "R²"}[measure]


def epoch_limit(trained: int, planned: int, *, finished: bool) -> int:
    """Return the last epoch on the axis: it grows in few steps, so that the curve stands still.

    Args:
        trained: Epochs measured so far.
        planned: Epochs asked for.
        finished: Whether no more epochs will come.

    Returns:
        At least 2, so that a single point has an axis.
    """
    if finished:
        return max(2, trained)
    limit = 50
    while limit < trained * 1.1:
        limit *= 2
    return max(2, min(planned, limit))


def smooth(points: Sequence[tuple[int, float]], weight: float) -> list[tuple[int, float]]:
    """Replace each value by a moving average of it and those before, as TensorBoard does.

    Args:
        points: (epoch, value) pairs.
        weight: Of the average before, 0 (nothing changes) to below 1.

    Returns:
        Pairs of the same epochs; the first values count no more than the others.
    """
    smoothed, average = [], 0.0
    for place, (epoch, value) in enumerate(points, start=1):
        average = weight * average + (1 - weight) * value
        smoothed.append((epoch, average / (1 - weight**place)))
    return smoothed


def thin(epochs: Sequence[Epoch]) -> list[Epoch]:
    """Keep a bounded number of epochs: the first, the last, the best, and evenly between."""
    if len(epochs) <= _POINTS:
        return list(epochs)
    step = -(-len(epochs) // _POINTS)
    best = max((epoch.number for epoch in epochs if epoch.best), default=None)
    last = len(epochs) - 1
    return [
        epoch
        for index, epoch in enumerate(epochs)
        if index % step == 0 or index == last or epoch.number == best
    ]


def curve_points(
    epochs: Sequence[Epoch], measure: CurveMeasure, part: str
) -> list[tuple[int, float]]:
    """Return (epoch, value) pairs; accuracies in percent."""
    points = []
    for epoch in epochs:
        metrics: Metrics | None = epoch.train if part == "train" else epoch.validation
        value = None if metrics is None else getattr(metrics, measure)
        if value is not None:
            points.append((epoch.number, float(value) * (100 if measure in PERCENT else 1)))
    return points


def describe_curves(
    epochs: Sequence[Epoch], measure: CurveMeasure, task: Task, unit: str = ""
) -> str:
    """Say in words what a run's curves show, for people who do not see them."""
    title = f"{measure_title(measure, task, unit)} by epoch"
    ends = [
        f"{name} {with_minus(points[-1][1], '.4g')}"
        for name, part in (("training", "train"), ("validation", "validation"))
        if (points := curve_points(epochs, measure, part))
    ]
    if not ends:
        return title
    best = max((epoch.number for epoch in epochs if epoch.best), default=None)
    at_best = dict(curve_points(epochs, measure, "validation")).get(best or 0)
    marked = ""
    if at_best is not None:
        marked = f"; at the best epoch, {best:,}, validation {with_minus(at_best, '.4g')}"
    return f"{title}: after epoch {epochs[-1].number:,}, {' and '.join(ends)}{marked}"
