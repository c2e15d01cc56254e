"""Predict: what would the model say if ...?"""

import streamlit as st

from nfm.errors import NFMError
from nfm.ui import lazy_tabs, models
from nfm.ui.escaping import literal
from nfm.ui.lesson import link
from nfm.ui.predict import many, open_model, row_form, take_away

link.show_title("Predict", "predict")
model = models.current()
if model is None:
    models.offer_training()
    open_model.show()
else:
    st.markdown(literal(model.title))
    try:
        lazy_tabs.show(
            {"One row": row_form.show, "Many rows": many.show, "Export": take_away.show},
            model,
            key="predict_tabs",
        )
    except NFMError as error:
        st.error(literal(error), icon=":material/error:")
