"""Interactions: which columns matter to the model, and which of them act together?"""

import streamlit as st

from nfm.errors import NFMError
from nfm.ui import models
from nfm.ui.escaping import literal
from nfm.ui.interactions import columns as interactions_columns
from nfm.ui.interactions import curves as interactions_curves
from nfm.ui.interactions import headlines as interactions_headlines
from nfm.ui.interactions import pairs as interactions_pairs
from nfm.ui.interactions import rows as interactions_rows
from nfm.ui.interactions import vectors as interactions_vectors
from nfm.ui.lesson import lesson_link
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
