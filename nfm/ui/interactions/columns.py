"""Single columns: permutation importance, Shapley values, and partial dependence."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from nfm.figures.importance import permutation_bars, shapley_bars
from nfm.figures.partial_dependence import partial_dependence
from nfm.text import counted
from nfm.ui.components.figure_view import show_figure
from nfm.ui.escaping import literal
from nfm.ui.interactions import model_study
from nfm.ui.interactions.model_study import ModelStudy
from nfm.ui.interactions.texts import contributions_caption, permutation_caption, spread_sentence

_COUNTS = (10, 20, 50, 100)


def show(study: ModelStudy) -> tuple[DeltaGenerator, int]:
    """Draw the permutation importance of every column.

    Returns:
        The container for the contributions, which take longer, and the number of columns to draw.
    """
    st.header("Which columns matter?", anchor=False)
    count = _choose_count(study)
    importance, moved = st.columns(2, gap="large")
    found = model_study.permutation(study)
    if found is None or study.evaluation is None:
        importance.info(
            "No rows were held out, so the importance of columns on unseen rows is unknown. "
            "Hold out a test set and train again.",
            icon=":material/info:",
        )
        return moved.container(), count
    show_figure(
        permutation_bars(found, count),
        key="interactions_permutation",
        alt=f"Loss increase when each of {counted(len(found.columns), 'column')} is shuffled",
        reading="A bar is as long as the loss grows when this column is shuffled, with its "
        "interval. At 0, the model does as well without the column.",
        place=importance,
    )
    importance.caption(permutation_caption(found, study.evaluation))
    return moved.container(), count


def show_contributions(study: ModelStudy, place: DeltaGenerator, count: int) -> None:
    """Draw how far each column moves the prediction, in its container.

    Args:
        study: The model and the rows to study it on.
        place: Container to draw in.
        count: Maximum number of columns.
    """
    with place:
        found = model_study.contributions(study)
        show_figure(
            shapley_bars(found, study.axis, study.output, count),
            key="interactions_contributions",
            alt=f"Mean absolute Shapley value of {counted(len(found.columns), 'column')}",
            reading="A bar is as long as this column moves a prediction on average, up or down, "
            "with its interval.",
        )
        st.caption(contributions_caption(found, study.evaluation))


def _choose_count(study: ModelStudy) -> int:
    """Draw the choice of the number of columns, if there are many."""
    total = len(study.columns)
    if total <= _COUNTS[0]:
        return total
    counts = [count for count in _COUNTS if count < total]
    return st.segmented_control(
        f"Columns shown, of {total:,}",
        [*counts, total] if total <= _COUNTS[-1] else counts,
        default=counts[0],
        required=True,
        key=f"interactions.columns.{study.run_id}",
        persist_state="session",
    )


def show_curves(study: ModelStudy) -> None:
    """Draw the partial dependence on a column with its ICE curves."""
    st.header("How does the prediction follow one column?", anchor=False)
    st.fragment(_show_curve)(study)


def _show_curve(study: ModelStudy) -> None:
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
    text = (
        f"Thin lines: {counted(len(found.curves), 'training row')}, each with this column set to "
        "every value (ICE). Thick line or diamonds: their average (partial dependence). They show "
        "the model, not causes."
    )
    if not found.candidates.complete:
        text += f" Of many values, {len(found.candidates):,} are shown."
    show_figure(
        partial_dependence(found, study.axis, study.output),
        key="interactions_curves",
        alt=f"Partial dependence on {column}, "
        f"with the curves of {counted(len(found.curves), 'row')}",
        reading=literal(text),
    )
