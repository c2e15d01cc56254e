"""The embeddings of the model, projected onto a plane."""

from __future__ import annotations

import streamlit as st

from nfm.explanation.embedding_map import Plane
from nfm.figures.embedding_map import embedding_map
from nfm.text import counted
from nfm.ui.components.figure_view import show_figure
from nfm.ui.interactions import model_study
from nfm.ui.interactions.model_study import ModelStudy

# Further fields would have no colour of their own.
_FIELDS = 8
_FIRST_FIELDS = 5


def show(study: ModelStudy) -> None:
    """Draw the embedding map, or explain why there is none; nothing for a linear model."""
    if study.is_linear:
        return
    st.header("What has it learned about each value?", anchor=False)
    found = model_study.vectors(study)
    if found is None:
        st.info(
            "This model has no embeddings: its columns are numbers that bypass the pairs.",
            icon=":material/info:",
        )
        return
    st.fragment(_panel)(study)


def _panel(study: ModelStudy) -> None:
    found = model_study.vectors(study)
    if found is None:
        return
    kinds = {"Levels": found.levels, "Numbers": found.numbers, "Both": found}
    kinds = {kind: part for kind, part in kinds.items() if len(part.texts)}
    kind = next(iter(kinds))
    if "Levels" in kinds and "Numbers" in kinds:
        kind = st.segmented_control(
            "Show",
            list(kinds),
            default="Levels",
            required=True,
            key=f"interactions.kind.{study.run_id}",
            persist_state="session",
            help="Numbers may lie so far away that all levels look like one point.",
        )
    part = kinds[kind]
    fields = list(dict.fromkeys(part.fields))
    ranks = {column: place for place, column in enumerate(model_study.ranking(study))}
    fields.sort(key=lambda field: ranks.get(field, len(ranks)))
    chosen = st.multiselect(
        "Columns",
        fields,
        default=fields[:_FIRST_FIELDS],
        max_selections=_FIELDS,
        key=f"interactions.fields.{study.run_id}.{kind}",
        persist_state="session",
        placeholder="Choose at least one column",
        wrap=True,
        help="The projection uses all columns, so points keep their positions.",
    )
    if not chosen:
        st.info("Choose at least one column.", icon=":material/info:")
        return
    shown = part.of(chosen)
    show_figure(
        embedding_map(shown, Plane.fit(part.vectors)),
        key="interactions_vectors",
        alt=f"Map of {counted(len(shown.texts), 'embedding')} of {counted(len(chosen), 'column')}",
        reading="Values that lie close together are similar to the model; lines join the numbers "
        "of a column.",
    )
    st.caption(
        f"Each value has a vector of {counted(found.vectors.shape[1], 'number')}; the plane shows "
        "the two directions in which they differ most. Of many levels, the most frequent are "
        "shown. The model has seen little of rare levels, so their positions may be chance."
    )
