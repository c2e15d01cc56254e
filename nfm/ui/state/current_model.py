"""The trained model that Predict, Evaluate and Interactions use."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from nfm.errors import JobError, NFMError
from nfm.evaluation.examined_table import ExaminedTable, examined_table
from nfm.inference.bundle import Bundle, load_bundle
from nfm.store.records import Dataset, Run
from nfm.tabular.splitting import SplitOptions
from nfm.ui.escaping import literal
from nfm.ui.navigation import go_to
from nfm.ui.state import opened_lesson, services, workspace_runs
from nfm.ui.state.byte_cache import shared_cache
from nfm.ui.state.stale_fragments import stop_page


@dataclass(frozen=True)
class CurrentModel:
    """A trained model, with its run and a table.

    Attributes:
        run_id: Run that made it; keys what the user does with the model.
        version: Keys cached results about the model: a run that is continued makes a new version.
        title: One line about the model; plain text.
        bundle: The model itself.
        frame: The table that it was trained on, or the one that replaces it; None if there is
            neither.
        split: How the rows of its training table were split.
        examined_on: Name of the table that replaces the training table; empty if none does.
        notes: How that table fits the model, one sentence each; not escaped.
    """

    run_id: str
    version: str
    title: str
    bundle: Bundle
    frame: pd.DataFrame | None
    split: SplitOptions
    examined_on: str = ""
    notes: tuple[str, ...] = ()

    @property
    def has_own_table(self) -> bool:
        """Whether the table that it was trained on is available."""
        return self.frame is not None and not self.examined_on


def current() -> CurrentModel | None:
    """Return the model of the current run, or else of the newest run that has one.

    Returns:
        The model; None if there is no such run, or its model cannot be read (`offer_training`
        says which).
    """
    run = _current_run()
    if run is None:
        return None
    bundle = _bundle(run)
    if isinstance(bundle, NFMError):
        return None
    frame = None
    if run.status == "opened":
        title = f"{run.name}, opened from a file, predicts {bundle.target.name}."
    else:
        try:
            name, frame = workspace_runs.dataset_of(run).name, workspace_runs.frame_of(run)
        except JobError:
            name = "a table that was deleted"
        title = f"{run.name} predicts {bundle.target.name}. Trained on {name}."
    model = CurrentModel(run.id, _version(run), title, bundle, frame, run.split)
    table = None if frame is not None else _examined_on(run)
    if table is None:
        return model
    version = f"{model.version}.{table.id}"
    try:
        fitted = _examined(version, bundle, table)
    except NFMError:  # the run was continued, and no longer fits the table
        return model
    return replace(
        model, version=version, frame=fitted.frame, examined_on=table.name, notes=fitted.notes
    )


def bundle_of(run: Run) -> Bundle | None:
    """Return the model of a run; None if it cannot be read."""
    bundle = _bundle(run)
    return None if isinstance(bundle, NFMError) else bundle


def _current_run() -> Run | None:
    run = workspace_runs.current()
    if run is None and opened_lesson.waits_for_a_model():
        return None
    if run is None or not run.has_model:
        runs = services.store().runs(services.workspace())
        run = next((each for each in runs if each.has_model), None)
    return run


def current_or_stop() -> CurrentModel:
    """Return the current model and draw its title.

    Returns:
        The model. Without one, the page ends with a button that leads to Train.
    """
    model = current()
    if model is None:
        offer_training()
        stop_page()
    st.markdown(literal(model.title))
    return model


def offer_training() -> None:
    """Say that there is no model, or why it cannot be used, and draw a button to the Train page."""
    run = _current_run()
    problem = None if run is None else _bundle(run)
    if run is not None and isinstance(problem, NFMError):
        st.error(
            f"The model of {literal(run.name)} cannot be used. {literal(problem)} "
            "Train another one, or make another run the current one on the Train page.",
            icon=":material/error:",
        )
    else:
        st.markdown("There is no trained model yet. Train one: it takes a few seconds.")
    st.button(
        "Train a model",
        type="primary",
        icon=":material/arrow_forward:",
        key="to_train",
        on_click=go_to,
        args=("train",),
    )


def _examined_on(run: Run) -> Dataset | None:
    """Return the table that replaces a run's own, if one was chosen and not deleted."""
    if not run.examined_on:
        return None
    try:
        return services.store().dataset(services.workspace(), run.examined_on)
    except JobError:
        return None


def _examined(version: str, bundle: Bundle, table: Dataset) -> ExaminedTable:
    def read() -> ExaminedTable:
        with st.spinner("Reading the table …"):
            content = services.store().content(table.workspace, table.id)
            return examined_table(bundle, bundle.read_raw(content, table.name).frame)

    return shared_cache().get(("examined table", version), read)


def _version(run: Run) -> str:
    return f"{run.id}.{run.models_made}"


def _bundle(run: Run) -> Bundle | NFMError:
    """Return the model of a run, or why it cannot be read."""

    def read() -> Bundle | NFMError:
        content = services.store().bundle(run.workspace, run.id)
        if content is None:
            return JobError("The model of this run is gone: train it again.")
        try:
            return load_bundle(content)
        except NFMError as error:
            return error

    return shared_cache().get(("bundle", _version(run)), read)
