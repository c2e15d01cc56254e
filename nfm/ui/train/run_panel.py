"""The panel of the current run: controls, progress, live curves and result."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

from nfm.errors import JobError, NFMError
from nfm.jobs.runs import LiveRun
from nfm.settings import Settings, Task
from nfm.store.records import Dataset, Run
from nfm.text import counted, full_stop
from nfm.ui import texts
from nfm.ui.components import column_warnings
from nfm.ui.components.announcement import announce
from nfm.ui.escaping import inline, literal
from nfm.ui.navigation import go_to
from nfm.ui.state import current_model, services, workspace_runs
from nfm.ui.train import curve_view, lamp_view, run_controls
from nfm.ui.train.baseline import baseline

SECONDS_BETWEEN_ANNOUNCEMENTS = 10.0
_ANNOUNCED = "run_panel.announced"


@dataclass(frozen=True)
class Announcement:
    """A sentence about a run for screen readers.

    Attributes:
        text: Plain text; empty for nothing to say.
        state: What the run was doing; a new state is announced at once.
        time: When it was announced, in seconds of any clock.
    """

    text: str
    state: str
    time: float


def show(dataset: Dataset, run: Run | None, task: Task, *, ready: bool) -> None:
    """Draw controls, progress, curves and result, and refresh them while the run is active.

    Args:
        dataset: The table to train on.
        run: The current run; None draws empty curves.
        task: Task of the open table, for empty curves.
        ready: Whether target, features and settings are complete and valid.
    """
    if run is not None and run.status != "opened" and run.dataset_id != dataset.id:
        st.info(
            f"{literal(run.name)} below was trained on {literal(_table_of(run))}. Train again to "
            f"use {literal(dataset.name)}.",
            icon=":material/table_view:",
        )
    phase = _phase(None if run is None else workspace_runs.live(run))
    # A fragment at the top level of the page: the timer of a nested fragment is lost.
    panel = st.fragment(_panel, run_every=workspace_runs.refresh_seconds(phase))
    panel(dataset, run, task, phase, ready=ready)


def _phase(live: LiveRun | None) -> workspace_runs.Phase:
    """Return the phase of the run; without an active one, workers that warm up are waited for."""
    phase = workspace_runs.phase_of(live)
    return "waiting" if phase == "ended" and not services.engine().ready else phase


def _table_of(run: Run) -> str:
    try:
        return workspace_runs.dataset_of(run).name
    except JobError:
        return "a table that was deleted"


def _panel(
    dataset: Dataset,
    run: Run | None,
    task: Task,
    phase: workspace_runs.Phase,
    *,
    ready: bool,
) -> None:
    """Draw the panel.

    Args:
        dataset: The table to train on.
        run: The current run, if there is one.
        task: Task of the open table.
        phase: Phase of the run when the page was drawn.
        ready: Whether target, features and settings are complete and valid.
    """
    engine = services.engine()
    live = None if run is None else workspace_runs.live(run)
    _announce(run, live)
    run_controls.show_buttons(dataset, run, live, ready=ready)
    if run is not None and live is not None:
        task = run.schema.task or task
    if _phase(live) != phase:
        # Draw the whole page again, with another timer: the other sections show the run too.
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="run_pace"):
        run_controls.show_pace(run, live)
        score, view = curve_view.choose(task)
    # In a container, so that the charts keep their position and their element in the browser.
    with st.container():
        if run is not None and live is not None:
            _show_state(run, live)
        else:
            st.markdown("Press Train to start. The curves appear here, epoch by epoch.")
        if not engine.ready and (live is None or not live.active):
            reason = "The workers are warming up. Training starts as soon as they are ready."
            st.caption(literal(engine.reason) if engine.reason else reason)
    unit = dataset.schema.unit if run is None else run.schema.unit
    lamp = lamp_view.table_of(dataset, run)
    if lamp is not None:
        lamp_view.show(lamp, run, live)
    ceiling = None if lamp is None else lamp.best_accuracy
    curve_view.show(run, live, task, score, view, unit, ceiling=ceiling)
    if run is not None and live is not None and not live.active:
        _show_result(run, live)


def _announce(run: Run | None, live: LiveRun | None) -> None:
    """Announce the progress of the run to screen readers."""
    if run is None or live is None:
        announce("")
        return
    before: Announcement | None = st.session_state.get(_ANNOUNCED)
    ready = services.engine().ready
    announcement = next_announcement(live, run.settings, before, time.monotonic(), ready=ready)
    st.session_state[_ANNOUNCED] = announcement
    announce(announcement.text)


def next_announcement(
    live: LiveRun, settings: Settings, before: Announcement | None, now: float, *, ready: bool
) -> Announcement:
    """Return what to announce now: the previous sentence unless there is news.

    A new state is news, and so is progress after `SECONDS_BETWEEN_ANNOUNCEMENTS`.

    Args:
        live: State of the run.
        settings: Settings of the run.
        before: What was announced last; None at first.
        now: The present time, in seconds of the same clock.
        ready: Whether a worker is ready.

    Returns:
        `before`, or a new announcement.
    """
    interrupted = texts.pause_or_stop(live, settings) if live.status == "running" else None
    state = (
        f"{live.id} {live.status} {interrupted} {live.status == 'queued' and live.queue_position}"
    )
    if before is not None and before.state == state:
        progresses = live.status == "running" and interrupted is None
        if not progresses or now - before.time < SECONDS_BETWEEN_ANNOUNCEMENTS:
            return before
    return Announcement(_announcement_text(live, settings, interrupted, ready=ready), state, now)


def _announcement_text(
    live: LiveRun, settings: Settings, interrupted: str | None, *, ready: bool
) -> str:
    if live.status == "queued":
        return texts.queue_status(ready=ready, queue_position=live.queue_position)
    if live.status == "running":
        speed = live.commands.epochs_per_second
        # Screen readers do not speak an ellipsis, and no full stop may follow it.
        progress = (
            interrupted.removesuffix(" …")
            if interrupted
            else texts.progress(live.epochs, settings, speed)[1].replace(" · ", ", ")
        )
        scores = [
            f"{name.lower()} {value}"
            for name, value in texts.counters(live.epochs)
            if name.startswith(("Validation", "Training")) and value != "–"
        ]
        return full_stop("; ".join([progress, *scores]))
    if live.test_metrics is None:
        return ""  # the page draws an alert that says how the run ended
    metric = texts.result_metrics(live.test_metrics)[0]
    return f"{metric.name} on the test rows: {metric.value}."


def _show_state(run: Run, live: LiveRun) -> None:
    """Draw the progress bar of an active run, or how the run ended."""
    if live.status == "queued":
        engine = services.engine()
        text = texts.queue_status(ready=engine.ready, queue_position=live.queue_position)
        if engine.reason:
            text = literal(engine.reason)
        st.progress(0.0, text)
    elif live.status == "running":
        share, text = texts.progress(live.epochs, run.settings, live.commands.epochs_per_second)
        st.progress(share, texts.pause_or_stop(live, run.settings) or text)
        if live.reason:
            st.caption(literal(live.reason))
        _show_counters(live)
    else:
        reason = None if live.reason is None else literal(live.reason)
        notice = texts.outcome(
            live.status,
            reason,
            live.epochs,
            run.settings,
            has_model=run.has_model or live.has_model,
        )
        icons = {"success": ":material/check_circle:", "warning": ":material/stop_circle:"}
        box = {"success": st.success, "warning": st.warning, "error": st.error}[notice.tone]
        box(notice.text, icon=icons.get(notice.tone, ":material/error:"))
        if not live.stored:
            st.info(
                "The database is not responding. The result of this run is kept, and saved as soon "
                "as the database responds. Until then, the run cannot predict or be continued.",
                icon=":material/hourglass_top:",
            )


def _show_counters(live: LiveRun) -> None:
    """Draw the epoch, the validation score and the speed of an active run."""
    counters = texts.counters(live.epochs)
    with st.grid(len(counters), min_column_width=120):
        for name, value in counters:
            st.metric(name, value, border=True)


def _show_result(run: Run, live: LiveRun) -> None:
    """Draw the metrics of the test rows, compared with those of the baseline."""
    frame = None
    try:
        frame = workspace_runs.frame_of(run)
    except NFMError:
        if run.status != "opened":
            st.caption(
                "The table that this run was trained on was deleted. The run cannot be continued, "
                "and its model cannot be evaluated on its test rows. It can still predict."
            )
    if live.test_metrics is not None:
        guess = None
        with suppress(NFMError):  # Without its table the metrics of the run are still shown.
            guess = None if frame is None else baseline(frame, run.schema, run.split)
        rows = "" if guess is None else f" on {counted(guess.test_rows, 'test row')}"
        sentence = "" if guess is None else f" {literal(guess.sentence)}"
        st.markdown(f"**Result{rows}** that the model has not seen.{sentence}")
        shown = texts.result_metrics(
            live.test_metrics,
            accuracy=None if guess is None else guess.accuracy,
            mae=None if guess is None else guess.mae,
            unit=run.schema.unit,
            regression_loss=run.settings.regression_loss,
        )
        with st.grid(len(shown), min_column_width=140):
            for metric in shown:
                st.metric(
                    metric.name,
                    inline(metric.value),
                    delta=None if metric.gain is None else inline(metric.gain),
                    **texts.delta_look(metric.gain, lower_is_better=metric.lower_is_better),
                    help=metric.explanation,
                    border=True,
                    height="stretch",
                )
        model = current_model.current()
        if model is not None and model.run_id == run.id:
            column_warnings.show_perfect_score(model)
            column_warnings.show_memorised(model)
    # The store may have got the model after the page read the run.
    if run.has_model or (live.stored and live.has_model):
        st.button(
            "Next: make a prediction",
            type="primary",
            icon=":material/arrow_forward:",
            icon_position="right",
            key="to_predict",
            on_click=go_to,
            args=("predict",),
        )
