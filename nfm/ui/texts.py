"""What the pages say: a run's state, its result and its numbers in plain sentences."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nfm.epoch import Epoch, Metrics
from nfm.figures.number_format import MINUS, fixed, number, signed
from nfm.jobs.runs import LiveRun
from nfm.settings import Settings, Task
from nfm.text import counted

Tone = Literal["info", "success", "warning", "error"]
ACTIVE = frozenset({"queued", "running"})
# The time left is estimated from so many epochs: at least three, or fewer that took 10 seconds.
_TIMED_EPOCHS = 10
_FEWEST_SPANS = 3
_LONG_ENOUGH = 10.0

TASK_NAMES: dict[Task, str] = {
    "binary": "Two classes",
    "multiclass": "Several classes",
    "regression": "A number",
}
PRESET_NAMES = {
    "recommended": "Recommended",
    "article": "Article",
    "paper": "Paper",
    "custom": "Custom",
}


@dataclass(frozen=True)
class Notice:
    """One message: how it is meant, and what it says (Markdown)."""

    tone: Tone
    text: str


def short_number(value: float) -> str:
    """Write a cell or a setting with about four significant digits and no needless zeros.

    What a model measures or predicts is written by `nfm.figures.number_format`.
    """
    if value != value:  # NaN
        return "missing"
    if abs(value) >= 9999.5:
        return f"{value:,.0f}".replace("-", MINUS)
    text = f"{abs(value):.4g}"  # 1e-05 is how settings are typed
    return f"{MINUS}{text}" if value < 0 else text


def delta_look(change: str | None, *, lower_is_better: bool = False) -> dict[str, Any]:
    """Return how `st.metric` draws a change; it knows no true minus sign, and takes it for a rise.

    Args:
        change: As text, with its sign first.
        lower_is_better: Which way is up.

    Returns:
        Arguments: grey without an arrow where nothing changed.
    """
    if change is None or not any(digit in change.split()[0] for digit in "123456789"):
        return {"delta_color": "off", "delta_arrow": "off"}
    falls = change.startswith(MINUS)
    return {
        "delta_color": "green" if falls == lower_is_better else "red",
        "delta_arrow": "down" if falls else "up",
    }


def duration(seconds: float) -> str:
    """Write a span of time the way a person says it: "4 s", "3 min", "2 h 5 min"."""
    seconds = max(0, round(seconds))
    if seconds < 90:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    if minutes < 90:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60} min"
    hours = round(minutes / 60)
    return f"{hours // 24} days {hours % 24} h"


def best_epoch(epochs: Sequence[Epoch]) -> int | None:
    """Return the epoch of the lowest validation loss; None without validation rows."""
    return max((epoch.number for epoch in epochs if epoch.best), default=None)


def speed_name(epochs_per_second: float) -> str:
    """Name a speed: "2 epochs/s", "Full speed"."""
    if math.isinf(epochs_per_second):
        return "Full speed"
    return f"{epochs_per_second:g} {'epoch' if epochs_per_second <= 1 else 'epochs'}/s"


def seconds_left(
    epochs: Sequence[Epoch], planned: int, epochs_per_second: float = math.inf
) -> float | None:
    """Estimate how long a training will still take: for each epoch as long as for the last few.

    Args:
        epochs: At least one.
        planned: How many there will be at most.
        epochs_per_second: The most that it may train.

    Returns:
        None while the epochs are too few to tell. The first one is never counted: TensorFlow
        compiles the network in it.
    """
    ends = [epoch.seconds for epoch in epochs][-_TIMED_EPOCHS - 1 :]
    spans = [after - before for before, after in itertools.pairwise(ends)]
    if len(spans) < _FEWEST_SPANS and sum(spans) < _LONG_ENOUGH:
        return None
    # The median: a pause counts as one long epoch.
    each = max(statistics.median(spans), 1 / epochs_per_second)
    return (planned - epochs[-1].number) * each


def progress(
    epochs: Sequence[Epoch], settings: Settings, epochs_per_second: float = math.inf
) -> tuple[float, str]:
    """Say how far a running training is.

    Args:
        epochs: Those trained so far.
        settings: Of the run.
        epochs_per_second: The most that it may train.

    Returns:
        Share done, 0..1, and a text such as "Epoch 12 of 30 · about 3 s left".
    """
    if not epochs:
        return 0.0, f"Epoch 0 of {settings.epochs:,} · starting"
    last = epochs[-1]
    left = seconds_left(epochs, settings.epochs, epochs_per_second)
    text = f"Epoch {last.number:,} of {settings.epochs:,}"
    if left:
        text += f" · about {duration(left)} left" if left >= 1 else " · less than 1 s left"
    return min(1.0, last.number / settings.epochs), text


def counters(epochs: Sequence[Epoch], settings: Settings) -> list[tuple[str, str]]:
    """Return name and value of the big numbers of a running training.

    Args:
        epochs: Those trained so far.
        settings: Of the run.
    """
    best = best_epoch(epochs)
    shown = [
        ("Epoch", f"{len(epochs):,}"),
        ("Best epoch", "–" if best is None else f"{best:,}"),
    ]
    last = epochs[-1] if epochs else None
    metrics = None if last is None else last.validation or last.train
    part = "Validation" if last is None or last.validation else "Training"
    if metrics is None or metrics.accuracy is not None:
        value = "–" if metrics is None else f"{100 * (metrics.accuracy or 0):.1f} %"
        shown.append((f"{part} accuracy", value))
    elif metrics.r2 is not None:
        shown.append((f"{part} R²", fixed(metrics.r2, 3)))
    rate = "–" if last is None else f"{last.rows_per_second:,.0f}"
    return [*shown, ("Rows/s", rate)]


def activity(live: LiveRun) -> str:
    """Say in a word or two what a run does that has not ended: "Paused", "Training …"."""
    if live.stopping:
        return "Stopping …"
    if live.status == "queued":
        return "Waiting …"
    if live.pausing and live.commands.pauses_at(len(live.epochs)):
        return "Paused" if live.paused else "Pausing …"
    return "Training …"


def halt(live: LiveRun, settings: Settings) -> str | None:
    """Say that a running training pauses or stops; None if it does neither."""
    done = len(live.epochs)
    if live.stopping:
        return "Stopping …"
    if live.paused and live.commands.pauses_at(done):
        return f"Paused after epoch {done:,} of {settings.epochs:,}"
    if live.pausing:
        wanted = live.commands.pause_after or 0
        return "Pausing …" if wanted <= done else f"Training epoch {done + 1:,}, then a pause …"
    return None


def waiting(*, ready: bool, queue_position: int | None) -> str:
    """Say why a queued training has not started yet.

    Args:
        ready: Whether a worker is warm.
        queue_position: 1 for the next one to start.
    """
    if not ready:
        return "The workers are warming up. Your training starts by itself in a few seconds."
    if queue_position is not None and queue_position > 1:
        return f"Waiting: {counted(queue_position - 1, 'training')} ahead of yours."
    return "Starting …"


def outcome(
    status: str,
    reason: str | None,
    epochs: Sequence[Epoch],
    settings: Settings,
    *,
    has_model: bool = False,
) -> Notice:
    """Say how a training ended and which weights are kept.

    Args:
        status: One of the store's end states.
        reason: What the worker said about it, if anything; already safe for Markdown.
        epochs: All that were trained.
        settings: Of the run.
        has_model: Whether it has one, if only from before it went on.
    """
    count = counted(len(epochs), "epoch")
    best = best_epoch(epochs)
    kept = ""
    if epochs and best is not None and settings.early_stopping:
        kept = f" The model is that of epoch {best}, the best on the validation rows."
    elif epochs:
        kept = f" The model is that of epoch {epochs[-1].number}, the last."
    because = f" {reason}" if reason else ""
    before = " The previous model was kept." if has_model else ""
    match status:
        case "completed":
            return Notice("success", f"**Completed** after {count}.{kept}{because}")
        case "early_stopped":
            return Notice(
                "success",
                f"**Stopped early**, after {count}: the validation loss had not fallen for "
                f"{counted(settings.patience, 'epoch')}.{kept}{because}",
            )
        case "stopped":
            if not epochs:
                return Notice("warning", "**Stopped** before the first epoch: there is no model.")
            return Notice("warning", f"**Stopped** by you after {count}.{kept}{because}")
        case "cancelled":
            left = "the previous model was kept" if has_model else "there is no model"
            return Notice("warning", f"**Cancelled** while it waited: {left}.")
        case "diverged":
            return Notice("error", f"**Diverged** after {count}.{because}{before}")
        case "opened":
            trained = f" It was trained elsewhere, for {count}." if epochs else ""
            return Notice("success", f"**Opened** from a file.{trained}")
        case "interrupted":
            return Notice(
                "error",
                f"**Interrupted** after {count}.{because or ' Train again.'}{before}",
            )
        case _:
            return Notice("error", f"**Failed** after {count}.{because}{before}")


@dataclass(frozen=True)
class Figure:
    """One number of a result.

    Attributes:
        name: What it is.
        value: As text.
        explanation: One sentence.
        gain: Difference to the baseline as text; None where there is none.
        lower_is_better: Which way is up.
    """

    name: str
    value: str
    explanation: str
    gain: str | None = None
    lower_is_better: bool = False


def result_figures(
    metrics: Metrics, *, accuracy: float | None = None, mae: float | None = None, unit: str = ""
) -> list[Figure]:
    """Lay a run's test metrics out, the most telling first.

    Args:
        metrics: Of the test rows.
        accuracy: Share of correct answers without a model.
        mae: Mean absolute error without a model.
        unit: Of the target, as people wrote it, if it has one.

    Returns:
        Every figure that the task has.
    """
    figures = []
    if metrics.accuracy is not None:
        gain = None
        if accuracy is not None:
            gain = f"{fixed(100 * (metrics.accuracy - accuracy), 1, plus=True)} points"
        figures.append(
            Figure(
                "Accuracy",
                f"{100 * metrics.accuracy:.1f} %",
                "Share of correct predictions; below it the gain over the most frequent class.",
                gain,
            )
        )
    if metrics.auc is not None:
        figures.append(
            Figure(
                "AUC",
                f"{metrics.auc:.3f}",
                "Chance that a row of the class gets a higher probability than another row: "
                "1 is perfect, 0.5 is guessing.",
            )
        )
    if metrics.mae is not None:
        gain = None if mae is None else signed(metrics.mae - mae, unit)
        figures.append(
            Figure(
                "Mean error",
                number(metrics.mae, unit),
                "Mean absolute error, in the target's unit; below it the gain over the mean.",
                gain,
                lower_is_better=True,
            )
        )
    if metrics.r2 is not None:
        figures.append(
            Figure(
                "R²",
                fixed(metrics.r2, 3),
                "1 is perfect, 0 is as good as always predicting the mean.",
            )
        )
    name = "Squared error (standardised)" if metrics.r2 is not None else "Log loss"
    figures.append(
        Figure(
            name,
            fixed(metrics.loss, 3),
            "The loss that training minimises: lower is better."
            + (" In squared standard deviations of the target." if metrics.r2 is not None else ""),
        )
    )
    return figures
