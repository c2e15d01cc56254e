"""The choice of the features."""

from __future__ import annotations

import streamlit as st

from nfm.store.records import Dataset
from nfm.ui.components import column_warnings, problems
from nfm.ui.state import workspace
from nfm.ui.state.widget_keys import form_key, is_gone, new_generation

_FORM = "features"
_SECTION = "feature_choice"


def show(dataset: Dataset) -> None:
    """Draw the choice of the features: the same as the roles on the Data page."""
    schema = dataset.schema
    names = [column.name for column in schema.features]
    if set(st.session_state.get(form_key(_FORM, dataset.id), names)) != set(names):
        new_generation(_FORM)
    key = form_key(_FORM, dataset.id)
    st.multiselect(
        "Features",
        [column.name for column in schema.columns if column.name != schema.target],
        default=names,
        key=key,
        on_change=_take,
        args=(key, dataset),
        placeholder="Choose at least one column",
        wrap=True,
        help="Columns that the model predicts the target from.",
    )
    column_warnings.show_suspects(dataset, _SECTION)
    problems.show(_SECTION)


def _take(key: str, dataset: Dataset) -> None:
    if is_gone(key):
        return
    with problems.catch(_SECTION):
        workspace.update_schema(dataset, dataset.schema.with_features(st.session_state[key]))
        new_generation("schema")
