"""The visitor's own training on the start page: one button, live."""

from __future__ import annotations

import streamlit as st

from nfm.errors import JobError
from nfm.figures.learning_curve_data import describe_curves, measure_title
from nfm.figures.learning_curve_image import learning_curve_image
from nfm.figures.live_learning_curve import learning_curve
from nfm.inference.bundle import Bundle
from nfm.jobs.runs import LiveRun
from nfm.settings import Settings
from nfm.store.records import Run
from nfm.tabular.infer_schema import infer_schema
from nfm.tabular.samples import SAMPLES
from nfm.tabular.splitting import SplitOptions
from nfm.text import counted
from nfm.ui import present, texts
from nfm.ui.components import problems
from nfm.ui.components.figure_view import show_live_chart, show_picture
from nfm.ui.escaping import literal
from nfm.ui.start.stored_training import SAMPLE, StoredTraining
from nfm.ui.state import current_model, services, workspace, workspace_runs

_RUN = "start.run"  # the preference that holds its id
_SECTION = "start_training"
_STARTED = "start.started"
_HEIGHT = 270
_READING = "The lower the line, the better the predictions, epoch by epoch."


def own_run() -> Run | None:
    """Return the run that the visitor started last on this page; None if there is none."""
    run_id = services.store().get_preference(services.workspace(), _RUN)
    if run_id is None:
        return None
    try:
        return workspace_runs.find(run_id)
    except JobError:  # it was deleted
        return None


def own_model(run: Run | None) -> Bundle | None:
    """Return the model of the visitor's run; None before there is one."""
    return current_model.bundle_of(run) if run is not None and run.has_model else None


def was_started() -> bool:
    """Say, once, whether the button was pressed since the page was drawn."""
    return bool(st.session_state.pop(_STARTED, False))


def show(run: Run | None, live: LiveRun | None, stored: StoredTraining) -> None:
    """Draw the button, the progress of the training and its curve.

    Args:
        run: The visitor's run; None draws the stored training.
        live: Its state.
        stored: The training to show before the visitor's own.
    """
    active = live is not None and live.active
    title = measure_title("loss", "binary")
    # Above the text and the curve, whose heights change: it stays where it is, and on the screen.
    st.button(
        "Training …" if active else "Train" if live is None else "Train again",
        type="primary",
        icon=":material/play_arrow:",
        key="start_train",
        on_click=_train,
        disabled=active,
        shortcut=present.shortcut("train"),
        width="stretch",
    )
    problems.show(_SECTION, stays=True)
    if run is None or live is None:
        history = stored.bundle.history
        st.markdown(f"**Training**, stored: {counted(len(history), 'epoch')} on the Titanic data")
        # The stylesheet plays it once, except for people who prefer reduced motion.
        with st.container(key="start_replay"):
            show_picture(
                learning_curve_image(history, dark=st.context.theme.type == "dark"),
                alt=describe_curves(history, "loss", title),
                reading=_READING,
            )
    else:
        st.markdown(_progress(run, live))
        curve = learning_curve(
            live.epochs,
            "loss",
            title,
            planned=run.settings.epochs,
            finished=not active and bool(live.epochs),
        )
        show_live_chart(
            curve,
            key="start_curve",
            height=_HEIGHT,
            alt=describe_curves(() if active else live.epochs, "loss", title),
            reading=_READING,
        )


def _progress(run: Run, live: LiveRun) -> str:
    """Say where the visitor's training stands (Markdown)."""
    if live.status == "queued":
        engine = services.engine()
        if engine.reason:
            return literal(engine.reason)
        return texts.queue_status(ready=engine.ready, queue_position=live.queue_position)
    if live.status == "running":
        return f"**Training**: epoch {len(live.epochs)}" if live.epochs else "**Training** begins"
    reason = None if live.reason is None else literal(live.reason)
    return texts.outcome(
        live.status, reason, live.epochs, run.settings, has_model=run.has_model
    ).text


def _train() -> None:
    """Train on the sample with its default columns, whatever else the visitor has open."""
    problems.forget(_SECTION)
    store, owner, sample = services.store(), services.workspace(), SAMPLES[SAMPLE]
    with problems.catch(_SECTION):
        table = workspace.keep_sample(SAMPLE)
        schema = infer_schema(workspace.frame(table), sample.target, sample.task)
        schema = schema.with_dictionary(table.schema.dictionary)
        run = store.add_run(owner, table.id, Settings(), schema=schema, split=SplitOptions())
        # First of all: a run that is stored but not submitted would wait forever.
        services.engine().submit(run)
        store.set_preference(owner, _RUN, run.id)
        if workspace_runs.current() is None:
            workspace_runs.make_current(run)
        st.session_state[_STARTED] = True
