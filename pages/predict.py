"""Predict: what does the model predict for one row, for many rows, and why?"""

import streamlit as st

from nfm.errors import NFMError
from nfm.ui.components import lazy_tabs, page_head
from nfm.ui.escaping import literal
from nfm.ui.predict import batch, export, open_model, row_form
from nfm.ui.state import current_model

page_head.show_title("Predict", "predict")
model = current_model.current()
if model is None:
    current_model.offer_training()
    open_model.show()
else:
    st.markdown(literal(model.title))
    try:
        lazy_tabs.show(
            {"One row": row_form.show, "Many rows": batch.show, "Export": export.show},
            model,
            key="predict_tabs",
        )
    except NFMError as error:
        st.error(literal(error), icon=":material/error:")
