"""The example is the package's article model: the same answers, gradients and steps."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from nfm.model import build_network, export_weights
from nfm.settings import PRESETS, Settings
from nfm.tabular.encoded_table import EncodedTable
from tests.model.drawing import make_layout
from tests.model.plain_training import make_target, train_plainly

FILE = Path(__file__).resolve().parents[2] / "examples" / "nfm_in_100_lines.py"
# Without dropout, whose masks are drawn by other generators.
SETTINGS = Settings(**{**PRESETS["article"], "dropout": 0.0, "bi_dropout": 0.0, "init_std": 0.1})
LAYOUT = make_layout((4, 3, 9), (1, 1), (False, False))


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("nfm_in_100_lines", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def rows() -> tuple[EncodedTable, np.ndarray, np.ndarray]:
    """Random rows, their codes as places in one table of vectors, and labels."""
    random = np.random.default_rng(3)
    codes = np.stack([random.integers(0, n, 200) for n in LAYOUT.level_counts], axis=1)
    values = random.normal(size=(200, 2)).astype(np.float32)
    labels = (codes[:, 0] + values[:, 0] > 1.5).astype(np.int32)
    return EncodedTable(codes.astype(np.int32), values), codes + LAYOUT.level_offsets, labels


def exact(weights: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name: array.astype(np.float64) for name, array in weights.items()}


def test_it_predicts_as_the_package_does(example, rows):
    table, codes, _ = rows
    network = build_network(LAYOUT, SETTINGS, "binary", 1)
    found = example.forward(exact(export_weights(network)), codes, table.values)[0]
    expected = np.asarray(network(table.codes, table.values))[:, 0]
    np.testing.assert_allclose(found, expected, atol=1e-6, rtol=1e-5)


def test_it_learns_as_the_package_does(example, rows):
    table, codes, labels = rows
    weights = exact(export_weights(build_network(LAYOUT, SETTINGS, "binary", 1)))
    example.train(weights, codes, table.values, labels, epochs=1, seed=SETTINGS.random_state)
    expected = exact(train_plainly(LAYOUT, SETTINGS, make_target("binary"), table, labels))
    np.testing.assert_allclose(
        example.forward(weights, codes, table.values)[0],
        example.forward(expected, codes, table.values)[0],
        atol=5e-5,  # the package computes with 32 bits
    )


def test_its_gradients_are_those_of_its_loss(example, rows):
    table, codes, labels = rows
    weights = exact(export_weights(build_network(LAYOUT, SETTINGS, "binary", 1)))
    found = example.gradients(weights, codes, table.values, labels, 0.01)
    random = np.random.default_rng(0)

    def loss() -> float:
        z = example.forward(weights, codes, table.values)[0]
        decay = sum(np.square(weights[name]).sum() for name in ("embedding", "dense_linear"))
        return float(np.mean(np.logaddexp(0, z) - labels * z) + 0.01 * decay)

    for name, array in weights.items():
        place = tuple(random.integers(0, n) for n in array.shape)
        array[place] += 1e-6
        above = loss()
        array[place] -= 2e-6
        slope = (above - loss()) / 2e-6
        array[place] += 1e-6
        assert found[name][place] == pytest.approx(slope, abs=1e-8), name


def test_it_runs_and_has_a_hundred_lines():
    ran = subprocess.run([sys.executable, FILE], capture_output=True, text=True, check=True)
    assert "test passengers" in ran.stdout
    assert sum(bool(line.strip()) for line in FILE.read_text().splitlines()) <= 100
