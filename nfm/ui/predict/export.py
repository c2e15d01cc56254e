"""Export of the model, its settings and its Python code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from nfm.errors import JobError, NFMError
from nfm.export.run_files import changed_by_hand, run_code, run_record
from nfm.inference.bundle import Bundle
from nfm.jobs.worker.training_job import keras_file
from nfm.store.records import Dataset, Run
from nfm.tabular.samples import SAMPLES
from nfm.ui.escaping import literal
from nfm.ui.predict import open_model
from nfm.ui.predict.file_names import file_name, stem
from nfm.ui.state import services, workspace, workspace_runs
from nfm.ui.state.current_model import CurrentModel

_KERAS = "export.keras"
_WANTED = "export.keras_wanted"


@dataclass(frozen=True, eq=False)
class _RunExport:
    """A run with everything that can be exported from it.

    Attributes:
        run: The run.
        version: Version of its model.
        bundle: Its model.
        dataset: The table that it was trained on; None if it is not here.
    """

    run: Run
    version: str
    bundle: Bundle
    dataset: Dataset | None

    def file_name(self, ending: str) -> str:
        """Name a file after the table and the run."""
        table = "" if self.dataset is None else stem(self.dataset.name)
        return file_name(table, self.run.name.removesuffix(".nfm"), ending=ending)

    @property
    def sample(self) -> str | None:
        """Key of the sample that the table comes from; None for other tables."""
        sample = None if self.dataset is None else workspace.sample_of(self.dataset)
        return None if sample is None else sample.key

    @property
    def data_file(self) -> str:
        """Path of the table's file in a script: in the repository, or the name of its download."""
        if self.dataset is None:
            return ""
        if self.sample is not None and SAMPLES[self.sample].file is not None:
            return f"data/{SAMPLES[self.sample].file}"
        bare = stem(self.dataset.name)
        return file_name(bare, ending=self.dataset.name[len(bare) + 1 :].lower() or "csv")


def show(model: CurrentModel) -> None:
    """Draw the downloads, the code, and the upload of a model."""
    token = services.workspace()
    run = services.store().run(token, model.run_id)
    try:
        dataset = workspace_runs.dataset_of(run)
    except JobError:
        dataset = None
    run_export = _RunExport(run, model.version, model.bundle, dataset)
    code = ""
    if model.frame is not None and dataset is not None:
        code = _code(
            model.version,
            run_export.data_file,
            run_export.file_name("nfm"),
            run_export.sample,
            _run_export=run_export,
            _dataset=dataset,
            _frame=model.frame,
        )
    with st.grid(4, min_column_width=220):
        _show_bundle(run_export)
        _show_keras(run_export)
        _show_record(run_export)
        _show_script(run_export, code)
    if code:
        outcome = "with the same settings" if changed_by_hand(run) else "with the same metrics"
        st.markdown(f"**The Python code of this run** trains the model again, {outcome}.")
        st.code(code, language="python", height=420)
    with st.expander("Use the files in Python", icon=":material/code:"):
        st.code(_usage(run_export), language="python")
    open_model.show()


def _card(title: str, words: str) -> st.delta_generator.DeltaGenerator:
    card = st.container(border=True, height="stretch")
    card.markdown(f"**{title}**")
    card.markdown(words)
    return card


def _show_bundle(run_export: _RunExport) -> None:
    store, run = services.store(), run_export.run

    def content() -> bytes:
        found = store.bundle(run.workspace, run.id)
        if found is None:
            raise JobError("The model of this run is no longer stored. Train it again.")
        return found

    _download(
        _card("Model", "Predicts with NumPy alone, and can be opened here again."),
        "Model (.nfm)",
        content,
        run_export.file_name("nfm"),
        "application/zip",
        "download_bundle",
    )


def _show_keras(run_export: _RunExport) -> None:
    card = _card("Keras model", "The network alone, for further work in Keras.")
    run = run_export.run
    made = st.session_state.get(_KERAS)
    place = card.empty()
    if made is None or made[0] != run_export.version:
        place.button(
            "Create .keras file",
            key="make_keras",
            icon=":material/build:",
            on_click=_want_keras,
            args=(run_export.version,),
        )
        if st.session_state.get(_WANTED) != run_export.version:
            return
        bundle = services.store().bundle(run.workspace, run.id)
        try:
            with place, st.spinner("Creating the file in a training process …"):
                made = run_export.version, services.engine().call(keras_file, bundle)
        except NFMError as error:
            st.session_state[_WANTED] = None
            card.error(literal(error), icon=":material/error:")
            return
        st.session_state[_KERAS] = made
    content = made[1]
    _download(
        place,
        "Keras model (.keras)",
        lambda: content,
        run_export.file_name("keras"),
        "application/zip",
        "download_keras",
    )


def _want_keras(version: str) -> None:
    st.session_state[_WANTED] = version


def _show_record(run_export: _RunExport) -> None:
    _download(
        _card("Settings", "All settings and metrics of the run."),
        "Settings (.json)",
        lambda: run_record(run_export.run, run_export.dataset, run_export.bundle).encode(),
        run_export.file_name("json"),
        "application/json",
        "download_record",
    )


def _show_script(run_export: _RunExport, code: str) -> None:
    if not code:
        _card("Python code", "Needs the table that the model was trained on.")
        return
    card = _card("Python code", "A script that trains this model again.")
    row = card.container(horizontal=True)
    _download(
        row,
        "Script (.py)",
        lambda: code.encode(),
        run_export.file_name("py"),
        "text/x-python",
        "download_script",
    )
    dataset = run_export.dataset
    if dataset is not None and run_export.sample is None:
        store = services.store()
        _download(
            row,
            "Data file",
            lambda: store.content(dataset.workspace, dataset.id),
            run_export.data_file,
            "application/octet-stream",
            "download_data",
        )


def _download(
    place: st.delta_generator.DeltaGenerator,
    label: str,
    content: Callable[[], bytes],
    name: str,
    mime: str,
    key: str,
) -> None:
    place.download_button(
        label, content, name, mime, key=key, icon=":material/download:", on_click="ignore"
    )


@st.cache_data(max_entries=16, show_spinner=False)
def _code(
    version: str,
    data_file: str,
    model_file: str,
    sample: str | None,
    *,
    _run_export: _RunExport,
    _dataset: Dataset,
    _frame: pd.DataFrame,
) -> str:
    generated = sample is not None and SAMPLES[sample].file is None
    return run_code(
        _run_export.run,
        _dataset,
        _frame,
        _run_export.bundle,
        data_file=data_file,
        model_file=model_file,
        sample=sample if generated else None,
    )


def _usage(run_export: _RunExport) -> str:
    layout = run_export.bundle.encoder.layout
    inputs = {"codes": layout.categorical, "values": layout.numeric}
    given = ", ".join(f'"{name}": rows.{name}' for name, fields in inputs.items() if fields)
    method = "predict" if run_export.bundle.target.task == "regression" else "predict_proba"
    return f"""\
from nfm import load_bundle

model = load_bundle("{run_export.file_name("nfm")}")  # NumPy alone, no TensorFlow
frame = model.read_table("rows.csv")
print(model.{method}(frame))

import keras

network = keras.models.load_model("{run_export.file_name("keras")}")
rows = model.encoder.transform(frame)
print(network.predict({{{given}}}))
"""
