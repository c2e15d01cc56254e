"""Evaluate: how good is the model on rows that no decision used, and where is it wrong?"""

import streamlit as st

from nfm.errors import NFMError
from nfm.ui import models
from nfm.ui.escaping import literal
from nfm.ui.evaluate import baselines as evaluate_baselines
from nfm.ui.evaluate import calibration as evaluate_calibration
from nfm.ui.evaluate import classes as evaluate_classes
from nfm.ui.evaluate import decisions as evaluate_decisions
from nfm.ui.evaluate import headlines as evaluate_headlines
from nfm.ui.evaluate import numbers as evaluate_numbers
from nfm.ui.evaluate import rows as evaluate_rows
from nfm.ui.evaluate import slices as evaluate_slices
from nfm.ui.lesson import lesson_link
from nfm.ui.navigation import go_to

lesson_link.show_title("Evaluate", "evaluate")
model = models.current()
if model is None:
    st.markdown("There is no trained model yet. Train one: it takes a few seconds.")
    if st.button("Train a model", type="primary", icon=":material/arrow_forward:", key="to_train"):
        go_to("train")
    st.stop()
st.markdown(literal(model.title))
try:
    rows = evaluate_rows.evaluated(model)
except NFMError as error:
    st.warning(literal(error), icon=":material/warning:")
    st.stop()

evaluate_headlines.show(rows)
if rows.evaluation.is_regression:
    evaluate_numbers.show(rows)
else:
    if rows.evaluation.target.class_count > 2:
        evaluate_classes.show(rows)
    evaluate_decisions.show(rows)
    evaluate_calibration.show(rows)
evaluate_slices.show(rows)
evaluate_baselines.show(rows)
