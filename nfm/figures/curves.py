"""Learning curves, as options of Apache ECharts, which the browser updates in place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nfm.epoch import Epoch, Metrics
from nfm.settings import Task

Measure = Literal["loss", "accuracy", "auc", "r2", "mae"]

_POINTS = 600
_PERCENT = {"accuracy"}


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


def scores(task: Task) -> tuple[Measure, Measure]:
    """Return the figures for people that a task has, the most telling first."""
    return ("r2", "mae") if task == "regression" else ("accuracy", "auc")


def measures(task: Task) -> tuple[Measure, Measure]:
    """Return what the two live charts of a task show at first: its loss, and a score."""
    return "loss", scores(task)[0]


def measure_title(measure: Measure, task: Task) -> str:
    """Name a measure with its unit, as the axis does."""
    if measure == "loss":
        return "Squared error" if task == "regression" else "Log loss"
    names = {"accuracy": "Accuracy (%)", "auc": "AUC", "r2": "R²", "mae": "Mean absolute error"}
    return names[measure]


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


def learning_curve(
    epochs: Sequence[Epoch],
    measure: Measure,
    task: Task,
    *,
    planned: int,
    finished: bool = False,
    view: View = PLAIN_VIEW,
) -> dict[str, Any]:
    """Draw one measure on the training and the validation rows against the epoch.

    Colours come from the theme's palette: its first two are told apart by colour-blind
    people too, and the training curve is dashed.

    Args:
        epochs: In order; may be empty, which draws the axes alone.
        measure: What to draw.
        task: Names the loss.
        planned: Epochs asked for.
        finished: Whether no more epochs will come.
        view: How to look at it.

    Returns:
        An ECharts option.
    """
    first, last = _axis_ends(len(epochs), planned, view, finished=finished)
    shown = thin(epochs[first - 1 : last])
    best = max((epoch.number for epoch in epochs if epoch.best), default=None)
    parts = {
        "Training": smooth(curve_points(shown, measure, "train"), view.smoothing),
        "Validation": smooth(curve_points(shown, measure, "validation"), view.smoothing),
    }
    series = [
        {
            "type": "line",
            "name": name,
            "data": points,
            "symbol": "circle" if len(points) == 1 else "none",
            "symbolSize": 9,
            "lineStyle": {"width": 3, "type": "dashed" if name == "Training" else "solid"},
            "emphasis": {"disabled": True},
        }
        for name, points in parts.items()
    ]
    if best is not None and first <= best <= last and parts["Validation"]:
        series[1] |= _best_mark(best, dict(parts["Validation"]))
    option = curve_axes(measure, task, first=first, last=last, empty=not epochs)
    if view.logarithmic and measure == "loss":
        values = [value for points in parts.values() for _, value in points]
        option["yAxis"] |= _logarithmic(values)
    if view.smoothing and epochs:
        option["title"]["text"] += ", smoothed"
    return option | {"series": series}


def _axis_ends(trained: int, planned: int, view: View, *, finished: bool) -> tuple[int, int]:
    """Return the first and the last epoch on the axis."""
    if view.span is not None:
        first, last = view.span
        return first, max(last, first + 1)
    if view.last is not None:
        first = max(1, trained - view.last + 1)
        return first, max(trained, first + 1)
    return 1, epoch_limit(trained, planned, finished=finished)


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


def _logarithmic(values: Sequence[float]) -> dict[str, Any]:
    """Return a logarithmic axis whose limits are powers of two: few, and they stand still."""
    positive = [value for value in values if value > 0]
    if not positive:
        return {}
    low, high = math.floor(math.log2(min(positive))), math.ceil(math.log2(max(positive)))
    return {"type": "log", "logBase": 2, "min": 2.0**low, "max": 2.0 ** max(high, low + 1)}


def curve_axes(
    measure: Measure, task: Task, *, last: int, empty: bool, first: int = 1
) -> dict[str, Any]:
    """Return all of a chart of a measure against the epoch but its lines.

    Args:
        measure: What is drawn.
        task: Names the loss.
        last: Last epoch on the axis.
        empty: Whether there is no line, so that the axis must be told its limits.
        first: First epoch on the axis.
    """
    percent = measure in _PERCENT
    return {
        "animation": False,
        "grid": {"left": 8, "right": 20, "top": 60, "bottom": 8, "outerBoundsMode": "same"},
        "legend": {
            "right": 8,
            "top": 4,
            "data": ["Training", "Validation"],
            "textStyle": {"fontSize": 14},
            "itemWidth": 30,
            "itemGap": 12,
        },
        "title": {
            "text": measure_title(measure, task),
            "left": 4,
            "top": 4,
            "textStyle": {"fontSize": 16, "fontWeight": 600},
        },
        "tooltip": {
            "trigger": "axis",
            "valueFormatter": "%.1f %%" if percent else "%.4f",
        },
        "xAxis": {
            "type": "value",
            "name": "Epoch",
            "nameLocation": "middle",
            "nameGap": 26,
            "nameTextStyle": {"fontSize": 14},
            "min": first,
            "max": last,
            "minInterval": 1,
            "axisLabel": {"fontSize": 14, "showMaxLabel": True},
            "splitLine": {"show": False},
        },
        "yAxis": {
            "type": "value",
            "scale": not empty,
            "axisLabel": {"fontSize": 14, "formatter": "{value} %" if percent else "{value}"},
            **({} if not empty else {"min": 0, "max": 100 if percent else 1}),
        },
    }


def describe_curve(epochs: Sequence[Epoch], measure: Measure, task: Task) -> str:
    """Say in words what the chart shows, for people who do not see it."""
    title = measure_title(measure, task)
    if not epochs:
        return f"{title} by epoch: nothing trained yet"
    parts = []
    for part in ("train", "validation"):
        points = curve_points(epochs, measure, part)
        if points:
            name = "training" if part == "train" else "validation"
            parts.append(f"{name} from {points[0][1]:.3g} to {points[-1][1]:.3g}")
    return f"{title} after {len(epochs)} epochs: {', '.join(parts)}"


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


def curve_points(epochs: Sequence[Epoch], measure: Measure, part: str) -> list[tuple[int, float]]:
    """Return (epoch, value) pairs; accuracies in percent."""
    points = []
    for epoch in epochs:
        metrics: Metrics | None = epoch.train if part == "train" else epoch.validation
        value = None if metrics is None else getattr(metrics, measure)
        if value is not None:
            points.append((epoch.number, float(value) * (100 if measure in _PERCENT else 1)))
    return points


def _best_mark(best: int, values: dict[int, float]) -> dict[str, Any]:
    """Mark the epoch of the lowest validation loss."""
    mark: dict[str, Any] = {
        "markLine": {
            "symbol": "none",
            "silent": True,
            "animation": False,
            "lineStyle": {"type": "dotted", "width": 2},
            "label": {"formatter": f"best: {best}", "fontSize": 14, "position": "end"},
            "data": [{"xAxis": best}],
        }
    }
    if best in values:
        mark["markPoint"] = {
            "symbol": "circle",
            "symbolSize": 12,
            "silent": True,
            "animation": False,
            "label": {"show": False},
            "data": [{"coord": [best, values[best]]}],
        }
    return mark
