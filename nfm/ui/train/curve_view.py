"""The two live charts of a run, its loss and a score, and the options of both."""

from __future__ import annotations

import streamlit as st

from nfm.figures.learning_curve_data import (
    CurveMeasure,
    View,
    describe_curves,
    measure_title,
    scores,
)
from nfm.figures.live_learning_curve import ZOOM, learning_curve
from nfm.jobs.runs import LiveRun
from nfm.settings import Settings, Task
from nfm.store.records import Run
from nfm.ui.components.figure_view import show_live_chart
from nfm.ui.state import widget_keys

_SMOOTHINGS = (0.0, 0.5, 0.7, 0.9)
_ALL, _SPAN = 0, -1
_RANGES = (_ALL, 100, 30, 10, _SPAN)
_RANGE_NAMES = {_ALL: "All", _SPAN: "From, to"}
_HEIGHT = 320
_FORM = "curves"
_PLACES = ("loss", "score")
_READINGS = {
    "loss": "Lower is better. Where the validation line rises while the training line falls, the "
    "model overfits.",
    "score": "The lines compare the rows it learns from (training) with rows it does not "
    "(validation). The mark is the best epoch, whose weights are kept.",
}
_READINGS_OF_MEMBERS = {
    "loss": "Lower is better. The thick lines are those of the members' mean, the thin ones the "
    "validation losses of each member.",
    "score": _READINGS["score"],
}
_READINGS_OF_BEST_MEMBERS = {
    "loss": "Lower is better. The thick lines are those of the members' mean; in validation, each "
    "member is at its best epoch so far. The thin lines are the validation losses of each member "
    "at every epoch.",
    "score": "The lines are those of the members' mean; in validation, each member is at its best "
    "epoch so far. The mark is the last epoch whose weights a member keeps.",
}
_RUN = "curve_charts.run"


def choose(task: Task) -> tuple[CurveMeasure, View]:
    """Draw the options of the charts in a popover.

    Returns:
        The score to draw beside the loss, and the options of both charts.
    """
    options = scores(task)
    with st.popover("Curves", icon=":material/show_chart:"):
        score = st.segmented_control(
            "Score",
            options,
            default=options[0],
            required=True,
            format_func=lambda one: measure_title(one, task),
            key=f"curve_view.score.{options[0]}",
            persist_state="session",
        )
        last = st.segmented_control(
            "Epochs",
            _RANGES,
            default=_ALL,
            required=True,
            format_func=lambda one: _RANGE_NAMES.get(one, f"Last {one}"),
            help="Last 10, 30 or 100: the charts follow the training. From, to: a fixed range.",
            key="curve_view.last",
            persist_state="session",
        )
        span = _choose_span() if last == _SPAN else None
        smoothing = st.select_slider(
            "Smoothing",
            _SMOOTHINGS,
            format_func=lambda one: "None" if not one else f"{one:g}",
            help="Exponential moving average as in TensorBoard: the weight of the epochs before.",
            key="curve_view.smoothing",
            persist_state="session",
        )
        logarithmic = st.toggle(
            "Logarithmic loss axis", key="curve_view.logarithmic", persist_state="session"
        )
    follows = None if last in (_ALL, _SPAN) else last
    return score, View(smoothing, logarithmic, follows, span)


def show(
    run: Run | None,
    live: LiveRun | None,
    task: Task,
    score: CurveMeasure,
    view: View,
    unit: str = "",
    *,
    ceiling: float | None = None,
) -> None:
    """Draw both charts side by side.

    Args:
        run: The current run; None draws empty axes.
        live: State of the run; None if there is no run.
        task: The task, which decides which loss is drawn.
        score: The score that is drawn beside the loss.
        view: Options of both charts.
        unit: Unit of the target; empty if it has none.
        ceiling: Best possible accuracy in 0..1, if it is known.
    """
    _forget_zoom("" if run is None else run.id)
    epochs = () if live is None else live.epochs
    described = epochs if _has_ended(run, live) else ()
    settings = Settings() if run is None else run.settings
    drawn: tuple[CurveMeasure, CurveMeasure] = ("loss", score)
    readings = _READINGS
    if settings.member_count > 1:
        readings = _READINGS_OF_BEST_MEMBERS if settings.early_stopping else _READINGS_OF_MEMBERS
    for place, name, measure in zip(st.columns(2), _PLACES, drawn, strict=True):
        title = measure_title(measure, task, unit, settings.regression_loss)
        curve = learning_curve(
            epochs,
            measure,
            title,
            planned=settings.epochs,
            finished=live is not None and not live.active and bool(epochs),
            view=view,
            ceiling=100 * ceiling if ceiling is not None and measure == "accuracy" else None,
            members=settings.member_count,
        )
        with place.container(key=f"curve_{name}"):
            # The browser keeps its drawing if nothing but the data changes, not even the text
            # alternative. It keeps the zoom if that is a selection.
            show_live_chart(
                curve,
                key=widget_keys.form_key(_FORM, name),
                height=_HEIGHT,
                selection=ZOOM,
                alt=describe_curves(described, measure, title),
                reading=readings[name],
            )
    if epochs:
        st.caption(
            "Zoom with Ctrl and the mouse wheel or by pinching, drag to pan, double-click to reset."
        )


def _choose_span() -> tuple[int, int]:
    """Draw the choice of the first and the last epoch."""
    left, right = st.columns(2)
    first = left.number_input(
        "From epoch", 1, None, 1, key="curve_view.first", persist_state="session"
    )
    last = right.number_input(
        "To epoch", 2, None, 20, key="curve_view.until", persist_state="session"
    )
    return first, last


def _has_ended(run: Run | None, live: LiveRun | None) -> bool:
    """Say whether the text alternatives may include the final values of the run.

    Changing them redraws the charts. Someone who watches a run to its end therefore gets them on
    the next visit; the metrics below the charts say the same until then.
    """
    if run is None or live is None:
        return False
    watched = f"curves.watched.{run.id}"
    st.session_state[watched] = st.session_state.get(watched, False) or live.active
    return not st.session_state[watched]


def _forget_zoom(run: str) -> None:
    """Renew the charts if they were zoomed and another run is the current one now."""
    if st.session_state.setdefault(_RUN, run) == run:
        return
    st.session_state[_RUN] = run
    states = [st.session_state.get(widget_keys.form_key(_FORM, name)) for name in _PLACES]
    if any(state and state["selection"].get(ZOOM) for state in states):
        widget_keys.new_generation(_FORM)
