"""The NumPy scorer against Keras, over networks of every kind."""

from __future__ import annotations

import numpy as np
import pytest

from nfm.inference.activations import predictions
from nfm.inference.scorer import Scorer
from nfm.network_architecture import NetworkArchitecture
from nfm.settings import Task
from nfm.tabular.encoded_table import EncodedTable
from nfm.tabular.target import Target
from tests.inference.drawing import draw_layout, draw_settings, draw_table, draw_weights

ROWS = 23
TASKS: tuple[tuple[Task, int], ...] = (("binary", 1), ("multiclass", 4), ("regression", 1))


@pytest.mark.parametrize("seed", range(120))
def test_scorer_equals_keras(seed: int) -> None:
    from nfm.model.network import build_network
    from nfm.model.weights import import_weights

    random = np.random.default_rng(seed)
    task, output_count = TASKS[seed % 3]
    settings = draw_settings(random)
    layout = draw_layout(random, settings)
    weights = draw_weights(random, layout, settings, output_count)
    table = draw_table(random, layout, settings, ROWS)
    network = build_network(layout, settings, task, output_count)
    import_weights(network, weights)

    scorer = Scorer(NetworkArchitecture(layout, settings, output_count), weights)

    classes = () if task == "regression" else tuple(range(max(2, output_count)))
    target = Target(name="y", task=task, classes=classes)
    np.testing.assert_allclose(
        predictions(target, scorer.logits(table)), _predict(network, table), rtol=1e-5, atol=1e-5
    )


def _predict(network, table: EncodedTable) -> np.ndarray:
    inputs = {"codes": table.codes, "values": table.values}
    return network.model({name: array for name, array in inputs.items() if array.shape[1]}).numpy()
