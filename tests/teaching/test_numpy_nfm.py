"""The small machine: its gradients measured, its answers those of the package's own scorer."""

from __future__ import annotations

import numpy as np
import pytest

from nfm.inference.activations import sigmoid
from nfm.inference.scorer import Scorer
from nfm.network_architecture import NetworkArchitecture
from nfm.settings import Settings
from nfm.tabular.encoded_table import EncodedShape, EncodedTable
from nfm.teaching.numpy_nfm import NumpyNFM, TrainConfig, train

ROWS, FIELDS = 12, 3
PLANS = [
    TrainConfig("linear", levels=3),
    TrainConfig("fm", levels=3),
    TrainConfig("fm", levels=3, dropout=0.4, batch_norm=True),
    TrainConfig("nfm", levels=3, hidden=5),
    TrainConfig("nfm", levels=3, hidden=5, dropout=0.4),
    TrainConfig("nfm", levels=3, hidden=5, batch_norm=True),
    TrainConfig("nfm", levels=3, hidden=5, dropout=0.3, batch_norm=True),
]


@pytest.fixture
def rows():
    random = np.random.default_rng(4)
    codes = random.integers(0, 3, (ROWS, FIELDS))
    return codes, random.integers(0, 2, ROWS).astype(float), random.random((ROWS, 4))


@pytest.mark.parametrize("plan", PLANS, ids=str)
def test_gradients_are_what_small_steps_measure(plan, rows):
    machine = NumpyNFM(plan, FIELDS)
    gradients = machine.gradients(*rows)
    assert gradients.keys() == machine.weights.keys()
    for name, gradient in gradients.items():
        weights = machine.weights[name]
        measured = np.empty_like(weights)
        for place in np.ndindex(weights.shape):
            losses = []
            for move in (1e-5, -1e-5):
                machine.weights[name] = weights.copy()
                machine.weights[name][place] += move
                losses.append(machine.loss(*rows))
            measured[place] = (losses[0] - losses[1]) / 2e-5
        machine.weights[name] = weights
        np.testing.assert_allclose(gradient, measured, atol=1e-7, err_msg=name)


@pytest.mark.parametrize("plan", PLANS, ids=str)
def test_a_trained_machine_answers_as_the_scorer_does(plan, rows):
    codes, labels, _ = rows
    machine = train(plan, codes, labels)
    settings = Settings(
        interaction=plan.kind,
        embedding_dim=plan.size,
        hidden_units=(plan.hidden,),
        activation="tanh",
        constant_field=False,
        bi_batch_norm=plan.batch_norm,
    )
    layout = EncodedShape(("a", "b", "c"), (3, 3, 3), (), (), ())
    weights = machine.weights | (machine.moments if plan.batch_norm else {})
    scorer = Scorer(NetworkArchitecture(layout, settings, 1), weights)
    table = EncodedTable(codes.astype(np.int32), np.empty((ROWS, 0), np.float32))
    np.testing.assert_allclose(
        sigmoid(scorer.logits(table))[:, 0], machine.probabilities(codes), atol=1e-6
    )


@pytest.mark.parametrize("kind", ["linear", "fm", "nfm"])
def test_training_makes_the_loss_smaller(kind, rows):
    codes, labels, _ = rows
    plan = TrainConfig(kind, levels=3)
    before = NumpyNFM(plan, FIELDS).loss(codes, labels)
    assert train(plan, codes, labels).loss(codes, labels) < 0.9 * before


def test_the_same_plan_gives_the_same_machine(rows):
    codes, labels, _ = rows
    plan = TrainConfig("nfm", levels=3, dropout=0.5, steps=20)
    first, second = (train(plan, codes, labels).probabilities(codes) for _ in range(2))
    assert first.tolist() == second.tolist()
