"""Train: choose features and settings, start a run and watch it, compare it with others."""

import streamlit as st

from nfm.settings import Settings
from nfm.text import counted
from nfm.ui.components import page_head
from nfm.ui.escaping import literal
from nfm.ui.state import current_model, opened_lesson, settings_fields, workspace, workspace_runs
from nfm.ui.train import (
    feature_choice,
    parameters,
    run_differences,
    run_list,
    run_panel,
    search_panel,
    settings_form,
)

dataset = workspace.dataset()
run = workspace_runs.current()
settings_fields.prepare_form(Settings() if run is None else run.first_settings)
schema = dataset.schema

page_head.show_title("Train", "train")
settings = settings_form.read()
if opened_lesson.hidden():
    watching = st.container()
else:
    watching, changing = st.columns([2, 1], gap="large")

# A model from a file is described; the form holds the settings of the next run.
model = current_model.bundle_of(run) if run is not None and run.status == "opened" else None
with watching:
    if run is not None and model is not None:
        columns = model.encoder.columns
        st.markdown(
            f"**{literal(run.name)}**, opened from a file, predicts "
            f"**{literal(model.target.name)}** from {counted(len(columns), 'column')}: "
            f"{', '.join(literal(name) for name in columns)}."
        )
        st.caption(
            f"Its settings: {run_differences.describe_settings(model.settings)}. The form on this "
            "page holds the settings of the next run, on the open table."
        )
    elif schema.target is None:
        st.markdown("Choose a target on the Data page.")
    else:
        st.markdown(
            f"Predict **{literal(schema.target)}** from {counted(len(schema.features), 'column')} "
            f"of {literal(dataset.name)}."
        )
        if opened_lesson.hidden() and settings is not None:
            st.caption(run_differences.describe_settings(settings))
    ready = settings is not None and schema.target is not None and bool(schema.features)
    run_panel.show(dataset, run, schema.task or "binary", ready=ready)
    with st.container():
        if run is not None and model is not None:
            parameters.show_model(model, run.name)
        elif settings is not None and schema.features:
            parameters.show(dataset, settings, expanded=run is None)
    if not opened_lesson.hidden():
        search_panel.show(dataset, schema.task or "binary", ready=ready)
# Drawn after what stands above it on a phone, so that it does not move.
if not opened_lesson.hidden():
    with changing, st.container(key="train_settings"):
        if run is not None and run.status == "opened":
            st.markdown(f"**Next run**, on {literal(dataset.name)}")
        feature_choice.show(dataset)
        settings_form.show(schema.task)
# Below both columns: on a phone the settings come before the runs.
run_list.show(run)
