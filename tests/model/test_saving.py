"""Layers and networks, saved as .keras and loaded in a new process, all in one go."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest

from nfm.model import (
    DNN,
    BiInteractionPooling,
    Dropout,
    FieldEmbedding,
    Linear,
    MissingToZero,
    NumericEmbedding,
    NumericRamps,
    PredictionLayer,
    build_network,
    import_weights,
    nfm,
)
from nfm.settings import PRESETS, make_settings
from tests.inference.drawing import draw_weights
from tests.model.checking import in_model
from tests.model.drawing import TITANIC, make_layout

CODES = np.array([[0, 1], [2, 3], [1, 0]], "int32")
NUMBERS = np.array([[0.25, 1.5], [np.nan, 0], [1, np.nan]], "float32")
VECTORS = np.random.default_rng(0).normal(size=(3, 2, 4)).astype("float32")


def network(settings: dict, task: str = "binary", output_count: int = 1) -> keras.Model:
    """Build a network far from its start, as it is after training."""
    made = make_settings(settings)
    piecewise = made.numeric == "piecewise"
    missing = (made.numeric != "concat",) * 2
    layout = make_layout((3, 4), (2, 3) if piecewise else (1, 1), missing)
    built = build_network(layout, made, task, output_count)
    import_weights(built, draw_weights(np.random.default_rng(0), layout, made, output_count))
    return built.model


def alone(make: Callable[[], keras.layers.Layer], inputs: object) -> tuple[keras.Model, object]:
    return in_model(make(), inputs), inputs


BOTH = {"codes": CODES, "values": NUMBERS}
EXAMPLES: dict[str, Callable[[], tuple[keras.Model, object]]] = {
    "BiInteractionPooling": lambda: alone(BiInteractionPooling, VECTORS),
    "DNN": lambda: alone(lambda: DNN((5, 2), "gelu", 0.1, 0.2, True, 3), VECTORS[:, 0]),
    "Dropout": lambda: alone(lambda: Dropout(0.5, 1), VECTORS),
    "FieldEmbedding": lambda: alone(lambda: FieldEmbedding((3, 4), 2, l2=0.1), CODES),
    "Linear": lambda: alone(lambda: Linear(2, units=4), [VECTORS, VECTORS[:, 0]]),
    "MissingToZero": lambda: alone(MissingToZero, NUMBERS),
    "NumericRamps": lambda: alone(lambda: NumericRamps((1, 2), (True, False)), NUMBERS),
    "NumericEmbedding": lambda: alone(
        lambda: keras.Sequential(
            [NumericRamps((1, 2), (True, False)), NumericEmbedding((2, 2), 3)]
        ),
        NUMBERS,
    ),
    "PredictionLayer": lambda: alone(lambda: PredictionLayer("multiclass"), VECTORS[:, 0]),
    "article": lambda: (
        nfm(TITANIC, init_std=0.5),
        {"codes": np.ones((3, 4), "int32"), "values": np.ones((3, 4), "float32")},
    ),
    "recommended": lambda: (network({}), BOTH),
    "paper": lambda: (network(PRESETS["paper"], "regression"), BOTH),
    "linear": lambda: (network({"interaction": "linear"}), BOTH),
    "fm": lambda: (network({"interaction": "fm"}), BOTH),
    "fm, classes": lambda: (network({"interaction": "fm"}, "multiclass", 3), BOTH),
    "shared, piecewise, classes": lambda: (
        network({"linear_term": "shared", "hidden_units": ()}, "multiclass", 3),
        BOTH,
    ),
}

CHILD = """
import json, sys
import numpy as np
import nfm.model
assert not {"keras", "tensorflow"} & {*sys.modules}, "nfm.model loaded TensorFlow"
import keras
folder = sys.argv[1]
for number in range(int(sys.argv[2])):
    model = keras.models.load_model(f"{folder}/{number}.keras")
    with np.load(f"{folder}/{number}.npz") as arrays:
        inputs = {name: arrays[name] for name in arrays.files}
    if "0" in inputs:
        inputs = [inputs[str(i)] for i in range(len(inputs))]
        inputs = inputs[0] if len(inputs) == 1 else inputs
    np.save(f"{folder}/{number}.npy", np.asarray(model(inputs)))
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """What every model answered before it was saved, and after it was loaded elsewhere."""
    folder = tmp_path_factory.mktemp("saved")
    before = []
    for number, make in enumerate(EXAMPLES.values()):
        model, inputs = make()
        before.append(np.asarray(model(inputs)))
        model.save(folder / f"{number}.keras")
        if not isinstance(inputs, dict):
            listed = inputs if isinstance(inputs, list) else [inputs]
            inputs = {str(i): array for i, array in enumerate(listed)}
        np.savez(folder / f"{number}.npz", **inputs)
    run_child(folder, len(EXAMPLES))
    after = [np.load(folder / f"{number}.npy") for number in range(len(EXAMPLES))]
    return dict(zip(EXAMPLES, zip(before, after, strict=True), strict=True))


def run_child(folder: Path, count: int) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder), str(count)], capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLES)
def test_answers_the_same_in_a_new_process(
    name: str, answers: dict[str, tuple[np.ndarray, np.ndarray]]
) -> None:
    before, after = answers[name]
    assert np.any(before)
    np.testing.assert_allclose(after, before, rtol=1e-6, atol=1e-6)


def test_a_saved_file_names_registered_layers_only() -> None:
    written = json.loads(network({}).to_json())
    for layer in written["config"]["layers"]:
        own = layer["module"].startswith("nfm")
        assert (layer["registered_name"] == f"nfm>{layer['class_name']}") == own
