"""Sentences and numbers of the pages: the state of a run, its progress and its result."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nfm.column_formats.column_format import DecimalMark
from nfm.epoch import Epoch, Metrics, best_epoch
from nfm.figures.learning_curve_data import measure_title
from nfm.figures.number_format import MINUS, fixed, number, signed
from nfm.jobs.runs import LiveRun
from nfm.metrics import HUBER_DELTA
from nfm.settings import RegressionLoss, Settings, Task
from nfm.text import counted

Tone = Literal["info", "success", "warning", "error"]
# Epochs from which the time left is estimated: at least three, or fewer that took 10 seconds.
_TIMED_EPOCHS = 10
_FEWEST_SPANS = 3
_LONG_ENOUGH = 10.0

TASK_NAMES: dict[Task, str] = {
    "binary": "Binary classification",
    "multiclass": "Multiclass classification",
    "regression": "Regression",
}
DECIMAL_NAMES: dict[DecimalMark, str] = {".": "point: 3.5", ",": "comma: 3,5"}
PRESET_NAMES = {
    "recommended": "Recommended",
    "ensemble": "Ensemble",
    "article": "Article",
    "paper": "Paper",
    "custom": "Custom",
}


@dataclass(frozen=True)
class Notice:
    """One message: its tone, and its text (Markdown)."""

    tone: Tone
    text: str


def short_number(value: float) -> str:
    """Return a cell or a setting with about four significant digits and no trailing zeros.

    Metrics and predictions are formatted by `nfm.figures.number_format`.

    Args:
        value: The number; NaN becomes "missing".
    """
    if value != value:  # NaN
        return "missing"
    if abs(value) >= 9999.5:
        return f"{value:,.0f}".replace("-", MINUS)
    text = f"{abs(value):.4g}"  # 1e-05 is how settings are typed
    return f"{MINUS}{text}" if value < 0 else text


def delta_look(change: str | None, *, lower_is_better: bool = False) -> dict[str, Any]:
    """Return the colour and the arrow of a change for `st.metric`.

    By itself, `st.metric` would take a change with a true minus sign for a rise.

    Args:
        change: The change as text, with its sign first; None if there is none.
        lower_is_better: Whether a fall is good.

    Returns:
        Arguments of `st.metric`: grey without an arrow if nothing changed.
    """
    if change is None or not any(digit in change.split()[0] for digit in "123456789"):
        return {"delta_color": "off", "delta_arrow": "off"}
    falls = change.startswith(MINUS)
    return {
        "delta_color": "green" if falls == lower_is_better else "red",
        "delta_arrow": "down" if falls else "up",
    }


def duration(seconds: float) -> str:
    """Return a span of time as text: "4 s", "3 min", "2 h 5 min"."""
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


def speed_name(epochs_per_second: float) -> str:
    """Return a speed as text: "2 epochs/s", "Full speed".

    Args:
        epochs_per_second: The speed; infinite for full speed.
    """
    if math.isinf(epochs_per_second):
        return "Full speed"
    return f"{epochs_per_second:g} {'epoch' if epochs_per_second <= 1 else 'epochs'}/s"


def seconds_left(
    epochs: Sequence[Epoch], planned: int, epochs_per_second: float = math.inf
) -> float | None:
    """Estimate the remaining time of a run from the duration of its last epochs.

    Args:
        epochs: Those trained already, at least one.
        planned: Maximum number of epochs.
        epochs_per_second: Speed limit of the run.

    Returns:
        Seconds; None while there are too few epochs. The first one never counts, because
        TensorFlow compiles the network during it.
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
    """Return the progress of a running run.

    Args:
        epochs: Those trained already.
        settings: Settings of the run.
        epochs_per_second: Speed limit of the run.

    Returns:
        Share of the epochs that are done, 0 to 1, and a text such as "Epoch 12 of 30 · about
        3 s left".
    """
    if not epochs:
        return 0.0, f"Epoch 0 of {settings.epochs:,} · starting"
    last = epochs[-1]
    left = seconds_left(epochs, settings.epochs, epochs_per_second)
    text = f"Epoch {last.number:,} of {settings.epochs:,}"
    if left:
        text += f" · about {duration(left)} left" if left >= 1 else " · less than 1 s left"
    return min(1.0, last.number / settings.epochs), text


def counters(epochs: Sequence[Epoch]) -> list[tuple[str, str]]:
    """Return the name and the value of the numbers shown while a run trains.

    Args:
        epochs: Those trained already.
    """
    best = best_epoch(epochs)
    shown = [
        ("Epoch", f"{len(epochs):,}"),
        ("Best epoch", "–" if best is None else f"{best.number:,}"),
    ]
    last = epochs[-1] if epochs else None
    metrics = None if last is None else last.validation or last.train
    part = "Validation" if last is None or last.validation else "Training"
    if metrics is None or metrics.accuracy is not None:
        value = "–" if metrics is None else f"{100 * (metrics.accuracy or 0):.1f}%"
        shown.append((f"{part} accuracy", value))
    elif metrics.r2 is not None:
        shown.append((f"{part} R²", fixed(metrics.r2, 3)))
    rate = "–" if last is None else f"{last.rows_per_second:,.0f}"
    return [*shown, ("Rows/s", rate)]


def run_state(live: LiveRun) -> str:
    """Return what an active run does in one or two words: "Paused", "Training …"."""
    if live.stopping:
        return "Stopping …"
    if live.status == "queued":
        return "Waiting …"
    if live.pausing and live.commands.pauses_at(len(live.epochs)):
        return "Paused" if live.paused else "Pausing …"
    return "Training …"


def pause_or_stop(live: LiveRun, settings: Settings) -> str | None:
    """Say that a running run pauses or stops.

    Returns:
        A text such as "Paused after epoch 3 of 30"; None if it neither pauses nor stops.
    """
    done = len(live.epochs)
    if live.stopping:
        return "Stopping …"
    if live.paused and live.commands.pauses_at(done):
        return f"Paused after epoch {done:,} of {settings.epochs:,}"
    if live.pausing:
        wanted = live.commands.pause_after or 0
        return "Pausing …" if wanted <= done else f"Training epoch {done + 1:,}, then pausing …"
    return None


def queue_status(*, ready: bool, queue_position: int | None) -> str:
    """Say why a queued run has not started yet.

    Args:
        ready: Whether a worker is ready.
        queue_position: 1 for the next run to start; None if it is not known.

    Returns:
        One or two sentences of plain text.
    """
    if not ready:
        return "The workers are warming up. Your run starts automatically in a few seconds."
    if queue_position is not None and queue_position > 1:
        return f"Waiting: {counted(queue_position - 1, 'run')} ahead of yours."
    return "Starting …"


def outcome(
    status: str,
    reason: str | None,
    epochs: Sequence[Epoch],
    settings: Settings,
    *,
    has_model: bool = False,
) -> Notice:
    """Say how a run ended and which weights are kept.

    Args:
        status: One of the store's end states.
        reason: The worker's reason, if it gave one (Markdown).
        epochs: All epochs of the run.
        settings: Settings of the run.
        has_model: Whether the run has a model, perhaps from before it was continued.

    Returns:
        The message and its tone.
    """
    count = counted(len(epochs), "epoch")
    best = best_epoch(epochs)
    kept = ""
    fell = "the validation loss had not fallen"
    if epochs and best is not None and settings.early_stopping and settings.member_count > 1:
        kept = (
            f" Each of the {settings.member_count} members is from its own best epoch on the "
            f"validation rows; the last of these is epoch {best.number}."
        )
        fell = "no member's validation loss had fallen"
    elif epochs and best is not None and settings.early_stopping:
        kept = f" The model is from epoch {best.number}, the best on the validation rows."
    elif epochs:
        kept = f" The model is from epoch {epochs[-1].number}, the last."
    because = f" {reason}" if reason else ""
    before = " The previous model was kept." if has_model else ""
    saved = "" if because else " Train again."
    if has_model:
        saved = " Its last saved model was kept."
    match status:
        case "completed":
            return Notice("success", f"**Completed** after {count}.{kept}{because}")
        case "early_stopped":
            return Notice(
                "success",
                f"**Stopped early**, after {count}: {fell} for "
                f"{counted(settings.patience, 'epoch')}.{kept}{because}",
            )
        case "stopped":
            if not epochs:
                return Notice("warning", "**Stopped** before the first epoch: there is no model.")
            return Notice("warning", f"**Stopped** by you after {count}.{kept}{because}")
        case "cancelled":
            left = "the previous model was kept" if has_model else "there is no model"
            return Notice("warning", f"**Cancelled** before it started: {left}.")
        case "diverged":
            return Notice("error", f"**Diverged** after {count}.{because}{before}")
        case "opened":
            trained = f" It was trained elsewhere, for {count}." if epochs else ""
            return Notice("success", f"**Opened** from a file.{trained}")
        case "interrupted":
            return Notice("error", f"**Interrupted** after {count}.{because}{saved}")
        case _:
            return Notice("error", f"**Failed** after {count}.{because}{before}")


@dataclass(frozen=True)
class ResultMetric:
    """One metric of a result.

    Attributes:
        name: Name of the metric.
        value: Its value as text.
        explanation: One or two sentences.
        gain: Difference to the baseline as text; None without a baseline.
        lower_is_better: Whether a lower value is better.
    """

    name: str
    value: str
    explanation: str
    gain: str | None = None
    lower_is_better: bool = False


def result_metrics(
    metrics: Metrics,
    *,
    accuracy: float | None = None,
    mae: float | None = None,
    unit: str = "",
    regression_loss: RegressionLoss = "squared_error",
) -> list[ResultMetric]:
    """Return the test metrics of a run as texts, the most important first.

    Args:
        metrics: Metrics of the test rows.
        accuracy: Accuracy of the baseline, if it is known.
        mae: Mean absolute error of the baseline, if it is known.
        unit: Unit of the target; empty if it has none.
        regression_loss: Loss of a regression, with which the model was trained.

    Returns:
        Every metric of the task.
    """
    found: list[ResultMetric] = []
    if metrics.accuracy is not None:
        gain = None
        if accuracy is not None:
            gain = f"{fixed(100 * (metrics.accuracy - accuracy), 1, plus=True)} points"
        found.append(
            ResultMetric(
                "Accuracy",
                f"{100 * metrics.accuracy:.1f}%",
                "Share of correct predictions. Below: the gain over always predicting the most "
                "frequent class.",
                gain,
            )
        )
    if metrics.auc is not None:
        found.append(
            ResultMetric(
                "AUC",
                f"{metrics.auc:.3f}",
                "Area under the ROC curve: the chance that a row of the class gets a higher "
                "probability than another row. 1 is perfect, 0.5 is guessing.",
            )
        )
    if metrics.mae is not None:
        gain = None if mae is None else signed(metrics.mae - mae, unit)
        found.append(
            ResultMetric(
                "Mean error (MAE)",
                number(metrics.mae, unit),
                "Mean absolute error, in the target's unit. Below: the gain over always predicting "
                "the mean.",
                gain,
                lower_is_better=True,
            )
        )
    if metrics.r2 is not None:
        found.append(
            ResultMetric(
                "R²",
                fixed(metrics.r2, 3),
                "1 is perfect, 0 is as good as always predicting the mean.",
            )
        )
    task: Task = "binary" if metrics.mae is None else "regression"
    explanation = "The loss that training minimises: lower is better."
    if task == "regression":
        explanation += " In squared standard deviations of the target."
        if regression_loss == "huber":
            explanation += f" Beyond {HUBER_DELTA:g} of them, an error counts in proportion."
    name = measure_title("loss", task, regression_loss=regression_loss)
    found.append(ResultMetric(name, fixed(metrics.loss, 3), explanation))
    return found
