"""Interactions: which columns matter to the model, and which of them act together?"""

import streamlit as st

from nfm.errors import NFMError
from nfm.ui.components import column_warnings, model_table, page_head
from nfm.ui.escaping import literal
from nfm.ui.interactions import columns, headlines, model_study, pairs, vectors
from nfm.ui.state import current_model
from nfm.ui.state.stale_fragments import stop_page

page_head.show_title("Interactions", "interactions")
model = current_model.current_or_stop()
try:
    study = model_study.prepare_study(model, headlines.choose_output(model))
except NFMError as error:
    st.warning(literal(error), icon=":material/warning:")
    model_table.show(model)
    stop_page()

model_table.show(model)
# What is quick comes first; what takes longer fills the places that were kept for it.
column_warnings.show_perfect_score(model)
places = headlines.show(study)
contributions, count = columns.show(study)
headlines.show_pair(study, places)
pairs.show(study)
columns.show_curves(study)
vectors.show(study)
columns.show_contributions(study, contributions, count)
