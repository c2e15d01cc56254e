"""Headlines of the Interactions page: the most important column and the strongest pair."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from nfm.ui.interactions import model_study
from nfm.ui.interactions.model_study import ModelStudy
from nfm.ui.interactions.texts import (
    Card,
    column_card,
    columns_sentence,
    no_pairs,
    noise_card,
    pair_card,
    pair_sentence,
)
from nfm.ui.state.current_model import CurrentModel


@dataclass(frozen=True)
class Places:
    """Empty containers for the headlines about pairs, which take longer."""

    strongest: DeltaGenerator
    noise: DeltaGenerator
    sentence: DeltaGenerator


def choose_output(model: CurrentModel) -> int:
    """Draw the choice of a class, if there are several, and return its index."""
    target = model.bundle.target
    if target.task != "multiclass":
        return 0
    return st.selectbox(
        "Class",
        range(target.class_count),
        format_func=model.bundle.wording.labels(target.class_names).__getitem__,
        key=f"interactions.class.{model.run_id}",
        persist_state="session",
        help="Pairs and curves are shown for this class.",
    )


def show(study: ModelStudy) -> Places:
    """Draw the most important column, and return containers for the pairs."""
    # The key keeps room for all three on a phone, where they stand one below the other.
    with st.container(key="interactions_headlines" if study.has_pairs else None):
        column, strongest, noise = (place.empty() for place in st.columns([3, 5, 3]))
    with column:
        found = model_study.permutation(study)
        if found is not None:
            _show_card(column_card(found, study.wording.unit))
    if found is not None and study.evaluation is not None:
        st.markdown(columns_sentence(found, study.evaluation, study.wording.unit))
    sentence = st.empty()
    if study.evaluation is not None and study.evaluation.part == "validation":
        st.warning(
            "No test rows were kept: these metrics are from the validation rows, which were also "
            "used to choose the best epoch.",
            icon=":material/warning:",
        )
    return Places(strongest, noise, sentence)


def show_pair(study: ModelStudy, places: Places) -> None:
    """Draw the strongest pair, and the number of pairs that are more than noise.

    Args:
        study: The model and the rows to study it on.
        places: Containers to draw in, as `show` returns them.
    """
    if not study.has_pairs:
        places.sentence.markdown(no_pairs(linear=study.is_linear))
        return
    with places.sentence:
        found = model_study.strengths(study)
        importances = model_study.importances(study)
    with places.strongest:
        _show_card(pair_card(found, study.output))
    if importances:
        with places.noise:
            _show_card(noise_card(importances))
    places.sentence.markdown(pair_sentence(found, importances, study.output, study.wording.unit))


def _show_card(card: Card) -> None:
    st.metric(
        card.title,
        card.value,
        delta=card.note,
        delta_color="off",
        delta_arrow="off",
        border=True,
        height="stretch",
    )
