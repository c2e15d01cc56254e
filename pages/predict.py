"""Predict: what would the model say if ...?"""

import streamlit as st

from nfm.errors import NFMError
from nfm.ui import models
from nfm.ui.escaping import literal
from nfm.ui.lesson import lesson_link
from nfm.ui.navigation import go_to
from nfm.ui.predict import many as predict_many
from nfm.ui.predict import open_model, row_form, take_away

lesson_link.show_title("Predict", "predict")
model = models.current()
if model is None:
    st.markdown("There is no trained model yet. Train one: it takes a few seconds.")
    if st.button("Train a model", type="primary", icon=":material/arrow_forward:", key="to_train"):
        go_to("train")
    open_model.show()
else:
    st.markdown(literal(model.title))
    # Only the open tab is drawn.
    tabs = ["One row", "Many rows", "Take it away"]
    one, many, away = st.tabs(tabs, key="predict_tabs", on_change="rerun")
    try:
        if one.open:
            with one:
                row_form.show(model)
        if many.open:
            with many:
                predict_many.show(model)
        if away.open:
            with away:
                take_away.show(model)
    except NFMError as error:
        st.error(literal(error), icon=":material/error:")
