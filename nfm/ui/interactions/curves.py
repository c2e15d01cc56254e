"""How the answer follows one column, on average and for single rows."""

from __future__ import annotations

import streamlit as st

from nfm.figures.partial_dependence import partial_dependence
from nfm.text import counted
from nfm.ui.components.figure_view import show_figure
from nfm.ui.escaping import literal
from nfm.ui.interactions import model_study
from nfm.ui.interactions.model_study import ModelStudy
from nfm.ui.interactions.texts import spread_sentence


def show(study: ModelStudy) -> None:
    """Draw the partial dependence on a column with the curves behind it."""
    st.header("How does the answer follow one column?", anchor=False)
    st.fragment(_panel)(study)


def _panel(study: ModelStudy) -> None:
    column = st.selectbox(
        "Column",
        model_study.ranking(study),
        key=f"interactions.curve.{study.run_id}",
        persist_state="session",
        help="The columns that matter most come first.",
    )
    found = model_study.curves(study, column)
    if not len(found.candidates):
        st.info(
            "All values of this column are too rare for the model to tell them apart.",
            icon=":material/info:",
        )
        return
    st.markdown(spread_sentence(found.curves[..., study.output], study.axis, column))
    show_figure(
        partial_dependence(found, study.axis, study.output),
        key="interactions_curves",
        alt=f"Partial dependence on {column}, "
        f"with the curves of {counted(len(found.curves), 'row')}",
    )
    said = (
        f"Thin: {counted(len(found.curves), 'training row')}, each with this column set to every "
        "value; thick: their average (partial dependence). It shows the model, not causes."
    )
    if not found.candidates.complete:
        said += f" Of many values, {len(found.candidates):,} are shown."
    st.caption(literal(said))
