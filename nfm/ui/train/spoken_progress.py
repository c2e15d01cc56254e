"""What a screen reader says of a run: each change of its state, and now and then how far it is."""

from __future__ import annotations

from dataclasses import dataclass

from nfm.jobs.runs import LiveRun
from nfm.settings import Settings
from nfm.text import full_stop
from nfm.ui import texts

SECONDS_BETWEEN = 10.0


@dataclass(frozen=True)
class Spoken:
    """A sentence about a run.

    Attributes:
        text: Plain text.
        state: What the run was doing: a new state is said at once.
        time: When it was said, in seconds of any clock.
    """

    text: str
    state: str
    time: float


def next_sentence(
    live: LiveRun, settings: Settings, before: Spoken | None, time: float, *, ready: bool
) -> Spoken:
    """Return what is to be said now: the sentence from before unless there is news.

    Args:
        live: How the run stands.
        settings: Of the run.
        before: What was said of this run last; None at first.
        time: Now, in seconds of the same clock.
        ready: Whether a worker is warm.
    """
    halt = texts.halt(live, settings) if live.status == "running" else None
    state = f"{live.id} {live.status} {halt} {live.status == 'queued' and live.queue_position}"
    if before is not None and before.state == state:
        progresses = live.status == "running" and halt is None
        if not progresses or time - before.time < SECONDS_BETWEEN:
            return before
    return Spoken(_sentence(live, settings, halt, ready=ready), state, time)


def _sentence(live: LiveRun, settings: Settings, halt: str | None, *, ready: bool) -> str:
    if live.status == "queued":
        return texts.waiting(ready=ready, queue_position=live.queue_position)
    if live.status == "running":
        speed = live.commands.epochs_per_second
        # An ellipsis says nothing by ear, and no full stop may follow it.
        progress = (
            halt.removesuffix(" …")
            if halt
            else texts.progress(live.epochs, settings, speed)[1].replace(" · ", ", ")
        )
        scores = [
            f"{name.lower()} {value}"
            for name, value in texts.counters(live.epochs, settings)
            if name.startswith(("Validation", "Training")) and value != "–"
        ]
        return full_stop("; ".join([progress, *scores]))
    if live.test_metrics is None:
        return ""  # How a run ended is an alert of the page already.
    figure = texts.result_figures(live.test_metrics)[0]
    return f"{figure.name} on the test rows: {figure.value}."
