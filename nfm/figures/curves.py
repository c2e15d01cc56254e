"""Learning curves, as options of Apache ECharts, which the browser updates in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from nfm.epoch import Epoch, Metrics
from nfm.settings import Task

Measure = Literal["loss", "accuracy", "r2"]

_POINTS = 600
_PERCENT = {"accuracy"}


def measures(task: Task) -> tuple[Measure, Measure]:
    """Return what the two live charts of a task show: its loss, and a figure for people."""
    return ("loss", "r2") if task == "regression" else ("loss", "accuracy")


def measure_title(measure: Measure, task: Task) -> str:
    """Name a measure with its unit, as the axis does."""
    if measure == "loss":
        return "Squared error" if task == "regression" else "Log loss"
    return {"accuracy": "Accuracy (%)", "r2": "R²"}[measure]


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

    Returns:
        An ECharts option.
    """
    shown = thin(epochs)
    best = max((epoch.number for epoch in epochs if epoch.best), default=None)
    parts = {
        "Training": curve_points(shown, measure, "train"),
        "Validation": curve_points(shown, measure, "validation"),
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
    if best is not None and parts["Validation"]:
        series[1] |= _best_mark(best, dict(parts["Validation"]))
    last = epoch_limit(len(epochs), planned, finished=finished)
    return curve_axes(measure, task, last=last, empty=not epochs) | {"series": series}


def curve_axes(measure: Measure, task: Task, *, last: int, empty: bool) -> dict[str, Any]:
    """Return all of a chart of a measure against the epoch but its lines.

    Args:
        measure: What is drawn.
        task: Names the loss.
        last: Last epoch on the axis.
        empty: Whether there is no line, so that the axis must be told its limits.
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
            "min": 1,
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
