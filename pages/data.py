"""Data: which table, what it says, what is predicted from what."""

import streamlit as st

from nfm.ui import schema_table, table_choice, target_form, workspace
from nfm.ui.escaping import literal
from nfm.ui.navigation import go_to
from nfm.ui.words import plural

PREVIEW_ROWS = 200

st.title("Data", anchor=False)
st.markdown("Choose a table, train a model on it, then ask the model: what if?")
table_choice.show(workspace.dataset())
opened = workspace.dataset()
table = workspace.table(opened)

target_form.show(opened)
ready = opened.schema.target is not None and bool(opened.schema.features)
with st.container(horizontal=True, vertical_alignment="center"):
    if st.button(
        "Next: train a model",
        type="primary",
        icon=":material/arrow_forward:",
        icon_position="right",
        key="to_train",
        disabled=not ready,
    ):
        go_to("train")
    if ready:
        st.markdown(
            f"The model will predict **{literal(opened.schema.target)}** from "
            f"{plural(len(opened.schema.features), 'column')}. {target_form.left_out(opened)}"
        )
    else:
        st.markdown("Choose what to predict, and at least one column to learn from.")

st.subheader("Rows", anchor=False)
st.dataframe(
    table.frame.head(PREVIEW_ROWS),
    hide_index=True,
    height=282,
    placeholder="",
    alt=f"The first rows of {opened.name}",
)
if len(table.frame) > PREVIEW_ROWS:
    st.caption(f"The first {PREVIEW_ROWS} of {plural(len(table.frame), 'row')}.")

st.subheader("Columns", anchor=False)
schema_table.show(opened)
if table.notes:
    st.caption("How the file was read: " + literal(" ".join(table.notes)))
