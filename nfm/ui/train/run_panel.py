"""A run as one looks at it: progress, live curves, and how it ended."""

from __future__ import annotations

import time
from contextlib import suppress

import streamlit as st

from nfm.errors import JobError, NFMError
from nfm.jobs.runs import LiveRun
from nfm.settings import Task
from nfm.store.records import Dataset, Run
from nfm.text import counted
from nfm.ui import texts
from nfm.ui.components import leaks
from nfm.ui.components.announcement import announce
from nfm.ui.escaping import inline, literal
from nfm.ui.navigation import go_to
from nfm.ui.state import current_model, services, workspace
from nfm.ui.train import curve_charts, curve_view, run_controls
from nfm.ui.train.baseline import baseline
from nfm.ui.train.spoken_progress import Spoken, next_sentence

POLL_SECONDS = 0.3
WARMING_SECONDS = 1.0
_SPOKEN = "run_panel.spoken"


def show(opened: Dataset, run: Run | None, task: Task, *, ready: bool) -> None:
    """Draw controls, progress, curves and result; while the run is active they follow it.

    Args:
        opened: The table to train on.
        run: The one that is looked at; None draws empty curves.
        task: That of the open table, for the empty curves.
        ready: Whether target, features and settings allow a training.
    """
    if run is not None and run.status != "opened" and run.dataset_id != opened.id:
        st.info(
            f"Below is {literal(run.name)}, which learned from {literal(_table_of(run))}. Train to "
            f"learn from {literal(opened.name)}.",
            icon=":material/table_view:",
        )
    active = run is not None and workspace.live(run).active
    engine = services.engine()
    seconds = (
        poll_seconds(engine.active_count) if active else None if engine.ready else WARMING_SECONDS
    )
    # One fragment at the top level of the page: a timer within another one is lost.
    panel = st.fragment(_panel, run_every=seconds)
    panel(opened, run, task, active=active, ready=ready, followed=seconds is not None)


def _table_of(run: Run) -> str:
    try:
        return workspace.run_dataset(run).name
    except JobError:
        return "a table that was deleted"


def poll_seconds(busy: int) -> float:
    """Return how often a panel looks at its run, in seconds: less often where many do.

    Args:
        busy: Number of runs that wait or train. Each panel keeps a tenth of a core busy at the
            shortest time; a class of thirty must leave the server time for clicks.
    """
    return POLL_SECONDS * max(1.0, busy / 2)


def _panel(
    opened: Dataset, run: Run | None, task: Task, *, active: bool, ready: bool, followed: bool
) -> None:
    """Draw the panel.

    Args:
        opened: The table to train on.
        run: The one that is looked at.
        task: That of the open table.
        active: Whether the run waited or trained when the page was drawn.
        ready: Whether target, features and settings allow a training.
        followed: Whether the panel is drawn again and again.
    """
    engine = services.engine()
    if not active and followed and engine.ready:
        st.rerun()
    live = None if run is None else workspace.live(run)
    _announce(run, live)
    run_controls.show_buttons(opened, run, live, ready=ready)
    if run is not None and live is not None:
        task = run.schema.task or task
        if active and not live.active:
            # Once more the whole page: what was made of the run's result is new.
            st.rerun()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="run_pace"):
        run_controls.show_pace(run, live)
        score, view = curve_view.choose(task)
    # In a container, so that the charts keep their place, and with it their node.
    with st.container():
        if run is not None and live is not None:
            _show_state(run, live)
        else:
            st.markdown("Press Train: the curves grow here, epoch by epoch.")
        if not active and not engine.ready:
            reason = "The workers are warming up: a training starts as soon as they are ready."
            st.caption(literal(engine.reason) if engine.reason else reason)
    unit = opened.schema.unit if run is None else run.schema.unit
    curve_charts.show(run, live, task, score, view, unit)
    if run is not None and live is not None and not live.active:
        _show_result(run, live)


def _announce(run: Run | None, live: LiveRun | None) -> None:
    """Have a screen reader say the news of the run."""
    if run is None or live is None:
        announce("")
        return
    before: Spoken | None = st.session_state.get(_SPOKEN)
    ready = services.engine().ready
    spoken = next_sentence(live, run.settings, before, time.monotonic(), ready=ready)
    st.session_state[_SPOKEN] = spoken
    announce(spoken.text)


def _show_state(run: Run, live: LiveRun) -> None:
    """Draw the bar and where the run stands."""
    if live.status == "queued":
        engine = services.engine()
        text = texts.waiting(ready=engine.ready, queue_position=live.queue_position)
        if engine.reason:
            text = literal(engine.reason)
        st.progress(0.0, text)
    elif live.status == "running":
        share, text = texts.progress(live.epochs, run.settings, live.commands.epochs_per_second)
        st.progress(share, texts.halt(live, run.settings) or text)
        if live.reason:
            st.caption(literal(live.reason))
        _show_counters(run, live)
    else:
        reason = None if live.reason is None else literal(live.reason)
        notice = texts.outcome(
            live.status, reason, live.epochs, run.settings, has_model=run.has_model
        )
        icons = {"success": ":material/check_circle:", "warning": ":material/stop_circle:"}
        box = {"success": st.success, "warning": st.warning, "error": st.error}[notice.tone]
        box(notice.text, icon=icons.get(notice.tone, ":material/error:"))


def _show_counters(run: Run, live: LiveRun) -> None:
    """Draw the big numbers of a training that runs."""
    counters = texts.counters(live.epochs, run.settings)
    with st.grid(len(counters), min_column_width=120):
        for name, value in counters:
            st.metric(name, value, border=True)


def _show_result(run: Run, live: LiveRun) -> None:
    """Draw the figures of the test rows beside what knowing nothing would give."""
    frame = None
    try:
        frame = workspace.run_frame(run)
    except NFMError:
        if run.status != "opened":
            st.caption(
                "The table that this run learned from was deleted: the run cannot go on, and its "
                "model cannot be evaluated on its test rows any more. It answers as before."
            )
    if live.test_metrics is not None:
        guess = None
        with suppress(NFMError):  # Without its table the run's own figures stay.
            guess = None if frame is None else baseline(frame, run.schema, run.split)
        rows = "" if guess is None else f" on {counted(guess.test_rows, 'test row')}"
        sentence = "" if guess is None else f" {literal(guess.sentence)}"
        st.markdown(f"**Result{rows}** that the model has not seen.{sentence}")
        figures = texts.result_figures(
            live.test_metrics,
            accuracy=None if guess is None else guess.accuracy,
            mae=None if guess is None else guess.mae,
            unit=run.schema.unit,
        )
        with st.grid(len(figures), min_column_width=140):
            for figure in figures:
                st.metric(
                    figure.name,
                    inline(figure.value),
                    delta=None if figure.gain is None else inline(figure.gain),
                    **texts.delta_look(figure.gain, lower_is_better=figure.lower_is_better),
                    help=figure.explanation,
                    border=True,
                    height="stretch",
                )
        model = current_model.current()
        if model is not None and model.run_id == run.id:
            leaks.show_perfection(model)
    if run.has_model:
        st.button(
            "Next: ask the model",
            type="primary",
            icon=":material/arrow_forward:",
            icon_position="right",
            key="to_predict",
            on_click=go_to,
            args=("predict",),
        )
