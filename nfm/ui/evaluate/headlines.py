"""Metrics at the top of the Evaluate page, with their confidence intervals."""

from __future__ import annotations

import streamlit as st

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
    unit = rows.wording.unit
    with st.grid(len(rows.measures), min_column_width=150):
        for name, measure in rows.measures.items():
            ends = show_interval(name, measure.interval, unit)
            if measure.interval is None:
                ends = "too few rows for an interval"
            st.metric(
                MEASURES[name].title,
                inline(show_value(name, measure.value, unit)),
                delta=inline(ends or "the same in every resample"),
                delta_color="off",
                delta_arrow="off",
                help=literal(MEASURES[name].meaning),
                border=True,
                height="stretch",
            )
    st.markdown(against_guessing(rows.evaluation, rows.measures, rows.guess, rows.wording))
    st.caption(
        "The grey ranges are 95% intervals: on other rows of the same kind, expect values in "
        "about these ranges. A difference smaller than such a range may be chance."
    )
    for caution in cautions(rows.evaluation):
        st.warning(caution, icon=":material/warning:")
