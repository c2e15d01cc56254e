"""The trained model that questions go to."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from nfm.errors import JobError, NFMError
from nfm.inference.bundle import Bundle, load_bundle
from nfm.jobs.records import Run
from nfm.tabular.splitting import SplitOptions
from nfm.ui import services, workspace
from nfm.ui.escaping import literal
from nfm.ui.lesson import opened_lesson
from nfm.ui.navigation import go_to


@dataclass(frozen=True)
class CurrentModel:
    """A trained model and where it comes from.

    Attributes:
        run_id: Of its training: the key of what people do with it.
        version: Of the model itself: the key of all that is worked out of it and kept. A run
            that goes on makes another one.
        title: One line for people; plain text.
        bundle: The model.
        frame: The table that it learned from; None if it is not here.
        split: How the rows of the table were divided.
    """

    run_id: str
    version: str
    title: str
    bundle: Bundle
    frame: pd.DataFrame | None
    split: SplitOptions


def current() -> CurrentModel | None:
    """Return the model of the run that the workspace looks at, else of the newest that has one.

    Returns:
        None if there is no such run, or its model cannot be read: `offer_training` says which.
    """
    run = _current_run()
    if run is None:
        return None
    version = f"{run.id}.{run.models_made}"
    bundle = _bundle(version, run)
    if isinstance(bundle, NFMError):
        return None
    if run.status == "opened":
        title = f"{run.name}, opened from a file, predicts {bundle.target.name}."
        return CurrentModel(run.id, version, title, bundle, None, run.split)
    try:
        name, frame = workspace.run_dataset(run).name, workspace.run_frame(run)
    except JobError:
        name, frame = "a table that was deleted", None
    title = f"{run.name} predicts {bundle.target.name} of {name}."
    return CurrentModel(run.id, version, title, bundle, frame, run.split)


def _current_run() -> Run | None:
    run = workspace.run()
    if run is None and opened_lesson.waits_for_a_model():
        return None
    if run is None or not run.has_model:
        runs = services.store().runs(services.workspace())
        run = next((each for each in runs if each.has_model), None)
    return run


def current_or_stop() -> CurrentModel:
    """Return the current model and draw its title; without one, end the page with a way to one."""
    model = current()
    if model is None:
        offer_training()
        st.stop()
    st.markdown(literal(model.title))
    return model


def offer_training() -> None:
    """Draw the way to a first model, and why the one there is cannot be used."""
    run = _current_run()
    problem = None if run is None else _bundle(f"{run.id}.{run.models_made}", run)
    if run is not None and isinstance(problem, NFMError):
        st.error(
            f"The model of {literal(run.name)} cannot be used. {literal(problem)} "
            "Train another one, or make another run the current one on the Train page.",
            icon=":material/error:",
        )
    else:
        st.markdown("There is no trained model yet. Train one: it takes a few seconds.")
    if st.button("Train a model", type="primary", icon=":material/arrow_forward:", key="to_train"):
        go_to("train")


@st.cache_resource(max_entries=16, show_spinner=False)
def _bundle(version: str, _run: Run) -> Bundle | NFMError:
    """Return the model of a run, or why it cannot be read."""
    content = services.store().bundle(_run.workspace, _run.id)
    if content is None:
        return JobError("The model of this run is gone: train it again.")
    try:
        return load_bundle(content)
    except NFMError as error:
        return error
