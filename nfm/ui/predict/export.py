"""What can be exported from the Predict page: the model, its settings, its code."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from nfm.errors import JobError, NFMError
from nfm.export.run_code import run_code, steered
from nfm.export.run_record import run_record
from nfm.inference.bundle import Bundle
from nfm.jobs.worker.training_job import keras_file
from nfm.store.records import Dataset, Run
from nfm.tabular.samples import SAMPLES
from nfm.ui.escaping import literal
from nfm.ui.predict import open_model
from nfm.ui.state import services, workspace
from nfm.ui.state.current_model import CurrentModel

_KERAS = "take_away.keras"
_WANTED = "take_away.keras_wanted"
_LENGTH = 60
_UNSAFE = re.compile(r"[^\w]+")


@dataclass(frozen=True, eq=False)
class _RunExport:
    """A run with all that is taken away of it.

    Attributes:
        run: The run.
        version: Of its model.
        bundle: Its model.
        dataset: The table that it learned from; None if it is not here.
    """

    run: Run
    version: str
    bundle: Bundle
    dataset: Dataset | None

    def file_name(self, ending: str) -> str:
        """Name a file after the table and the run."""
        table = "" if self.dataset is None else stem(self.dataset.name)
        return file_name(table, stem(self.run.name), ending=ending)

    @property
    def sample(self) -> str | None:
        """Key of the sample that the table is."""
        sample = None if self.dataset is None else workspace.sample_of(self.dataset)
        return None if sample is None else sample.key

    @property
    def data_file(self) -> str:
        """Where a script finds the table: in the repository, or as it is downloaded here."""
        if self.dataset is None:
            return ""
        if self.sample is not None and SAMPLES[self.sample].file is not None:
            return f"data/{SAMPLES[self.sample].file}"
        bare = stem(self.dataset.name)
        return file_name(bare, ending=self.dataset.name[len(bare) + 1 :].lower() or "csv")


def show(model: CurrentModel) -> None:
    """Draw the downloads, the code, and the way back for a model."""
    token = services.workspace()
    run = services.store().run(token, model.run_id)
    try:
        dataset = workspace.run_dataset(run)
    except JobError:
        dataset = None
    luggage = _RunExport(run, model.version, model.bundle, dataset)
    code = "" if model.frame is None or dataset is None else _code(model.version, model, luggage)
    with st.grid(4, min_column_width=220):
        _show_bundle(luggage)
        _show_keras(luggage)
        _show_record(luggage)
        _show_script(luggage, code)
    if code:
        to_what = "by its settings" if steered(run) else "to the same figures"
        st.markdown(f"**The Python code of this run** trains the model again, {to_what}.")
        st.code(code, language="python", height=420)
    with st.expander("Use the files in Python", icon=":material/code:"):
        st.code(_usage(luggage), language="python")
    open_model.show()


def _card(title: str, words: str) -> st.delta_generator.DeltaGenerator:
    card = st.container(border=True, height="stretch")
    card.markdown(f"**{title}**")
    card.markdown(words)
    return card


def _show_bundle(luggage: _RunExport) -> None:
    store, run = services.store(), luggage.run

    def content() -> bytes:
        found = store.bundle(run.workspace, run.id)
        if found is None:
            raise JobError("The model of this run is gone: train it again.")
        return found

    _download(
        _card("Model", "Answers with NumPy alone, and opens here again."),
        "Model (.nfm)",
        content,
        luggage.file_name("nfm"),
        "application/zip",
        "download_bundle",
    )


def _show_keras(luggage: _RunExport) -> None:
    card = _card("Keras model", "The network alone, to continue with in Keras.")
    run = luggage.run
    made = st.session_state.get(_KERAS)
    place = card.empty()
    if made is None or made[0] != luggage.version:
        place.button(
            "Create .keras file",
            key="make_keras",
            icon=":material/build:",
            on_click=_want_keras,
            args=(luggage.version,),
        )
        if st.session_state.get(_WANTED) != luggage.version:
            return
        bundle = services.store().bundle(run.workspace, run.id)
        try:
            with place, st.spinner("A training process creates the file …"):
                made = luggage.version, services.engine().ask(keras_file, bundle)
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
        luggage.file_name("keras"),
        "application/zip",
        "download_keras",
    )


def _want_keras(version: str) -> None:
    st.session_state[_WANTED] = version


def _show_record(luggage: _RunExport) -> None:
    _download(
        _card("Settings", "All settings of the run, and its figures."),
        "Settings (.json)",
        lambda: run_record(luggage.run, luggage.dataset, luggage.bundle).encode(),
        luggage.file_name("json"),
        "application/json",
        "download_record",
    )


def _show_script(luggage: _RunExport, code: str) -> None:
    if not code:
        _card("Python code", "Needs the table that the model was trained on.")
        return
    card = _card("Python code", "A script that trains this model again.")
    row = card.container(horizontal=True)
    _download(
        row,
        "Script (.py)",
        lambda: code.encode(),
        luggage.file_name("py"),
        "text/x-python",
        "download_script",
    )
    dataset = luggage.dataset
    if dataset is not None and luggage.sample is None:
        store = services.store()
        _download(
            row,
            "Its data",
            lambda: store.content(dataset.workspace, dataset.id),
            luggage.data_file,
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
        label,
        content,
        name,
        mime,
        key=key,
        icon=":material/download:",
        on_click="ignore",
    )


@st.cache_data(max_entries=16, show_spinner=False)
def _code(version: str, _model: CurrentModel, _luggage: _RunExport) -> str:
    if _model.frame is None or _luggage.dataset is None:
        return ""
    sample = _luggage.sample
    generated = sample is not None and SAMPLES[sample].file is None
    return run_code(
        _luggage.run,
        _luggage.dataset,
        _model.frame,
        _luggage.bundle,
        data_file=_luggage.data_file,
        model_file=_luggage.file_name("nfm"),
        sample=sample if generated else None,
    )


def _usage(luggage: _RunExport) -> str:
    layout = luggage.bundle.encoder.layout
    inputs = {"codes": layout.categorical, "values": layout.numeric}
    given = ", ".join(f'"{name}": rows.{name}' for name, fields in inputs.items() if fields)
    ask = "predict" if luggage.bundle.target.task == "regression" else "predict_proba"
    return f"""\
from nfm import load_bundle

model = load_bundle("{luggage.file_name("nfm")}")  # NumPy alone, no TensorFlow
frame = model.read_table("rows.csv")
print(model.{ask}(frame))

import keras

network = keras.models.load_model("{luggage.file_name("keras")}")
rows = model.encoder.transform(frame)
print(network.predict({{{given}}}))
"""


def file_name(*parts: str, ending: str) -> str:
    """Make a file's name of people's words: no path, no blanks, no character that is special.

    Args:
        parts: Such as the table's name and the run's.
        ending: Without a dot.
    """
    words = (_UNSAFE.sub("-", part).strip("-_").lower() for part in parts)
    stem = "-".join(word for word in words if word)[:_LENGTH].strip("-_")
    return f"{stem or 'nfm'}.{ending}"


def stem(name: str) -> str:
    """Return a file's name without its endings: "train" of "train.csv.gz"."""
    return re.sub(r"(\.[A-Za-z0-9]{1,8}){1,2}$", "", name) or name
