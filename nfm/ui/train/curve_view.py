"""How the live curves are looked at: which score, which epochs, smoothed or not."""

from __future__ import annotations

import streamlit as st

from nfm.figures.learning_curve_data import CurveMeasure, View, measure_title, scores
from nfm.settings import Task

_SMOOTHINGS = (0.0, 0.5, 0.7, 0.9)
_ALL, _SPAN = 0, -1
_RANGES = (_ALL, 100, 30, 10, _SPAN)
_RANGE_NAMES = {_ALL: "All", _SPAN: "From, to"}


def choose(task: Task) -> tuple[CurveMeasure, View]:
    """Draw the choice, folded away.

    Args:
        task: Of the run.

    Returns:
        The score to draw beside the loss, and how to draw both.
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
            help="The last ones follow the training; from one to another, the axis stands still.",
            key="curve_view.last",
            persist_state="session",
        )
        span = _choose_span() if last == _SPAN else None
        smoothing = st.select_slider(
            "Smoothing",
            _SMOOTHINGS,
            format_func=lambda one: "None" if not one else f"{one:g}",
            help="Moving average, as in TensorBoard: the weight of the epochs before.",
            key="curve_view.smoothing",
            persist_state="session",
        )
        logarithmic = st.toggle(
            "Logarithmic loss", key="curve_view.logarithmic", persist_state="session"
        )
    follows = None if last in (_ALL, _SPAN) else last
    return score or options[0], View(smoothing, logarithmic, follows, span)


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
