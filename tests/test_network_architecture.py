"""The parts and weights of a network are those that Keras has, without building it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nfm.network_architecture import NetworkArchitecture, parameter_table
from nfm.settings import PRESETS, Settings, make_settings
from nfm.tabular.encoded_table import EncodedShape
from tests.inference.drawing import draw_layout, draw_settings
from tests.model.drawing import TASKS, TITANIC, make_layout

ARTICLE = make_settings(PRESETS["article"])


def test_the_articles_table() -> None:
    table = parameter_table(NetworkArchitecture(TITANIC, ARTICLE, 1))
    assert [(part.name, part.shape, part.count) for part in table] == [
        ("Embedding of Pclass", "4 × 64", 256),
        ("Embedding of Sex", "3 × 64", 192),
        ("Embedding of Cabin", "149 × 64", 9_536),
        ("Embedding of Embarked", "5 × 64", 320),
        ("Linear weights of the numeric columns", "4 × 1", 4),
        ("Bias of the linear term", "1", 1),
        ("Hidden layer 1, weights", "68 × 128", 8_704),
        ("Hidden layer 1, bias", "128", 128),
        ("Hidden layer 2, weights", "128 × 128", 16_384),
        ("Hidden layer 2, bias", "128", 128),
        ("Output weights", "128 × 1", 128),
        ("Global bias", "1", 1),
    ]
    assert sum(part.count for part in table) == 35_782


@pytest.mark.parametrize("seed", range(100))
def test_counts_are_those_of_keras(seed: int) -> None:
    from nfm.model.network import build_network

    random = np.random.default_rng(3000 + seed)
    task, output_count = TASKS[seed % 3]
    settings = draw_settings(random)
    layout = draw_layout(random, settings)
    architecture = NetworkArchitecture(layout, settings, output_count)
    table = parameter_table(architecture)
    network = build_network(layout, settings, task, output_count)

    assert sum(part.count for part in table) == network.model.count_params()
    assert {name for name, weight in architecture.weights.items() if weight.trainable} == {
        name for name, variable in network.variables.items() if variable.trainable
    }
    assert architecture.weight_shapes == {
        name: tuple(variable.shape) for name, variable in network.variables.items()
    }


def test_batch_norm_is_named_and_its_moments_are_not_trained() -> None:
    settings = Settings(bi_batch_norm=True, hidden_batch_norm=True, hidden_units=(7,))
    architecture = NetworkArchitecture(make_layout((3, 4)), settings, 1)
    parts = {part.name: part for part in parameter_table(architecture)}
    assert parts["Pooled pairs, batch norm, scale"].count == settings.embedding_dim
    assert parts["Hidden layer 1, batch norm, running variance"].count == 7
    assert architecture.weights["hidden_0_beta"].trainable
    assert not architecture.weights["hidden_0_variance"].trainable


def test_is_told_without_tensorflow() -> None:
    program = (
        "import sys, nfm.network_architecture; print({'tensorflow', 'keras'} & {*sys.modules})"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert answer.stdout == "set()\n", answer.stderr


@pytest.mark.parametrize("folder", ["model", "inference", "explanation", "figures", "ui/learn"])
def test_nothing_else_decides_what_a_network_has(folder: str) -> None:
    deciding = r"settings\.(interaction|linear_term|constant_field)\b"
    for file in (Path(__file__).parents[1] / "nfm" / folder).rglob("*.py"):
        assert not re.search(deciding, file.read_text()), file


def test_a_factorization_machine_without_vectors_has_no_pairs() -> None:
    shape = EncodedShape((), (), ("age", "fare"), (1, 1), (False, False))
    settings = Settings(interaction="fm", numeric="concat")
    network = NetworkArchitecture(shape, settings, 3)
    assert (network.pooled_size, network.head_inputs, network.has_output_layer) == (0, 0, False)
    assert list(network.weights) == ["dense_linear", "bias"]
