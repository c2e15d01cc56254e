"""How the live curves are looked at: which score, which epochs, smoothed or not."""

from __future__ import annotations

import streamlit as st

from nfm.figures.curves import Measure, View, measure_title, scores
from nfm.settings import Task

_SMOOTHINGS = (0.0, 0.5, 0.7, 0.9)
_RANGES = (0, 100, 30, 10)


def choose(task: Task) -> tuple[Measure, View]:
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
            default=0,
            required=True,
            format_func=lambda one: f"Last {one}" if one else "All",
            help="A zoom that follows the training.",
            key="curve_view.last",
            persist_state="session",
        )
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
    return score or options[0], View(smoothing, logarithmic, last or None)
