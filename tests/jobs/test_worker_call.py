"""Short calls of pages to the workers, above all for the Keras file."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest

from nfm.errors import BundleError, JobError
from nfm.inference.bundle import Bundle, load_bundle
from nfm.jobs.engine import Engine
from nfm.jobs.worker import training_job
from nfm.jobs.worker_calls import WorkerCall, WorkerCalls
from nfm.settings import Settings
from tests.inference.drawing import draw_weights


@pytest.fixture
def bundle(schema) -> Bundle:
    """A small model that was never trained."""
    from nfm.tabular.encoding import Encoder
    from nfm.tabular.target import Target

    frame = rows()
    settings = Settings(hidden_units=(8,), embedding_dim=4)
    encoder = Encoder.fit(frame, schema.features, settings)
    target = Target.fit(frame["survived"], "binary", "survived")
    weights = draw_weights(np.random.default_rng(1), encoder.layout, settings, 1)
    return Bundle(schema, encoder, target, settings, weights)


def rows():
    import pandas as pd

    return pd.DataFrame(
        {"sex": ["male", "female"] * 20, "fare": range(40), "survived": [0, 1] * 20}
    )


def test_a_worker_makes_the_keras_file_which_answers_as_the_bundle(desk, bundle, tmp_path):
    import keras

    content = desk.engine.call(training_job.keras_file, bundle.to_bytes())
    path = tmp_path / "model.keras"
    path.write_bytes(content)
    network = keras.models.load_model(path)
    table = load_bundle(bundle.to_bytes()).encoder.transform(rows())
    answers = network.predict({"codes": table.codes}, verbose=0)
    np.testing.assert_allclose(answers[:, 0], bundle.predict_proba(rows())[:, 1], atol=1e-5)


class Submissions:
    """Workers that note what is submitted to them."""

    warm, problem = True, None

    def __init__(self) -> None:
        self.names: list[str] = []

    def submit_call(self, function, *arguments):
        self.names.append(*arguments)


def test_calls_that_waited_are_submitted_in_their_order():
    calls, workers = WorkerCalls(), Submissions()
    for name in ("first", "second", "third"):
        calls.add(WorkerCall(len, name))
    calls.dispatch(workers, None)
    calls.dispatch(workers, None)
    assert workers.names == ["first", "second", "third"]


def test_what_the_worker_refuses_is_said_in_its_words(desk):
    with pytest.raises(BundleError, match="not a bundle"):
        desk.engine.call(training_job.keras_file, b"no bundle")


def test_a_defect_is_said_in_one_sentence(desk):
    with pytest.raises(JobError, match=r"failed \(AttributeError\): see the server's log\.$"):
        desk.engine.call(training_job.keras_file, 7)


def test_a_worker_that_has_no_time_is_not_waited_for(desk):
    with pytest.raises(JobError, match="All training processes are busy"):
        desk.engine.call(time.sleep, 2, timeout=0.5)


def test_a_worker_that_dies_is_said_in_one_sentence(own_desk):
    with pytest.raises(JobError, match="training process failed"):
        own_desk.engine.call(os._exit, 1)


def test_an_engine_without_workers_answers_at_once(store, monkeypatch, eventually):
    engine = Engine(store)
    with pytest.raises(JobError, match="no training process"):
        engine.call(os.getpid)
    monkeypatch.setenv("NFM_SCHEDULER", "tcp://127.0.0.1:1")
    monkeypatch.setattr("nfm.jobs.dask_workers._CONNECT_SECONDS", 0.5)
    engine.start()
    try:
        eventually(lambda: engine.state == "unavailable")
        with pytest.raises(JobError, match="no Dask scheduler at"):
            engine.call(os.getpid)
    finally:
        engine.close()
