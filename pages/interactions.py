"""Interactions: which columns matter to the model, and which of them act together?"""

import streamlit as st

from nfm.errors import NFMError
from nfm.ui import (
    interactions_columns,
    interactions_curves,
    interactions_headlines,
    interactions_pairs,
    interactions_rows,
    interactions_vectors,
    lesson_link,
    models,
)
from nfm.ui.escaping import literal
from nfm.ui.navigation import go_to

lesson_link.show_title("Interactions", "interactions")
model = models.current()
if model is None:
    st.markdown("There is no trained model yet. Train one: it takes a few seconds.")
    if st.button("Train a model", type="primary", icon=":material/arrow_forward:", key="to_train"):
        go_to("train")
    st.stop()
st.markdown(literal(model.title))
try:
    study = interactions_rows.studied(model, interactions_headlines.choose_output(model))
except NFMError as error:
    st.warning(literal(error), icon=":material/warning:")
    st.stop()

# What is quick comes first; what takes longer fills the places that were kept for it.
places = interactions_headlines.show(study)
contributions, columns = interactions_columns.show(study)
interactions_headlines.show_pair(study, places)
interactions_pairs.show(study)
interactions_curves.show(study)
interactions_vectors.show(study)
interactions_columns.show_contributions(study, contributions, columns)
