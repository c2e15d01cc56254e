"""The two live charts of a run: its loss, and a score."""

from __future__ import annotations

import streamlit as st

from nfm.figures.learning_curve_data import CurveMeasure, View, describe_curves
from nfm.figures.live_learning_curve import ZOOM, learning_curve
from nfm.jobs.runs import LiveRun
from nfm.settings import Settings, Task
from nfm.store.records import Run
from nfm.ui.state import widget_keys

_HEIGHT = 320
_FORM = "curves"
_PLACES = ("loss", "score")
_RUN = "curve_charts.run"


def show(
    run: Run | None,
    live: LiveRun | None,
    task: Task,
    score: CurveMeasure,
    view: View,
    unit: str = "",
) -> None:
    """Draw both charts side by side.

    Args:
        run: The one that is looked at; None draws empty axes.
        live: Its state.
        task: Names the loss.
        score: What is drawn beside it.
        view: How to look at both.
        unit: Of the target, if it has one.
    """
    _forget_zoom("" if run is None else run.id)
    epochs = () if live is None else live.epochs
    described = epochs if _has_ended(run, live) else ()
    drawn: tuple[CurveMeasure, CurveMeasure] = ("loss", score)
    for place, name, measure in zip(st.columns(2), _PLACES, drawn, strict=True):
        curve = learning_curve(
            epochs,
            measure,
            task,
            planned=(Settings() if run is None else run.settings).epochs,
            finished=live is not None and not live.active and bool(epochs),
            view=view,
            unit=unit,
        )
        with place.container(key=f"curve_{name}"):
            # The browser keeps its drawing if only the data change, not even the words for it;
            # and its zoom, if that is a selection.
            st.vega_lite_chart(
                curve.with_data(),
                key=widget_keys.form_key(_FORM, name),
                height=_HEIGHT,
                on_select="rerun",
                selection_mode=ZOOM,
                alt=describe_curves(described, measure, task, unit),
            )
    if epochs:
        st.caption("Zoom with Ctrl and the wheel, or a pinch; drag to move; double-click for all.")


def _has_ended(run: Run | None, live: LiveRun | None) -> bool:
    """Say whether the words for the charts may tell their figures: not while they are watched.

    Other words would draw the charts anew at the end of a training, so a person who watched it
    has them from the next visit on; until then the figures beside the charts say them.
    """
    if run is None or live is None:
        return False
    watched = f"curves.watched.{run.id}"
    st.session_state[watched] = st.session_state.get(watched, False) or live.active
    return not st.session_state[watched]


def _forget_zoom(run: str) -> None:
    """Begin with new charts if another run is looked at and the old ones were zoomed."""
    if st.session_state.setdefault(_RUN, run) == run:
        return
    st.session_state[_RUN] = run
    states = [st.session_state.get(widget_keys.form_key(_FORM, name)) for name in _PLACES]
    if any(state and state["selection"].get(ZOOM) for state in states):
        widget_keys.new_generation(_FORM)
