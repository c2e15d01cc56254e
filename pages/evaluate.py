"""Evaluate: how good is the model on rows that no decision used, and where is it wrong?"""

import streamlit as st

from nfm.errors import NFMError
from nfm.ui import (
    evaluate_baselines,
    evaluate_calibration,
    evaluate_classes,
    evaluate_decisions,
    evaluate_headlines,
    evaluate_numbers,
    evaluate_rows,
    evaluate_slices,
    lesson_link,
    models,
)
from nfm.ui.escaping import literal
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
