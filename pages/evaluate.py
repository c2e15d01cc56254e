"""Evaluate: how good is the model on held-out rows, and where is it wrong?"""

import streamlit as st

from nfm.errors import NFMError
from nfm.ui.components import column_warnings, model_table, page_head
from nfm.ui.escaping import literal
from nfm.ui.evaluate import (
    baselines,
    calibration,
    classes,
    decisions,
    headlines,
    held_out_rows,
    residuals,
    slices,
)
from nfm.ui.state import current_model
from nfm.ui.state.stale_fragments import stop_page

page_head.show_title("Evaluate", "evaluate")
model = current_model.current_or_stop()
try:
    rows = held_out_rows.held_out_evaluation(model)
except NFMError as error:
    st.warning(literal(error), icon=":material/warning:")
    model_table.show(model)
    stop_page()

model_table.show(model)
column_warnings.show_perfect_score(model)
headlines.show(rows)
baselines.show(rows)
if rows.evaluation.is_regression:
    residuals.show(rows)
else:
    if rows.evaluation.target.class_count > 2:
        classes.show(rows)
    decisions.show(rows)
    calibration.show(rows)
slices.show(rows)
