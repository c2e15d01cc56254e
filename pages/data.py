"""Data: choose a table, its target and its features; look at its columns and rows."""

import streamlit as st

from nfm.text import counted
from nfm.ui import present
from nfm.ui.components import page_head
from nfm.ui.data import column_formats, split_form, table_choice, table_views, target_form
from nfm.ui.escaping import literal
from nfm.ui.navigation import go_to
from nfm.ui.state import opened_lesson, workspace

page_head.show_title("Data", "data")
if opened_lesson.hidden():
    st.markdown(table_choice.describe(workspace.dataset()))
else:
    with st.container(key="data_table"):
        table_choice.show(workspace.dataset())
        column_formats.show_open_questions(workspace.dataset())
dataset = workspace.dataset()

if opened_lesson.hidden():
    split = split_form.show_sentence(dataset)
else:
    with st.container(key="data_target"):
        target_form.show(dataset)
        split = split_form.show(dataset)
    # Present hides both; this says what they hold.
    with st.container():
        if present.is_on():
            st.markdown(table_choice.describe(dataset))
            split_form.show_sentence(dataset)
schema = dataset.schema
ready = schema.target is not None and bool(schema.features) and split is not None
with st.container(horizontal=True, vertical_alignment="center", key="data_next"):
    st.button(
        "Next: train a model",
        type="primary",
        icon=":material/arrow_forward:",
        icon_position="right",
        key="to_train",
        disabled=not ready or bool(split and split.single),
        on_click=go_to,
        args=("train",),
    )
    if ready:
        st.markdown(
            f"Predict **{literal(schema.target)}** from {counted(len(schema.features), 'column')}."
        )
    else:
        st.markdown("Choose a target, and make at least one other column a feature below.")

if opened_lesson.hidden():
    table_views.show_rows(dataset)
else:
    table_views.show(dataset)
