"""Metrics at the top of the Evaluate page, with their confidence intervals."""

from __future__ import annotations

import streamlit as st

from nfm.evaluation.scores import Score
from nfm.ui.escaping import inline, literal
from nfm.ui.evaluate.held_out_rows import HeldOutEvaluation
from nfm.ui.evaluate.texts import (
    MEASURES,
    against_guessing,
    cautions,
    show_interval,
    show_value,
    which_rows,
)


def show(rows: HeldOutEvaluation) -> None:
    """Draw the metrics with their intervals, and the comparison with guessing."""
    sentence = which_rows(rows.evaluation)
    if rows.evaluation.part == "validation":
        st.warning(sentence, icon=":material/warning:")
    else:
        st.markdown(sentence)
    unit = rows.dictionary.unit
    with st.grid(len(rows.measures), min_column_width=150):
        for name, measure in rows.measures.items():
            ends = show_interval(name, measure.interval, unit)
            st.metric(
                MEASURES[name].title,
                inline(show_value(name, measure.value, unit)),
                delta=inline(ends or _no_interval(measure)),
                delta_color="off",
                delta_arrow="off",
                help=literal(MEASURES[name].meaning),
                border=True,
                height="stretch",
            )
    st.markdown(against_guessing(rows.evaluation, rows.measures, rows.guess, rows.dictionary))
    st.caption(
        "The grey ranges are 95 % intervals: on other rows of the same kind, expect values in "
        "about these ranges. A difference smaller than such a range may be chance."
    )
    for caution in cautions(rows.evaluation):
        st.warning(caution, icon=":material/warning:")


def _no_interval(measure: Score) -> str:
    """Explain why a metric has no interval."""
    if measure.interval is None:
        return "too few rows for an interval"
    return "the same in every resample"
